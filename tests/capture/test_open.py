from pathlib import Path

import pytest

from edge.capture.files.player import FilePlayer
from edge.capture.files.shared import SharedFileSource
from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.open import Capture, file_of_microphone, open_capture
from edge.capture.sound.microphone import Microphone
from edge.capture.video.camera import Camera
from edge.config.models import CameraConfig, MicrophoneConfig
from edge.errors import CaptureError
from edge.vocabulary import AudioChunk, Frame


def opened(camera: str | None, microphone: str | None) -> Capture:
    return open_capture(
        CameraConfig(source=camera or "auto", enabled=camera is not None),
        MicrophoneConfig(source=microphone or "auto", enabled=microphone is not None),
        frames=Mailbox[Frame](),
        chunks=BoundedQueue[AudioChunk](limit=9),
    )


def test_devices_are_read_as_devices() -> None:
    capture = opened("rtsp://cam/", "auto")
    assert isinstance(capture.camera, Camera)
    assert isinstance(capture.microphone, Microphone)


def test_one_file_for_both_is_played_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    capture = opened(str(tmp_path / "film.mp4"), "./film.mp4")
    assert isinstance(capture.camera, SharedFileSource)
    assert isinstance(capture.microphone, SharedFileSource)


def test_two_files_are_played_each_by_itself() -> None:
    capture = opened("a.mp4", "b.wav")
    assert isinstance(capture.camera, FilePlayer)
    assert isinstance(capture.microphone, FilePlayer)


def test_what_is_not_wanted_is_not_opened() -> None:
    assert opened(None, None) == Capture(None, None)


def test_a_source_of_no_known_form_is_refused_at_once() -> None:
    with pytest.raises(CaptureError, match="did you mean"):
        opened("rstp://cam/", None)
    with pytest.raises(CaptureError, match="not an address") as caught:
        opened(None, "rtsp://admin:hunter2@cam/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["auto", "3", "pulse", "HDA Intel PCH: ALC257 Analog (hw:0,0)", "hw:1,0", "Mic / Line In"]
)
def test_device_names_are_no_files(name: str) -> None:
    assert file_of_microphone(name) is None


@pytest.mark.parametrize("name", ["talk.wav", "/srv/talk", "./talk", "file:///srv/talk.flac", "My Talk.MP4"])
def test_paths_are_files(name: str) -> None:
    assert file_of_microphone(name) is not None
