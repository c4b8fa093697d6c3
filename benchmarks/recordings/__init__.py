"""Recordings whose truth is known, judged as `analyze` does it: speakers, turns, windows, time and memory."""
