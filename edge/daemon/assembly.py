"""The daemon's components as a configuration wants them: made, and not started."""

from __future__ import annotations

from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.context import Context
from edge.daemon.health import Health, Heartbeats
from edge.daemon.kept import kept_history
from edge.daemon.outlets import Outlets
from edge.daemon.rooms import Rooms, made_rooms
from edge.daemon.senses import Senses
from edge.daemon.settings import RuntimeSettings
from edge.daemon.switches import Switches
from edge.errors import CaptureError, ConfigError, EdgeError
from edge.history.recent import Recent
from edge.history.recorder import Recorder

__all__ = ["first_rooms", "made_outlets", "made_recorder", "made_senses", "made_switches"]


def first_rooms(settings: RuntimeSettings, now: float) -> Rooms:
    """The rooms as people have set them; where that cannot be had any more, as the file has them.

    `settings` knows afterwards which of both it is. Raises EdgeError where the file cannot be had either.
    """
    try:
        return made_rooms(settings.config, room_plans(settings.config), now)
    except EdgeError as error:
        if not settings.view()["set"]:
            raise
        settings.rest(str(error))
        return made_rooms(settings.config, room_plans(settings.config), now)


def made_senses(config: Config, context: Context, health: Health, heartbeats: Heartbeats) -> Senses:
    """The devices and the workers behind them. Raises ConfigError for names that no source can have."""
    try:
        return Senses(
            engines=config.engines,
            plans=room_plans(config),
            health=health,
            heartbeats=heartbeats,
            clock=context.clock,
            emit=context.post,
            openers=context.openers,
        )
    except CaptureError as error:
        raise ConfigError(str(error)) from error


def made_outlets(config: Config, context: Context, heartbeats: Heartbeats) -> Outlets:
    """The publisher and the actions. Raises ConfigError."""
    return Outlets(
        config=config,
        env=context.env,
        clock=context.clock,
        wall=context.wall,
        on_command=context.on_command,
        heartbeats=heartbeats,
    )


def made_switches(config: Config, context: Context, outlets: Outlets, heartbeats: Heartbeats) -> Switches:
    """The switches and their socket."""
    return Switches(
        config=config,
        env=context.env,
        post=context.post,
        publish=outlets.send,
        announce=outlets.announce,
        keep_unstored=outlets.keep_unstored,
        heartbeats=heartbeats,
        clock=context.clock,
    )


def made_recorder(config: Config, context: Context, recent: Recent) -> Recorder:
    """What keeps the history: in memory, and on disk where that is wanted."""
    keep = config.history.keep
    store = None if keep is None else kept_history(config, context.env)
    return Recorder(recent, store, keep or 0.0)
