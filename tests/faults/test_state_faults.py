"""Folders that are full, read-only or gone, damaged files, and crashes in between."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.site import BASE, DEVICE, Site
from integration.broker import eventually

from edge.config.resources import resource

Outcome = Callable[..., None]
SWITCHES = f"switches-{DEVICE}.json"


@pytest.fixture
def small(site: Site) -> Iterator[Path]:
    """The state folder of the running site becomes a file system of its own of 256 KiB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    kept = {path.name: path.read_bytes() for path in site.state.iterdir() if path.is_file()}
    tmpfs = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(site.state)]
    if subprocess.run(tmpfs, capture_output=True, check=False).returncode != 0:
        pytest.skip("this container may not mount a tmpfs")
    for name, content in kept.items():
        (site.state / name).write_bytes(content)
    yield site.state
    subprocess.run(["umount", "--lazy", str(site.state)], check=True)
    site.switch("camera", "OFF")
    site.switch("camera", "ON")


def stored(site: Site) -> dict[str, bool]:
    """The switches as the next start would read them."""
    path = site.state / SWITCHES
    return dict(json.loads(path.read_text())) if path.is_file() else {}


def test_full_state_folder_while_switching_off(site: Site, small: Path, outcome: Outcome) -> None:
    """The old file is written over where it lies, which takes no room."""
    _fill(small / "filler")
    begin = time.monotonic()
    site.switch("camera", "OFF")
    eventually(lambda: stored(site).get("camera") is False, within=20, what="OFF is stored all the same")
    took = time.monotonic() - begin
    (small / "filler").unlink()
    assert not list(small.glob(".*")), "a temporary file is left"
    site.switch("camera", "ON")
    outcome(lost="nothing: closed and stored at once", health="ok", seconds=took)


def test_full_state_folder_without_a_file_of_switches(site: Site, small: Path, outcome: Outcome) -> None:
    (small / SWITCHES).unlink()
    _fill(small / "filler")
    site.switch("camera", "OFF")
    health = site.health_says("switches")
    (small / "filler").unlink()
    begin = time.monotonic()
    eventually(
        lambda: stored(site).get("camera") is False, within=20, what="OFF is stored once there is room"
    )
    took = time.monotonic() - begin
    assert not list(small.glob(".*")), "a temporary file is left"
    site.switch("camera", "ON")
    outcome(lost="nothing: closed at once, stored later", health=health, seconds=took)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"0" * 512)
        except OSError:
            return


def test_read_only_state_folder_while_switching_off(site: Site, small: Path, outcome: Outcome) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    site.switch("camera", "OFF")
    health = site.health_says("switches")
    subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
    begin = time.monotonic()
    eventually(lambda: stored(site).get("camera") is False, within=20, what="OFF is stored once it may be")
    took = time.monotonic() - begin
    site.switch("camera", "ON")
    outcome(lost="nothing: closed at once, stored later", health=health, seconds=took)


@pytest.mark.ends_the_daemon
@pytest.mark.parametrize("end", ["crash", "reboot"])
def test_end_while_an_off_could_not_be_stored(site: Site, small: Path, outcome: Outcome, end: str) -> None:
    """The folder may be written again before the daemon is back: the old ON in it must not count."""
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    site.switch("camera", "OFF")
    health = site.health_says("outlive a crash")
    site.daemon.send(signal.SIGKILL)
    site.daemon.wait()
    if end == "reboot":
        (site.folder / f"unstored-{DEVICE}.json").unlink()  # the runtime folder is empty afterwards
    subprocess.run(["mount", "-o", "remount,rw", str(small)], check=True)
    assert stored(site)["camera"], "the file still says ON"
    eventually(lambda: site.seen.payloads("/availability")[-1] == "offline", within=20, what="the will")
    site.daemon.log.clear()
    begin = time.monotonic()
    site.restart()
    eventually(lambda: stored(site).get("camera") is False, within=20, what="OFF is stored now")
    eventually(lambda: site.seen.payloads("/availability")[-1] == "online")
    took = time.monotonic() - begin
    assert not site.daemon.logged("camera opened")
    site.switch("camera", "ON")
    outcome(lost="nothing: the camera stays closed", health=health, seconds=took)


