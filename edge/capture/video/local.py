"""Cameras of this machine, through OpenCV: USB (V4L2) and CSI (GStreamer)."""

from __future__ import annotations

import os
import re
import stat
import time
from pathlib import Path
from typing import Final

import cv2

from edge.capture.video.pacer import Pacer
from edge.capture.video.pixels import Image, Size, quiet_opencv, shrink, to_bgr
from edge.capture.video.uri import VideoSource, csi_pipeline
from edge.config.models import CameraConfig
from edge.errors import CaptureError

__all__ = ["LocalReader", "has_gstreamer"]

_RAW_WIDTH: Final = 640
"""USB 2 carries uncompressed pictures up to this width at full rate; wider ones are asked for as JPEG."""

_DAMAGED: Final = 30
"""Damaged pictures in a row after which the camera is reopened."""


class LocalReader:
    """One camera on V4L2 or GStreamer."""

    def __init__(self, source: VideoSource, camera: CameraConfig) -> None:
        quiet_opencv()
        self._label = source.label
        self._limit = Size(camera.width, camera.height)
        self._pacer = Pacer(camera.fps)
        self._capture = _open_csi(source, camera) if source.kind == "csi" else _open_device(source, camera)

    @property
    def detail(self) -> str:
        """Size and rate that the driver granted."""
        width, height = (
            int(self._capture.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        return f"{width}x{height} at {self._capture.get(cv2.CAP_PROP_FPS):g} fps"

    def read(self) -> Image | None:
        """The next picture; one that comes too early is taken from the driver but not converted."""
        for _ in range(_DAMAGED):
            if not self._capture.grab():
                raise CaptureError(f"{self._label}: the camera stopped delivering; is it still plugged in?")
            if not self._pacer.due(time.monotonic()):
                return None
            fine, image = self._capture.retrieve()
            if fine and image is not None:
                return shrink(to_bgr(image), self._limit)
        raise CaptureError(
            f"{self._label}: the camera delivers only damaged pictures; try another cable or port"
        )

    def close(self) -> None:
        """Give the device back."""
        self._capture.release()


def _open_device(source: VideoSource, camera: CameraConfig) -> cv2.VideoCapture:
    path = _usable(source.address)
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    if not capture.isOpened():
        raise CaptureError(f"{source.label}: cannot be opened as a camera; does another program use it?")
    if camera.width > _RAW_WIDTH:
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, camera.width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, camera.height)
    capture.set(cv2.CAP_PROP_FPS, camera.fps)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return capture


def _usable(address: str) -> str:
    """The device's node. Raises CaptureError when it is not there, no device, or not ours to open."""
    node = Path(address).resolve()
    try:
        mode = node.stat().st_mode
    except OSError as error:
        raise CaptureError(
            f"{address}: no such camera; `emotion-edge devices` lists those there are"
        ) from error
    if not stat.S_ISCHR(mode):
        raise CaptureError(f"{address}: not a video device; `emotion-edge devices` lists those there are")
    if not os.access(node, os.R_OK | os.W_OK):
        raise CaptureError(f"{address}: permission denied; add the user to the group video and log in again")
    return str(node)


def _open_csi(source: VideoSource, camera: CameraConfig) -> cv2.VideoCapture:
    if not has_gstreamer(cv2.getBuildInformation()):
        raise CaptureError(
            f"{source.label}: this OpenCV was built without GStreamer, through which CSI cameras are read; "
            "use JetPack's OpenCV (python3-opencv, in a virtual environment with --system-site-packages)"
        )
    pipeline = csi_pipeline(source, camera.width, camera.height, camera.fps)
    capture = cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER)
    if not capture.isOpened():
        raise CaptureError(f"{source.label}: the CSI camera cannot be opened; is nvargus-daemon running?")
    return capture


def has_gstreamer(build: str) -> bool:
    """Whether OpenCV's build information names GStreamer as usable."""
    return re.search(r"GStreamer:\s+YES", build) is not None
