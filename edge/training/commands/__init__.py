"""The commands of `python -m edge.training`."""
