"""The models of an analysis as they travel to other machines: by the hash of all, unpacked once on each."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.config import Config
from edge.errors import ModelError
from edge.inference.auto import AUTO, settled
from edge.inference.directories import model_directory
from edge.inference.registry import find_model

__all__ = ["Bundle", "bundled", "unpacked"]

_FUSION: Final = "fusion.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of all models, and what they are called by."""

    files: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents."""
        parts = (f"{name}:{hashlib.sha256(self.files[name]).hexdigest()}\n" for name in sorted(self.files))
        return hashlib.sha256("".join(parts).encode()).hexdigest()


def bundled(config: Config) -> Bundle:
    """Every model that a recording may need, with its card, as the configuration names them.

    The face detector is left out where it has not been fetched; films then fail and say so.
    """
    files: dict[str, bytes] = {}
    engines = settled(config.engines)
    for name in ("vad", "voice", "head", engines.speech, engines.face, *_detectors(config)):
        with suppress(ModelError):
            path = find_model(name, config=config.engines).path
            files |= {one.name: one.read_bytes() for one in (path, path.with_suffix(".json"))}
    fusion = model_directory(config.engines) / _FUSION
    if fusion.is_file():
        files[_FUSION] = fusion.read_bytes()
    return Bundle(files)


def _detectors(config: Config) -> tuple[str, ...]:
    """The detector's name; of `auto` both forms, of which every machine takes its own."""
    name = config.camera.detector.model
    return ("centerface", "centerface-int8") if name == AUTO else (name,)


def unpacked(bundle: Bundle, cache: Path) -> Path:
    """The folder of the models in `cache`, written where it is not there yet; whole or not at all."""
    folder = cache / "models" / bundle.digest
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    for name, content in bundle.files.items():
        (new / Path(name).name).write_bytes(content)
    with suppress(OSError):
        new.replace(folder)
    return folder
