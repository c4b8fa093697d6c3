"""The waiting actions: one lane for each target, a rate for each lane, the newest firing wins. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from edge.actions.plan import PlannedAction

__all__ = ["ActionQueue", "QueuedAction", "Wanted"]


Wanted = Callable[[PlannedAction], bool]


@dataclass(frozen=True, slots=True)
class QueuedAction:
    """An action in the queue: its turn, the attempts made, and when the next may begin."""

    turn: int
    action: PlannedAction
    attempts: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class _Lane:
    queue: deque[QueuedAction] = field(default_factory=deque)
    under_way: QueuedAction | None = None
    firing: int = 0
    firing_allowed: float = 0.0
    finished: float = 0.0


class ActionQueue:
    """Decides which action comes next; at most one of a target is under way at a time.

    `rate` is firings a second for each target, `limit` the most actions waiting, `max_age` the seconds
    after which an action has lost its point and is dropped.
    """

    def __init__(self, *, rate: float, limit: int, max_age: float = 30.0) -> None:
        self._gap = 1.0 / rate
        self._limit = limit
        self._max_age = max_age
        self._lanes: dict[str, _Lane] = {}
        self._done: dict[str, int] = {}
        self._over: dict[str, int] = {}
        self._turns = 0
        self.superseded = 0
        self.dropped = 0
        self.expired = 0

    def __len__(self) -> int:
        return sum(len(lane.queue) for lane in self._lanes.values())

    @property
    def busy(self) -> bool:
        """An action is under way."""
        return any(lane.under_way for lane in self._lanes.values())

    def add(self, actions: Iterable[PlannedAction]) -> None:
        """Queue actions; waiting ones of an older firing for the same target give way.

        What answers a firing ends it first: what waits of it is forgotten, and if nothing of it was carried
        out or is under way, the answer is dropped.
        """
        planned = list(actions)
        for action in planned:
            if action.answers is not None:
                self._end(action.rule, action.answers)
        for action in planned:
            if action.answers is not None and not self._begun(action.rule, action.answers):
                continue
            lane = self._lanes.setdefault(action.target, _Lane())
            if action.supersede:
                self._make_way(lane, action.firing)
            self._turns += 1
            lane.queue.append(QueuedAction(self._turns, action))
            if len(self) > self._limit:
                self._drop_oldest()

    def take(self, now: float, wanted: Wanted = lambda _: True) -> QueuedAction | None:
        """The next wanted action that may begin; its target is busy until `finish` or `retry`."""
        self._expire(now)
        self._forget(now)
        ready = [lane for lane in self._open(wanted) if _begin(lane) <= now]
        if not ready:
            return None
        lane = min(ready, key=lambda lane: lane.queue[0].turn)
        waiting = lane.queue.popleft()
        if waiting.action.firing != lane.firing:
            lane.firing, lane.firing_allowed = waiting.action.firing, now + self._gap
        lane.under_way = waiting
        return waiting

    def finish(self, waiting: QueuedAction, now: float, *, done: bool = False) -> None:
        """The action is over, done or given up."""
        lane = self._lanes[waiting.action.target]
        lane.under_way, lane.finished = None, now
        if done and waiting.action.phase == "then":
            self._done[waiting.action.rule] = waiting.action.firing

    def retry(self, waiting: QueuedAction, now: float, delay: float) -> bool:
        """Put a failed action back in front; false if a newer firing has made it pointless."""
        self.finish(waiting, now)
        lane = self._lanes[waiting.action.target]
        newer = any(other.action.firing > waiting.action.firing for other in lane.queue)
        if (newer or self._is_over(waiting.action)) and waiting.action.supersede:
            self.superseded += 1
            return False
        again = QueuedAction(waiting.turn, waiting.action, waiting.attempts + 1, now + delay)
        lane.queue.appendleft(again)
        return True

    def next_at(self, wanted: Wanted = lambda _: True) -> float | None:
        """When the next wanted action may begin; None if none waits for time alone."""
        return min((_begin(lane) for lane in self._open(wanted)), default=None)

    def clear(self) -> None:
        """Forget everything that waits."""
        for lane in self._lanes.values():
            lane.queue.clear()

    def abandon(self, waiting: QueuedAction) -> None:
        """Forget the rest of a firing on its target, because one of its actions failed for good."""
        queue = self._lanes[waiting.action.target].queue
        rest = [other for other in queue if other.action.firing == waiting.action.firing]
        for other in rest:
            queue.remove(other)
        self.dropped += len(rest)

    def _open(self, wanted: Wanted) -> list[_Lane]:
        lanes = [lane for lane in self._lanes.values() if lane.queue and lane.under_way is None]
        return [lane for lane in lanes if wanted(lane.queue[0].action)]

    def _end(self, rule: str, firing: int) -> None:
        self._over[rule] = firing
        for lane in self._lanes.values():
            for other in [other for other in lane.queue if self._is_over(other.action)]:
                if other.action.supersede:
                    lane.queue.remove(other)
                    self.superseded += 1

    def _is_over(self, action: PlannedAction) -> bool:
        return action.phase == "then" and action.firing <= self._over.get(action.rule, 0)

    def _begun(self, rule: str, firing: int) -> bool:
        waits = (other.action for lane in self._lanes.values() for other in lane.queue)
        runs = (lane.under_way.action for lane in self._lanes.values() if lane.under_way)
        return self._done.get(rule) == firing or any(
            action.rule == rule and action.firing == firing for action in (*waits, *runs)
        )

    def _make_way(self, lane: _Lane, firing: int) -> None:
        old = [other for other in lane.queue if other.action.supersede and other.action.firing != firing]
        for other in old:
            lane.queue.remove(other)
        self.superseded += len(old)

    def _drop_oldest(self) -> None:
        lane = min((lane for lane in self._lanes.values() if lane.queue), key=lambda lane: lane.queue[0].turn)
        lane.queue.popleft()
        self.dropped += 1

    def _expire(self, now: float) -> None:
        for lane in self._lanes.values():
            while lane.queue and now - lane.queue[0].action.planned_at > self._max_age:
                lane.queue.popleft()
                self.expired += 1

    def _forget(self, now: float) -> None:
        """Lanes at rest are dropped: a target may have a name that never comes again."""
        if len(self._lanes) > self._limit:
            self._lanes = {
                target: lane
                for target, lane in self._lanes.items()
                if lane.queue or lane.under_way or lane.firing_allowed > now
            }


def _begin(lane: _Lane) -> float:
    first = lane.queue[0]
    if first.attempts:
        return first.not_before
    if first.action.firing == lane.firing:
        return lane.finished + first.action.after
    return lane.firing_allowed
