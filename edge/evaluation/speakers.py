"""Who is trained on and who is held out, for corpora that do not say so themselves."""

from __future__ import annotations

from typing import Final

__all__ = ["TRAIN", "VALID", "usual_split"]


def _names(prefix: str, speakers: str) -> frozenset[str]:
    return frozenset(f"{prefix}_{speaker}" for speaker in speakers.split())


TRAIN: Final = {
    "ravdess": _names("RAV", "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16"),
    "emodb": _names("EMODB", "03 08 09 10 11 12"),
    "emovo": _names("EMOVO", "f1 m1 m2"),
    "nemo": _names("NEMO", "EB0 KD0 KS0 MK0 MP0 WR0"),
    "ased": _names(
        "ASED",
        "01 02 04 05 06 07 09 11 12 14 15 16 18 19 21 23 24 26 27 30 31 32 33 36 38 39 41 42 43 46 47 48 "
        "49 51 52 53 54 55 56 58 59 60 61 63 65",
    ),
}
"""The speakers that the shipped engines were trained on; all of TESS's and other corpora's besides."""
VALID: Final = {
    "ravdess": _names("RAV", "17 18 19 20"),
    "emodb": _names("EMODB", "13 14"),
    "emovo": _names("EMOVO", "f2"),
    "nemo": _names("NEMO", "TP0"),
    "ased": _names("ASED", "08 13 17 20 25 28 35 40 44 50"),
}
"""The speakers that the shipped engines were chosen on; the others of these corpora are for a final test."""

CHOICES: Final = ("ravdess", "nemo", "emospeech")
"""Corpora that, left out of a training, decide: recipes, checkpoints, temperatures, thresholds."""
REPORTED: Final = ("emodb", "emovo", "ased", "uem_es")
"""Corpora that, left out of a training, give the figures that are told; nothing is chosen by them."""
ONLY_TRAINED: Final = ("tess", "emogator")
"""Corpora that nobody is judged by: two voices and one phrase, and bursts without speech."""


def usual_split(corpus: str, speaker: str) -> str:
    """`train`, `valid` or `test` as for the shipped engines; empty for a corpus not listed."""
    if corpus not in TRAIN:
        return ""
    if speaker in TRAIN[corpus]:
        return "train"
    return "valid" if speaker in VALID[corpus] else "test"
