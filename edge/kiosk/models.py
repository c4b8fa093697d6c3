"""What the page's API tells and takes: a model for each answer and request; OpenAPI is made from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.config.settings import Settings
from edge.vocabulary import Source

__all__ = [
    "AcknowledgeRequest",
    "AlertView",
    "Answer",
    "DeviceView",
    "Failure",
    "HealthView",
    "HistoryPoint",
    "HistoryView",
    "InfoView",
    "MoodView",
    "PeopleView",
    "PersonView",
    "ProbabilitiesView",
    "RoomView",
    "SessionRequest",
    "SessionView",
    "SettingsRequest",
    "SettingsView",
    "StageView",
    "StateView",
    "SwitchRequest",
]

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Axis = Annotated[float, Field(ge=-1.0, le=1.0)]
Scores = dict[str, Share]
"""Probability by label."""
Moment = Annotated[float, Field(description="Unix time in seconds")]
Box = tuple[float, float, float, float]


class Answer(BaseModel):
    """Immutable, with nothing beyond what is listed."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class DeviceView(Answer):
    """Who tells."""

    id: str
    """`device.id` of the configuration."""
    name: str
    """As shown to people."""


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
    reasons: dict[str, str]
    """Why something is closed."""


class StageView(Answer):
    """One sense's model at work."""

    sense: Literal["face", "speech"]
    """Which sense."""
    model: str
    """Name of the engine."""
    backend: str | None
    """Runtime in use, null while it is off."""
    fps: float
    """Results a second in the last ten seconds."""
    latency_ms: float | None
    """Median from capture to result."""


class HealthView(Answer):
    """How the daemon is."""

    status: Literal["ok", "degraded", "error"]
    """The one word."""
    problems: list[str]
    """Everything that is not as it should be."""
    uptime_s: int
    """Seconds since the start."""
    stages: list[StageView]
    """Both senses."""


class InfoView(Answer):
    """What this device is."""

    version: str
    """Of emotion-edge."""
    device: DeviceView
    """Who tells."""
    labels: list[str]
    """The seven emotions in the order of every model."""
    models: dict[str, str]
    """Engine by sense."""
    fusion_rule: str
    """How face and voice become one."""


class AlertView(Answer):
    """The gravest alert that nobody has acknowledged, else the gravest."""

    cause: str
    """Name of the rule, `blind` or `deaf`."""
    level: Literal["notice", "warning", "critical"]
    """How grave it is."""
    message: str
    """Text for people."""
    since: Moment
    """When it began."""
    acknowledged: bool
    """Whether somebody has noticed."""


class StateView(Answer):
    """Everything the page shows, at one moment."""

    schema_version: Annotated[Literal[1], Field(serialization_alias="schema")] = 1
    """Within a version there are only additions."""
    version: str
    """Of emotion-edge."""
    now: Moment
    """The daemon's clock."""
    device: DeviceView
    """Who tells."""
    rooms: list[RoomView]
    """All rooms."""
    health: HealthView
    """How the daemon is."""
    alert: AlertView | None = None
    """What has to be told at once; null: nothing."""
    history_kept_s: int
    """Seconds for which moods are kept on disk; 0: in memory only."""
    may_steer: bool = False
    """Whether this viewer may switch and erase."""


class PeopleView(Answer):
    """Everybody in every room."""

    rooms: dict[str, list[PersonView]]
    """People by room."""


class HistoryPoint(Answer):
    """A mood at a moment."""

    t: Moment
    """When."""
    emotion: str
    """The mood then."""
    confidence: Share
    """Its steadied probability then."""
    people: int
    """Confirmed faces then."""


class HistoryView(Answer):
    """Moods of the past."""

    rooms: dict[str, list[HistoryPoint]]
    """Points by room, the oldest first."""


class SwitchRequest(Answer):
    """Open or close a device, or let actions act or rest."""

    room: str | None = None
    """Null: every room."""
    name: Literal["camera", "microphone", "actions"]
    """What to switch."""
    on: bool
    """True opens."""


class SettingsRequest(Settings):
    """Some settings, null for as in the file; or `reset` alone."""

    reset: Literal[True] | None = None
    """Everything as in the file."""


class SettingsView(Answer):
    """What may be tuned while the daemon runs."""

    values: dict[str, str | int | float]
    """What counts now."""
    file: dict[str, str | int | float]
    """What the configuration file says."""
    set: list[str]
    """Keys that are set on top of it."""
    choices: dict[str, list[str]]
    """What can be chosen, by key."""
    not_stored: str | None = None
    """Why it would not survive a restart."""


class AcknowledgeRequest(Answer):
    """Somebody has noticed."""

    cause: Annotated[str, Field(max_length=128)] | None = None
    """Which alert; null: all of them."""


class SessionRequest(Answer):
    """A token, exchanged for a cookie."""

    token: Annotated[str, Field(min_length=1, max_length=512)]
    """As in the token file."""


class SessionView(Answer):
    """What the cookie allows."""

    may_steer: bool
    """True: switches, settings and erasing too."""


class Failure(Answer):
    """Why a request was refused."""

    error: str
    """One sentence."""
