"""What the kernel says about video devices."""

from __future__ import annotations

import fcntl
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["VideoDevice", "video_devices"]

_QUERYCAP: Final = 0x80685600
_LAYOUT: Final = "16s32s32sII I 3I"
_CAPTURE: Final = 0x00000001 | 0x00001000
_DEVICE_CAPS: Final = 0x80000000


@dataclass(frozen=True, slots=True)
class VideoDevice:
    """A node under /dev; `links` are its stable names, `captures` is None when it may not be opened."""

    path: str
    name: str
    driver: str
    captures: bool | None
    links: tuple[str, ...] = ()


def video_devices(dev: Path = Path("/dev"), sys: Path = Path("/sys/class/video4linux")) -> list[VideoDevice]:
    """All video nodes in the order of their numbers."""
    nodes = sorted(dev.glob("video[0-9]*"), key=lambda node: int(re.sub(r"\D", "", node.name) or 0))
    return [_describe(node, dev, sys) for node in nodes]


def _describe(node: Path, dev: Path, sys: Path) -> VideoDevice:
    driver, captures = _capabilities(node)
    links = sorted(link for folder in ("by-id", "by-path") for link in (dev / "v4l" / folder).glob("*"))
    mine = tuple(str(link) for link in links if link.resolve() == node.resolve())
    return VideoDevice(str(node), _name(sys / node.name / "name"), driver, captures, mine)


def _name(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _capabilities(node: Path) -> tuple[str, bool | None]:
    """Driver's name and whether the node captures pictures (a webcam has further nodes for metadata)."""
    try:
        descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return "", None
    try:
        answer = fcntl.ioctl(descriptor, _QUERYCAP, bytes(struct.calcsize(_LAYOUT)))
    except OSError:
        return "", False
    finally:
        os.close(descriptor)
    driver, _card, _bus, _version, card, node_caps = struct.unpack(_LAYOUT, answer)[:6]
    effective = node_caps if card & _DEVICE_CAPS else card
    return driver.rstrip(b"\0").decode(errors="replace"), bool(effective & _CAPTURE)
