"""Parts of a recipe switched off or on, to see what each gives in the same minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from edge.errors import DataError
from edge.training.recipes.row import FaceRow, Kind, NetworkRow, SpeechRow

AS_IS: Final = "none"
LABELS_TOO: Final = "labels-too"
"""The change that mixes labels into the answers of networks that teach."""
STUDIO: Final = "studio"
"""The change that trains as before telephones and everyday voices: the corpora of studios, as recorded."""
_STUDIO_CORPORA: Final = ("ravdess", "tess", "emodb", "emovo", "nemo", "ased", "cremad", "savee")
_MIXED: Final = 0.5
_FaceChange = Callable[[FaceRow], FaceRow]
_SpeechChange = Callable[[SpeechRow], SpeechRow]


def _face(**changes: Any) -> _FaceChange:
    return lambda row: replace(row, recipe=replace(row.recipe, **changes))


def _pictures(**changes: Any) -> _FaceChange:
    return lambda row: replace(
        row, recipe=replace(row.recipe, augment=replace(row.recipe.augment, **changes))
    )


def _speech(**changes: Any) -> _SpeechChange:
    return lambda row: replace(row, recipe=replace(row.recipe, **changes))


_FACE: Final[dict[str, _FaceChange]] = {
    AS_IS: lambda row: row,
    "mixup-off": _face(mix=0.0),
    "mixup-on": _face(mix=_MIXED),
    "cutout-off": _pictures(cutout=0.0),
    "distillation-off": _face(engine_share=0.0, network_share=0.0),
    LABELS_TOO: _face(network_share=0.7),
    "votes-off": _face(votes=0.0),
    "smoothing-off": _face(smoothing=0.0),
    "bad-pictures-off": _pictures(grainy=0.0, blur=0.0),
    "cameras-off": _face(cameras=None),
    "nodding-off": _pictures(nodding=0.0),
}
_SPEECH: Final[dict[str, _SpeechChange]] = {
    AS_IS: lambda row: row,
    "mixup-off": _speech(mix=0.0),
    "specaugment-off": _speech(bands=0, stretch=0.0),
    "distillation-off": _speech(engine_share=0.0, network_share=0.0),
    LABELS_TOO: _speech(network_share=0.7),
    "smoothing-off": _speech(smoothing=0.0),
    "voices-on": _speech(voices=True),
    "warp-off": _speech(warp=0.0),
    "style-off": _speech(restyle=0.0),
    "contrast-off": _speech(contrast=0.0),
    "noise-off": _speech(noisy=0.0),
    "channels-off": _speech(channels=0.0, band_limits=0.0),
    STUDIO: _speech(
        channels=0.0, band_limits=0.0, noisy=0.0, voices=True, listening=False, corpora=_STUDIO_CORPORA
    ),
}


def changes(kind: Kind) -> list[str]:
    """The names of what can be changed in a row of that kind."""
    return list(_FACE if kind == "face" else _SPEECH)


def changed(row: NetworkRow, name: str) -> NetworkRow:
    """The row with one change.

    Raises DataError for an unknown change, or one that leaves the row as it is.
    """
    if name not in changes(row.kind):
        raise DataError(f"no change '{name}' for {row.name}; changes: {', '.join(changes(row.kind))}")
    other = row
    if isinstance(row, FaceRow):
        other = _FACE[name](row)
    elif isinstance(row, SpeechRow):
        other = _SPEECH[name](row)
    if name != AS_IS and other == row:
        raise DataError(f"{name} leaves {row.name} as it is: its recipe has that already")
    return other


__all__ = ["AS_IS", "LABELS_TOO", "STUDIO", "changed", "changes"]
