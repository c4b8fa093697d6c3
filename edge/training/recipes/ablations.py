"""Parts of a recipe switched off or on, to see what each gives in the same minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from edge.errors import DataError
from edge.training.protocols import CHANGE, LABELS_TOO
from edge.training.recipes.rows import Row

AS_IS: Final = "none"
MIXED: Final = 0.5


def _face(**changes: Any) -> Callable[[Row], Row]:
    return lambda row: replace(row, face=replace(row.face, **changes))


def _pictures(**changes: Any) -> Callable[[Row], Row]:
    return lambda row: replace(row, face=replace(row.face, augment=replace(row.face.augment, **changes)))


def _speech(**changes: Any) -> Callable[[Row], Row]:
    return lambda row: replace(row, speech=replace(row.speech, **changes))


_CHANGES: Final[dict[str, dict[str, Callable[[Row], Row]]]] = {
    "face": {
        AS_IS: lambda row: row,
        "mixup-off": _face(mix=0.0),
        "mixup-on": _face(mix=MIXED),
        "cutout-off": _pictures(cutout=0.0),
        "distillation-off": _face(distil=0.0, tutored=0.0),
        LABELS_TOO: _face(tutored=0.7),
        "votes-off": _face(votes=0.0),
        "smoothing-off": _face(smoothing=0.0),
        "bad-pictures-off": _pictures(grainy=0.0, blur=0.0),
    },
    "speech": {
        AS_IS: lambda row: row,
        "mixup-off": _speech(mix=0.0),
        "specaugment-off": _speech(bands=0, stretch=0.0),
        "distillation-off": _speech(distil=0.0, tutored=0.0),
        LABELS_TOO: _speech(tutored=0.7),
        "smoothing-off": _speech(smoothing=0.0),
        "voices-off": _speech(voices=False),
        "warp-off": _speech(warp=0.0),
        "style-off": _speech(restyle=0.0),
        "contrast-off": _speech(contrast=0.0),
    },
}


def changes(kind: str) -> list[str]:
    """The names of what can be changed in a row of that kind."""
    return list(_CHANGES[kind])


def changed(row: Row, protocol: str) -> Row:
    """The row as the protocol `change-NAME` changes it; as it is under any other protocol.

    Raises DataError for an unknown change, one that leaves the row as it is, or a row without a recipe.
    """
    if not protocol.startswith(CHANGE):
        return row
    if row.build is None:
        raise DataError(f"{row.name} is a classical model: it has no recipe to change")
    name = protocol.removeprefix(CHANGE)
    known = _CHANGES[row.kind]
    if name not in known:
        raise DataError(f"no change '{name}' for {row.name}; changes: {', '.join(known)}")
    other = known[name](row)
    if name != AS_IS and other == row:
        raise DataError(f"{name} leaves {row.name} as it is: its recipe has that already")
    return other
