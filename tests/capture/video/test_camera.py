import threading

import numpy as np
import pytest

from edge.capture.mailbox import Mailbox
from edge.capture.video.camera import Camera
from edge.capture.video.local import has_gstreamer
from edge.capture.video.open import open_video
from edge.capture.video.pixels import Image
from edge.capture.video.uri import parse_video
from edge.config.models import CameraConfig
from edge.errors import CaptureError
from edge.vocabulary import Frame

DEVICE = CameraConfig(source="device:0")


class Numbered:
    """Delivers pictures whose pixels are their number; every second one comes too early."""

    detail = "numbered"

    def __init__(self, last: int) -> None:
        self.count = 0
        self.last = last
        self.closed = threading.Event()
        self.done = threading.Event()

    def read(self) -> Image | None:
        if self.count >= self.last:
            self.done.set()
            self.closed.wait(0.01)
            return None
        self.count += 1
        return None if self.count % 2 else np.full((4, 4, 3), self.count, np.uint8)

    def close(self) -> None:
        self.closed.set()


def test_the_newest_frame_is_what_a_slow_reader_gets() -> None:
    frames = Mailbox[Frame]()
    reader = Numbered(last=10)
    camera = Camera(config=DEVICE, frames=frames, opener=lambda *_: reader, clock=lambda: 7.0)
    camera.start()
    assert reader.done.wait(5)
    newest = frames.get(0)
    assert newest is not None
    assert (newest.image[0, 0, 0], newest.captured_at) == (10, 7.0)
    assert (camera.status().delivered, camera.status().dropped) == (5, 4)
    camera.stop()
    assert reader.closed.is_set()


def test_closing_withdraws_the_frame_that_waits() -> None:
    frames = Mailbox[Frame]()
    reader = Numbered(last=2)
    camera = Camera(config=DEVICE, frames=frames, opener=lambda *_: reader)
    camera.start()
    assert reader.done.wait(5)
    camera.stop()
    assert frames.get(0) is None


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("/dev/video987", "no such camera"),
        ("/dev/v4l/by-id/none", "no such camera"),
        ("/dev/null", "cannot be opened as a camera"),
        ("film.mp4", "not a camera of this machine"),
        ("rtsp://cam/", "not a camera of this machine"),
    ],
)
def test_a_camera_that_is_none_says_so(source: str, message: str) -> None:
    with pytest.raises(CaptureError, match=message):
        open_video(parse_video(source), CameraConfig())


def test_auto_without_a_camera_says_what_to_do() -> None:
    with pytest.raises(CaptureError, match="no camera found"):
        open_video(parse_video("auto"), CameraConfig(), devices=list)


def test_a_csi_camera_needs_gstreamer() -> None:
    assert has_gstreamer("    GStreamer:                   YES (1.20.3)\n")
    assert not has_gstreamer("    GStreamer:                   NO\n")
    import cv2

    if not has_gstreamer(cv2.getBuildInformation()):
        with pytest.raises(CaptureError, match="without GStreamer"):
            open_video(parse_video("csi://0"), CameraConfig())