@pytest.fixture
def disk(site: Site, small: Path) -> Iterator[Callable[[str], None]]:
    """Makes everything that the daemon may write to, but memory, read-only or writable: `ro` or `rw`."""
    cache = str(site.folder / "cache")
    subprocess.run(["mount", "--bind", cache, cache], check=True)

    def become(how: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{how}", str(small)], check=True)
        subprocess.run(["mount", "-o", f"remount,bind,{how}", cache], check=True)

    yield become
    subprocess.run(["umount", "--lazy", cache], check=True)


def _power_is_cut(site: Site, disk: Callable[[str], None]) -> None:
    """The daemon is gone, memory is empty, and the kernel has another boot id than the one in the file."""
    site.daemon.send(signal.SIGKILL)
    site.daemon.wait()
    (site.folder / f"unstored-{DEVICE}.json").unlink(missing_ok=True)
    disk("rw")
    path = site.state / SWITCHES
    found = stored(site)
    assert found["running"], "the file says that a daemon ran"
    path.write_text(json.dumps({**found, "running": "another-boot 12"}))
    eventually(lambda: site.seen.payloads("/availability")[-1] == "offline", within=20, what="the will")
    site.daemon.log.clear()


@pytest.mark.ends_the_daemon
def test_power_cut_while_a_whole_disk_was_read_only_and_off(
    site: Site, disk: Callable[[str], None], outcome: Outcome
) -> None:
    """No disk here could take the off; the broker keeps it until one can."""
    disk("ro")
    site.health_says("would not outlive a reboot")
    site.switch("camera", "OFF")
    health = site.health_says("a reboot only if a broker")
    site.seen.wait_for(f"{BASE}/unstored", within=20)
    _power_is_cut(site, disk)
    assert stored(site)["camera"], "the file still says ON"
    begin = time.monotonic()
    site.restart()
    eventually(lambda: stored(site).get("camera") is False, within=20, what="OFF is stored now")
    site.log_says("microphone opened")
    took = time.monotonic() - begin
    assert not site.daemon.logged("camera opened")
    eventually(lambda: site.seen.on("/unstored")[-1].payload == b"", within=20, what="the note is gone")
    site.switch("camera", "ON")
    outcome(lost="nothing: the camera stays closed", health=health, seconds=took)


@pytest.mark.ends_the_daemon
def test_power_cut_while_on(site: Site, disk: Callable[[str], None], outcome: Outcome) -> None:
    """Everything opens by itself, once the broker has been asked whether it knows better."""
    _power_is_cut(site, disk)
    begin = time.monotonic()
    site.restart()
    site.log_says("camera opened")
    site.log_says("microphone opened")
    outcome(lost="what happened meanwhile", health="offline by the will", since=begin)


@pytest.mark.ends_the_daemon
def test_power_cut_of_hub_and_broker(site: Site, disk: Callable[[str], None], outcome: Outcome) -> None:
    """Where nobody can be asked, everything opens after half a minute."""
    _power_is_cut(site, disk)
    site.broker.stop()
    begin = time.monotonic()
    site.restart()
    site.log_says("camera opened", within=60)
    took = time.monotonic() - begin
    site.broker.start()
    site.online(within=60)
    outcome(lost="what happened meanwhile", health="log: no broker", seconds=took)


def test_state_folder_deleted_while_running(site: Site, outcome: Outcome) -> None:
    shutil.rmtree(site.state)
    begin = time.monotonic()
    site.switch("camera", "OFF")
    eventually(lambda: stored(site).get("camera") is False, what="the folder is made again")
    site.switch("camera", "ON")
    outcome(lost="nothing", health="ok", since=begin)


@pytest.mark.quick_fault
@pytest.mark.ends_the_daemon
def test_crash_right_after_switching_off(site: Site, outcome: Outcome) -> None:
    site.switch("camera", "OFF")
    site.daemon.send(signal.SIGKILL)
    site.daemon.wait()
    eventually(lambda: site.seen.payloads("/availability")[-1] == "offline", within=20, what="the will")
    site.daemon.log.clear()
    begin = time.monotonic()
    site.restart()
    eventually(lambda: site.seen.payloads("/availability")[-1] == "online")
    took = time.monotonic() - begin
    assert not site.daemon.logged("camera opened")
    assert site.seen.payloads(f"{BASE}/camera")[-1] == "OFF"
    site.switch("camera", "ON")
    outcome(lost="nothing: the camera stays closed", health="offline by the will", seconds=took)


@pytest.mark.ends_the_daemon
def test_crash_in_a_flurry_of_switches(site: Site, outcome: Outcome) -> None:
    for number in range(30):
        site.seen.client.publish(f"{BASE}/camera/set", "ON" if number % 2 else "OFF", 1)
    site.daemon.send(signal.SIGKILL)
    site.daemon.wait()
    begin = time.monotonic()
    site.daemon.log.clear()
    site.restart()
    assert isinstance(stored(site).get("camera", True), bool)
    assert not list(site.state.glob(".switches*")), "a temporary file is left"
    site.switch("camera", "ON")
    outcome(lost="at most the last switch", health="ok", since=begin)


@pytest.mark.ends_the_daemon
@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"camera": 1}', b"\xff" * 100], ids=["empty", "cut", "odd", "rubbish"]
)
def test_damaged_switch_file_at_the_start(site: Site, outcome: Outcome, content: bytes) -> None:
    site.daemon.send(signal.SIGTERM)
    assert site.daemon.wait() == 0
    (site.state / SWITCHES).write_bytes(content)
    site.daemon.log.clear()
    site.restart()
    site.online()
    assert not site.daemon.logged("camera opened")
    assert site.seen.payloads(f"{BASE}/camera")[-1] == "OFF"
    health = site.health_says("switches")
    begin = time.monotonic()
    for name in ("camera", "microphone", "actions"):
        site.switch(name, "ON")
    site.healthy()
    outcome(lost="the switches: everything starts closed", health=health, since=begin)


