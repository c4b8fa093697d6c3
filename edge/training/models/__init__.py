"""The architectures: our own compact networks and those the project descends from."""
