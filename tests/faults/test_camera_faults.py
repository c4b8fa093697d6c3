"""Cameras that vanish, freeze, send rubbish and change their picture."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.site import Site, UdpCamera
from integration.broker import free_port
from integration.sound import need

from edge.samples import sample_clip

Outcome = Callable[..., None]


@pytest.fixture(scope="module")
def stream() -> Iterator[UdpCamera]:
    need("ffmpeg")
    one = UdpCamera(free_port()).start()
    yield one
    one.kill()


@pytest.fixture(scope="module")
def site(stream: UdpCamera, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    one = Site(tmp_path_factory.mktemp("site"), camera={"source": stream.source})
    try:
        one.open().flows("/face", within=60)
        yield one
    finally:
        one.close()


@pytest.mark.quick_fault
def test_stream_cut_and_back(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    stream.kill()
    health = site.health_says("camera", within=40)
    stream.start()
    outcome(lost="pictures of the outage", health=health, seconds=site.flows("/face", within=60))


def test_stream_frozen(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    with site.frozen(stream.pid):
        health = site.health_says("camera", within=40)
    outcome(lost="pictures of the standstill", health=health, seconds=site.flows("/face", within=60))


def test_stream_changes_its_size(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    stream.kill()
    stream.start("320:240")
    seconds = site.flows("/face", 2, within=60)
    stream.kill()
    stream.start()
    site.flows("/face", 2, within=60)
    outcome(lost="pictures until the next key frame", health="ok, or lost for a moment", seconds=seconds)


def test_stream_of_rubbish(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    stream.kill()
    stop = threading.Event()
    rubbish = threading.Thread(target=_send_rubbish, args=(stream.port, stop))
    rubbish.start()
    health = site.health_says("camera", within=40)
    stop.set()
    rubbish.join()
    stream.start()
    outcome(lost="pictures meanwhile", health=health, seconds=site.flows("/face", within=60))


def test_rubbish_between_good_packets(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    stop = threading.Event()
    rubbish = threading.Thread(target=_send_rubbish, args=(stream.port, stop, 0.2))
    rubbish.start()
    begin = time.monotonic()
    site.flows("/face", 2, within=60)
    stop.set()
    rubbish.join()
    outcome(lost="pictures that were hit", health="ok", since=begin)


def _send_rubbish(port: int, stop: threading.Event, pause: float = 0.01) -> None:
    numbers = random.Random(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while not stop.wait(pause):
            sender.sendto(numbers.randbytes(1316), ("127.0.0.1", port))


def test_stream_cut_while_switched_off(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    site.switch("camera", "OFF")
    stream.kill()
    site.healthy()
    stream.start()
    site.switch("camera", "ON")
    outcome(
        lost="nothing", health="ok: a closed camera has no problem", seconds=site.flows("/face", within=60)
    )


def test_switched_off_while_frozen(site: Site, stream: UdpCamera, outcome: Outcome) -> None:
    with site.frozen(stream.pid):
        took = site.switch("camera", "OFF")
    site.switch("camera", "ON")
    outcome(lost="nothing", health=f"closed within {took:.1f} s", seconds=site.flows("/face", within=60))


@pytest.fixture
def filmed(tmp_path: Path) -> Iterator[Site]:
    """A site whose camera is a file in its folder."""
    film = tmp_path / "film.mp4"
    shutil.copy(sample_clip(), film)
    one = Site(tmp_path, camera={"source": str(film)})
    try:
        yield one
    finally:
        one.close()


def test_file_that_comes_later(filmed: Site, outcome: Outcome) -> None:
    film = filmed.folder / "film.mp4"
    film.rename(film.with_suffix(".later"))
    filmed.broker.start()
    filmed.watch()
    filmed.daemon.start(filmed.environment).ready()
    health = filmed.health_says("film.mp4")
    film.with_suffix(".later").rename(film)
    seconds = filmed.flows("/face", within=60)
    filmed.healthy()
    outcome(lost="nothing", health=health, seconds=seconds)


def test_file_removed_while_it_plays(filmed: Site, outcome: Outcome) -> None:
    filmed.open().flows("/face")
    film = filmed.folder / "film.mp4"
    film.rename(film.with_suffix(".away"))
    health = filmed.health_says("film.mp4", within=60)
    film.with_suffix(".away").rename(film)
    seconds = filmed.flows("/face", within=60)
    filmed.healthy()
    outcome(lost="pictures of the outage", health=health, seconds=seconds)


def test_file_cut_short_while_it_plays(filmed: Site, outcome: Outcome) -> None:
    filmed.open().flows("/face")
    film = filmed.folder / "film.mp4"
    content = film.read_bytes()
    os.truncate(film, 1000)
    health = filmed.health_says("film.mp4", within=60)
    film.write_bytes(content)
    seconds = filmed.flows("/face", within=60)
    filmed.healthy()
    outcome(lost="pictures of the outage", health=health, seconds=seconds)


def test_camera_that_is_none(filmed: Site, outcome: Outcome) -> None:
    filmed.open()
    filmed.write(camera={"source": "/dev/null"})
    filmed.daemon.send(signal.SIGHUP)
    health = filmed.health_says("camera")
    filmed.write()
    filmed.daemon.send(signal.SIGHUP)
    seconds = filmed.flows("/face", within=60)
    filmed.healthy()
    outcome(lost="pictures meanwhile; sound goes on", health=health, seconds=seconds)


def test_stream_that_starts_later_than_the_daemon(tmp_path: Path, outcome: Outcome) -> None:
    late = UdpCamera(free_port())
    one = Site(tmp_path, camera={"source": late.source})
    try:
        one.broker.start()
        one.watch()
        one.daemon.start(one.environment).ready()
        health = one.health_says("camera", within=40)
        late.start()
        seconds = one.flows("/face", within=90)
        one.healthy()
    finally:
        late.kill()
        one.close()
    outcome(lost="nothing", health=health, seconds=seconds)
