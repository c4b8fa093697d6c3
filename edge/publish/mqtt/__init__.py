"""The connection to the broker; it knows no mood."""
