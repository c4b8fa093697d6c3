"""systemd's notification protocol: READY, STATUS, RELOADING, STOPPING and WATCHDOG."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

SEND_TIMEOUT_S: Final = 1.0


class Notifier:
    """Sends datagrams to `$NOTIFY_SOCKET`; does nothing without one, and never fails."""

    def __init__(self, env: Mapping[str, str], *, clock_us: Callable[[], int] | None = None) -> None:
        address = env.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._clock_us = clock_us or (lambda: time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)

    @property
    def enabled(self) -> bool:
        """Whether systemd listens."""
        return self._address.startswith(("/", "\0"))

    def ready(self, status: str = "") -> bool:
        """All stages run, or a reload has ended."""
        return self._send("READY=1", *_status(status))

    def status(self, status: str) -> bool:
        """One line for `systemctl status`."""
        return self._send(*_status(status))

    def reloading(self) -> bool:
        """A reload begins; `ready` ends it."""
        return self._send("RELOADING=1", f"MONOTONIC_USEC={self._clock_us()}")

    def stopping(self, status: str = "") -> bool:
        """The end begins."""
        return self._send("STOPPING=1", *_status(status))

    def watchdog(self) -> bool:
        """Every stage is alive."""
        return self._send("WATCHDOG=1")

    def _send(self, *assignments: str) -> bool:
        """Whether the message was delivered."""
        if not self.enabled or not assignments:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as endpoint:
                endpoint.settimeout(SEND_TIMEOUT_S)
                endpoint.connect(self._address)
                endpoint.sendall("\n".join(assignments).encode())
        except OSError:
            return False
        return True


def _status(text: str) -> tuple[str, ...]:
    return (f"STATUS={' '.join(text.split())}",) if text else ()


def watchdog_interval(env: Mapping[str, str], pid: int) -> float | None:
    """Seconds between pings: half of `$WATCHDOG_USEC`; None without a watchdog for this process."""
    microseconds, owner = env.get("WATCHDOG_USEC", ""), env.get("WATCHDOG_PID", "")
    if not microseconds.isdigit() or int(microseconds) == 0 or owner not in ("", str(pid)):
        return None
    return int(microseconds) / 2e6
