"""A network camera with sound: a real RTSP server asks for a login and tells what it is asked for."""

import logging
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from integration.broker import free_port
from integration.sound import need, wait_until

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.open import Capture, open_capture
from edge.capture.status import CaptureSource
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.perception.picture import Picture
from edge.vocabulary import SAMPLE_RATE, AudioChunk, Frame

PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
IMPORTS = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
PASSWORD = "p@ss:w/rd?#%&"


class RtspCamera:
    """Serves a minute of red and of a tone of 440 Hz; may be killed and started again."""

    def __init__(self, folder: Path, film: Path) -> None:
        self.port = free_port()
        self._film = film
        self._log = folder / "rtsp.log"
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, password: str = PASSWORD) -> str:
        """With the login in it."""
        return f"rtsp://admin:{quote(password, safe='')}@127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Start and wait until it listens."""
        self._log.write_text("")
        words = [PYTHON, str(SERVER), str(self._film), str(self.port), "admin", PASSWORD]
        self._process = subprocess.Popen(words, stdout=self._log.open("ab"))
        assert wait_until(lambda: "ready" in self.told()), "the RTSP server did not start"

    def kill(self) -> None:
        """Cut it off."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def told(self) -> list[str]:
        """Who connected, what was asked for, who left."""
        return self._log.read_text().splitlines()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need("ffmpeg")
    if subprocess.run([PYTHON, "-c", IMPORTS], capture_output=True, check=False).returncode:
        pytest.skip("needs an RTSP server; apt install python3-gi gir1.2-gst-rtsp-server-1.0")
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    picture = ["-f", "lavfi", "-i", "color=red:size=320x240:rate=15"]
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-c:a", "aac"]
    words = ["ffmpeg", "-v", "error", *picture, *sound, *coding, "-pix_fmt", "yuv420p", "-t", "60", str(path)]
    subprocess.run(words, check=True)
    return path


@pytest.fixture
def camera(tmp_path: Path, film: Path) -> Iterator[RtspCamera]:
    one = RtspCamera(tmp_path, film)
    one.start()
    yield one
    one.kill()


class Room:
    """Both senses of a configuration, and what they delivered."""

    def __init__(self, camera: str, microphone: str, *, seen: bool = True) -> None:
        self.frames = Mailbox[Frame]()
        self.chunks = BoundedQueue[AudioChunk](limit=1000)
        self.beats: list[str] = []
        self._capture: Capture = open_capture(
            CameraConfig(source=camera, enabled=seen),
            MicrophoneConfig(source=microphone),
            frames=self.frames,
            chunks=self.chunks,
            camera_heartbeat=lambda: self.beats.append("camera"),
            microphone_heartbeat=lambda: self.beats.append("microphone"),
        )

    @property
    def eye(self) -> CaptureSource:
        assert self._capture.camera is not None
        return self._capture.camera

    @property
    def ear(self) -> CaptureSource:
        assert self._capture.microphone is not None
        return self._capture.microphone

    def close(self) -> None:
        for source in (self._capture.camera, self._capture.microphone):
            if source is not None:
                source.stop()


def pitch(chunks: BoundedQueue[AudioChunk], seconds: float) -> float:
    """Hz of the loudest tone of the next seconds."""
    found: list[AudioChunk] = []
    while sum(len(chunk.samples) for chunk in found) < seconds * SAMPLE_RATE:
        chunk = chunks.get(15)
        assert chunk is not None
        found.append(chunk)
    sound = np.concatenate([chunk.samples for chunk in found])
    return float(np.argmax(np.abs(np.fft.rfft(sound)))) * SAMPLE_RATE / len(sound)


def test_picture_and_sound_come_over_one_connection(
    camera: RtspCamera, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    room = Room(camera.address(), "camera")
    try:
        room.eye.start()
        room.ear.start()
        assert pitch(room.chunks, 2.0) == pytest.approx(440, abs=2)
        room.chunks.clear()
        frame, chunk = room.frames.get(10), room.chunks.get(10)
        assert frame is not None
        assert chunk is not None
        assert abs(frame.captured_at - chunk.captured_at) < 1.0
        image = Picture.of(frame).colour()
        assert image.shape == (240, 320, 3)
        assert image[..., 2].mean() > 220
        assert [status.state for status in (room.eye.status(), room.ear.status())] == ["open", "open"]
        assert "h264 320x240" in room.eye.status().detail
        assert "aac 48000 Hz" in room.ear.status().detail
    finally:
        room.close()
    assert camera.told().count("connected") == 1
    assert wait_until(lambda: "closed" in camera.told())
    shown = caplog.text + str(room.eye.status()) + str(room.ear.status())
    assert "rtsp://***@127.0.0.1" in shown
    assert quote(PASSWORD, safe="") not in shown
    assert "admin" not in shown


def test_one_switched_off_leaves_the_other_running_and_both_off_hang_up(camera: RtspCamera) -> None:
    room = Room(camera.address(), "camera")
    try:
        room.eye.start()
        room.ear.start()
        assert wait_until(lambda: room.eye.status().delivered > 3 and room.ear.status().delivered > 3, 30)
        for off, other in ((room.ear, room.eye), (room.eye, room.ear)):
            off.stop()
            before, goes_on = off.status().delivered, other.status().delivered
            room.beats.clear()
            assert wait_until(lambda seen=goes_on, one=other: one.status().delivered > seen + 10)  # type: ignore[misc]
            assert off.status().delivered == before
            assert (off.status().state, other.status().state) == ("closed", "open")
            assert len(set(room.beats)) == 1, "what is off gives no sign of life"
            off.start()
            assert wait_until(lambda least=before, one=off: one.status().delivered > least + 5)  # type: ignore[misc]
        assert camera.told().count("connected") == 1, "no new connection was needed"
        room.ear.stop()
        assert "closed" not in camera.told()
        room.eye.stop()
        assert wait_until(lambda: "closed" in camera.told())
        assert room.frames.get(0) is None
        assert room.chunks.get(0) is None
    finally:
        room.close()


def test_sound_alone_is_asked_for_alone(camera: RtspCamera) -> None:
    room = Room(camera.address(), "camera", seen=False)
    try:
        room.ear.start()
        assert pitch(room.chunks, 1.0) == pytest.approx(440, abs=2)
    finally:
        room.close()
    assert [line for line in camera.told() if line.startswith("setup")] == ["setup /live/stream=1"]


def test_a_wrong_login_is_told_and_masked(camera: RtspCamera, caplog: pytest.LogCaptureFixture) -> None:
    room = Room("auto", camera.address("hunter2"), seen=False)
    try:
        room.ear.start()
        assert wait_until(lambda: room.ear.status().state == "retrying")
        status = room.ear.status()
    finally:
        room.close()
    assert "401" in status.detail or "authorization" in status.detail.lower()
    assert "hunter2" not in str(status) + caplog.text


def test_a_camera_that_restarts_is_found_again(camera: RtspCamera) -> None:
    room = Room(camera.address(), "camera")
    try:
        room.eye.start()
        room.ear.start()
        assert wait_until(lambda: room.ear.status().delivered > 3, 30)
        camera.kill()
        assert wait_until(lambda: room.ear.status().state == room.eye.status().state == "retrying", 20)
        heard, seen = room.ear.status().delivered, room.eye.status().delivered
        camera.start()
        assert wait_until(lambda: room.ear.status().delivered > heard + 5, 40), room.ear.status()
        assert wait_until(lambda: room.eye.status().delivered > seen + 5, 40), room.eye.status()
    finally:
        room.close()
