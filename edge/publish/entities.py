"""One table of what the device offers; Home Assistant and the info topic are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge.config.alerts import LEVELS
from edge.config.plans import RoomPlan
from edge.publish.entity import Entity
from edge.publish.setting_entities import SETTINGS
from edge.vocabulary import LABELS, NONE

__all__ = ["ENTITIES", "of_a_room", "of_the_device", "offered"]

ENTITIES: Final[tuple[Entity, ...]] = (
    Entity(
        key="emotion",
        scope="room",
        platform="sensor",
        name="Emotion",
        topic="state",
        path=("emotion",),
        options=(*LABELS, NONE),
        attributes=("confidence", "source", "sure", "people", "moods"),
        device_class="enum",
        icon="mdi:emoticon-outline",
    ),
    Entity(
        key="changed",
        scope="room",
        platform="event",
        name="Emotion changed",
        topic="event",
        path=("event_type",),
        options=LABELS,
        icon="mdi:emoticon-happy-outline",
    ),
    Entity(
        key="glimpse",
        scope="room",
        platform="event",
        name="Short surprise",
        topic="glimpse",
        path=("event_type",),
        options=("surprise",),
        icon="mdi:emoticon-excited-outline",
    ),
    Entity(
        key="sure",
        scope="room",
        platform="binary_sensor",
        name="Emotion is sure",
        topic="state",
        path=("sure",),
        kind="flag",
        icon="mdi:account-question-outline",
        category="diagnostic",
    ),
    Entity(
        key="face",
        scope="room",
        platform="binary_sensor",
        name="Face present",
        topic="state",
        path=("faces",),
        kind="flag",
        device_class="occupancy",
    ),
    Entity(
        key="speech",
        scope="room",
        platform="binary_sensor",
        name="Speech",
        topic="state",
        path=("speech",),
        kind="flag",
        device_class="sound",
    ),
    Entity(
        key="camera",
        scope="both",
        platform="switch",
        name="Camera",
        topic="camera",
        kind="word",
        command="camera/set",
        icon="mdi:video",
    ),
    Entity(
        key="microphone",
        scope="both",
        platform="switch",
        name="Microphone",
        topic="microphone",
        kind="word",
        command="microphone/set",
        icon="mdi:microphone",
    ),
    Entity(
        key="actions",
        platform="switch",
        name="Actions",
        topic="actions",
        kind="word",
        command="actions/set",
        category="config",
    ),
    Entity(
        key="problem",
        platform="binary_sensor",
        name="Problem",
        topic="health",
        path=("status",),
        kind="problem",
        device_class="problem",
        category="diagnostic",
        qos=0,
    ),
    Entity(
        key="confidence",
        scope="room",
        platform="sensor",
        name="Confidence",
        topic="state",
        path=("confidence",),
        kind="percent",
        unit="%",
        category="diagnostic",
        enabled=False,
    ),
    Entity(
        key="latency",
        platform="sensor",
        name="Face latency",
        topic="health",
        path=("face", "latency_ms"),
        kind="number",
        device_class="duration",
        unit="ms",
        category="diagnostic",
        enabled=False,
        qos=0,
    ),
    Entity(
        key="alert",
        platform="sensor",
        name="Alert",
        topic="alert",
        path=("level",),
        options=(NONE, *LEVELS),
        attributes=("cause", "message", "since", "acknowledged"),
        device_class="enum",
        icon="mdi:alert-outline",
    ),
    Entity(
        key="acknowledge",
        platform="button",
        name="Acknowledge alert",
        command="alert/ack",
        icon="mdi:check",
    ),
    Entity(
        key="restart",
        platform="button",
        name="Restart",
        command="request/restart",
        device_class="restart",
        category="config",
    ),
    Entity(
        key="valence",
        scope="room",
        platform="sensor",
        name="Valence",
        topic="scores",
        path=("valence",),
        kind="number",
        icon="mdi:emoticon-outline",
        qos=0,
        expires=30,
    ),
    Entity(
        key="arousal",
        scope="room",
        platform="sensor",
        name="Arousal",
        topic="scores",
        path=("arousal",),
        kind="number",
        icon="mdi:pulse",
        qos=0,
        expires=30,
    ),
    *SETTINGS,
)


def offered(*, scores: bool, choices: Mapping[str, Sequence[str]] | None = None) -> tuple[Entity, ...]:
    """The entities that a device without rooms has.

    Those that read the scores only where these are published; those with choices of the device's own only
    once these are known.
    """
    known = choices or {}
    return tuple(
        replace(entity, options=tuple(known[entity.choices])) if entity.choices else entity
        for entity in ENTITIES
        if (scores or entity.topic != "scores") and (entity.choices is None or entity.choices in known)
    )


def of_the_device(entities: Sequence[Entity]) -> tuple[Entity, ...]:
    """Those that stay with a device that has rooms; its camera and microphone are those of all rooms."""
    named = {"camera": "Cameras", "microphone": "Microphones"}
    kept = (entity for entity in entities if entity.scope != "room")
    return tuple(replace(one, name=named.get(one.key, one.name)) for one in kept)


def of_a_room(entities: Sequence[Entity], plan: RoomPlan) -> tuple[Entity, ...]:
    """Those of a room, as far as its devices can tell them."""
    senses = {"camera": "camera", "face": "camera", "microphone": "microphone", "speech": "microphone"}
    return tuple(
        one
        for one in entities
        if one.scope != "device" and (one.key not in senses or plan.has(senses[one.key]))
    )
