"""The configuration: typed sections and their loading."""
