"""A flood of requests against a running daemon: what still gets through, and how fast."""
