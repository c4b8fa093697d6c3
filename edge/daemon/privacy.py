"""Opening and closing the devices of all rooms as the switches demand; it is told after the fact."""

from __future__ import annotations

import logging
from typing import Final

from edge.config.schedule import DEVICES
from edge.daemon.outlets import Outlets
from edge.daemon.rooms import Room, Rooms
from edge.daemon.sense import Sense
from edge.daemon.senses import Senses
from edge.privacy.sharing import Permission
from edge.vocabulary import Modality

__all__ = ["closed_reasons", "open_now", "open_or_close"]

_log = logging.getLogger(__name__)
_MODALITIES: Final[dict[str, Modality]] = {"camera": "face", "microphone": "speech"}


def open_or_close(rooms: Rooms, senses: Senses, permission: Permission, outlets: Outlets, now: float) -> None:
    """Close first, then open. A device that cannot be closed keeps no other open: its error comes last."""
    wrong = [one for one in senses.all() if one.is_open != _wanted(one, rooms, permission)]
    failures: list[Exception] = []
    for sense in sorted(wrong, key=lambda one: not one.is_open):
        try:
            _switch(sense, rooms.get(sense.plan.room), senses, outlets, now)
        except Exception as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _wanted(sense: Sense, rooms: Rooms, permission: Permission) -> bool:
    """Whether it may be open; a device whose room could not be made stays closed."""
    return sense.plan.room in rooms and permission.reason(sense.plan) is None


def _switch(sense: Sense, room: Room | None, senses: Senses, outlets: Outlets, now: float) -> None:
    on = not sense.is_open
    senses.switch(sense, on)
    if not on and room is not None:
        left = room.mood.forget(_MODALITIES[sense.kind], now, sense.plan.name)
        outlets.publish_state(room)
        outlets.publish_people(room, left)
    _log.info("%s %s", sense.plan.label, "opened" if on else "closed")


def open_now(rooms: Rooms, senses: Senses) -> dict[str, bool]:
    """What is open, by the name of its switch; `camera` and `microphone` are open where any room's is."""
    found: dict[str, bool] = dict.fromkeys(DEVICES, False)
    for room in rooms.values():
        for kind in DEVICES:
            if room.plan.level is None or room.plan.has(kind):
                is_open = any(sense.is_open for sense in senses.of(room.plan.key, kind))
                found[room.plan.switch(kind)] = is_open
                found[kind] = found[kind] or is_open
    return found


def closed_reasons(senses: Senses, permission: Permission) -> dict[str, str]:
    """Why something is closed, by the name of its switch: also of one that is on, whose devices another room
    keeps closed.
    """
    found = dict(permission.desired.reasons)
    still_open = {sense.plan.switch for sense in senses.all() if sense.is_open}
    for sense in senses.all():
        reason = permission.reason(sense.plan)
        if reason is not None and sense.plan.switch not in still_open:
            found.setdefault(sense.plan.switch, reason)
    return found
