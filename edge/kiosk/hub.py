"""What the page needs of the daemon: a view to show, and a way to steer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from edge.kiosk.history_view import HistoryPoint, WeekView
from edge.kiosk.state_view import InfoView, StateView
from edge.kiosk.steering import SettingsView

__all__ = ["Hub"]


class Hub(Protocol):
    """The daemon as the page sees it. Methods are called on the server's threads."""

    def state(self) -> StateView:
        """Everything, now; cheap and never waiting."""
        ...

    def info(self) -> InfoView:
        """What this device is."""
        ...

    def history(self, seconds: float) -> Mapping[str, Sequence[HistoryPoint]]:
        """Moods of the last seconds by room; may read from disk."""
        ...

    def week(self) -> WeekView:
        """The last seven days, as far as they are kept; may read from disk."""
        ...

    def switch(self, room: str | None, name: str, on: bool) -> None:
        """Carry out a switch and return when it is done; EdgeError if it is refused or not durable."""
        ...

    def settings(self, room: str | None) -> SettingsView:
        """What may be tuned, as it is, for all rooms (None) or in one; EdgeError where that is not there."""
        ...

    def change_settings(self, changes: Mapping[str, object]) -> SettingsView:
        """Carry out and return what holds then; EdgeError if it is refused."""
        ...

    def acknowledge(self, cause: str | None) -> None:
        """Somebody noticed an alert, or all of them (None)."""
        ...

    def erase_history(self) -> None:
        """Forget all moods of the past, in memory and on disk; EdgeError if that fails."""
        ...
