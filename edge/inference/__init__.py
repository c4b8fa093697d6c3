"""Models behind one protocol, whatever runtime executes them."""

from edge.inference.engine import Engine
from edge.inference.open import open_engine, open_model

__all__ = ["Engine", "open_engine", "open_model"]
