"""The daemon as the page sees it: a view of its components, and requests that the main loop carries out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from edge import __version__
from edge.actions.alerts import Alert
from edge.config import Config
from edge.config.schedule import DEVICES
from edge.daemon.kept import confidence, kept_history
from edge.daemon.switches import ControlRequest
from edge.errors import EdgeError
from edge.history.recent import KEPT, Recent
from edge.history.segments import Look
from edge.kiosk.history_view import HistoryPoint, WeekView
from edge.kiosk.room_view import GlimpseView, MoodView, PersonView, ProbabilitiesView, RoomView
from edge.kiosk.state_view import AlertView, DeviceView, HealthView, InfoView, StageView, StateView
from edge.kiosk.steering import SettingsView
from edge.kiosk.week import WEEK, week_view
from edge.mood.affect import affect, entropy
from edge.mood.glimpse import Glimpse
from edge.mood.people import Person
from edge.mood.room import RoomMood
from edge.publish.health import StageHealth, status
from edge.vocabulary import LABELS, NONE, Modality, by_label

if TYPE_CHECKING:
    from edge.daemon.components import Components
    from edge.daemon.rooms import Room
    from edge.history.store import HistoryStore

__all__ = ["DaemonHub"]

_WITHIN: Final = 10.0
_STAGES: Final[tuple[Modality, ...]] = ("face", "speech")


class DaemonHub:
    """Reads the components on the server's threads, as the metrics do, and never changes them there."""

    def __init__(self, components: Components, *, recent: Recent) -> None:
        self._components, self._recent = components, recent
        context = components.context
        self._post, self._env = context.post, context.env
        self._clock, self._wall = context.clock, context.wall

    def state(self) -> StateView:
        """Everything, now."""
        config = self._components.config
        return StateView(
            version=__version__,
            now=self._wall(),
            device=_device(config),
            rooms=[self._room(room) for room in self._components.rooms.values()],
            health=self._health(config),
            alert=self._alert(self._components.outlets.acting.alert),
            history_kept_s=int(config.history.keep or 0),
        )

    def info(self) -> InfoView:
        """What this device is."""
        config = self._components.config
        return InfoView(
            version=__version__,
            device=_device(config),
            labels=list(LABELS),
            models={name: self._model(name) for name in _STAGES},
            fusion_rule=config.fusion.rule,
        )

    def _model(self, sense: Modality) -> str:
        """The one in use, else what the configuration says: `auto` until it is chosen."""
        in_use = self._components.vitals().stages[sense].model
        return in_use or str(getattr(self._components.config.engines, sense))

    def history(self, seconds: float) -> Mapping[str, Sequence[HistoryPoint]]:
        """The last minutes from memory; more than that from disk, if it is kept there."""
        since = self._wall() - seconds
        rooms = {name: [_point(one) for one in looks] for name, looks in self._recent.since(since).items()}
        config = self._components.config
        if seconds > KEPT and config.history.keep is not None:
            for name, points in _from_disk(kept_history(config, self._env), since, self._wall()).items():
                newest = rooms.get(name, [])
                begun = newest[0].t if newest else float("inf")
                rooms[name] = [point for point in points if point.t < begun] + newest
        return rooms

    def week(self) -> WeekView:
        """From disk, if it is kept there."""
        config, now = self._components.config, self._wall()
        if config.history.keep is None:
            return WeekView(rooms={})
        return week_view(kept_history(config, self._env).read(now - 2 * WEEK), now)

    def switch(self, room: str | None, name: str, on: bool) -> None:
        """Hand over to the main loop and wait until it is done."""
        rooms = [one.plan for one in self._components.rooms.values()]
        if room is not None and room not in [plan.id for plan in rooms]:
            raise EdgeError(f"there is no room {room!r}")
        level = next((plan.level for plan in rooms if plan.id == room), None)
        self._ask("switch", {"name": name, "on": on, **({} if level is None else {"room": level})})

    def settings(self, room: str | None) -> SettingsView:
        """What may be tuned, as it is."""
        return SettingsView.model_validate(self._components.settings.view(room))

    def change_settings(self, changes: Mapping[str, object]) -> SettingsView:
        """Hand over to the main loop and wait until it is done."""
        return SettingsView.model_validate(self._ask("settings", changes))

    def acknowledge(self, cause: str | None) -> None:
        """Hand over to the main loop and wait until it is done."""
        self._ask("alert", {"acknowledge": cause or ""})

    def erase_history(self) -> None:
        """Hand over to the main loop and wait until it is done."""
        self._ask("erase-history", {})

    def _ask(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        request = ControlRequest(command, arguments)
        self._post(request)
        try:
            return request.answer.result(_WITHIN)
        except FutureTimeoutError:
            raise EdgeError("the daemon is busy; try again") from None

    def _room(self, one: Room) -> RoomView:
        components, now = self._components, self._clock()
        plan, room = one.plan, one.mood
        open_now, reasons = components.open_now(), components.closed_because()
        names = {name: plan.switch(name) for name in DEVICES if plan.has(name)} | {"actions": "actions"}
        scores, point = room.scores(now), affect(room.probabilities)
        return RoomView(
            id=plan.id,
            name=plan.name,
            mood=self._mood(room, now),
            probabilities=_probabilities(room),
            entropy=round(entropy(room.probabilities), 3),
            valence=round(point.valence, 3),
            arousal=round(point.arousal, 3),
            quality=0.0 if scores is None else round(scores.quality, 3),
            glimpse=self._glimpse(room.glimpse, now),
            people=[self._person(one, now) for one in room.people],
            faces=room.faces,
            speaking=room.speaking,
            boxes=[one.box for one in room.people],
            switches={name: open_now.get(switch, False) for name, switch in names.items()},
            failing=[name for name in DEVICES if components.senses.fail(plan.key, name)],
            reasons={name: reasons[switch] for name, switch in names.items() if switch in reasons},
        )

    def _mood(self, room: RoomMood, now: float) -> MoodView:
        mood, sureness = room.mood, confidence(room)
        return MoodView(
            emotion=mood.emotion,
            confidence=round(sureness, 3),
            sure=room.sure,
            source=mood.source,
            since=self._wall() - (now - mood.since),
        )

    def _glimpse(self, one: Glimpse | None, now: float) -> GlimpseView | None:
        if one is None:
            return None
        return GlimpseView(emotion=one.emotion, at=self._wall() - (now - one.captured_at))

    def _person(self, one: Person, now: float) -> PersonView:
        return PersonView(
            number=one.number,
            emotion=one.emotion,
            confidence=round(one.confidence, 3),
            since=self._wall() - (now - one.since),
            place=one.place,
            quality=round(one.quality, 3),
        )

    def _alert(self, alert: Alert | None) -> AlertView | None:
        if alert is None:
            return None
        since = self._wall() - (self._clock() - alert.since)
        return AlertView.model_validate({**asdict(alert), "since": since})

    def _health(self, config: Config) -> HealthView:
        vitals = self._components.vitals()
        return HealthView(
            status=status(vitals.problems),
            problems=[str(problem) for problem in vitals.problems],
            uptime_s=int(vitals.uptime),
            stages=[_stage(name, config, vitals.stages[name]) for name in _STAGES],
        )


def _device(config: Config) -> DeviceView:
    return DeviceView(id=config.device.id, name=config.device.name)


def _probabilities(room: RoomMood) -> ProbabilitiesView:
    newest = {name: by_label(reading.probabilities) for name, reading in dict(room.newest).items()}
    return ProbabilitiesView(
        face=newest.get("face"), speech=newest.get("speech"), steady=by_label(room.probabilities)
    )


def _stage(name: Modality, config: Config, figures: StageHealth) -> StageView:
    return StageView(
        sense=name,
        model=figures.model or getattr(config.engines, name),
        backend=figures.backend,
        fps=figures.fps,
        latency_ms=figures.latency_ms,
    )


def _point(one: Look) -> HistoryPoint:
    return HistoryPoint(t=one.at, emotion=one.emotion, confidence=one.confidence, people=one.people)


def _from_disk(store: HistoryStore, since: float, until: float) -> dict[str, list[HistoryPoint]]:
    """Segments as points at their start; a gap after one is a point without a mood."""
    rooms: dict[str, list[HistoryPoint]] = {}
    ends: dict[str, float] = {}
    for one in store.read(since, until):
        points = rooms.setdefault(one.room, [])
        if points and one.start - ends[one.room] > 1.0:
            points.append(HistoryPoint(t=ends[one.room], emotion=NONE, confidence=0.0, people=0))
        start = max(one.start, since)
        points.append(
            HistoryPoint(t=start, emotion=one.emotion, confidence=one.confidence, people=one.people)
        )
        ends[one.room] = one.end
    return rooms
