"""Labelled streams of faces, and how soon and how wrongly the mood follows them."""
