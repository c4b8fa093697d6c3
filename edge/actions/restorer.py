"""Takes the state of a light before an action changes it, and puts it back when the mood has passed."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Any, Final, Protocol

from edge.actions.memory import Memory, Owner
from edge.actions.plan import HttpRequest, MqttRequest, PlannedAction
from edge.actions.remote import Remote
from edge.actions.states import States
from edge.actions.things import KINDS, Look, look_of
from edge.actions.transports import ActionError
from edge.config.things import Thing
from edge.supervision import explain

__all__ = ["Restorer"]

_log = logging.getLogger(__name__)
_LOOKS: Final = 3
"""How often a lamp that seems unchanged after its change is looked at, as it may be slow to tell."""
_JOIN_WITHIN: Final = 1.0


class Access(Protocol):
    """One kind of thing: all methods may take seconds and raise ActionError."""

    def read(self, thing: Thing, *, fresh: bool) -> Any:
        """What the thing says of itself; `fresh` asks it anew."""

    def keep(self, thing: Thing) -> None:
        """Remember its state elsewhere, where the thing's own system does that."""

    def write(self, thing: Thing, payload: dict[str, Any]) -> None:
        """Put a state back."""


class Restorer:
    """Each change and each return runs in a thread of its own, since lamps may be slow to answer.

    `settle` are the seconds after a fading until a lamp has told what it looks like.
    """

    def __init__(
        self,
        states: States,
        fetch: Callable[[HttpRequest], bytes],
        send: Callable[[MqttRequest], None],
        *,
        settle: float,
    ) -> None:
        self._settle = settle
        self._memory, self._lock = Memory(), threading.Lock()
        self._zigbee = _Zigbee(states, send)
        self._remote = Remote(fetch)
        self._ending = threading.Event()
        self._threads: set[threading.Thread] = set()

    def stop(self) -> None:
        """Give up what waits."""
        self._ending.set()
        for thread in tuple(self._threads):
            thread.join(_JOIN_WITHIN)

    def change(self, action: PlannedAction, begin: Callable[[], None]) -> None:
        """Take the state, begin the action, and look again when it is done. Returns at once."""
        self._run(lambda: self._change(action, begin))

    def put_back(
        self, action: PlannedAction, thing: Thing, done: Callable[[ActionError | None], None]
    ) -> None:
        """Put the state back, unless somebody changed it meanwhile. Returns at once."""
        self._run(lambda: self._put_back(action, thing, done))

    def _run(self, work: Callable[[], None]) -> None:
        def run() -> None:
            try:
                work()
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="actions-light", daemon=True)
        self._threads.add(thread)
        try:
            thread.start()
        except (RuntimeError, MemoryError) as error:
            self._threads.discard(thread)
            raise ActionError(explain(error)) from error

    def _change(self, action: PlannedAction, begin: Callable[[], None]) -> None:
        thing, owner = action.thing, (action.rule, action.firing)
        if thing is None:
            begin()
            return
        self._take(action.target, owner, thing)
        begin()
        pause = thing.transition + self._settle
        for look in range(_LOOKS):
            final = look == _LOOKS - 1
            if self._ending.wait(pause) or self._left(action.target, owner, thing, final=final):
                return
            pause = self._settle

    def _take(self, target: str, owner: Owner, thing: Thing) -> None:
        try:
            look = self._look(thing, fresh=False)
            with self._lock:
                first = self._memory.take(target, owner, look)
            if first:
                self._access(thing).keep(thing)
        except ActionError as error:
            _log.warning("the state of %s before is not known and will not come back: %s", target, error)

    def _left(self, target: str, owner: Owner, thing: Thing, *, final: bool) -> bool:
        """Look at what the change made of the thing; true when there is no more to see."""
        with self._lock:
            owned = self._memory.owned(target, owner)
        if not owned:
            return True
        try:
            look = self._look(thing, fresh=False)
        except ActionError as error:
            _log.info("%s does not tell what it looks like now: %s", target, error)
            return True
        with self._lock:
            return self._memory.leave(target, owner, look, final=final)

    def _put_back(
        self, action: PlannedAction, thing: Thing, done: Callable[[ActionError | None], None]
    ) -> None:
        try:
            done(self._returned(action, thing))
        except Exception as error:
            _log.exception("rule %s: %s", action.rule, action.request)
            done(ActionError(f"internal error, see the log: {error}", permanent=True))

    def _returned(self, action: PlannedAction, thing: Thing) -> ActionError | None:
        owner = (action.rule, action.answers or 0)
        with self._lock:
            owned = self._memory.owned(action.target, owner)
        if not owned:
            return None
        try:
            now = self._look(thing, fresh=True)
            with self._lock:
                before = self._memory.give_back(action.target, owner, now)
            if before is None:
                _log.info("rule %s: %s was changed by somebody and is left alone", action.rule, action.target)
                return None
            self._access(thing).write(thing, KINDS[thing.kind].back(before, thing.transition))
        except ActionError as error:
            return error
        return None

    def _look(self, thing: Thing, *, fresh: bool) -> Look:
        look = look_of(thing.kind, self._access(thing).read(thing, fresh=fresh))
        if look is None:
            raise ActionError("it does not tell its state")
        return look

    def _access(self, thing: Thing) -> Access:
        return self._zigbee if thing.kind == "zigbee2mqtt" else self._remote


class _Zigbee:
    """State topics of zigbee2mqtt; its documentation: MQTT topics and messages."""

    def __init__(self, states: States, send: Callable[[MqttRequest], None]) -> None:
        self._states, self._send = states, send

    def read(self, thing: Thing, *, fresh: bool) -> Any:
        """The newest state; one that was never told, or shall be fresh, is asked for."""
        known = self._states.newest(thing.address)
        if known is not None and not fresh:
            return known
        count = self._states.count(thing.address)
        self._send(MqttRequest(f"{thing.address}/get", b'{"state":""}', 0))
        return self._states.after(thing.address, count)

    def keep(self, thing: Thing) -> None:
        """Nothing: the state is put back from here."""

    def write(self, thing: Thing, payload: dict[str, Any]) -> None:
        """One message."""
        self._send(MqttRequest(f"{thing.address}/set", json.dumps(payload, separators=(",", ":")).encode()))
