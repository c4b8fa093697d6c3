"""What all sections of `config.yaml` share: value types, strictness, and checks across keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from typing_extensions import Self

from edge.config.hours import clock_text, minute_of_day

__all__ = [
    "CONFLICT",
    "Label",
    "MoodLabel",
    "NumberOrText",
    "Port",
    "Seconds",
    "Section",
    "Share",
    "Slug",
    "Text",
    "TimeOfDay",
    "also_written_as",
]

Converter = TypeVar("Converter", bound=Callable[..., object])


CONFLICT: Final = "conflict"
"""Error type of the checks across keys; its context lists (key, message) pairs."""


def also_written_as(**schema: Any) -> Callable[[Converter], Converter]:
    """Marks a function that makes a value of another spelling; the JSON Schema then takes both."""

    def mark(function: Converter) -> Converter:
        function.also_written_as = schema  # type: ignore[attr-defined]
        return function

    return mark


@also_written_as(type="number")
def _number_as_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


Slug = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$", max_length=64)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(ge=0.0, le=86_400.0)]
Port = Annotated[int, Field(ge=1, le=65_535)]
Text = Annotated[str, Field(min_length=1)]
TimeOfDay = Annotated[str, AfterValidator(lambda text: clock_text(minute_of_day(text)))]
NumberOrText = Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1)]
Label = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
MoodLabel = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "none"]


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_section_is_default(cls, data: Any) -> Any:
        return {} if data is None else data

    @model_validator(mode="after")
    def _check_conflicts(self) -> Self:
        problems = list(self.conflicts())
        if problems:
            text = "; ".join(f"{key}: {message}" for key, message in problems)
            context = {"problems": problems, "text": text}
            raise PydanticCustomError(CONFLICT, "{text}", context)
        return self

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Dotted key (within this section) and message of everything that does not fit together."""
        yield from ()
