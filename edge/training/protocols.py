"""Names of protocols that more than one part of the laboratory must know."""

from __future__ import annotations

from typing import Final

CHANGE: Final = "change-"
"""How the protocol of a changed recipe begins: its run stands beside the row's own."""
CONTROL: Final = "control"
"""A run of a row beside its own, from scratch, to compare at equal minutes."""
WITHOUT: Final = "without-"
"""How the protocol begins that leaves a speaker out: nothing may be chosen by that speaker's scores."""
LABELS_TOO: Final = "labels-too"
"""The change that mixes labels into the answers of tutors."""


def speakers_apart(protocol: str) -> bool:
    """Whether the protocol splits people as `speaker` does, whatever else it trains otherwise."""
    return protocol in ("speaker", CONTROL) or protocol.startswith(CHANGE)
