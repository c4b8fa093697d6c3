"""Network cameras: ffmpeg serves a stream that is stopped and started again."""

import contextlib
import itertools
import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from integration.broker import free_port
from integration.sound import need, wait_until

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.network.stream import NetworkStream
from edge.capture.open import open_capture
from edge.capture.opening import Patience
from edge.capture.shared import SharedSource
from edge.capture.video.uri import parse_video
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.perception.picture import Picture
from edge.vocabulary import AudioChunk, Frame

H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-f", "mpegts"]
MJPEG = ["-c:v", "mjpeg", "-q:v", "5", "-f", "mpjpeg"]


def camera_at(address: str, frames: Mailbox[Frame], *, fps: float = 15, **more: Any) -> SharedSource:
    limits = CameraConfig(source=address, fps=fps)
    stream = NetworkStream(
        source=parse_video(address), limits=limits, frames=frames, jitter=lambda: 0.0, name="camera", **more
    )
    return SharedSource(stream, "picture")


@dataclass
class Stream:
    """A camera on the network; `address` is the one to read it from."""

    encoding: list[str]
    target: str
    address: str
    picture: str = "color=red:size=320x240:rate=30"
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve the stream."""
        source = ["-re", "-f", "lavfi", "-i", self.picture]
        listen = ["-listen", "1"] if self.target.startswith("http") else []
        self.process = subprocess.Popen(
            ["ffmpeg", "-nostdin", "-v", "quiet", *source, *self.encoding, *listen, self.target]
        )

    def kill(self) -> None:
        """Cut it off."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(params=["mjpeg over http", "mpegts over http", "mpegts over udp"])
def stream(request: pytest.FixtureRequest) -> Iterator[Stream]:
    need("ffmpeg")
    port = free_port()
    kind = str(request.param)
    encoding = MJPEG if "mjpeg" in kind else H264
    if "udp" in kind:
        one = Stream(encoding, f"udp://127.0.0.1:{port}?pkt_size=1316", f"udp://127.0.0.1:{port}")
    else:
        one = Stream(encoding, f"http://127.0.0.1:{port}/", f"http://admin:hunter2@127.0.0.1:{port}/")
    one.start()
    yield one
    one.kill()


