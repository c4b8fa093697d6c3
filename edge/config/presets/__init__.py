"""Ready-made actions: their parameters, and the actions they become."""
