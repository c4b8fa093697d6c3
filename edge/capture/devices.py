"""The cameras and microphones of this machine, for `emotion-edge devices`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from edge.capture.sound.portaudio import portaudio, sound_inputs
from edge.capture.video.v4l2 import video_devices

__all__ = ["list_devices"]


def list_devices() -> dict[str, list[dict[str, Any]]]:
    """`video` and `audio` devices as plain data; `source` is what to write into the configuration.

    A video device's `captures` is null when this user may not open it.
    """
    with portaudio() as audio:
        inputs = sound_inputs(audio)
    return {
        "video": [{"source": _stable(one.links) or one.path} | asdict(one) for one in video_devices()],
        "audio": [{"source": one.name} | asdict(one) for one in inputs],
    }


def _stable(links: tuple[str, ...]) -> str | None:
    """A name that stays when the device is plugged in elsewhere or again, if there is one."""
    return next((link for link in links if "/by-id/" in link), links[0] if links else None)
