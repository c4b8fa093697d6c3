"""Judging models on labelled data: loaders and metrics in numpy alone."""
