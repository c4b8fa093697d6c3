"""How the rooms and their devices are, for health, metrics and the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edge.actions.vigilance import SenseSigns
from edge.daemon.alerting import SensesNow
from edge.daemon.health import late
from edge.daemon.rooms import Room, Rooms
from edge.daemon.sense import Sense
from edge.daemon.senses import Senses
from edge.kiosk.vitals import RoomVitals, Vitals
from edge.publish.health import Payload, Problem

if TYPE_CHECKING:
    from edge.daemon.components import Components

__all__ = ["problems", "room_health", "signs_of", "summary", "vitals"]


def vitals(components: Components, now: float) -> Vitals:
    """Everything the metrics are made of."""
    health, outlets = components.health, components.outlets
    broker = outlets.broker()
    texts: Sequence[str] = broker["problems"] if broker else ()
    refusals = [Problem("mqtt", text.removeprefix("mqtt: ")) for text in texts]
    return Vitals(
        config=components.config,
        uptime=health.uptime(now),
        rooms=[
            RoomVitals(
                level=room.plan.level,
                mood=room.mood.mood,
                probabilities=room.mood.probabilities,
                faces=room.mood.faces,
                speaking=room.mood.speaking,
            )
            for room in components.rooms.values()
        ],
        stages={"face": health.face.snapshot(now), "speech": health.speech.snapshot(now)},
        devices={sense.plan.label: (sense.is_open, sense.status) for sense in components.senses.all()},
        broker=broker,
        actions=outlets.acting.status(),
        problems=[*health.problems(now), *refusals],
        stats=components.context.stats,
    )


def summary(components: Components, now: float) -> str:
    """One line for `systemctl status` and the log."""
    health = components.health
    face, speech = health.face.snapshot(now), health.speech.snapshot(now)
    moods = (
        room.mood.mood.emotion + ("" if room.plan.level is None else f" in {room.plan.level}")
        for room in components.rooms.values()
    )
    return (
        f"face {face.backend or 'off'} {face.fps:g} fps, speech {speech.backend or 'off'}, "
        f"mqtt {components.outlets.connection()}, mood {', '.join(moods)}"
    )


def problems(components: Components, now: float) -> list[Problem]:
    """What is wrong with any component, as found by asking them."""
    parts = components
    found = [*parts.senses.problems(), *late(parts.stuck(now))]
    weights = dict.fromkeys(room.mood.parameters.problem for room in parts.rooms.values())
    found += [Problem("fusion", problem) for problem in weights if problem is not None]
    found += [*parts.outlets.acting.problems(), *parts.switches.problems(), *parts.settings.problems()]
    if parts.recorder.problem is not None:
        found.append(Problem("history", parts.recorder.problem))
    return found + parts.http.problems()


def signs_of(room: Room, senses: Senses) -> SensesNow:
    """What the devices of a room have told lately."""
    key, face = room.plan.key, room.mood.newest.get("face")
    sounded = (senses.workers.sounded_at.get(one) for one in room.plan.microphones)
    eyes = any(sense.is_open for sense in senses.of(key, "camera"))
    ears = any(sense.is_open for sense in senses.of(key, "microphone"))
    return SensesNow(
        SenseSigns(eyes, None if face is None else face.captured_at),
        SenseSigns(ears, max((at for at in sounded if at is not None), default=None)),
    )


def room_health(rooms: Rooms, senses: Senses, now: float) -> Payload:
    """Health by room: what works, of every device."""
    return {
        key: {
            kind + "s": {sense.plan.name: _device(sense, now) for sense in senses.of(room.plan.key, kind)}
            for kind in ("camera", "microphone")
            if room.plan.has(kind)
        }
        for key, room in rooms.items()
    }


def _device(sense: Sense, now: float) -> Payload:
    found = sense.status
    figures = sense.meter.snapshot(now).payload()
    told: Payload = {"state": found.state if sense.is_open else "closed", "dropped": found.dropped}
    if sense.lent_to_others:
        told["open_elsewhere"] = True
    if sense.is_open and found.state == "retrying":
        told["detail"] = found.detail
    shown = ("fps", "latency_ms") if sense.is_open else ()
    return told | {name: figures[name] for name in shown if name in figures}
