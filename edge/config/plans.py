"""The rooms that a configuration means, with or without `rooms`: what the daemon is built from. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.config.fusion import FusionConfig, SmoothingConfig
from edge.config.models import Config
from edge.config.rooms import RoomConfig, shown
from edge.config.sensors import CameraConfig, MicrophoneConfig

__all__ = ["CameraPlan", "DevicePlan", "MicrophonePlan", "RoomPlan", "room_plans"]

_PATIENCE: Final = 15.0


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """One camera of a room, by the room's key; `label` is how it is called in health and in the log."""

    room: str
    name: str
    label: str
    config: CameraConfig


@dataclass(frozen=True, slots=True)
class MicrophonePlan:
    """One microphone of a room; `beside` is the source of the camera that `source: camera` means."""

    room: str
    name: str
    label: str
    config: MicrophoneConfig
    beside: str


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


def _only(config: Config) -> RoomPlan:
    device, camera, microphone = config.device, config.camera, config.microphone
    eye = CameraPlan("", "camera", "camera", camera)
    ear = MicrophonePlan("", "microphone", "microphone", microphone, camera.source)
    return RoomPlan(
        id=device.id,
        level=None,
        name=device.room or device.name,
        area=device.room,
        cameras=(eye,) if camera.enabled else (),
        microphones=(ear,) if microphone.enabled else (),
        fusion=config.fusion,
        smoothing=config.smoothing,
    )


def _planned(identity: str, room: RoomConfig, config: Config) -> RoomPlan:
    beside = next((camera.source for camera in room.cameras.values()), "")
    name = shown(identity, room)
    return RoomPlan(
        id=identity,
        level=identity,
        name=name,
        area=name,
        cameras=tuple(
            CameraPlan(identity, key, f"camera {identity}/{key}", camera)
            for key, camera in room.cameras.items()
            if camera.enabled
        ),
        microphones=tuple(
            MicrophonePlan(identity, key, f"microphone {identity}/{key}", microphone, beside)
            for key, microphone in room.microphones.items()
            if microphone.enabled
        ),
        fusion=room.fusion or config.fusion,
        smoothing=room.smoothing or config.smoothing,
    )
