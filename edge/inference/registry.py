"""From the name of a model to its file and card."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.config.models import EnginesConfig
from edge.config.resources import resource
from edge.errors import ModelError
from edge.inference.card import Card, Kind, load_card, verify
from edge.inference.directories import cache_directory, model_directory

__all__ = ["Model", "described_model", "find_model", "is_path", "models_found"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model: the ONNX file and its card."""

    path: Path
    card: Card


def find_model(
    name: str, *, config: EnginesConfig, kind: Kind | None = None, env: Mapping[str, str] = os.environ
) -> Model:
    """The model called `name`, or at the path `name`, checked against its card.

    Names are looked up in the model directory, the cache, and the models of the package. Raises
    ModelError when there is no such model, it is of another kind, or not the file its card describes.
    """
    model = described_model(name, config=config, kind=kind, env=env)
    verify(model.path, model.card)
    return model


def described_model(
    name: str, *, config: EnginesConfig, kind: Kind | None = None, env: Mapping[str, str] = os.environ
) -> Model:
    """The same by its card alone: whether it is the file that the card describes is not looked at."""
    path = Path(name).expanduser() if is_path(name) else _by_name(name, config, env)
    if not path.is_file():
        raise ModelError(f"no model at {path}; check the path in the configuration")
    card = load_card(path.with_suffix(".json"))
    if kind is not None and card.kind != kind:
        raise ModelError(f"{path} is a {card.kind} model, a {kind} model is needed here")
    return Model(path, card)


def models_found(
    kind: Kind, *, config: EnginesConfig, env: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """Names of the models of a kind, as `find_model` finds them; files for compilers only are left out."""
    cards = [card for place in _places(config, env) for card in sorted(place.glob("*.json"))]
    names = [card.stem for card in cards if "." not in card.stem and card.with_suffix(".onnx").is_file()]
    return tuple(name for name in dict.fromkeys(names) if _is_kind(name, kind, config, env))


def _is_kind(name: str, kind: Kind, config: EnginesConfig, env: Mapping[str, str]) -> bool:
    try:
        return load_card(_by_name(name, config, env).with_suffix(".json")).kind == kind
    except ModelError:
        return False


def _places(config: EnginesConfig, env: Mapping[str, str]) -> list[Path]:
    return [model_directory(config), cache_directory(config, env), resource("engines")]


def is_path(name: str) -> bool:
    """Whether a model is named by its path: a separator or the ending .onnx."""
    return name.endswith(".onnx") or os.sep in name


def _by_name(name: str, config: EnginesConfig, env: Mapping[str, str]) -> Path:
    places = _places(config, env)
    for place in places:
        if (place / f"{name}.onnx").is_file():
            return place / f"{name}.onnx"
    raise ModelError(f"no model {name}.onnx in {places[0]} or {places[1]}; {_remedy(name, places[0])}")


def _remedy(name: str, directory: Path) -> str:
    if name == "centerface":
        return "run `emotion-edge fetch-detector` once with network, or set camera.detector.model to a file"
    known = sorted(path.stem for path in directory.glob("*.onnx"))
    return f"there are: {', '.join(known)}" if known else "check engines.directory"
