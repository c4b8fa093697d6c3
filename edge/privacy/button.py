"""A physical button: a key of an input device (evdev) or a GPIO pin."""

from __future__ import annotations

import importlib
import logging
import os
import select
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from edge.config.button import ButtonConfig
from edge.supervision import GuardedThread, no_beat

__all__ = ["Button", "presses"]

_log = logging.getLogger(__name__)
_EVENT: Final = struct.Struct("llHHi")
"""input_event of linux/input.h: seconds, microseconds, type, code, value."""
_KEY: Final = 1
_PRESSED: Final = 1
_BOUNCE: Final = 0.3
"""Seconds within which a second press is taken for the bouncing of the first."""
_LOOK: Final = 1.0
_RETRY: Final = 5.0


def presses(data: bytes, code: int | None) -> int:
    """How often a key goes down in whole events of an input device; None counts any key."""
    return sum(
        kind == _KEY and value == _PRESSED and code in (None, key)
        for _, _, kind, key, value in _EVENT.iter_unpack(data)
    )


class Button:
    """A thread for a key; for a pin gpiozero's own. `pressed` is called on it and must not wait."""

    def __init__(
        self,
        config: ButtonConfig,
        *,
        name: str = "button",
        pressed: Callable[[], None],
        beat: Callable[[], None] = no_beat,
        clock: Callable[[], float] = time.monotonic,
        retry: float = _RETRY,
    ) -> None:
        self._name = name
        self._config, self._pressed, self._beat, self._clock = config, pressed, beat, clock
        self._retry = retry
        self._last = float("-inf")
        self._failure: str | None = None
        self._wake: tuple[int, int] | None = None
        self._thread = GuardedThread(name, self._watch, beat=beat)
        self._pin: Any = None

    @property
    def problem(self) -> str | None:
        """Why a press would not be noticed."""
        return self._failure or self._thread.problem

    def start(self) -> None:
        """Begin to watch; a button that is not there is a problem, and is waited for."""
        if self._config.gpio is not None:
            self._open_pin(self._config.gpio)
        elif self._config.device is not None:
            self._wake = os.pipe()
            self._thread.start()

    def stop(self) -> None:
        """Watch no longer."""
        if self._pin is not None:
            self._pin.close()
            self._pin = None
        if self._wake is not None:
            os.write(self._wake[1], b".")
            self._thread.stop(2.0)
            for end in self._wake:
                os.close(end)
            self._wake = None

    def revive(self) -> None:
        """Begin again where the thread is gone, or the pin could not be had."""
        if self._wake is not None:
            self._thread.revive()

    def press(self) -> None:
        """The button went down."""
        now = self._clock()
        if now - self._last >= _BOUNCE:
            self._last = now
            self._pressed()

    def _open_pin(self, number: int) -> None:
        try:
            gpiozero = importlib.import_module("gpiozero")
            self._pin = gpiozero.Button(number, bounce_time=None)
            self._pin.when_pressed = self.press
        except ImportError:
            self._failure = "gpiozero is not installed: pip install gpiozero lgpio"
        except Exception as error:
            self._failure = f"pin {number} cannot be used: {error}"
        if self._failure is not None:
            _log.warning("%s: %s", self._name, self._failure)

    def _watch(self) -> None:
        device = self._config.device
        while device is not None:
            try:
                self._read(device)
            except OSError as error:
                self._fail(device, error)
            else:
                return
            if self._woken(self._retry):
                return

    def _read(self, device: Path) -> None:
        """Until stopped. OSError when the device is not there, or no longer."""
        with _opened(device) as source:
            self._failure = None
            while True:
                self._beat()
                ready, _, _ = select.select([source, self._stop_end], [], [], _LOOK)
                if self._stop_end in ready:
                    return
                if ready:
                    self._take(os.read(source, 64 * _EVENT.size))

    def _take(self, data: bytes) -> None:
        if not data:
            raise OSError("it was unplugged")
        whole = len(data) - len(data) % _EVENT.size
        for _ in range(presses(data[:whole], self._config.code)):
            self.press()

    def _fail(self, device: Path, error: OSError) -> None:
        remedy = "; let the service read it (docs/privacy.md)" if isinstance(error, PermissionError) else ""
        failure = f"cannot read {device}: {error.strerror or error}{remedy}"
        if failure != self._failure:
            _log.warning("%s: %s", self._name, failure)
        self._failure = failure

    def _woken(self, seconds: float) -> bool:
        deadline = self._clock() + seconds
        while self._clock() < deadline:
            self._beat()
            ready, _, _ = select.select([self._stop_end], [], [], min(_LOOK, seconds))
            if ready:
                return True
        return False

    @property
    def _stop_end(self) -> int:
        return self._wake[0] if self._wake is not None else -1


@contextmanager
def _opened(device: Path) -> Iterator[int]:
    descriptor = os.open(device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
