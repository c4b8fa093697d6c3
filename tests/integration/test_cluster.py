"""A scheduler and two workers as processes of their own; recordings in folders and behind S3."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import soundfile
from integration.certificates import Authority

from edge.samples import sample_clip

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None, reason="Dask is not installed: pip install 'emotion-edge[cluster]'"
)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(true: Callable[[], bool], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def listening(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def process(*arguments: object, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(
        [str(one) for one in arguments],
        env={**os.environ, **(env or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


class Cluster:
    def __init__(
        self,
        stack: ExitStack,
        folder: Path,
        *,
        tls: tuple[object, ...] = (),
        env: dict[str, str] | None = None,
    ) -> None:
        port = free_port()
        self.address = f"{'tls' if tls else 'tcp'}://127.0.0.1:{port}"
        dask = (sys.executable, "-m", "distributed.cli.dask_scheduler")
        stack.enter_context(process(*dask, "--host", self.address, "--no-dashboard", *tls, env=env))
        until(lambda: listening(port))
        worker = (sys.executable, "-m", "distributed.cli.dask_worker", self.address, "--nthreads", "1")
        self.workers = [
            stack.enter_context(
                process(
                    *worker, "--no-nanny", "--no-dashboard", "--local-directory", folder / str(number), *tls,
                    env={**(env or {}), "XDG_CACHE_HOME": str(folder / f"cache{number}")},
                )
            )
            for number in range(2)
        ]  # fmt: skip


def analyze(*arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge", "analyze", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env={**os.environ, **env}
    )


def recordings(folder: Path, count: int) -> Path:
    """The sample's sound, each a little different."""
    folder.mkdir()
    sound = folder / "sound.wav"
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        pytest.skip("ffmpeg is not installed: apt-get install ffmpeg")
    subprocess.run(
        [ffmpeg, "-v", "error", "-i", sample_clip(), "-ac", "1", "-ar", "16000", sound], check=True
    )
    samples, rate = soundfile.read(sound)
    sound.unlink()
    for number in range(count):
        soundfile.write(folder / f"{number:02}.wav", np.roll(samples, 1600 * number), rate)
    return folder


def names(summary: str) -> set[str]:
    return {row["name"] for row in csv.DictReader(summary.splitlines()) if not row["error"]}


def test_a_killed_worker_loses_nothing(tmp_path: Path) -> None:
    calls, out = recordings(tmp_path / "calls", 8), tmp_path / "out"
    (calls / "bad.wav").write_bytes(b"no sound\n" * 20)
    with ExitStack() as stack:
        cluster = Cluster(stack, tmp_path)
        command = [sys.executable, "-m", "edge", "analyze", calls, "--out", out, "--cluster", cluster.address]
        running = stack.enter_context(process(*command))
        until(lambda: len(list(out.glob("*.json"))) >= 2)
        cluster.workers[0].send_signal(signal.SIGKILL)
        assert running.wait(timeout=240) == 1
    assert names((out / "summary.csv").read_text()) == {f"{number:02}" for number in range(8)}
    assert all(json.loads((out / f"{number:02}.json").read_text())["speech"] for number in range(8))
    models = [path for path in tmp_path.glob("cache*/emotion-edge/models/*") if path.is_dir()]
    assert len({path.name for path in models}) == 1


def test_recordings_and_results_behind_s3(tmp_path: Path) -> None:
    s3fs, _ = pytest.importorskip("s3fs"), pytest.importorskip("moto.server")
    calls, port = recordings(tmp_path / "calls", 2), free_port()
    env = {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    with ExitStack() as stack:
        stack.enter_context(process(sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", port))
        until(lambda: listening(port))
        files = s3fs.S3FileSystem(key="test", secret="test", endpoint_url=env["AWS_ENDPOINT_URL"])
        files.mkdir("archive")
        files.put(str(calls), "archive/calls", recursive=True)
        cluster = Cluster(stack, tmp_path, env=env)
        where = ("s3://archive/calls", "--out", "s3://archive/out", "--cluster", cluster.address, "--json")
        done = analyze(*where, **env)
        assert done.returncode == 0, done.stderr
        assert names(files.cat_file("archive/out/summary.csv").decode()) == {"00", "01"}
        document = json.loads(files.cat_file("archive/out/00.json"))
        assert document["file"] == "s3://archive/calls/00.wav"
        assert document["speech"]
        again = json.loads(analyze(*where, **env).stdout)
        assert (again["files"], again["done_before"], again["failed"]) == (2, 2, [])


def test_tls_lets_in_only_those_with_a_certificate(tmp_path: Path) -> None:
    calls = recordings(tmp_path / "calls", 1)
    authority, strangers = Authority(tmp_path), Authority(tmp_path, "strangers")
    certificate, key = authority.issue("node", host="127.0.0.1")
    other, other_key = strangers.issue("other", host="127.0.0.1")
    tls = ("--tls-ca-file", authority.ca, "--tls-cert", certificate, "--tls-key", key)
    with ExitStack() as stack:
        cluster = Cluster(stack, tmp_path, tls=tls)
        where = (calls, "--out", tmp_path / "out", "--cluster", cluster.address)
        files = ("--cluster-ca", authority.ca, "--cluster-cert", certificate, "--cluster-key", key)
        done = analyze(*where, *files)
        assert done.returncode == 0, done.stderr
        (calls / "00.wav").rename(calls / "01.wav")
        foreign = ("--cluster-ca", strangers.ca, "--cluster-cert", other, "--cluster-key", other_key)
        refused = analyze(*where, *foreign)
        assert refused.returncode == 1
        assert "no scheduler can be reached" in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("tcp://192.0.2.1:8786", "not encrypted"),
        ("tls://192.0.2.1:8786", "--cluster-ca"),
        ("http://127.0.0.1:8786", "tls://HOST:PORT"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_before_anything_is_sent(
    tmp_path: Path, address: str, named: str
) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(16_000), 16_000)
    done = analyze(tmp_path / "a.wav", "--out", tmp_path / "out", "--cluster", address)
    assert done.returncode == 2
    assert named in done.stderr
    assert not (tmp_path / "out").exists()
