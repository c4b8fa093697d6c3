"""Other programs on the same pictures, each in an environment of its own."""
