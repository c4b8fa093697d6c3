"""What is told over HTTP: metrics and health."""
