"""How each component takes over another configuration: what is checked first, what is then put in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from edge.config import Config, resolve_password, revealed
from edge.config.plans import room_plans
from edge.daemon.assembly import made_recorder, made_switches
from edge.daemon.logs import configure as configure_logs
from edge.daemon.reload import Commit, Prepare
from edge.daemon.rooms import made_rooms
from edge.daemon.senses import check_models
from edge.errors import CaptureError, ConfigError

if TYPE_CHECKING:
    from edge.daemon.components import Components

__all__ = ["Takeover"]


class Takeover:
    """The `prepare` of every component, by its name in the table of `reload`."""

    def __init__(self, components: Components) -> None:
        self._components = components

    def table(self) -> Mapping[str, Prepare]:
        """By name."""
        outlets = self._components.outlets
        return {
            "log": self._log,
            "mood": self._mood,
            "publisher": self._publisher,
            "actions": outlets.acting.prepare,
            "senses": self._senses,
            "control": self._control,
            "privacy": self._privacy,
            "rooms": self._rooms,
            "history": self._history,
            "http": self._http,
        }

    def _log(self, new: Config) -> Commit:
        password = resolve_password(new.mqtt, self._components.context.env)
        env = self._components.context.env
        return lambda: configure_logs(new.log, env=env, secrets=revealed(password))

    def _mood(self, new: Config) -> Commit:
        parts = self._components
        before = parts.rooms
        rooms = made_rooms(new, room_plans(new), parts.context.clock(), (parts.config, before))

        def commit() -> None:
            for key, room in rooms.items():
                if key in before and before[key].mood is not room.mood:
                    room.mood.carry_on(before[key].mood)
                room.mood.expect(room.plan.fps)
            parts.rooms = rooms

        return commit

    def _publisher(self, new: Config) -> Commit:
        parts = self._components
        connect = parts.outlets.prepare_publisher(new)

        def commit() -> None:
            connect()
            parts.switches.announce_again()
            parts.outlets.publish_settings(parts.settings.view(), parts.settings.rooms)

        return commit

    def _senses(self, new: Config) -> Commit:
        plans = room_plans(new)
        check_models(new.engines, plans)
        try:
            return self._components.senses.prepare(new.engines, plans)
        except CaptureError as error:
            raise ConfigError(str(error)) from error

    def _control(self, new: Config) -> Commit:
        parts = self._components
        switches = made_switches(new, parts.context, parts.outlets, parts.heartbeats)

        def commit() -> None:
            parts.switches.stop()
            parts.switches = switches
            switches.start()

        return commit

    def _privacy(self, new: Config) -> Commit:
        return lambda: self._components.switches.reconfigure(new)

    def _rooms(self, new: Config) -> Commit:
        def commit() -> None:
            switches = self._components.switches
            switches.have_rooms(new)
            self._components.outlets.have_rooms(new, switches.former_rooms)

        return commit

    def _history(self, new: Config) -> Commit:
        parts = self._components
        recorder = made_recorder(new, parts.context, parts.recent)

        def commit() -> None:
            parts.recorder.stop()
            parts.recorder = recorder
            recorder.start()

        return commit

    def _http(self, new: Config) -> Commit:
        parts = self._components
        http = parts.new_http(new)

        def commit() -> None:
            parts.http.stop()
            parts.http = http
            http.start()

        return commit