@pytest.mark.ends_the_daemon
def test_nobody_takes_the_log(site: Site, outcome: Outcome) -> None:
    """The reader of the log goes away: nobody can take the lines."""
    begin = time.monotonic()
    assert site.daemon.process is not None
    assert site.daemon.process.stderr is not None
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.dup2(descriptor, site.daemon.process.stderr.fileno())
    os.close(descriptor)
    site.daemon.send(signal.SIGHUP)
    site.flows("/face", 3)
    took = time.monotonic() - begin
    site.daemon.send(signal.SIGTERM)
    site.daemon.wait()
    site.restart()
    outcome(lost="log lines", health="ok", seconds=took)


@pytest.fixture
def engines(tmp_path: Path) -> Path:
    """A copy of the models that a test may damage."""
    return Path(
        shutil.copytree(resource("engines"), tmp_path / "engines", ignore=shutil.ignore_patterns("report"))
    )


def test_damaged_fusion_file(tmp_path: Path, engines: Path, outcome: Outcome) -> None:
    (engines / "fusion.json").write_text("{")
    one = Site(tmp_path, engines={"directory": str(engines)})
    try:
        begin = time.monotonic()
        one.open().flows("/face")
        health = one.health_says("fusion")
    finally:
        one.close()
    outcome(lost="nothing: the packaged weights count", health=health, since=begin)


def test_model_that_does_not_match_its_card(tmp_path: Path, engines: Path, outcome: Outcome) -> None:
    for file in engines.glob("speech*.onnx"):
        with file.open("ab") as model:
            model.write(b"0")
    one = Site(tmp_path, engines={"directory": str(engines)})
    try:
        one.broker.start()
        one.watch()
        one.daemon.start(one.environment).ready()
        begin = time.monotonic()
        health = one.health_says("does not match its card")
        one.flows("/face")
    finally:
        one.close()
    outcome(lost="speech; faces are read", health=health, since=begin)
