"""Moods of the past: a ring in memory for the page, a ring on disk for those who ask for it."""
