"""Which models an analysis uses, by the hashes of their files."""

from __future__ import annotations

from contextlib import suppress

from edge.config import Config
from edge.errors import ModelError
from edge.inference.auto import Classified, detector_name, settled
from edge.inference.registry import find_model

__all__ = ["models_in_use", "models_there"]


def models_in_use(config: Config, *, pictures: bool, sound: bool, voices: bool = False) -> dict[str, str]:
    """Name → SHA-256 of each model that pictures and sound need. Raises ModelError when one is missing."""
    kinds: dict[Classified, bool] = {"face": pictures, "speech": sound}
    engines = settled(config.engines, kinds=[kind for kind, wanted in kinds.items() if wanted])
    names = []
    if pictures:
        names += [detector_name(config.camera.detector.model, config.engines), "head", engines.face]
    if sound:
        names += ["vad", engines.speech]
    if sound and voices:
        names.append("voice")
    found = (find_model(name, config=config.engines) for name in names)
    return {model.card.name: model.card.sha256 for model in found}


def models_there(config: Config) -> dict[str, str]:
    """The models that any recording may need, as far as they are there."""
    found: dict[str, str] = {}
    for pictures in (True, False):
        with suppress(ModelError):
            found |= models_in_use(config, pictures=pictures, sound=not pictures, voices=True)
    return found
