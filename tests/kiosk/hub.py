"""A daemon of plain values, for tests of the page without one."""

from collections.abc import Mapping, Sequence
from datetime import timezone
from typing import Literal

from edge.config import Config
from edge.config.settings import Choices, Settings, applied, changed
from edge.daemon.settings import Layer
from edge.errors import EdgeError
from edge.history.segments import Segment
from edge.kiosk.history_view import HistoryPoint, WeekView
from edge.kiosk.room_view import GlimpseView, MoodView, PersonView, ProbabilitiesView, RoomView
from edge.kiosk.state_view import AlertView, DeviceView, HealthView, InfoView, StageView, StateView
from edge.kiosk.steering import SettingsView
from edge.kiosk.week import week_view
from edge.vocabulary import LABELS

NOW = 1_800_000_000.0
UTC = timezone.utc


class PlainHub:
    def __init__(self) -> None:
        self.emotion = "happy"
        self.now = NOW
        self.failing: list[Literal["camera", "microphone"]] = []
        self.switches = {"camera": True, "microphone": True, "actions": True}
        self.names = {"living": "Living room"}
        self.others: dict[str, dict[str, bool]] = {}
        self.refuses: str | None = None
        self.erased = False
        self.status: Literal["ok", "degraded", "error"] = "ok"
        self.problems: list[str] = []
        self.kept: list[Segment] = []
        self.sure = True
        self.glimpse: GlimpseView | None = None
        self.set = Settings()
        self.acknowledged: list[str | None] = []
        self.alert: AlertView | None = None

    def furnish(self, *names: str) -> None:
        """Further rooms, known by their first word, with switches of their own."""
        for name in names:
            self.names[name.split()[0].lower()] = name
            self.others[name.split()[0].lower()] = dict.fromkeys(self.switches, True)

    def state(self) -> StateView:
        device = DeviceView(id="hub", name="Home hub")
        stage = StageView(sense="face", model="face", backend="onnx", fps=14.8, latency_ms=9.3)
        return StateView(
            version="0.2.0",
            now=self.now,
            device=device,
            rooms=[self._room(*room) for room in self.names.items()],
            health=HealthView(status=self.status, problems=self.problems, uptime_s=50, stages=[stage]),
            alert=self.alert,
            history_kept_s=7 * 86_400 if self.kept else 0,
        )

    def _room(self, room: str, name: str) -> RoomView:
        scores = {label: 0.7 if label == self.emotion else 0.05 for label in LABELS}
        switches = self.others.get(room, self.switches)
        return RoomView(
            id=room,
            name=name,
            mood=MoodView(
                emotion=self.emotion, confidence=0.7, sure=self.sure, source="fused", since=NOW - 75
            ),
            probabilities=ProbabilitiesView(face=scores, speech=None, steady=scores),
            glimpse=self.glimpse,
            entropy=1.44,
            valence=0.52,
            arousal=0.43,
            quality=0.8,
            people=[
                PersonView(number=3, emotion="sad", confidence=0.7, since=NOW, place="left", quality=0.8),
                PersonView(number=4, emotion=None, confidence=0.0, since=NOW, place="right", quality=0.0),
            ],
            faces=2,
            speaking=True,
            boxes=[(0.1, 0.2, 0.2, 0.3)],
            switches=dict(switches),
            failing=self.failing,
            reasons={} if switches["camera"] else {"camera": "switched off"},
        )

    def info(self) -> InfoView:
        device = DeviceView(id="hub", name="Home hub")
        return InfoView(
            version="0.2.0", device=device, labels=list(LABELS), models={"face": "face"}, fusion_rule="mean"
        )

    def history(self, seconds: float) -> Mapping[str, Sequence[HistoryPoint]]:
        point = HistoryPoint(t=NOW - seconds, emotion="happy", confidence=0.7, people=1)
        return {"living": [] if self.erased else [point]}

    def week(self) -> WeekView:
        return week_view([] if self.erased else self.kept, NOW, UTC)

    def switch(self, room: str | None, name: str, on: bool) -> None:
        if self.refuses is not None:
            raise EdgeError(self.refuses)
        if room not in (None, *self.names):
            raise EdgeError(f"no room {room!r}")
        for one in self.names if room is None else (room,):
            self.others.get(one, self.switches)[name] = on

    def settings(self, room: str | None = None) -> SettingsView:
        """As the daemon tells them, without a device behind."""
        rooms = {name: {"cameras": {"eye": {"source": str(n)}}} for n, name in enumerate(self.names)}
        file = Config.model_validate({"actions": {"profile": "evening"}, "rooms": rooms})
        known = Choices(("none", "evening"), ("auto", "face", "face-small"), ("auto", "speech"))
        if room not in (None, *self.names):
            raise EdgeError(f"there is no room {room!r}")
        layer = Layer(file, self.set, applied(self.set, file), known)
        return SettingsView.model_validate(layer.view(room))

    def change_settings(self, changes: Mapping[str, object]) -> SettingsView:
        if self.refuses is not None:
            raise EdgeError(self.refuses)
        asked, room = dict(changes), changes.get("room")
        asked.pop("room", None)
        named = str(room) if room is not None else None
        if "reset" in asked:
            asked = dict.fromkeys(self.set.of(named).chosen) if named else {}
            self.set = self.set if named else Settings()
        self.set = changed(self.set, asked, room=named)
        return self.settings(named)

    def acknowledge(self, cause: str | None) -> None:
        if self.refuses is not None:
            raise EdgeError(self.refuses)
        self.acknowledged.append(cause)
        if self.alert is not None:
            self.alert = self.alert.model_copy(update={"acknowledged": True})

    def erase_history(self) -> None:
        self.erased = True
