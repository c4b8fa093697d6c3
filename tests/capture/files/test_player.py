import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import soundfile

from edge.capture.files.player import FilePlayer, scheduled
from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.open import open_capture
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.samples import sample_clip
from edge.vocabulary import AudioChunk, Frame

LIMITS = CameraConfig()


def until(condition: Callable[[], object], timeout: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    return bool(condition())


def test_what_is_early_waits_and_what_is_late_comes_at_once() -> None:
    assert scheduled(base=100.0, at=2.0, now=101.25) == (0.75, 100.0)
    assert scheduled(base=100.0, at=2.0, now=102.25) == (0.0, 100.0)


def test_playing_that_fell_far_behind_goes_on_from_there_instead_of_rushing() -> None:
    assert scheduled(base=100.0, at=2.0, now=110.0) == (0.0, 108.0)


def test_everything_is_delivered_in_its_order_with_stamps_of_the_clock(tmp_path: Path) -> None:
    ramp = np.arange(16_000 * 640 // 1000, dtype=np.float32) / 20_000
    soundfile.write(tmp_path / "ramp.wav", ramp, 16_000, subtype="FLOAT")
    chunks = BoundedQueue[AudioChunk](limit=1000)
    player = FilePlayer(path=tmp_path / "ramp.wav", limits=LIMITS, chunks=chunks)
    player.start()
    played = [chunk for chunk in (chunks.get(10) for _ in range(20)) if chunk is not None]
    player.stop()
    assert np.array_equal(np.concatenate([chunk.samples for chunk in played]), np.tile(ramp, 2))
    assert (np.diff([chunk.captured_at for chunk in played]) > 0.0639).all()
    assert played[-1].captured_at <= time.monotonic()
    assert len(chunks) == 0


def test_a_short_picture_is_repeated_as_a_camera_would(tmp_path: Path) -> None:
    file = tmp_path / "face.png"
    cv2.imwrite(str(file), np.zeros((1200, 1600, 3), np.uint8))
    frames = Mailbox[Frame]()
    player = FilePlayer(path=file, limits=LIMITS, frames=frames)
    player.start()
    first, second = frames.get(10), frames.get(10)
    player.stop()
    assert first is not None
    assert second is not None
    assert first.image.shape == (480, 640, 3)
    assert 0.1 < second.captured_at - first.captured_at < 2


def test_looping_goes_on_without_a_gap_in_the_stamps(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(16_000 * 64 * 2 // 1000, np.float32), 16_000)
    chunks = BoundedQueue[AudioChunk](limit=100)
    player = FilePlayer(path=tmp_path / "short.wav", limits=LIMITS, chunks=chunks)
    player.start()
    stamps: list[float] = []
    while len(stamps) < 10:
        chunk = chunks.get(10)
        assert chunk is not None
        stamps.append(chunk.captured_at)
    player.stop()
    assert np.median(np.abs(np.diff(stamps) - 0.064)) < 1e-3


def test_a_missing_file_is_shown_and_looked_for_again(tmp_path: Path) -> None:
    player = FilePlayer(path=tmp_path / "later.mp4", limits=LIMITS, frames=Mailbox[Frame]())
    player.start()
    assert until(lambda: player.status().state == "retrying")
    assert player.status().detail == "no such file"
    (tmp_path / "later.mp4").write_bytes(sample_clip().read_bytes())
    assert until(lambda: player.status().state == "open")
    player.stop()


def test_one_half_of_a_shared_file_is_switched_off_without_the_other() -> None:
    frames, chunks = Mailbox[Frame](), BoundedQueue[AudioChunk](limit=100)
    clip = str(sample_clip())
    capture = open_capture(
        CameraConfig(source=clip), MicrophoneConfig(source=clip), frames=frames, chunks=chunks
    )
    assert capture.camera is not None
    assert capture.microphone is not None
    eye, ear = capture.camera, capture.microphone
    eye.start()
    ear.start()
    assert until(lambda: eye.status().delivered > 2 and ear.status().delivered > 2)
    assert len([thread for thread in threading.enumerate() if thread.name == "file"]) == 1
    eye.stop()
    seen, heard = eye.status().delivered, ear.status().delivered
    assert until(lambda: ear.status().delivered > heard + 3)
    assert eye.status().delivered == seen
    assert eye.status().state == "closed"
    assert frames.get(0) is None
    eye.start()
    assert until(lambda: eye.status().delivered > seen)
    eye.stop()
    ear.stop()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("file")]


def test_a_half_that_the_file_lacks_is_said_to_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "face.png"
    cv2.imwrite(str(file), np.zeros((48, 64, 3), np.uint8))
    capture = open_capture(
        CameraConfig(source=str(file)),
        MicrophoneConfig(source=str(file)),
        frames=Mailbox[Frame](),
        chunks=BoundedQueue[AudioChunk](limit=9),
    )
    assert capture.camera is not None
    assert capture.microphone is not None
    capture.camera.start()
    capture.microphone.start()
    missing = capture.microphone
    assert until(lambda: missing.status().detail == "the file has no sound")
    seen = capture.camera
    assert until(lambda: seen.status().state == "open")
    capture.camera.stop()
    capture.microphone.stop()
