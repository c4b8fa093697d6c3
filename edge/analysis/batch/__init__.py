"""Many recordings: what is to be done, on how many processes or machines, and what came of it."""
