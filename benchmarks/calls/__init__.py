"""Calls built from labelled speech of people nobody was trained on, and what the device says to them."""
