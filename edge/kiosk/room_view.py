"""What the API tells of one room."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edge.kiosk.answer import Answer, Moment, Share
from edge.vocabulary import Source

__all__ = [
    "Axis",
    "Box",
    "GlimpseView",
    "MoodView",
    "PeopleView",
    "PersonView",
    "ProbabilitiesView",
    "RoomView",
    "Scores",
]

Axis = Annotated[float, Field(ge=-1.0, le=1.0)]
Scores = dict[str, Share]
"""Probability by label."""
Box = tuple[float, float, float, float]


class MoodView(Answer):
    """The mood in force."""

    emotion: str
    """One of the seven labels, or `none`."""
    confidence: Share
    """Steadied probability of that emotion now."""
    sure: bool
    """Whether the steadied probability still carries the mood; if not, say `not sure`."""
    source: Source
    """Which senses led to it."""
    since: Moment
    """When it became the mood."""


class GlimpseView(Answer):
    """An emotion that flashed up without becoming the mood."""

    emotion: str
    """Which one."""
    at: Moment
    """When."""


class ProbabilitiesView(Answer):
    """Seven probabilities of each sense's newest reading, and steadied over both."""

    face: Scores | None
    """Newest face reading, null without one."""
    speech: Scores | None
    """Newest reading of a voice, null without one."""
    steady: Scores
    """Fused and steadied: what moods are decided on."""


class PersonView(Answer):
    """Somebody in the picture; the number lives for a visit and says nothing about who it is."""

    number: int
    """1 for the first visitor since the start."""
    emotion: str | None
    """Null where the face cannot be judged."""
    confidence: Share
    """Steadied probability of the emotion."""
    since: Moment
    """When this visit began."""
    place: Literal["left", "middle", "right"]
    """Third of the picture."""
    quality: Share
    """How well the face can be judged."""


class RoomView(Answer):
    """One room: mood, people, switches."""

    id: str
    """`room` of the API's requests."""
    name: str
    """As shown to people."""
    mood: MoodView
    """The mood in force."""
    probabilities: ProbabilitiesView
    """The evidence."""
    glimpse: GlimpseView | None = None
    """The last short surprise that was not the mood."""
    entropy: Annotated[float, Field(ge=0.0, le=2.808)]
    """Doubt in the steadied probabilities, in bits."""
    valence: Axis
    """Unpleasant to pleasant: the expected coordinate in Russell's circumplex."""
    arousal: Axis
    """Calm to excited, likewise."""
    quality: Share
    """How far the best reading that counts can be trusted; 0 while nobody is judged."""
    people: list[PersonView]
    """Everybody with a confirmed face."""
    faces: int
    """Confirmed faces in the newest picture."""
    speaking: bool
    """Whether somebody speaks."""
    boxes: list[Box]
    """Faces of the newest picture: x, y, width, height as shares of it."""
    switches: dict[str, bool]
    """What is open or acting now; devices that are not configured are left out."""
    failing: list[Literal["camera", "microphone"]]
    """What is on and gives nothing now; health says why."""
    reasons: dict[str, str]
    """Why something is closed."""


class PeopleView(Answer):
    """Everybody in every room."""

    rooms: dict[str, list[PersonView]]
    """People by room."""
