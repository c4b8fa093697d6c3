"""What the page costs and how soon it shows what the daemon knows."""
