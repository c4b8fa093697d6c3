"""Moods, readings and health as the payloads that go out: pure functions, the clock passed in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Final

from edge.mood.glimpse import Glimpse
from edge.mood.scores import Scores
from edge.vocabulary import LABELS, Mood, Reading, by_label

__all__ = [
    "SCHEMA",
    "Payload",
    "Present",
    "alert",
    "event",
    "glimpse",
    "health",
    "info",
    "reading",
    "scores",
    "settings",
    "state",
    "timestamp",
    "ulid",
]

SCHEMA: Final = 1
"""Version of all payloads: within it there are only additions."""

Payload = dict[str, Any]
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Present:
    """Who is there: faces in the newest picture, people, whether somebody speaks, and how many of which mood.

    `moods` is None where it is not to be told; `sure` is whether the evidence still carries the mood.
    """

    faces: int = 0
    speech: bool = False
    people: int = 0
    moods: Mapping[str, int] | None = None
    sure: bool = True


def timestamp(seconds: float) -> str:
    """Unix seconds as ISO 8601 in UTC with milliseconds: `2026-11-23T06:14:05.120+00:00`."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="milliseconds")


def ulid(seconds: float, random_bits: Callable[[int], int] = secrets.randbits) -> str:
    """A ULID: 48 bits of milliseconds, 80 random bits; sorts by time (github.com/ulid/spec)."""
    number = (int(seconds * 1000) << 80) | random_bits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def state(mood: Mood, *, present: Present, now: float, since: float) -> Payload:
    """The retained state; `now` and `since` are Unix seconds."""
    payload: Payload = {
        "schema": SCHEMA,
        "ts": timestamp(now),
        "emotion": mood.emotion,
        "confidence": round(float(mood.confidence), 2),
        "source": mood.source,
        "since": timestamp(since),
        "previous": mood.previous,
        "faces": present.faces,
        "speech": present.speech,
        "people": present.people,
        "sure": present.sure,
    }
    if present.moods is not None:
        payload["moods"] = dict(sorted(present.moods.items()))
    return payload


def event(mood: Mood, *, now: float, identity: str) -> Payload:
    """One accepted change of mood."""
    return {
        "event_type": mood.emotion,
        "id": identity,
        "ts": timestamp(now),
        "previous": mood.previous,
        "confidence": round(float(mood.confidence), 2),
        "source": mood.source,
    }


def glimpse(value: Glimpse, *, now: float, identity: str) -> Payload:
    """An emotion that flashed up without becoming the mood."""
    return {
        "event_type": value.emotion,
        "id": identity,
        "ts": timestamp(now),
        "confidence": round(value.confidence, 2),
        "source": value.source,
    }


def reading(value: Reading, *, now: float, backend: str) -> Payload:
    """What one sense says right now; the box is there for faces only, never a picture."""
    payload: Payload = {
        "ts": timestamp(now),
        "emotion": value.emotion,
        "probabilities": by_label(value.probabilities),
        "quality": round(float(value.quality), 2),
        "latency_ms": round(value.latency * 1000, 1),
        "backend": backend,
    }
    if value.box is not None:
        payload["box"] = [round(float(side), 4) for side in value.box]
    if value.track is not None:
        payload["track"] = value.track
    return payload


def alert(value: Mapping[str, Any] | None, *, now: float) -> Payload:
    """The gravest alert that stands; level `none` and no cause where there is none."""
    if value is None:
        nobody = {"level": "none", "cause": None, "message": None, "since": None, "acknowledged": False}
        return {"schema": SCHEMA, "ts": timestamp(now), **nobody}
    told = {name: value[name] for name in ("level", "cause", "message")}
    since = timestamp(value["since"])
    return {
        "schema": SCHEMA,
        "ts": timestamp(now),
        **told,
        "since": since,
        "acknowledged": value["acknowledged"],
    }


def scores(value: Scores, *, now: float) -> Payload:
    """The numbers behind the mood at one moment: entropy in bits, valence and arousal from -1 to 1."""
    point = value.affect
    return {
        "schema": SCHEMA,
        "ts": timestamp(now),
        "emotion": value.emotion,
        "probabilities": by_label(value.probabilities),
        "entropy": round(value.entropy, 3),
        "valence": round(point.valence, 3),
        "arousal": round(point.arousal, 3),
        "quality": round(float(value.quality), 2),
        "people": value.people,
    }


def settings(view: Mapping[str, Any], *, now: float) -> Payload:
    """Every setting's value, and which are set on top of the configuration."""
    return {"schema": SCHEMA, "ts": timestamp(now), **view["values"], "set": list(view["set"])}


def health(values: Mapping[str, Any], *, mqtt: Mapping[str, Any], problems: Sequence[str]) -> Payload:
    """The daemon's own health with the connection's problems joined; `ok` becomes `degraded` by one."""
    found = [*values.get("problems", ()), *problems]
    status = values.get("status", "ok")
    if problems and status == "ok":
        status = "degraded"
    return {**values, "status": status, "problems": found, "mqtt": dict(mqtt)}


def info(values: Mapping[str, Any], *, device: Mapping[str, Any], entities: Sequence[Payload]) -> Payload:
    """What this device is: versions, labels, engines and its entities."""
    return {
        "schema": SCHEMA,
        "labels": list(LABELS),
        "device": dict(device),
        "entities": list(entities),
        **values,
    }
