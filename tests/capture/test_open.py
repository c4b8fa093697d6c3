from pathlib import Path

import pytest

from edge.capture.mailbox import BoundedQueue, Mailbox
from edge.capture.network.stream import NetworkStream
from edge.capture.open import Capture, open_capture, sound_source
from edge.capture.shared import SharedSource
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


def player(source: object) -> object:
    """What a half is played by."""
    assert isinstance(source, SharedSource)
    return source._player


def test_devices_are_read_as_devices() -> None:
    capture = opened("device:0", "auto")
    assert isinstance(capture.camera, Camera)
    assert isinstance(capture.microphone, Microphone)


def test_one_file_for_both_is_played_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for microphone in ("./film.mp4", "camera"):
        capture = opened(str(tmp_path / "film.mp4"), microphone)
        assert player(capture.camera) is player(capture.microphone)


@pytest.mark.parametrize("microphone", ["camera", "Camera", "rtsp://me:secret@cam/live"])
def test_a_network_camera_is_connected_to_once_for_picture_and_sound(microphone: str) -> None:
    capture = opened("rtsp://me:secret@cam/live", microphone)
    assert isinstance(player(capture.camera), NetworkStream)
    assert player(capture.camera) is player(capture.microphone)


@pytest.mark.parametrize(
    ("camera", "microphone"), [("a.mp4", "b.wav"), ("rtsp://cam/1", "rtsp://cam/2"), ("a.mp4", "http://cam/")]
)
def test_two_sources_are_played_each_by_itself(camera: str, microphone: str) -> None:
    capture = opened(camera, microphone)
    assert player(capture.camera) is not player(capture.microphone)


def test_the_camera_s_sound_needs_no_picture() -> None:
    capture = open_capture(
        CameraConfig(source="rtsp://cam/", enabled=False),
        MicrophoneConfig(source="camera"),
        frames=Mailbox[Frame](),
        chunks=BoundedQueue[AudioChunk](limit=9),
    )
    assert capture.camera is None
    assert isinstance(player(capture.microphone), NetworkStream)


def test_what_is_not_wanted_is_not_opened() -> None:
    assert opened(None, None) == Capture(None, None)


@pytest.mark.parametrize(
    ("camera", "microphone", "message"),
    [
        ("rstp://a:hunter2@cam/", None, "did you mean rtsp"),
        (None, "rstp://a:hunter2@cam/", "did you mean rtsp"),
        (None, "csi://0", "csi://0: has no sound; microphone.source is auto, camera"),
        ("auto", "camera", "camera.source is auto, which is no network camera"),
        ("/dev/video3", "camera", "camera.source is /dev/video3"),
        (None, "rtsp://", "no host"),
    ],
)
def test_a_source_of_no_known_form_is_refused_at_once(
    camera: str | None, microphone: str | None, message: str
) -> None:
    with pytest.raises(CaptureError, match=message) as caught:
        opened(camera, microphone)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["auto", "3", "pulse", "HDA Intel PCH: ALC257 Analog (hw:0,0)", "hw:1,0", "Mic / Line In"]
)
def test_device_names_are_no_files(name: str) -> None:
    assert sound_source(name, "auto") is None


@pytest.mark.parametrize("name", ["talk.wav", "/srv/talk", "./talk", "file:///srv/talk.flac", "My Talk.MP4"])
def test_paths_are_files(name: str) -> None:
    found = sound_source(name, "auto")
    assert found is not None
    assert found.kind == "file"
