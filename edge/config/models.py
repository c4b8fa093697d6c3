"""The shape of `config.yaml`: one pydantic model a section, unknown keys refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from edge.config.action_kinds import CommandAction, HttpAction, MqttAction
from edge.config.actions import Action, ActionsConfig, PresetAction, RuleConfig
from edge.config.base import (
    Label,
    MoodLabel,
    NumberOrText,
    Port,
    Seconds,
    Section,
    Share,
    Slug,
    Text,
    also_written_as,
)
from edge.config.button import ButtonConfig
from edge.config.fusion import FusionConfig, SmoothingConfig, ThresholdConfig
from edge.config.rooms import RoomConfig, Rooms, room_problems
from edge.config.schedule import check_period, schedule_problems, span_text
from edge.config.sensors import (
    CameraConfig,
    DetectorConfig,
    EnginesConfig,
    MicrophoneConfig,
    QualityConfig,
    VadConfig,
)
from edge.config.showing import HistoryConfig, KioskConfig, MetricsConfig

__all__ = [
    "Action",
    "ActionsConfig",
    "CameraConfig",
    "CommandAction",
    "Config",
    "DetectorConfig",
    "DeviceConfig",
    "EnginesConfig",
    "FusionConfig",
    "HistoryConfig",
    "HomeAssistantConfig",
    "HttpAction",
    "KioskConfig",
    "Label",
    "LogConfig",
    "MetricsConfig",
    "MicrophoneConfig",
    "MoodLabel",
    "MqttAction",
    "MqttConfig",
    "NumberOrText",
    "PresetAction",
    "PrivacyConfig",
    "QualityConfig",
    "RoomConfig",
    "RuleConfig",
    "Seconds",
    "Section",
    "Share",
    "Slug",
    "SmoothingConfig",
    "ThresholdConfig",
    "TlsConfig",
    "VadConfig",
]

_TopicPrefix = Annotated[str, Field(min_length=1, pattern=r"^[^#+\x00/]+(/[^#+\x00/]+)*$")]
_Period = Annotated[str, BeforeValidator(span_text), AfterValidator(check_period)]


@also_written_as(const=5)
def _version_as_text(value: object) -> object:
    return f"{value:g}" if isinstance(value, int | float) else value


def _without_brackets(host: str) -> str:
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


class DeviceConfig(Section):
    """Who this device is on the broker and in Home Assistant."""

    id: Slug = "emotion-edge"
    """Part of every topic: a-z, 0-9, _ and -; different for each device."""
    name: Text = "Emotion Edge"
    """Shown to people."""
    room: str | None = None
    """Suggested area in Home Assistant."""
    site: str | None = None
    """House or branch, for those with several."""


class TlsConfig(Section):
    """Certificates; leaving `ca` empty uses the system's."""

    enabled: bool = False
    """Encrypt the connection; the usual port is then 8883."""
    ca: Path | None = None
    """Certificate authority of the broker, PEM."""
    certificate: Path | None = None
    """Own certificate, PEM, where the broker asks for one."""
    key: Path | None = None
    """Its private key, PEM."""
    insecure: bool = False
    """Accept any certificate. For experiments only: passwords can be overheard."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """A client certificate and its key go together, and only with TLS."""
        if self.certificate is not None and self.key is None:
            yield "key", "tls.certificate needs tls.key, its private key"
        if self.key is not None and self.certificate is None:
            yield "certificate", "tls.key needs tls.certificate"
        used = self.ca is not None or self.certificate is not None or self.insecure
        if used and not self.enabled:
            yield "enabled", "certificates are configured, but TLS is off; set enabled: true"


class MqttConfig(Section):
    """The broker and what is published there."""

    enabled: bool = True
    """False: no broker; the mood appears in the log only."""
    host: Annotated[str, Field(pattern=r"^[^\s/@]+$"), AfterValidator(_without_brackets)] = "localhost"
    """Name or address of the broker, without a scheme; an IPv6 address with or without its brackets."""
    port: Port = 1883
    """1883 is usual, 8883 with TLS."""
    username: Text | None = None
    """Empty: anonymous."""
    password: SecretStr | None = None
    """Better in a file of its own: `password_file`."""
    password_file: Path | None = None
    """File whose first line is the password."""
    tls: TlsConfig = TlsConfig()
    """Encryption."""
    prefix: Slug = "emotion-edge"
    """Topics are `<prefix>/<device.id>/…`."""
    protocol: Annotated[Literal["auto", "5", "3.1.1"], BeforeValidator(_version_as_text)] = "auto"
    """`auto` tries MQTT 5, then 3.1.1."""
    keepalive: Annotated[int, Field(ge=5, le=3600)] = 30
    """Seconds after which the broker notices a dead device."""
    heartbeat: Annotated[float, Field(ge=1, le=3600)] = 60.0
    """Seconds between repetitions of state and health."""
    expiry: Annotated[int, Field(ge=0, le=86_400)] = 180
    """Seconds after which the broker forgets a state that is not repeated (MQTT 5); 0 keeps it."""
    readings: bool = False
    """Publish every reading of face and speech, at most two a second."""
    people: bool = False
    """Publish everybody in the picture by an anonymous number, and how many are of which mood."""
    scores: bool = False
    """Publish probabilities, valence and arousal once a second while somebody is judged."""

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """One password, for one user, and a state that lives until it is repeated."""
        if self.password is not None and self.password_file is not None:
            yield "password_file", "password and password_file are both set; keep one"
        if self.username is None and (self.password is not None or self.password_file is not None):
            yield "username", "a password is set, but no username"
        if 0 < self.expiry <= self.heartbeat:
            yield (
                "expiry",
                f"must be longer than heartbeat ({self.heartbeat:g} s), or the state vanishes in between",
            )


class HomeAssistantConfig(Section):
    """MQTT discovery for Home Assistant 2024.12 or newer."""

    enabled: bool = True
    """Announce the device and its entities."""
    prefix: _TopicPrefix = "homeassistant"
    """Discovery prefix set in Home Assistant."""


class PrivacyConfig(Section):
    """When the devices are closed whatever else is asked for."""

    start_disabled: bool | Literal["after_crash"] = False
    """Begin with camera and microphone closed until they are switched on; `after_crash`: only after a power
    cut, a crash or an end at which the switches could not be stored."""
    schedule: list[_Period] = Field(default_factory=list)
    """Local times at which they are closed: `22:00-07:00`, `mon-fri 08:00-16:00 camera room:office`."""
    shared_camera: Literal["together", "apart"] = "together"
    """Off in one of the rooms that share a camera closes it for all (together), or for itself (apart)."""
    indicator_topic: _TopicPrefix | None = None
    """Topic that is ON exactly while a device is open."""
    indicator_command: Annotated[list[str], Field(min_length=1)] | None = None
    """Program run with `on` or `off` as last argument when a device is opened or all are closed."""
    button: ButtonConfig = ButtonConfig()
    """A physical button that closes both devices, and opens them when both are closed."""


class LogConfig(Section):
    """Lines on stderr (the journal under systemd)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity shown."""
    format: Literal["auto", "text", "json", "journal"] = "auto"
    """`auto`: journal under systemd, else text."""


class Config(Section):
    """The whole file."""

    device: DeviceConfig = DeviceConfig()
    camera: CameraConfig = CameraConfig()
    microphone: MicrophoneConfig = MicrophoneConfig()
    rooms: Rooms = Field(default_factory=dict)
    """Several rooms, each with cameras and microphones of its own, instead of `camera` and `microphone`."""
    engines: EnginesConfig = EnginesConfig()
    fusion: FusionConfig = FusionConfig()
    smoothing: SmoothingConfig = SmoothingConfig()
    mqtt: MqttConfig = MqttConfig()
    home_assistant: HomeAssistantConfig = HomeAssistantConfig()
    actions: ActionsConfig = ActionsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    history: HistoryConfig = HistoryConfig()
    kiosk: KioskConfig = KioskConfig()
    metrics: MetricsConfig = MetricsConfig()
    log: LogConfig = LogConfig()

    def conflicts(self) -> Iterator[tuple[str, str]]:
        """Devices belong to rooms where there are some, and rules name rooms that are there."""
        if self.rooms:
            for name, section in (("camera", self.camera), ("microphone", self.microphone)):
                if section != type(section)():
                    yield name, f"stands beside rooms; move it to rooms.ROOM.{name}s.NAME, or remove it"
            found = room_problems(self.rooms, self.fusion, self.smoothing)
            yield from ((f"rooms.{key}", message) for key, message in found)
        spans = schedule_problems(self.privacy.schedule, tuple(self.rooms))
        yield from ((f"privacy.schedule.{place}", message) for place, message in spans)
        yield from self.actions.misplaced(tuple(self.rooms))
