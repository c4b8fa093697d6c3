"""Names of video sources: parsing, and masking of the credentials they may carry."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

from edge.errors import CaptureError

__all__ = ["Kind", "VideoSource", "csi_pipeline", "expanded", "mask", "parse_video"]

Kind = Literal["auto", "device", "csi", "network", "file"]

_NETWORK: Final = ("rtsp", "rtsps", "http", "https", "udp", "rtp", "rtmp", "srt", "tcp")
_SCHEMES: Final = ("device", "csi", "file", *_NETWORK)
_FORMS: Final = "auto, device:0, /dev/v4l/by-id/…, csi://0, rtsp://…, http://…, udp://… or a file"

_NUMBER: Final = re.compile(r"[0-9]{1,4}")
_HOST: Final = re.compile(r"[A-Za-z]+://[^/?#]+")
_USERINFO: Final = re.compile(r"(?<=://)[^/?#\s]*@")
_SECRET: Final = re.compile(
    r"(?i)((?:^|[?&;/_.])(?:user(?:name)?|usr|login|pass(?:word|wd|phrase)?|pwd|token|auth|api_?key|key|secret)=)"
    r".*?(?=[&;#/\s]|_[a-z]+=|$)"
)


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A parsed source; `address` is what gets opened, `label` what may be shown.

    `address` is a device's path, a sensor's number for `csi`, a URL, a file's path, or empty for `auto`;
    `flip` is nvvidconv's flip-method (0..7) for `csi`.
    """

    kind: Kind
    address: str
    label: str
    flip: int = 0


def mask(text: str) -> str:
    """The text with every user name and password of the URLs in it replaced by `***`."""
    return _SECRET.sub(r"\1***", _USERINFO.sub("***@", text))


def parse_video(text: str) -> VideoSource:
    """What a `camera.source` means. Raises CaptureError for what is none of the known forms."""
    text = text.strip()
    if text.lower() == "auto":
        return VideoSource("auto", "", "auto")
    if _NUMBER.fullmatch(text):
        return _device(text, text)
    scheme, colon, rest = text.partition(":")
    if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        return _with_scheme(scheme.lower(), rest, text)
    if text.startswith("/dev/"):
        return VideoSource("device", text, text)
    if not text:
        raise CaptureError(f"camera.source is empty; give {_FORMS}")
    return _file(text)


def _with_scheme(scheme: str, rest: str, text: str) -> VideoSource:
    if scheme in _NETWORK:
        return _network(text)
    if scheme == "device":
        return _device(rest.removeprefix("//"), text)
    if scheme == "csi":
        return _csi(text)
    if scheme == "file":
        return _file(unquote(rest.removeprefix("//").removeprefix("localhost")))
    if not rest.startswith("//"):
        return _file(text)
    near = difflib.get_close_matches(scheme, _SCHEMES, n=len(_SCHEMES))
    near.sort(key=lambda known: sorted(known) != sorted(scheme))
    hint = f"did you mean {near[0]}://?" if near else f"give {_FORMS}"
    raise CaptureError(f"{mask(text)}: unknown kind of source {scheme}://; {hint}")


def _network(text: str) -> VideoSource:
    scheme, _, rest = text.partition("://")
    if re.search(r"[\s\x00-\x1f]", re.split(r"[/?#]", rest)[0]):
        raise CaptureError(
            f"{scheme}://…: a space or control character before the path; in a password write %20 for a space"
        )
    if not _HOST.match(text):
        raise CaptureError(
            f"{mask(text)}: no host in the address; write for example rtsp://camera.local/stream"
        )
    return VideoSource("network", text, mask(text))


def _device(number: str, text: str) -> VideoSource:
    if number.startswith("/dev/"):
        return VideoSource("device", number, number)
    if not _NUMBER.fullmatch(number):
        raise CaptureError(f"{text}: a device has a number or a path; write device:0 or /dev/v4l/by-id/…")
    return VideoSource("device", f"/dev/video{int(number)}", f"/dev/video{int(number)}")


def _csi(text: str) -> VideoSource:
    found = re.fullmatch(r"csi:(?://)?([0-9]{1,4})(?:\?flip=([0-7]))?", text, re.IGNORECASE)
    if found is None:
        raise CaptureError(
            f"{text}: write csi://0 with the sensor's number, or csi://0?flip=2 to turn the picture"
        )
    return VideoSource("csi", found[1], text, int(found[2] or 0))


def _file(path: str) -> VideoSource:
    path = str(expanded(path))
    return VideoSource("file", path, path)


def expanded(text: str) -> Path:
    """A path with `~` and `~user` replaced. CaptureError where that user or path cannot be."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        raise CaptureError(
            f"{text!r}: there is no such user, so no home folder; write the whole path"
        ) from None


def csi_pipeline(source: VideoSource, width: int, height: int, fps: float) -> str:
    """The GStreamer pipeline that reads a Jetson's CSI camera as BGR, newest frame only."""
    return (
        f"nvarguscamerasrc sensor-id={source.address} ! "
        f"video/x-raw(memory:NVMM), framerate=(fraction){max(1, round(fps))}/1 ! "
        f"nvvidconv flip-method={source.flip} ! "
        f"video/x-raw, width=(int){width}, height=(int){height}, format=(string)BGRx ! "
        "videoconvert ! video/x-raw, format=(string)BGR ! "
        "appsink drop=true max-buffers=1 sync=false"
    )
