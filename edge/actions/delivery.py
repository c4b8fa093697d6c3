"""How a planned action is set going, by its kind; nothing here waits for a target."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.actions.plan import (
    AlertRequest,
    CommandRequest,
    HttpRequest,
    MqttRequest,
    PlannedAction,
    RestoreRequest,
    UdpRequest,
)
from edge.actions.programs import Programs
from edge.actions.restorer import Restorer
from edge.actions.states import States
from edge.actions.transports import ActionError, MqttTransport, Publish, send_datagram

if TYPE_CHECKING:
    from edge.actions.http_client import HttpClient

__all__ = ["Delivery", "Done"]

Done = Callable[["Exception | None"], None]
"""Told once how it ended: None is success."""


class Delivery:
    """Messages are passed on; calls, programs and lights that are put back have threads of their own."""

    def __init__(
        self, *, publish: Publish, allow_commands: bool, states: States | None, settle: float
    ) -> None:
        self._mqtt = MqttTransport(publish)
        self._http: HttpClient | None = None
        self._making = threading.Lock()
        self._programs = Programs(allowed=allow_commands)
        self._restorer = Restorer(
            states or States(),
            lambda request: self._client().fetch(request),
            self._mqtt.send,
            settle=settle,
        )

    def has_room(self, action: PlannedAction) -> bool:
        """Whether it may begin now: programs run a few at a time."""
        return not isinstance(action.request, CommandRequest) or self._programs.has_room

    def remember(self, action: PlannedAction, then: Callable[[], None]) -> None:
        """Ask what the light of the action shows, which is put back one day, and only `then` go on."""
        self._restorer.change(action, then)

    def begin(self, action: PlannedAction, done: Done) -> None:
        """Set it going; `done` may be called from another thread. Raises ActionError instead of that call."""
        request = action.request
        if isinstance(request, MqttRequest):
            self._mqtt.send(request)
            done(None)
        elif isinstance(request, HttpRequest):
            self._client().send(request, done)
        elif isinstance(request, RestoreRequest):
            self._restorer.put_back(action, request.thing, done)
        elif isinstance(request, UdpRequest):
            send_datagram(request)
            done(None)
        elif isinstance(request, AlertRequest):
            raise ActionError("alerts are shown by the running daemon alone", permanent=True)
        else:
            self._programs.start(request, done)

    def stop(self, deadline: float) -> None:
        """End running programs, give up calls; `deadline` is on the monotonic clock."""
        self._programs.stop(deadline)
        self._restorer.stop()
        if self._http is not None:
            self._http.stop()
        self._http = None

    def _client(self) -> HttpClient:
        """Made for the first call, as its library takes some 10 MB."""
        with self._making:
            if self._http is None or not self._http.alive:
                from edge.actions.http_client import HttpClient

                client = HttpClient()
                client.start()
                self._http = client
            return self._http
