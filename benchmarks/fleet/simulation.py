"""Many virtual hubs on one broker, with what arrives, how late, at what cost."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, cast

from benchmarks.fleet.collector import Received, collector_process
from benchmarks.fleet.mosquitto import Broker, allow_open_files, mosquitto
from benchmarks.fleet.swarm import HubRange, SwarmCounts, swarm_process
from benchmarks.fleet.virtual_hub import Behaviour
from edge.commands.common import print_json
from edge.errors import EdgeError

__all__ = ["Figures", "FleetReport", "measure", "run"]

_FILES_PER_HUB = 3
_SPARE_FILES = 200
_HUBS_PER_PROCESS = 2500


@dataclass(frozen=True, slots=True)
class FleetReport:
    """What one measurement found; `lost` counts messages that were sent and never arrived."""

    hubs: int
    connected: int
    connect_s: float
    seconds: float
    changes_per_minute: float
    sent: int
    received: int
    lost: int
    messages_per_s: float
    latency_ms: dict[str, float]
    broker_cpu_share: float
    broker_rss_mb: float
    lost_connections: int
    load_average: float
    cores: int


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; 1 if something was lost or a hub was refused."""
    if arguments.hubs < 1 or arguments.seconds <= 0 or arguments.changes <= 0:
        raise EdgeError("--hubs, --seconds and --changes have to be greater than zero")
    behaviour = Behaviour(changes=arguments.changes, prefix=f"bench-{os.getpid()}")
    with ExitStack() as stack:
        allow_open_files(_open_files(arguments.hubs))
        broker = _named(arguments.broker) if arguments.broker else stack.enter_context(mosquitto())
        report = measure(broker, hubs=arguments.hubs, seconds=arguments.seconds, behaviour=behaviour)
    document = asdict(report)
    if arguments.json:
        print_json(document)
    else:
        for name, value in document.items():
            print(f"{name:20}{value}")
    return 0 if report.lost == 0 and report.connected == report.hubs else 1


def _open_files(hubs: int) -> int:
    """The most that one process needs: the broker one for each hub, a simulating process three."""
    return max(hubs, min(hubs, _HUBS_PER_PROCESS) * _FILES_PER_HUB) + _SPARE_FILES


def measure(broker: Broker, *, hubs: int, seconds: float, behaviour: Behaviour) -> FleetReport:
    """Connect the hubs, wait until the storm of their greetings is over, measure."""
    context = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        collector = _spawn(context, stack, collector_process, broker.host, broker.port, behaviour.prefix)
        _receive(collector)
        ranges = [
            HubRange(broker.host, broker.port, first, min(first + _HUBS_PER_PROCESS, hubs), behaviour)
            for first in range(0, hubs, _HUBS_PER_PROCESS)
        ]
        pipes = [_spawn(context, stack, swarm_process, hub_range, seconds) for hub_range in ranges]
        connected = [cast(SwarmCounts, _receive(pipe)) for pipe in pipes]
        time.sleep(2.0)
        counts, cpu, took = _collect(broker, pipes)
        collector.send("stop")
        received = cast(Received, _receive(collector))
        for pipe in pipes:
            pipe.send("close")
        figures = Figures(connected, counts, cpu, took, broker.memory_mb())
    return _report(hubs, seconds, behaviour, figures, received)


@dataclass(frozen=True, slots=True)
class Figures:
    """The raw measurements of the sending side and the broker."""

    connected: list[SwarmCounts]
    counts: list[SwarmCounts]
    cpu_s: float
    took_s: float
    memory_mb: float


def _collect(broker: Broker, pipes: list[Connection]) -> tuple[list[SwarmCounts], float, float]:
    began, cpu = time.monotonic(), broker.cpu_seconds()
    for pipe in pipes:
        pipe.send("measure")
    counts = [cast(SwarmCounts, _receive(pipe)) for pipe in pipes]
    spent, took = broker.cpu_seconds() - cpu, time.monotonic() - began
    time.sleep(2.0)
    return counts, spent, took


def _spawn(context: Any, stack: ExitStack, body: Any, *arguments: object) -> Connection:
    here, there = context.Pipe()
    process = context.Process(target=body, args=(*arguments, there), daemon=True)
    process.start()
    there.close()
    stack.callback(process.join, 10)
    return cast(Connection, here)


def _receive(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except EOFError as error:
        raise EdgeError("a process of the simulation ended early; see its message above") from error


def _report(
    hubs: int, seconds: float, behaviour: Behaviour, figures: Figures, received: Received
) -> FleetReport:
    sent = sum(sum(counted.sent.values()) for counted in figures.counts)
    arrived = sum(received.counts.values())
    return FleetReport(
        hubs=hubs,
        connected=sum(counted.connected for counted in figures.connected),
        connect_s=round(max(counted.connect_s for counted in figures.connected), 2),
        seconds=seconds,
        changes_per_minute=behaviour.changes,
        sent=sent,
        received=arrived,
        lost=sent - arrived,
        messages_per_s=round(arrived / figures.took_s, 1),
        latency_ms=received.percentiles_ms(),
        broker_cpu_share=round(figures.cpu_s / figures.took_s, 4),
        broker_rss_mb=round(figures.memory_mb, 1),
        lost_connections=sum(counted.lost_connections for counted in figures.counts),
        load_average=round(os.getloadavg()[0], 2),
        cores=os.cpu_count() or 1,
    )


def _named(text: str) -> Broker:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise EdgeError(f"--broker is HOST:PORT, not {text!r}")
    return Broker(host, int(port))
