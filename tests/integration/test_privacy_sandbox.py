"""The daemon at work where it can write nothing but its state, and all it says is looked at."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.broker import Mosquitto, Witness, eventually

from edge.config.models import EnginesConfig
from edge.inference.directories import cache_directory
from edge.samples import sample_clip

LONGEST_TEXT = 300
LONGEST_LIST = 32
LARGEST_MESSAGE = 16_384
MOST_SENT = 400_000
SETTINGS = """
device: {{id: sandboxed}}
camera: {{source: {clip}}}
microphone: {{source: {clip}}}
mqtt: {{port: {port}, host: 127.0.0.1, readings: true}}
actions:
  rules:
    - name: log
      when: [angry, disgust, fear, happy, sad, surprise, neutral, none]
      then:
        - use: {{preset: call-quality-log, parameters: {{topic: calls/log}}}}
"""


@dataclass
class Watched:
    """A run that has come to its end."""

    state: Path
    port: int
    messages: list[tuple[str, bytes]]
    trace: str
    log: str


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    for tool in ("bwrap", "strace"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: apt-get install bubblewrap strace")
    if not (cache_directory(EnginesConfig()) / "centerface.onnx").exists():
        pytest.skip("the face detector is not there: emotion-edge fetch-detector")
    folder = tmp_path_factory.mktemp("sandbox")
    _require_namespaces(folder)
    broker = Mosquitto(folder).start()
    try:
        with Witness(broker.port, "#") as witness:
            yield _run(folder, broker.port, witness)
    finally:
        broker.stop()


def _require_namespaces(folder: Path) -> None:
    box = _sandbox(folder, folder)
    tried = subprocess.run([*box, "/usr/bin/true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        reason = tried.stderr.strip()
        pytest.skip(
            f"bubblewrap may not make a sandbox here ({reason}); run this outside a chroot or container, or "
            "in one that may make namespaces, and with sysctl kernel.unprivileged_userns_clone=1 for a user"
        )


def _run(folder: Path, port: int, witness: Witness) -> Watched:
    state, trace = folder / "state", folder / "trace"
    state.mkdir()
    config = folder / "config.yaml"
    config.write_text(SETTINGS.format(clip=sample_clip(), port=port))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            _sandboxed(state, config, trace), stdout=log, stderr=log, env=_environment(state)
        )
        try:
            for topic, count in (("sandboxed/face", 3), ("sandboxed/speech", 1), ("calls/log", 1)):
                _wait_while_it_runs(process, witness, topic, count)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(folder / 'log').read_text()[-3000:]}") from error
        finally:
            _end(process)
    eventually(lambda: witness.payloads("sandboxed/availability")[-1] == "offline", within=5)
    messages = [(message.topic, bytes(message.payload)) for message in witness.messages]
    return Watched(state, port, messages, _from_the_daemon_on(trace), (folder / "log").read_text())


def _wait_while_it_runs(process: subprocess.Popen[bytes], witness: Witness, topic: str, count: int) -> None:
    eventually(lambda: len(witness.on(topic)) >= count or _ended(process), within=90)
    assert len(witness.on(topic)) >= count, f"{count} on {topic}"


def _ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def _from_the_daemon_on(trace: Path) -> str:
    """The trace without what bubblewrap does to make the sandbox before it becomes the daemon."""
    _, begin, daemon = trace.read_text().partition(f'execve("{sys.executable}"')
    assert begin, "the daemon was never started"
    return daemon


def _sandboxed(state: Path, config: Path, trace: Path) -> list[str]:
    empty = state.parent / "empty"
    empty.mkdir()
    watch = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(trace), "-s", "0"]
    calls = "execve,connect,sendto,sendmsg,sendmmsg,getsockname,memfd_create,?open,openat,?creat"
    watch += ["-e", f"trace={calls}"]
    return [*watch, *_sandbox(state, empty), sys.executable, "-m", "edge", "run", "--config", str(config)]


def _sandbox(state: Path, empty: Path) -> list[str]:
    box = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--ro-bind", str(empty), "/dev/shm"]
    return [*box, "--proc", "/proc", "--bind", str(state), str(state), "--die-with-parent"]


def _environment(state: Path) -> dict[str, str]:
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "EMOTION_EDGE_"))
    }
    return {
        **own,
        "STATE_DIRECTORY": str(state),
        "RUNTIME_DIRECTORY": str(state),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    if _ended(process):
        return
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in _descendants(children):
        if b"edge" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
            os.kill(int(child), signal.SIGTERM)
    try:
        process.wait(20)
    finally:
        process.kill()


def _descendants(pids: list[str]) -> list[str]:
    found = []
    for pid in pids:
        found += [pid, *_descendants(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return found


def test_nothing_is_written_but_the_switches(watched: Watched) -> None:
    for path in watched.state.rglob("*"):
        assert path.name.startswith("switches-") or path.suffix == ".sock", path
        assert path.stat().st_size < 200


def test_no_file_is_opened_for_writing_but_in_the_state_directory(watched: Watched) -> None:
    opened = [line for line in watched.trace.splitlines() if re.search(r"O_WRONLY|O_RDWR|creat\(", line)]
    written = [line for line in opened if "= -1" not in line]
    known = r'"/dev/(null|tty)"|"/proc/|"[^"]*switches-'
    strays = [line for line in written if not re.search(known, line)]
    assert strays == []
    assert "memfd_create" not in watched.trace


def test_nobody_is_talked_to_but_the_broker(watched: Watched) -> None:
    connects = [line for line in watched.trace.splitlines() if "connect(" in line]
    assert set(re.findall(r'inet6?_(?:addr|pton)\(.*?"([\d.:a-f]+)"', "\n".join(connects))) == {"127.0.0.1"}
    # The MQTT client wakes its own thread through a listener of its own; strace splits a call in two
    # where another thread's comes between.
    own = re.findall(r"getsockname(?:\(| resumed>).*?sin_port=htons\((\d+)\)", watched.trace)
    assert set(re.findall(r"sin6?_port=htons\((\d+)\)", "\n".join(connects))) - set(own) == {
        str(watched.port)
    }


def test_the_sandbox_lets_nothing_through(watched: Watched, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = watched.state / "inside"
    for path, expected in ((outside, 1), (inside, 0), (Path("/dev/shm/x"), 1)):
        box = _sandbox(watched.state, watched.state.parent / "empty")
        told = subprocess.run([*box, "/usr/bin/touch", str(path)], capture_output=True, check=False)
        assert told.returncode == expected, told.stderr
    inside.unlink()
    assert not outside.exists()


def test_what_is_sent_is_as_small_as_words(watched: Watched) -> None:
    lines = [line for line in watched.trace.splitlines() if re.search(r"\bsend(to|msg|mmsg)\(", line)]
    sizes = [int(match[1]) for line in lines if (match := re.search(r"= (\d+)$", line))]
    assert sizes
    assert sum(sizes) < MOST_SENT
    assert max(sizes) < LARGEST_MESSAGE * 2


def test_no_message_has_room_for_a_picture_or_a_sound(watched: Watched) -> None:
    assert {topic.split("/")[-1] for topic, _ in watched.messages} >= {
        "face",
        "speech",
        "state",
        "health",
        "log",
    }
    for topic, payload in watched.messages:
        assert len(payload) < LARGEST_MESSAGE, topic
        text = payload.decode("utf-8")
        if text.startswith("{"):
            _look_into(json.loads(text), topic)
        else:
            assert text in {"", "ON", "OFF", "online", "offline"} or len(text) < 100, topic


def _look_into(value: Any, where: str) -> None:
    if isinstance(value, str):
        assert len(value) <= LONGEST_TEXT, f"{where}: a text of {len(value)} characters"
    elif isinstance(value, list):
        assert len(value) <= LONGEST_LIST, f"{where}: a list of {len(value)}"
        for item in value:
            _look_into(item, where)
    elif isinstance(value, dict):
        for key, item in value.items():
            assert not re.search(r"image|picture|\bcrop|jpe?g|png|audio|wav|sample|embedding", key), where
            _look_into(item, f"{where}.{key}")
