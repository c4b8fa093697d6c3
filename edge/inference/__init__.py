"""Models, their cards, and the runtimes that execute them."""
