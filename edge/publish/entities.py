"""One table of what the device offers; Home Assistant and the info topic are made from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge.config.alerts import LEVELS
from edge.config.plans import RoomPlan
from edge.publish.entity import Category, Entity, Scope
from edge.publish.setting_entities import SETTINGS
from edge.vocabulary import LABELS, NONE

__all__ = ["ENTITIES", "of_a_room", "of_the_device", "offered"]


def _switch(
    key: str, name: str, *, scope: Scope, icon: str | None = None, category: Category | None = None
) -> Entity:
    """What people switch on and off."""
    return Entity(
        key=key,
        scope=scope,
        platform="switch",
        name=name,
        topic=key,
        kind="word",
        command=f"{key}/set",
        icon=icon,
        category=category,
    )


def _sensed(key: str, name: str, value: str, *, device_class: str) -> Entity:
    """Whether there is any of it in the room's state."""
    return Entity(
        key=key,
        scope="room",
        platform="binary_sensor",
        name=name,
        topic="state",
        path=(value,),
        kind="flag",
        device_class=device_class,
    )


def _score(key: str, name: str, *, icon: str) -> Entity:
    """A number of the room's scores."""
    return Entity(
        key=key,
        scope="room",
        platform="sensor",
        name=name,
        topic="scores",
        path=(key,),
        kind="number",
        icon=icon,
        qos=0,
        expires=30,
    )


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
    _sensed("face", "Face present", "faces", device_class="occupancy"),
    _sensed("speech", "Speech", "speech", device_class="sound"),
    _switch("camera", "Camera", scope="both", icon="mdi:video"),
    _switch("microphone", "Microphone", scope="both", icon="mdi:microphone"),
    _switch("actions", "Actions", scope="device", category="config"),
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
    _score("valence", "Valence", icon="mdi:emoticon-outline"),
    _score("arousal", "Arousal", icon="mdi:pulse"),
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
