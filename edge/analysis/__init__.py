"""Recordings judged as a whole: timeline, shares, plots."""
