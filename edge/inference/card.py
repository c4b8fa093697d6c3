"""Model cards: what a model is, what it expects, and how well it does."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from typing_extensions import Self

from edge.config.bounded_json import read_json
from edge.errors import ModelError
from edge.inference.engine import Backend
from edge.inference.tensorrt.recipe import Precision
from edge.vocabulary import LABELS

__all__ = ["Card", "InputSpec", "Kind", "Scores", "Share", "load_card", "sha256", "verify"]

Kind = Literal["face", "speech", "detector", "vad", "voice", "head"]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Scores(BaseModel):
    """How well one class is recognised on the validation split."""

    model_config = ConfigDict(extra="allow", frozen=True)

    precision: Share
    recall: Share
    f1: Share


class InputSpec(BaseModel):
    """The tensor a model takes; None or a name in `shape` is a free size.

    A face model of type uint8 takes crops as they are; one of float32 has them prepared by `face_input`.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    name: str
    type: Literal["float32", "uint8"] = "float32"
    shape: tuple[int | str | None, ...]
    layout: str
    normalisation: object

    def fits(self, item: tuple[int, ...]) -> bool:
        """Whether batches of items of that shape are what the model takes."""
        own = self.shape[1:]
        return len(own) == len(item) and all(
            not isinstance(mine, int) or mine == theirs for mine, theirs in zip(own, item, strict=True)
        )


class Card(BaseModel):
    """`engines/NAME.json`; further keys (training data, metrics, use) are kept as they are."""

    model_config = ConfigDict(extra="allow", frozen=True, coerce_numbers_to_str=True)

    name: str
    kind: Kind
    version: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    input: InputSpec
    labels: tuple[str, ...] = ()
    runtimes: tuple[Backend, ...] = ("onnx", "tensorrt")
    precision: Precision = "fp32"
    temperature: Annotated[float, Field(gt=0.0)] = 1.0
    per_class: dict[str, Scores] = {}

    @field_validator("sha256", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _classifier_has_our_labels(self) -> Self:
        if self.kind in ("face", "speech") and self.labels != LABELS:
            raise ValueError(f"labels must be {', '.join(LABELS)} in this order")
        return self


def load_card(path: Path) -> Card:
    """The card at `path`. Raises ModelError when it is missing or not a card."""
    try:
        found = path.stat()
        return _read_card(path, found.st_mtime_ns, found.st_size)
    except OSError as error:
        raise ModelError(f"cannot read the model card {path}: {error.strerror}") from error
    except ValidationError as error:
        raise ModelError(f"model card {path}: {_first(error)}; export the model again") from error
    except ValueError as error:
        raise ModelError(f"model card {path} is not valid JSON: {error}; export the model again") from error


@lru_cache(maxsize=64)
def _read_card(path: Path, _changed: int, _size: int) -> Card:
    """Read once until the file changes: a start asks for the same cards again and again."""
    return Card.model_validate(read_json(path))


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    place = ".".join(str(part) for part in detail["loc"])
    return f"{place}: {detail['msg']}" if place else detail["msg"]


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of the file. Raises ModelError when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}") from error


def verify(path: Path, card: Card) -> None:
    """Refuse a model that is not the one its card describes (ModelError)."""
    found = sha256(path)
    if found != card.sha256:
        raise ModelError(
            f"model {path} does not match its card: sha256 is {found}, the card says {card.sha256}; "
            "restore both files from the release or export the model again"
        )
