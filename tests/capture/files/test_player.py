import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import soundfile

from edge.capture.files.player import ClipPlayer
from edge.capture.mailbox import Backlog, Mailbox
from edge.capture.open import open_capture
from edge.samples import sample_clip
from edge.vocabulary import AudioChunk, Frame


def until(condition: Callable[[], object], timeout: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.005)
    return bool(condition())


def test_as_fast_as_possible_everything_is_delivered_once_and_it_ends() -> None:
    chunks = Backlog[AudioChunk](limit=1000)
    frames = Mailbox[Frame]()
    player = ClipPlayer(path=sample_clip(), frames=frames, chunks=chunks, realtime=False, loop=False)
    player.start()
    assert until(lambda: player.status().state == "ended", 30)
    assert player.status().delivered == 225 + 235
    assert len(chunks) == 235
    assert frames.dropped == 224
    player.stop()
    assert len(chunks) == 0


def test_at_its_own_speed_the_stamps_are_those_of_the_clock() -> None:
    frames = Mailbox[Frame]()
    player = ClipPlayer(path=sample_clip(), frames=frames)
    player.start()
    stamps: list[float] = []
    late: list[float] = []
    while len(stamps) < 12:
        frame = frames.get(10)
        assert frame is not None
        late.append(time.monotonic() - frame.captured_at)
        stamps.append(frame.captured_at)
    player.stop()
    steps = np.diff(stamps)
    assert np.median(steps) > 0.06
    assert min(late) >= 0
    assert np.median(late) < 0.05


def test_a_short_picture_is_repeated_as_a_camera_would(tmp_path: Path) -> None:
    file = tmp_path / "face.png"
    cv2.imwrite(str(file), np.zeros((1200, 1600, 3), np.uint8))
    frames = Mailbox[Frame]()
    player = ClipPlayer(path=file, frames=frames, width=640, height=480)
    player.start()
    first, second = frames.get(10), frames.get(10)
    player.stop()
    assert first is not None
    assert second is not None
    assert first.image.shape == (480, 640, 3)
    assert 0.1 < second.captured_at - first.captured_at < 2


def test_looping_goes_on_without_a_gap_in_the_stamps(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(16_000 * 64 * 2 // 1000, np.float32), 16_000)
    chunks = Backlog[AudioChunk](limit=100)
    player = ClipPlayer(path=tmp_path / "short.wav", chunks=chunks)
    player.start()
    stamps: list[float] = []
    while len(stamps) < 10:
        chunk = chunks.get(10)
        assert chunk is not None
        stamps.append(chunk.captured_at)
    player.stop()
    assert np.median(np.abs(np.diff(stamps) - 0.064)) < 1e-3


def test_a_missing_file_is_shown_and_looked_for_again(tmp_path: Path) -> None:
    player = ClipPlayer(path=tmp_path / "later.mp4", frames=Mailbox[Frame]())
    player.start()
    assert until(lambda: player.status().state == "retrying")
    assert player.status().detail == "no such file"
    (tmp_path / "later.mp4").write_bytes(sample_clip().read_bytes())
    assert until(lambda: player.status().state == "open")
    player.stop()


def test_one_half_of_a_shared_file_is_switched_off_without_the_other() -> None:
    frames, chunks = Mailbox[Frame](), Backlog[AudioChunk](limit=100)
    clip = str(sample_clip())
    capture = open_capture(camera=clip, microphone=clip, frames=frames, chunks=chunks)
    assert capture.camera is not None
    assert capture.microphone is not None
    eye, ear = capture.camera, capture.microphone
    eye.start()
    ear.start()
    assert until(lambda: eye.status().delivered > 2 and ear.status().delivered > 2)
    assert len([thread for thread in threading.enumerate() if thread.name == "clip"]) == 1
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
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("clip")]


def test_a_half_that_the_file_lacks_is_said_to_be_missing(tmp_path: Path) -> None:
    file = tmp_path / "face.png"
    cv2.imwrite(str(file), np.zeros((48, 64, 3), np.uint8))
    capture = open_capture(
        camera=str(file), microphone=str(file), frames=Mailbox[Frame](), chunks=Backlog[AudioChunk](limit=9)
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
