"""Which cameras and microphones of the configuration are there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edge.errors import CaptureError

if TYPE_CHECKING:
    from edge.config import Config
    from edge.config.plans import DevicePlan

__all__ = ["Check", "device_checks"]


@dataclass(frozen=True, slots=True)
class Check:
    """One finding; `required` ones decide whether the daemon can do its job at all."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    required: bool = False

    def document(self) -> dict[str, object]:
        """As `doctor --json` prints it."""
        found = {"name": self.name, "ok": self.ok, "detail": self.detail, "remedy": self.remedy}
        return {**found, "required": self.required}


_KINDS: Final = {"camera": ("video", "path"), "microphone": ("audio", "name")}
_REMEDIES: Final = {
    "camera": "plug one in, or name a stream or file in camera.source",
    "microphone": "plug one in; the service's user must be in the group audio",
}


def device_checks(config: Config) -> Iterator[Check]:
    """Every camera and microphone of every room."""
    from edge.config.plans import device_plans

    for device in device_plans(config):
        yield _device(device)


def _device(device: DevicePlan) -> Check:
    kind = device.switch.rpartition("/")[2]
    if not device.config.enabled:
        return Check(device.label, True, "switched off in the configuration")
    if device.config.source != "auto":
        return _source(device, kind)
    found = _there(*_KINDS[kind])
    detail = ", ".join(found) or f"no {kind} found"
    return Check(device.label, bool(found), detail, "" if found else _REMEDIES[kind])


def _there(kind: str, key: str) -> list[str]:
    from edge.capture.devices import list_devices

    return [str(device.get(key) or device.get("name")) for device in list_devices()[kind]]


def _source(device: DevicePlan, kind: str) -> Check:
    """A named source: a file must be readable, a device node must exist; streams are not contacted."""
    from edge.config import mask_text

    shown = mask_text(device.config.source)
    try:
        path = _path(device)
    except CaptureError as error:
        return Check(device.label, False, str(error), f"correct {kind}.source; see `emotion-edge devices`")
    if path is None:
        return Check(device.label, True, f"{shown} (not opened by doctor)")
    fine = os.access(path, os.R_OK) and not path.is_dir()
    remedy = f"check the path {kind}.source and its permissions; see `emotion-edge devices`"
    return Check(device.label, fine, shown if fine else f"{shown} cannot be read", "" if fine else remedy)


def _path(device: DevicePlan) -> Path | None:
    """The file or device node behind a source, where it has one. Raises CaptureError."""
    from edge.capture.open import sound_source
    from edge.capture.video.uri import parse_video
    from edge.config.plans import CameraPlan

    source = device.config.source
    found = parse_video(source) if isinstance(device, CameraPlan) else sound_source(source, device.beside)
    return Path(found.address) if found is not None and found.kind in ("file", "device") else None
