"""What somebody may have meant who wrote a name wrongly."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """`, did you mean 'source'?` when one of the choices is close; empty otherwise."""
    match = get_close_matches(word.lower(), list(choices), n=1)
    return f", did you mean {match[0]!r}?" if match else ""
