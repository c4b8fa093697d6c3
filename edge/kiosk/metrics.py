"""The daemon's state as Prometheus metrics, made when somebody asks, off the main loop. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import isinf
from typing import Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from edge import __version__
from edge.actions.status import ActionStatus
from edge.kiosk.vitals import Vitals
from edge.publish.health import status
from edge.vocabulary import LABELS, NONE, by_label

__all__ = ["StateCollector", "families"]

_PREFIX: Final = "emotion_edge_"


class StateCollector(Collector):
    """Reads the vitals at each scrape, on the scraper's thread."""

    def __init__(self, read: Callable[[], Vitals]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        """All metrics, as they stand."""
        return families(self._read())


def families(vitals: Vitals) -> Iterator[Metric]:
    """Every metric of the daemon."""
    yield from _identity(vitals)
    yield from _mood(vitals)
    yield from _senses(vitals)
    yield from _stages(vitals)
    yield from _devices(vitals)
    yield from _broker(vitals.broker)
    yield from _actions(vitals.actions)
    yield from _health(vitals)


def _identity(vitals: Vitals) -> Iterator[Metric]:
    device, engines = vitals.config.device, vitals.config.engines
    places = {"name": device.name, "room": device.room or "", "site": device.site or ""}
    info = {"version": __version__, "device": device.id, **places}
    yield InfoMetricFamily(_PREFIX.rstrip("_"), "Which daemon this is", info)
    runs = InfoMetricFamily(_PREFIX + "stage", "Model and runtime of a stage", labels=["stage"])
    for stage, figures in vitals.stages.items():
        model = figures.model or str(getattr(engines, stage))
        runs.add_metric([stage], {"model": model, "backend": figures.backend or "none"})
    yield runs
    yield _gauge("uptime_seconds", "Seconds since the daemon started", vitals.uptime)


def _mood(vitals: Vitals) -> Iterator[Metric]:
    labels = (*LABELS, NONE)
    moods = {room.level: {one: float(one == room.mood.emotion) for one in labels} for room in vitals.rooms}
    yield _by_room("mood", "1 for the mood in force", moods)
    sureness = {room.level: room.mood.confidence for room in vitals.rooms}
    yield _of_rooms("mood_confidence", "Confidence of the last accepted change (0..1)", sureness)
    steadied = {room.level: by_label(room.probabilities, digits=6) for room in vitals.rooms}
    yield _by_room("mood_probability", "Steadied probabilities", steadied)
    changes = {one: vitals.stats.moods[one] for one in labels}
    yield _counters("mood_changes", "Accepted changes of mood", "emotion", changes)


def _senses(vitals: Vitals) -> Iterator[Metric]:
    faces = {room.level: room.faces for room in vitals.rooms}
    speaking = {room.level: room.speaking for room in vitals.rooms}
    yield _of_rooms("faces", "Faces in the newest picture", faces)
    yield _of_rooms("speaking", "1 while somebody speaks", speaking)
    stats = vitals.stats
    yield _counter("frames", "Pictures looked at", stats.frames)
    yield _counter("frames_with_face", "Pictures that showed a face", stats.faces)
    yield _counter("speech_windows", "Stretches of speech judged", stats.speech_windows)
    buckets, total = stats.latency.histogram.snapshot()
    yield HistogramMetricFamily(
        _PREFIX + "latency_seconds",
        "From the newest contributing capture to publication",
        buckets=[("+Inf" if isinf(bound) else str(bound), count) for bound, count in buckets],
        sum_value=total,
    )


def _stages(vitals: Vitals) -> Iterator[Metric]:
    stages = vitals.stages
    rates = {stage: figures.fps for stage, figures in stages.items()}
    yield _gauges("stage_fps", "Results a second in the last 10 s", "stage", rates)
    latency = GaugeMetricFamily(
        _PREFIX + "stage_latency_seconds",
        "From capture to result in the last 10 s",
        labels=["stage", "quantile"],
    )
    for stage, figures in stages.items():
        for quantile, value in (("0.5", figures.latency_ms), ("0.95", figures.p95_ms)):
            if value is not None:
                latency.add_metric([stage, quantile], value / 1000)
    yield latency
    results = {stage: figures.total for stage, figures in stages.items()}
    yield _counters("stage_results", "Results of a stage", "stage", results)


def _devices(vitals: Vitals) -> Iterator[Metric]:
    devices = vitals.devices.items()
    opened = {name: is_open for name, (is_open, _) in devices}
    delivers = {name: is_open and found.state == "open" for name, (is_open, found) in devices}
    yield _gauges("device_open", "1 while a device is meant to be open", "device", opened)
    yield _gauges("device_delivering", "1 while an open device delivers", "device", delivers)
    retries = {name: found.reopened for name, (_, found) in devices}
    yield _counters("device_retries", "Attempts to reopen a lost device", "device", retries)
    dropped = {name: found.dropped for name, (_, found) in devices}
    yield _counters("dropped", "Pictures or chunks of sound nobody had time for", "device", dropped)


def _broker(broker: Mapping[str, Any] | None) -> Iterator[Metric]:
    if broker is None:
        return
    yield _gauge("mqtt_connected", "1 while connected to the broker", broker["connected"])
    yield _counter("mqtt_reconnects", "Connections after the first", broker["reconnects"])
    yield _counter("mqtt_dropped_events", "Events that could not be sent in time", broker["dropped_events"])


def _actions(actions: ActionStatus) -> Iterator[Metric]:
    results = ("done", "failed", "retried", "superseded", "dropped", "expired")
    counts = {result: int(getattr(actions, result)) for result in results}
    yield _gauge("actions_enabled", "1 while actions are carried out", actions.enabled)
    yield _gauge("actions_waiting", "Actions in the queue", actions.waiting)
    yield _counters("actions", "Actions by what became of them", "result", counts)


def _health(vitals: Vitals) -> Iterator[Metric]:
    found = status(vitals.problems)
    statuses = {one: one == found for one in ("ok", "degraded", "error")}
    yield _gauges("health", "1 for the present status", "status", statuses)
    yield _gauge("problems", "Present problems", len(vitals.problems))
    things = {problem.thing: 1 for problem in vitals.problems}
    yield _gauges("problem", "1 for each part that has a problem", "thing", things)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(_PREFIX + name, text, value=float(value))


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(_PREFIX + name, text, value=float(value))


def _of_rooms(name: str, text: str, values: Mapping[str | None, float]) -> Metric:
    """One value of every room; without rooms there is one, and no label."""
    if None in values:
        return _gauge(name, text, values[None])
    return _gauges(name, text, "room", {str(room): value for room, value in values.items()})


def _by_room(name: str, text: str, values: Mapping[str | None, Mapping[str, float]]) -> Metric:
    """One value of every emotion in every room."""
    if None in values:
        return _gauges(name, text, "emotion", values[None])
    family = GaugeMetricFamily(_PREFIX + name, text, labels=["room", "emotion"])
    for room, shares in values.items():
        for emotion, value in shares.items():
            family.add_metric([str(room), emotion], float(value))
    return family


def _gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(_PREFIX + name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family


def _counters(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(_PREFIX + name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], float(value))
    return family
