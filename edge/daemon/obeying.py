"""What others ask over MQTT, carried out on the main loop: switches, settings, questions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from edge.daemon.logs import fields
from edge.daemon.responses import answer
from edge.errors import EdgeError
from edge.publish.commands import Command, failed, ok

if TYPE_CHECKING:
    from edge.daemon.components import Components

__all__ = ["obey"]

_log = logging.getLogger(__name__)


def obey(components: Components, command: Command, now: float) -> None:
    """Carry out a command, and answer where an answer is due."""
    if command.kind == "set":
        _switch(components, command)
    elif command.kind == "settings":
        _set(components, command)
    elif command.kind == "unstored":
        components.switches.recall(command.arguments["switches"])
        components.apply_switches()
    elif command.kind == "ack":
        components.outlets.acting.acknowledge(command.name or None)
    else:
        command.respond(answer(command.name, components.rooms, components.diagnosis(now)))


def _switch(components: Components, command: Command) -> None:
    try:
        components.switches.set(command.name, command.on)
    except EdgeError as error:  # its room went while the command waited
        _log.warning("mqtt: %s", error)
    components.apply_switches()


def _set(components: Components, command: Command) -> None:
    try:
        view = components.change_settings(command.arguments)
    except EdgeError as error:
        _log.warning("settings not changed: %s", error)
        command.respond(failed(str(error)))
    else:
        _log.info("settings changed", extra=fields(set=", ".join(view["set"]) or "nothing"))
        command.respond(ok(**view))
