"""Opens a video source, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from edge.capture.video.pixels import Image, Size
from edge.capture.video.uri import VideoSource
from edge.capture.video.v4l2 import VideoDevice, video_devices
from edge.errors import CaptureError


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """What is asked of a source: at most this size and rate; waits in seconds, for networks."""

    size: Size
    fps: float
    open_timeout: float = 10.0
    read_timeout: float = 5.0


class VideoReader(Protocol):
    """An open source. Used and closed by one thread."""

    @property
    def detail(self) -> str:
        """What it delivers, for people."""
        ...

    def read(self) -> Image | None:
        """Wait for the next picture, BGR; None for one beyond the wanted rate.

        Raises CaptureError when there are no more.
        """
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


def open_video(
    source: VideoSource,
    settings: VideoSettings,
    devices: Callable[[], list[VideoDevice]] = video_devices,
) -> VideoReader:
    """A reader for the source as it is now: `auto` and by-id links are resolved anew each time."""
    if source.kind == "auto":
        source = first_camera(devices())
    if source.kind == "network":
        from edge.capture.video.network import NetworkReader

        return NetworkReader(source, settings)
    if source.kind in ("device", "csi"):
        from edge.capture.video.local import LocalReader

        return LocalReader(source, settings)
    raise CaptureError(f"{source.label}: a file is played by ClipPlayer, not read as a camera")


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
