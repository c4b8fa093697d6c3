"""One colour for each mood, in every chart and report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edge.vocabulary import LABELS, NONE

__all__ = ["COLOURS"]

COLOURS: Final[Mapping[str, str]] = dict(
    zip(
        (*LABELS, NONE),
        ("#d62728", "#8c6d31", "#9467bd", "#ffb000", "#1f77b4", "#17becf", "#7f7f7f", "#e8e8e8"),
        strict=True,
    )
)
