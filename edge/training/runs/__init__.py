"""Runs: the laboratory and its data, preparing, training, and what was left."""
