"""Frames and sound in, readings out."""
