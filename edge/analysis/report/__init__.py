"""What was found, for people and for other programs: a page, subtitles and label files."""
