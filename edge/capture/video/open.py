"""Opens a camera of this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edge.capture.video.local import LocalReader
from edge.capture.video.reader import VideoReader
from edge.capture.video.uri import VideoSource
from edge.capture.video.v4l2 import VideoDevice, video_devices
from edge.config.models import CameraConfig
from edge.errors import CaptureError

__all__ = ["first_camera", "open_video"]


def open_video(
    source: VideoSource,
    camera: CameraConfig,
    devices: Callable[[], list[VideoDevice]] = video_devices,
) -> VideoReader:
    """A reader for the source as it is now: `auto` and by-id links are resolved anew each time.

    It delivers at most `camera.width` x `camera.height` pixels and `camera.fps` pictures a second.
    Raises CaptureError when it cannot be opened.
    """
    if source.kind == "auto":
        source = first_camera(devices())
    if source.kind in ("device", "csi"):
        return LocalReader(source, camera)
    raise CaptureError(f"{source.label}: is a file or a stream, not a camera of this machine")


def first_camera(devices: list[VideoDevice]) -> VideoSource:
    """The first node that captures; a Jetson's sensors give raw Bayer data there and are read as `csi`."""
    for device in devices:
        if device.captures:
            found = VideoSource("device", device.path, device.path)
            sensor = device.driver == "tegra-video"
            return (
                replace(found, kind="csi", address=_number(device), label=f"csi://{_number(device)}")
                if sensor
                else found
            )
    if any(device.captures is None for device in devices):
        raise CaptureError("no camera may be opened; add the user to the group video and log in again")
    raise CaptureError("no camera found; plug one in or name a source as camera.source")


def _number(device: VideoDevice) -> str:
    return "".join(filter(str.isdigit, device.path))
