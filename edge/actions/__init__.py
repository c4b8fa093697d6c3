"""Rules that turn moods into lights and music."""
