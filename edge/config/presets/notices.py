"""Scenes that tell other software about the mood: a tutor, the quality log of a call centre."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field

from edge.config import templates
from edge.config.presets.parameters import MOOD, Filled, Level, Served, Spec, Url, message
from edge.config.presets.scenes import Scene, Suggestion

__all__ = ["NOTICES", "CallQuality", "TutorHint"]


class TutorHint(Scene, Served):
    """A hint to teaching software; for somebody who learns alone and wants it, not in education."""

    name_: ClassVar[str] = "tutor-hint"
    title_: ClassVar[str] = "Hint for an e-tutor"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {"topic": "tutor/hints", "hint": "offer-help"}
    suggestion_: ClassVar[Suggestion] = Suggestion(
        ("sad", "angry", "fear"), {"for": 10, "min_confidence": 0.5, "cooldown": 120, "only_if": "face"}
    )

    topic: Level | None = None
    """Topic of the tutor."""
    url: Url | None = None
    """Or its address, called with POST."""
    hint: Filled = "offer-help"
    """What the tutor shall do: its own word, such as slow-down, offer-help or change-exercise."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The hint has to go somewhere."""
        yield from _somewhere(self.topic, self.url)

    def actions(self) -> list[Spec]:
        """One message or call."""
        return _deliver(self, {**MOOD, "hint": self.hint}, supersede=True)


class CallQuality(Scene, Served):
    """One entry for the quality log of calls, of the caller's side alone; every entry is kept."""

    name_: ClassVar[str] = "call-quality-log"
    title_: ClassVar[str] = "Call-quality log entry"
    source_: ClassVar[str] = "scene"
    example_: ClassVar[dict[str, Any]] = {"topic": "calls/desk-7/mood", "call": "desk-7"}
    suggestion_: ClassVar[Suggestion] = Suggestion(
        ("angry", "sad", "happy", "neutral"), {"only_if": "speech"}
    )

    topic: Level | None = None
    """Topic of the log."""
    url: Url | None = None
    """Or its address, called with POST."""
    call: Filled = "{device}"
    """Which call or desk."""
    agreement: Annotated[dict[str, object], AfterValidator(templates.check_tree)] = Field(default={})
    """Further fields of the entry, such as the consent under which it is made."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """The entry has to go somewhere."""
        yield from _somewhere(self.topic, self.url)

    def actions(self) -> list[Spec]:
        """One entry."""
        return _deliver(self, {**MOOD, "call": self.call, **self.agreement}, supersede=False)


def _somewhere(topic: str | None, url: str | None) -> Iterator[tuple[str, str]]:
    if (topic is None) == (url is None):
        yield "topic", "set either topic or url"


def _deliver(scene: TutorHint | CallQuality, payload: Mapping[str, object], *, supersede: bool) -> list[Spec]:
    if scene.topic is not None:
        return [{**message(scene.topic, dict(payload), scene.topic), "supersede": supersede}]
    return [{"http": scene.http_to(scene.url or "", dict(payload)), "supersede": supersede}]


NOTICES: Final[tuple[type[Scene], ...]] = (TutorHint, CallQuality)
