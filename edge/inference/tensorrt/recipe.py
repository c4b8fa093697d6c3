"""What a compiled plan is made of, and whether it fits the machine at hand."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import Final, Literal

from edge.inference.engine import Shape

__all__ = ["FORMAT", "Options", "Precision", "Profile", "Recipe", "Wanted", "covers", "misfit"]

Precision = Literal["fp32", "fp16", "int8"]
Profile = dict[str, tuple[Shape, Shape, Shape]]
"""Smallest, usual and largest shape of every input."""

FORMAT: Final = 1
"""Raised when the meaning of a recipe changes; plans of another format are compiled again."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the builder was asked for. `workspace` is in bytes, None = a share of what is free."""

    workspace: int | None = None
    optimization_level: int = 3


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a plan depends on; `device` and `driver` are empty for a plan compiled ahead of time.

    `model_sha256` is that of the model's card, `onnx_sha256` that of the file compiled, which differs
    for FP16 and INT8. `driver` is the CUDA version of the driver; it may grow but not shrink, so it
    is not part of the key.
    """

    model: str
    model_sha256: str
    onnx_sha256: str
    precision: Precision
    tensorrt: str
    device: str
    target: str
    driver: tuple[int, int] | None
    profile: Profile
    options: Options

    @property
    def key(self) -> str:
        """24 hexadecimal digits that change when a plan must be compiled again."""
        parts = {name: value for name, value in self.as_dict().items() if name != "driver"}
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def ahead_of_time(self) -> bool:
        """Whether TensorRT-RTX made it for another machine; such a plan is never loaded here."""
        return self.tensorrt.startswith("tensorrt_rtx")

    @property
    def file_name(self) -> str:
        """Name of the plan file."""
        safe = re.sub(r"[^A-Za-z0-9_.-]", "_", self.model)
        return f"{safe}-{self.key}{'.rtx' if self.ahead_of_time else ''}.engine"

    def as_dict(self) -> dict[str, object]:
        """As written into the side-car."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, document: dict[str, object]) -> Recipe:
        """The inverse of `as_dict`. Raises ValueError, KeyError or TypeError on anything else."""
        fields = dict(document)
        if fields.pop("format") != FORMAT:
            raise ValueError("it was written by another version of emotion-edge")
        fields["options"] = _options(_mapping(fields["options"]))
        fields["profile"] = {name: _shapes(value) for name, value in _mapping(fields["profile"]).items()}
        driver = fields["driver"]
        fields["driver"] = tuple(driver) if isinstance(driver, list) else None
        return cls(**fields)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What this machine needs of a plan; `shape` only where the caller fixes the input's size."""

    model: str
    model_sha256: str
    precision: Precision
    tensorrt: str
    device: str
    target: str
    driver: tuple[int, int]
    shape: Shape | None = None


def misfit(recipe: Recipe, wanted: Wanted) -> str | None:
    """Why a plan cannot be used here, or None when it fits."""
    built, here = f"{recipe.device} ({recipe.target})", f"{wanted.device} ({wanted.target})"
    checks = (
        (recipe.ahead_of_time, "was compiled ahead of time by TensorRT-RTX, which is never loaded here"),
        (recipe.model_sha256 != wanted.model_sha256, f"was compiled from another {wanted.model}.onnx"),
        (recipe.tensorrt != wanted.tensorrt, f"was compiled by {recipe.tensorrt}, this is {wanted.tensorrt}"),
        (built != here, f"was compiled for {built}, this is {here}"),
        (recipe.precision != wanted.precision, f"is {recipe.precision}, {wanted.precision} is wanted"),
        (not _driver_fits(recipe, wanted), f"needs a driver for CUDA {_version(recipe.driver)} or newer"),
        (not covers(recipe.profile, wanted.shape), f"was compiled for another input than {wanted.shape}"),
    )
    return next((reason for failed, reason in checks if failed), None)


def covers(profile: Profile, shape: Shape | None) -> bool:
    """Whether the first input of a plan takes this shape."""
    if shape is None or not profile:
        return True
    smallest, _, largest = next(iter(profile.values()))
    return len(shape) == len(largest) and all(
        low <= size <= high for low, size, high in zip(smallest, shape, largest, strict=True)
    )


def _driver_fits(recipe: Recipe, wanted: Wanted) -> bool:
    return recipe.driver is None or recipe.driver <= wanted.driver


def _version(driver: tuple[int, int] | None) -> str:
    return ".".join(str(part) for part in driver or ())


def _options(document: dict[str, object]) -> Options:
    return Options(**document)  # type: ignore[arg-type]


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value


def _shapes(value: object) -> tuple[Shape, Shape, Shape]:
    if not isinstance(value, list) or len(value) != 3:
        raise ValueError("a profile needs three shapes")
    smallest, usual, largest = (tuple(int(size) for size in shape) for shape in value)
    return smallest, usual, largest
