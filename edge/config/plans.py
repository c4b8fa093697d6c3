"""The rooms that a configuration means, with or without `rooms`: what the daemon is built from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.config.fusion import FusionConfig, SmoothingConfig
from edge.config.models import Config
from edge.config.rooms import RoomConfig, laid_over, shown
from edge.config.sensors import CameraConfig, MicrophoneConfig

__all__ = [
    "NO_PROFILE",
    "CameraPlan",
    "DevicePlan",
    "MicrophonePlan",
    "RoomPlan",
    "device_plans",
    "room_plans",
]

_PATIENCE: Final = 15.0
NO_PROFILE: Final = "none"
"""A room's word for no profile, where the file names one for all."""


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera of a room, by the room's key; `label` is how it is called in health and in the log."""

    room: str
    name: str
    label: str
    config: CameraConfig

    @property
    def switch(self) -> str:
        """The name of the switch that opens it: `camera`, or `living/camera`."""
        return f"{self.room}/camera" if self.room else "camera"


@dataclass(frozen=True, slots=True)
class MicrophonePlan:
    """One microphone of a room; `beside` is the source of the camera that `source: camera` means."""

    room: str
    name: str
    label: str
    config: MicrophoneConfig
    beside: str

    @property
    def switch(self) -> str:
        """The name of the switch that opens it: `microphone`, or `living/microphone`."""
        return f"{self.room}/microphone" if self.room else "microphone"


DevicePlan = CameraPlan | MicrophonePlan


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """A room: its devices (those that are enabled) and how its mood is made.

    `level` is its level in topics; None without `rooms`, where topics have no such level and `id` is the
    device's. `area` is what is suggested to Home Assistant.
    """

    id: str
    level: str | None
    name: str
    area: str | None
    cameras: tuple[CameraPlan, ...]
    microphones: tuple[MicrophonePlan, ...]
    fusion: FusionConfig
    smoothing: SmoothingConfig
    profile: str | None = None
    overlap: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """What its devices name it by: the level, empty without one, so that a new device.id changes none."""
        return self.level or ""

    @property
    def fps(self) -> float:
        """Pictures a second of its slowest camera."""
        return min((camera.config.fps for camera in self.cameras), default=_PATIENCE)

    def switch(self, device: str) -> str:
        """The name of a switch of this room: `camera`, or `living/camera`."""
        return device if self.level is None else f"{self.level}/{device}"

    def has(self, device: str) -> bool:
        """Whether there is such a device: `camera` or `microphone`."""
        return bool(self.cameras if device == "camera" else self.microphones)


def room_plans(config: Config) -> tuple[RoomPlan, ...]:
    """The rooms of a configuration, in the order of the file; at least one."""
    if not config.rooms:
        return (_only(config),)
    return tuple(_planned(identity, room, config) for identity, room in config.rooms.items())


def device_plans(config: Config) -> tuple[DevicePlan, ...]:
    """Every camera and microphone of a configuration, those too that it does not use."""
    if not config.rooms:
        return _own(config)
    return tuple(device for key, room in config.rooms.items() for device in _of(key, room))


def _own(config: Config) -> tuple[CameraPlan, MicrophonePlan]:
    camera, microphone = config.camera, config.microphone
    eye = CameraPlan("", "camera", "camera", camera)
    return eye, MicrophonePlan("", "microphone", "microphone", microphone, camera.source)


def _of(key: str, room: RoomConfig) -> tuple[DevicePlan, ...]:
    beside = next((camera.source for camera in room.cameras.values()), "")
    cameras = (CameraPlan(key, name, f"camera {key}/{name}", camera) for name, camera in room.cameras.items())
    microphones = (
        MicrophonePlan(key, name, f"microphone {key}/{name}", microphone, beside)
        for name, microphone in room.microphones.items()
    )
    return (*cameras, *microphones)


def _only(config: Config) -> RoomPlan:
    device = config.device
    eye, ear = _own(config)
    return RoomPlan(
        id=device.id,
        level=None,
        name=device.room or device.name,
        area=device.room,
        cameras=(eye,) if eye.config.enabled else (),
        microphones=(ear,) if ear.config.enabled else (),
        fusion=config.fusion,
        smoothing=config.smoothing,
        profile=config.actions.profile,
    )


def _planned(identity: str, room: RoomConfig, config: Config) -> RoomPlan:
    used = [device for device in _of(identity, room) if device.config.enabled]
    name = shown(identity, room)
    return RoomPlan(
        id=identity,
        level=identity,
        name=name,
        area=name,
        cameras=tuple(device for device in used if isinstance(device, CameraPlan)),
        microphones=tuple(device for device in used if isinstance(device, MicrophonePlan)),
        fusion=laid_over(config.fusion, room.fusion),
        smoothing=laid_over(config.smoothing, room.smoothing),
        profile=_profile(room, config),
        overlap=frozenset(room.overlap),
    )


def _profile(room: RoomConfig, config: Config) -> str | None:
    named = room.profile or config.actions.profile
    return None if named == NO_PROFILE else named
