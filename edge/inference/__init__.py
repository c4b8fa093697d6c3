"""Models behind one protocol, whatever runtime executes them."""