def test_a_camera_that_goes_away_comes_back(stream: Stream, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    frames = Mailbox[Frame]()
    beats: list[float] = []
    camera = camera_at(
        stream.address,
        frames,
        picture_heartbeat=lambda: beats.append(time.monotonic()),
        patience=Patience(opening=5.0, silence=1.5),
    )
    camera.start()
    try:
        assert wait_until(lambda: camera.status().delivered >= 10, 30), camera.status()
        assert_red_and_fresh(frames)
        stream.kill()
        assert wait_until(lambda: camera.status().state == "retrying", 15), camera.status()
        delivered, reopened = camera.status().delivered, camera.status().reopened
        stream.start()
        assert wait_until(lambda: camera.status().delivered >= delivered + 5, 40), camera.status()
        assert wait_until(lambda: camera.status().state == "open", 5)
        assert camera.status().reopened > reopened
        assert camera.status().dropped > 0
        assert_red_and_fresh(frames)
    finally:
        camera.stop()
    assert camera.status().state == "closed"
    assert frames.get(0.2) is None
    assert len(beats) > 2
    assert "hunter2" not in caplog.text + str(camera.status())


def assert_red_and_fresh(frames: Mailbox[Frame]) -> None:
    """A picture of after this moment comes, and not those of a backlog alone."""
    now = time.monotonic()
    newer = (frame for frame in iter(lambda: frames.get(30), None) if frame.captured_at > now)
    frame = next(newer)
    image = Picture.of(frame).colour()
    assert image.shape == (240, 320, 3)
    assert image.dtype == np.uint8
    blue, green, red = image.reshape(-1, 3).mean(axis=0)
    assert (blue < 30, green < 30, red > 220) == (True, True, True)


def test_the_rate_is_limited_and_a_large_picture_shrunk() -> None:
    need("ffmpeg")
    port = free_port()
    big = "testsrc2=size=1280x720:rate=30"
    one = Stream(H264, f"udp://127.0.0.1:{port}?pkt_size=1316", f"udp://127.0.0.1:{port}", big)
    one.start()
    frames = Mailbox[Frame]()
    camera = camera_at(one.address, frames, fps=5)
    camera.start()
    try:
        first = frames.get(30)
        assert first is not None
        assert Picture.of(first).size == (640, 360)
        began = time.monotonic()
        for _ in range(8):
            assert frames.get(30) is not None
        took = time.monotonic() - began
    finally:
        camera.stop()
        one.kill()
    assert took > 1.0, "30 a second come, 5 are asked for"


def test_closing_does_not_wait_for_a_camera_that_never_answers() -> None:
    camera = camera_at(f"udp://127.0.0.1:{free_port()}", Mailbox[Frame]())
    camera.start()
    assert wait_until(lambda: any(t.name == "camera-reader" for t in threading.enumerate()))
    camera.stop()
    assert any(thread.name == "camera-reader" for thread in threading.enumerate()), "stop waited for it"
    assert camera.status().state == "closed"
    assert not any(thread.name == "camera" for thread in threading.enumerate())


HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=frame\r\n\r\n"
BOUNDARY = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"


def jpeg_server(bodies: Callable[[], Iterator[bytes]]) -> socket.socket:
    """A camera that sends these bodies to everybody who connects, 20 a second, until its socket is closed."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=send, args=(client,), daemon=True).start()

    def send(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            client.recv(4096)
            client.sendall(HEAD)
            for body in bodies():
                client.sendall(BOUNDARY % len(body) + body + b"\r\n")
                time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    return listener


def test_pictures_that_cannot_be_decoded_do_not_make_health_flap() -> None:
    """Each connection shows two pictures, then nothing but damaged ones; it never counts as healed."""
    good = cv2.imencode(".jpg", np.full((48, 64, 3), 128, np.uint8))[1].tobytes()
    broken = good[:4] + bytes(len(good) - 4)

    def bodies() -> Iterator[bytes]:
        yield from (good, good)
        while True:
            yield broken

    states: list[str] = []
    frames = Mailbox[Frame]()
    with jpeg_server(bodies) as server:
        camera: SharedSource = camera_at(
            f"http://127.0.0.1:{server.getsockname()[1]}/",
            frames,
            picture_heartbeat=lambda: states.append(camera.status().state),
            patience=Patience(opening=5.0, silence=1.0),
        )
        camera.start()
        try:
            assert wait_until(lambda: camera.status().reopened >= 3, 40), camera.status()
            assert camera.status().delivered >= 3
            assert camera.status().detail == "the pictures cannot be decoded"
        finally:
            camera.stop()
    kept = [state for state, before in zip(states[1:], states, strict=False) if state != before]
    assert kept[-1:] == ["retrying"]
    assert kept.count("open") <= 1


def test_a_title_in_another_encoding_does_not_close_a_stream(tmp_path: Path) -> None:
    need("ffmpeg")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    source = ["-re", "-f", "lavfi", "-i", "color=red:size=320x240:rate=30"]
    target = ["-c:v", "mpeg4", "-f", "matroska", "-live", "1", "-listen", "1", url]
    words = [*source, "-metadata", os.fsdecode(b"title=Gespr\xe4ch"), *target]
    with subprocess.Popen(["ffmpeg", "-nostdin", "-v", "quiet", *words]) as stream:
        frames = Mailbox[Frame]()
        camera = camera_at(url, frames)
        camera.start()
        try:
            assert wait_until(lambda: camera.status().delivered > 3, 30), camera.status()
        finally:
            camera.stop()
            stream.kill()


def test_a_camera_without_sound_is_said_to_have_none_and_its_picture_goes_on() -> None:
    picture = cv2.imencode(".jpg", np.full((48, 64, 3), 128, np.uint8))[1].tobytes()
    with jpeg_server(lambda: itertools.repeat(picture)) as server:
        address = f"http://me:hunter2@127.0.0.1:{server.getsockname()[1]}/"
        frames, chunks = Mailbox[Frame](), BoundedQueue[AudioChunk](limit=9)
        both = open_capture(
            CameraConfig(source=address), MicrophoneConfig(source="camera"), frames=frames, chunks=chunks
        )
        alone = open_capture(
            CameraConfig(enabled=False), MicrophoneConfig(source=address), frames=frames, chunks=chunks
        )
        assert both.camera is not None
        assert both.microphone is not None
        assert alone.microphone is not None
        sources = (both.camera, both.microphone, alone.microphone)
        try:
            for source in sources:
                source.start()
            assert wait_until(lambda: sources[0].status().delivered > 5, 30)
            assert wait_until(lambda: sources[1].status().state == "ended")
            assert "the stream has no sound" in sources[1].status().detail
            assert sources[0].status().state == "open"
            assert wait_until(lambda: sources[2].status().state == "retrying", 30)
            assert "the stream has no sound" in sources[2].status().detail
            assert "hunter2" not in str([source.status() for source in sources])
        finally:
            for source in sources:
                source.stop()
