"""Recordings: films, sounds and pictures as they are read and as they are played."""
