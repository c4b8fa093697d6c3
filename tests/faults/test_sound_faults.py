"""Sound servers that die, freeze and lose their devices."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.site import Site
from integration.sound import SoundServer, need

from edge.samples import sample_clip

Outcome = Callable[..., None]


def own(server: SoundServer) -> dict[str, str]:
    """What leads the daemon to this server; the face detector stays in the user's cache."""
    return {name: value for name, value in server.environment.items() if name != "HOME"}


class Talk:
    """PulseAudio whose speaker says the sample clip over and over, with a microphone beside it."""

    def __init__(self, folder: Path) -> None:
        self.server = SoundServer(folder)
        self._file = folder / "talk.wav"
        source = ["-stream_loop", "40", "-i", str(sample_clip()), "-vn", "-ac", "1", "-ar", "16000"]
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *source, str(self._file)], check=True)
        self._player: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Server, microphone and voice."""
        self.server.start()
        self._player = self.server.play(self._file)

    def kill(self) -> None:
        """As a crash of the server."""
        self.server.kill()
        if self._player is not None:
            self._player.kill()
            self._player.wait()

    @property
    def pid(self) -> int:
        """Process id of the server."""
        assert self.server._process is not None
        return self.server._process.pid

    def control(self, *words: str) -> str:
        """Ask with pactl."""
        return self.server._ask(*words).stdout.decode()


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    need("pulseaudio", "pacat", "pactl", "ffmpeg")
    one = Talk(tmp_path_factory.mktemp("sound"))
    one.start()
    yield one
    one.kill()


@pytest.fixture(scope="module")
def site(talk: Talk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    environment = own(talk.server)
    folder = tmp_path_factory.mktemp("site")
    one = Site(folder, environment=environment, microphone={"source": "testmic"})
    try:
        one.open().flows("/speech", within=60)
        yield one
    finally:
        one.close()


@pytest.mark.quick_fault
def test_server_killed_and_back(site: Site, talk: Talk, outcome: Outcome) -> None:
    talk.kill()
    health = site.health_says("microphone", within=40)
    talk.start()
    outcome(lost="sound of the outage", health=health, seconds=site.flows("/speech", within=60))


def test_server_frozen_for_20_s(site: Site, talk: Talk, outcome: Outcome) -> None:
    with site.frozen(talk.pid):
        begin = time.monotonic()
        health = site.health_says("microphone", within=40)
        time.sleep(max(0.0, 20 - (time.monotonic() - begin)))
    outcome(lost="sound of the standstill", health=health, seconds=site.flows("/speech", within=60))


def test_microphone_pulled_out(site: Site, talk: Talk, outcome: Outcome) -> None:
    (module,) = (
        line.split()[0]
        for line in talk.control("list", "short", "modules").splitlines()
        if "module-null-sink" in line
    )
    talk.control("unload-module", module)
    health = site.health_says("microphone", within=40)
    talk.kill()
    talk.start()
    outcome(lost="sound meanwhile", health=health, seconds=site.flows("/speech", within=60))


def test_server_killed_while_switched_off(site: Site, talk: Talk, outcome: Outcome) -> None:
    site.switch("microphone", "OFF")
    talk.kill()
    site.healthy()
    talk.start()
    site.switch("microphone", "ON")
    outcome(
        lost="nothing",
        health="ok: a closed microphone has no problem",
        seconds=site.flows("/speech", within=60),
    )


def test_server_that_starts_later_than_the_daemon(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, outcome: Outcome
) -> None:
    need("pulseaudio", "pacat", "pactl", "ffmpeg")
    late = Talk(tmp_path_factory.mktemp("late"))
    one = Site(tmp_path, environment=own(late.server), microphone={"source": "testmic"})
    try:
        one.broker.start()
        one.watch()
        one.daemon.start(one.environment).ready()
        health = one.health_says("microphone", within=40)
        late.start()
        seconds = one.flows("/speech", within=60)
        one.healthy()
    finally:
        one.close()
        late.kill()
    outcome(lost="nothing", health=health, seconds=seconds)
