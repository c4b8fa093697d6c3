"""The physical keys: one that closes and opens the devices, one that acknowledges alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from edge.config import Config
from edge.config.button import ButtonConfig
from edge.daemon.health import Heartbeats
from edge.privacy.button import Button

__all__ = ["Buttons", "Pressed"]

Pressed = Callable[[str, Mapping[str, Any]], None]
"""Takes the request that a key stands for: command and arguments; called on the key's thread."""
_ASKS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "button": ("button", {}),
    "acknowledge": ("alert", {"acknowledge": ""}),
}


class Buttons:
    """Starts, stops and replaces the keys; a press is a request like any other."""

    def __init__(
        self, config: Config, *, pressed: Pressed, heartbeats: Heartbeats, clock: Callable[[], float]
    ) -> None:
        self._pressed, self._heartbeats, self._clock = pressed, heartbeats, clock
        self._configured = _configured(config)
        self._keys = {name: self._new(name) for name in _ASKS}

    def start(self) -> None:
        """Begin to watch."""
        for key in self._keys.values():
            key.start()

    def stop(self) -> None:
        """Watch no longer."""
        for key in self._keys.values():
            key.stop()

    def revive(self) -> None:
        """Begin again where a thread is gone."""
        for key in self._keys.values():
            key.revive()

    def reconfigure(self, config: Config) -> None:
        """Replace the keys that are configured otherwise."""
        old, self._configured = self._configured, _configured(config)
        for name, key in list(self._keys.items()):
            if old[name] != self._configured[name]:
                key.stop()
                self._heartbeats.forget(name)
                self._keys[name] = self._new(name)
                self._keys[name].start()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Name of a key and why a press would not be noticed."""
        for name, key in self._keys.items():
            if key.problem is not None:
                yield name, key.problem

    def _new(self, name: str) -> Button:
        command, arguments = _ASKS[name]
        return Button(
            self._configured[name],
            name=name,
            pressed=lambda: self._pressed(command, arguments),
            beat=self._heartbeats.of(name, self._clock),
        )


def _configured(config: Config) -> dict[str, ButtonConfig]:
    return {"button": config.privacy.button, "acknowledge": config.actions.acknowledge}
