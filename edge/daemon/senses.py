"""Eyes and ears of all rooms: their devices, each in a box of its own, and the two workers behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from edge.capture.groups import Group, Wiring, grouped, open_group
from edge.config.models import EnginesConfig
from edge.config.plans import CameraPlan, DevicePlan, MicrophonePlan, RoomPlan
from edge.daemon.health import Health, Heartbeats
from edge.daemon.openers import Openers
from edge.daemon.pace import Pace
from edge.daemon.paced_mailbox import PacedMailbox, SoundBox
from edge.daemon.processors import Heard, Seen
from edge.daemon.reload import Commit
from edge.daemon.sense import Sense
from edge.daemon.workers import Workers
from edge.inference.auto import settled
from edge.inference.registry import find_model
from edge.publish.health import Problem

__all__ = ["Senses", "check_models"]


def check_models(engines: EnginesConfig, plans: Sequence[RoomPlan]) -> None:
    """Raises ModelError where a model of a sense in use is missing or damaged."""
    if any(plan.cameras for plan in plans):
        find_model(settled(engines, kinds=["face"]).face, config=engines, kind="face")
    if any(plan.microphones for plan in plans):
        find_model(settled(engines, kinds=["speech"]).speech, config=engines, kind="speech")


class Senses:
    """The devices of all rooms; `emit` takes what is found, from the workers' threads.

    Used by the main loop only. Raises CaptureError for names that no source can have.
    """

    def __init__(
        self,
        *,
        engines: EnginesConfig,
        plans: Sequence[RoomPlan],
        health: Health,
        heartbeats: Heartbeats,
        clock: Callable[[], float],
        emit: Callable[[Seen | Heard], None],
        openers: Openers | None = None,
    ) -> None:
        self._openers = openers or Openers()
        self._health, self._heartbeats, self._clock = health, heartbeats, clock
        self.workers = Workers(
            health=health, heartbeats=heartbeats, clock=clock, emit=emit, openers=self._openers
        )
        self._engines = engines
        self._groups: Mapping[Group, Sequence[Sense]] = {}
        self._paces: dict[CameraPlan, Pace] = {}
        self.eyes: Mapping[CameraPlan, Sense] = {}
        self.ears: Mapping[MicrophonePlan, Sense] = {}
        self._running = False
        self.prepare(engines, plans)()

    def prepare(self, engines: EnginesConfig, plans: Sequence[RoomPlan]) -> Commit:
        """Check other devices and models; committing closes what is gone and goes on with what stays.

        What is new stays closed until it is switched on.
        """
        cameras = [camera for plan in plans for camera in plan.cameras]
        microphones = [microphone for plan in plans for microphone in plan.microphones]
        groups = grouped(cameras, microphones)
        made = {group: self._opened(group) for group in groups if group not in self._groups}

        def commit() -> None:
            for group in self._groups.keys() - set(groups):
                for sense in self._groups[group]:
                    self._end(sense)
            if engines != self._engines:
                for pace in self._paces.values():
                    pace.begin()
                self._paces = {}
            self._engines = engines
            self._groups = {group: made.get(group) or self._groups[group] for group in groups}
            self._rewire()

        return commit

    def start(self) -> None:
        """Start the workers that are needed; the devices stay closed."""
        self._running = True
        self.workers.provide(self._engines, eyes=bool(self.eyes), ears=bool(self.ears))

    def stop(self) -> None:
        """Close the devices and end the workers."""
        self._running = False
        for sense in reversed(list(self.all())):
            self._end(sense)
        self.workers.stop()

    def all(self) -> Iterator[Sense]:
        """Every device of every room."""
        yield from self.eyes.values()
        yield from self.ears.values()

    def of(self, room: str, kind: str) -> list[Sense]:
        """The devices of one kind in a room, by its key."""
        return [sense for sense in self.all() if sense.plan.room == room and sense.kind == kind]

    def fail(self, room: str, kind: str) -> bool:
        """Whether a room has such devices open, and none of them delivers anything."""
        found = [sense for sense in self.of(room, kind) if sense.is_open]
        return bool(found) and all(sense.fails for sense in found)

    def is_open(self, plan: DevicePlan) -> bool:
        """Whether this very device is there and open."""
        sense = self.eyes.get(plan) if isinstance(plan, CameraPlan) else self.ears.get(plan)
        return sense is not None and sense.is_open

    def revive(self) -> None:
        """Start threads again that are gone."""
        self.workers.revive()
        for sense in self.all():
            sense.revive()

    def switch(self, sense: Sense, on: bool) -> None:
        """Open or close a device."""
        if on:
            sense.open()
        else:
            sense.close()
            self._heartbeats.forget(sense.plan.label)
        if isinstance(sense.plan, CameraPlan):
            self._paces[sense.plan].begin()

    def settled(self, timeout: float) -> bool:
        """Wait until every worker has opened its models, or failed to."""
        return self.workers.settled(timeout)

    def problems(self) -> list[Problem]:
        """What is wrong with any device or model; having no device at all is the gravest."""
        if not self.eyes and not self.ears:
            return [Problem("capture", "neither camera nor microphone is enabled", "error")]
        found = [problem for sense in self.all() for problem in sense.problems()]
        found += self.workers.problems()
        return found + [problem for pace in self._paces.values() for problem in pace.problems()]

    def measure(self, now: float) -> None:
        """Carry the boxes' counts over to the meters; let fewer pictures through before the face lags."""
        for camera, pace in self._paces.items():
            if self.eyes[camera].is_open and self.workers.sees:
                pace.look(now)
            else:
                pace.begin()
        rates = [pace.captured for pace in self._paces.values() if pace.captured is not None]
        self._health.face.captured(round(sum(rates), 1) if rates else None)
        self._health.face.dropped(sum(sense.status.dropped for sense in self.eyes.values()))
        self._health.speech.dropped(sum(sense.status.dropped for sense in self.ears.values()))

    def _opened(self, group: Group) -> Sequence[Sense]:
        frames = {camera: PacedMailbox(self.workers.pictures.ring) for camera in group.cameras}
        chunks = {microphone: SoundBox(self.workers.sounds.ring) for microphone in group.microphones}
        wiring = Wiring(
            frames=frames.__getitem__,
            chunks=chunks.__getitem__,
            heartbeat=lambda user: self._heartbeats.of(user.label, self._clock),
            clock=self._clock,
            capture=self._openers.capture,
        )
        sources = open_group(group, wiring)
        eyes = [Sense(camera, frames[camera], sources[camera]) for camera in group.cameras]
        ears = [Sense(one, chunks[one], sources[one]) for one in group.microphones]
        return [*eyes, *ears]

    def _end(self, sense: Sense) -> None:
        sense.end()
        self._heartbeats.forget(sense.plan.label)

    def _rewire(self) -> None:
        """Tell the workers which devices there are."""
        senses = [sense for group in self._groups.values() for sense in group]
        self.eyes = {sense.plan: sense for sense in senses if isinstance(sense.plan, CameraPlan)}
        self.ears = {sense.plan: sense for sense in senses if isinstance(sense.plan, MicrophonePlan)}
        frames = {
            camera: sense.box for camera, sense in self.eyes.items() if isinstance(sense.box, PacedMailbox)
        }
        chunks = {one: sense.box for one, sense in self.ears.items() if isinstance(sense.box, SoundBox)}
        self._paces = {camera: self._pace(camera, box) for camera, box in frames.items()}
        self.workers.pictures.replace(frames)
        self.workers.sounds.replace(chunks)
        if self._running:
            self.workers.provide(self._engines, eyes=bool(frames), ears=bool(chunks))

    def _pace(self, camera: CameraPlan, box: PacedMailbox) -> Pace:
        known = self._paces.get(camera)
        if known is not None:
            return known
        thing = camera.label if camera.room else "face"
        return Pace(box, lambda: self.workers.busy, thing=thing, model=self._engines.face)
