"""Devices that several rooms use: whose switches have to be on for one of them to be open. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.capture.groups import grouped
from edge.config.models import Config
from edge.config.plans import CameraPlan, DevicePlan, MicrophonePlan, device_plans
from edge.privacy.state import Desired

__all__ = ["Needs", "Permission", "sharers", "switches_needed"]

Needs = Mapping[DevicePlan, tuple[str, ...]]
"""The switches that all have to be on for a device to be open, its own first."""


@dataclass(frozen=True, slots=True)
class Permission:
    """Which devices may be open now, by what is wanted of the switches and what each device needs of them."""

    desired: Desired
    needs: Needs

    def reason(self, device: DevicePlan) -> str | None:
        """Why it is closed: its own switch, or that of a room which shares it. None where it may be open."""
        for switch in self.needs.get(device, (device.switch,)):
            reason = self.desired.reasons.get(switch)
            if reason is not None:
                return reason if switch == device.switch else f"shared with {switch.split('/')[0]}: {reason}"
        return None if device in self.needs else "not used by this configuration"


def switches_needed(config: Config) -> Needs:
    """The needs of every device in use. Raises CaptureError for names that no source can have.

    A microphone cannot be divided: off in one of the rooms that hear by it closes it for all of them. A
    camera is closed likewise, unless the configuration leaves it to the rooms that are still on, each with
    its region.
    """
    divided = config.privacy.shared_camera == "apart"
    found: dict[DevicePlan, tuple[str, ...]] = {}
    for users in _users(config):
        apart = divided and isinstance(users[0], CameraPlan)
        every = [user.switch for user in users]
        found |= {one: (one.switch,) if apart else _first(one.switch, every) for one in users}
    return found


def sharers(config: Config, device: DevicePlan) -> tuple[str, ...]:
    """The other rooms that use the same device."""
    users = next((users for users in _users(config) if device in users), ())
    return tuple(dict.fromkeys(user.room for user in users if user.room != device.room))


def _first(own: str, switches: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((own, *switches)))


def _users(config: Config) -> Iterator[Sequence[DevicePlan]]:
    """Who uses one device as the same kind, of all devices."""
    used = [device for device in device_plans(config) if device.config.enabled]
    cameras = [device for device in used if isinstance(device, CameraPlan)]
    microphones = [device for device in used if isinstance(device, MicrophonePlan)]
    for group in grouped(cameras, microphones):
        yield from (users for users in (group.cameras, group.microphones) if users)
