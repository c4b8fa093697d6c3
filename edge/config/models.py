"""The shape of `config.yaml`: one pydantic model a section, unknown keys refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Slug = Annotated[str, Field(pattern=r"^[a-z0-9_-]+$", max_length=64)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(ge=0.0, le=86_400.0)]
Label = Literal["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


class Section(BaseModel):
    """Base of all sections: unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceConfig(Section):
    """Who this device is on the broker and in Home Assistant."""

    id: Slug = "emotion-edge"
    name: str = "Emotion Edge"
    room: str | None = None
    site: str | None = None


class QualityConfig(Section):
    """Faces below these limits are tracked but not judged."""

    min_face: Annotated[int, Field(ge=12, le=1000)] = 40
    min_score: Share = 0.5
    max_yaw: Annotated[float, Field(gt=0, le=90)] = 45.0
    max_roll: Annotated[float, Field(gt=0, le=90)] = 40.0
    min_sharpness: Annotated[float, Field(ge=0)] = 15.0


class DetectorConfig(Section):
    """Which face detector, and how often it runs."""

    model: str = "centerface"
    longer_side: Annotated[int, Field(ge=96, le=1920)] = 320
    threshold: Share = 0.5
    every: Annotated[int, Field(ge=1, le=30)] = 3


class CameraConfig(Section):
    """Where pictures come from."""

    enabled: bool = True
    source: str = "auto"
    width: Annotated[int, Field(ge=16, le=7680)] = 640
    height: Annotated[int, Field(ge=16, le=4320)] = 480
    fps: Annotated[float, Field(gt=0, le=120)] = 15.0
    detector: DetectorConfig = DetectorConfig()
    quality: QualityConfig = QualityConfig()


class VadConfig(Section):
    """When sound counts as speech."""

    threshold: Share = 0.5
    min_speech: Seconds = 1.0
    hop: Annotated[float, Field(ge=0.1, le=5.0)] = 0.5
    window: Annotated[float, Field(ge=1.0, le=3.0)] = 3.0


class MicrophoneConfig(Section):
    """Where sound comes from: `auto`, a device's name or index, or a file."""

    enabled: bool = True
    source: str = "auto"
    vad: VadConfig = VadConfig()


class EnginesConfig(Section):
    """Which models, on which runtime."""

    backend: Literal["auto", "onnx", "tensorrt"] = "auto"
    directory: Path | None = None
    cache: Path | None = None
    face: str = "face"
    speech: str = "speech"
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    precision: Literal["fp32", "fp16", "int8"] = "fp16"


class FusionConfig(Section):
    """How face and speech become one."""

    rule: Literal["loglinear", "fscore", "mean", "product"] = "loglinear"
    face_weight: Annotated[float, Field(ge=0, le=5)] | None = None
    speech_weight: Annotated[float, Field(ge=0, le=5)] | None = None
    face_stale: Annotated[float, Field(gt=0, le=60)] = 1.5
    speech_stale: Annotated[float, Field(gt=0, le=60)] = 4.0


class SmoothingConfig(Section):
    """How a jittering estimate becomes a mood that changes only for a reason."""

    half_life: Annotated[float, Field(ge=0, le=60)] = 0.8
    enter: Share = 0.45
    exit: Share = 0.30
    dwell: Seconds = 1.0
    absence: Seconds = 5.0
    thresholds: dict[Label, Share] = {}


class TlsConfig(Section):
    """Certificates; leaving `ca` empty uses the system's."""

    enabled: bool = False
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False


class MqttConfig(Section):
    """The broker and what is published there."""

    enabled: bool = True
    host: str = "localhost"
    port: Annotated[int, Field(ge=1, le=65_535)] = 1883
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    tls: TlsConfig = TlsConfig()
    prefix: Slug = "emotion-edge"
    protocol: Literal["auto", "5", "3.1.1"] = "auto"
    keepalive: Annotated[int, Field(ge=5, le=3600)] = 30
    heartbeat: Annotated[float, Field(ge=1, le=3600)] = 60.0
    expiry: Annotated[int, Field(ge=0, le=86_400)] = 180
    readings: bool = False


class HomeAssistantConfig(Section):
    """MQTT discovery for Home Assistant 2024.12 or newer."""

    enabled: bool = True
    prefix: str = "homeassistant"


class MqttAction(Section):
    """Publish once; never retained."""

    topic: str
    payload: str | dict[str, object] | list[object] = ""
    qos: Literal[0, 1] = 1


class HttpAction(Section):
    """Call a URL once."""

    url: str
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = {}
    json_body: object | None = Field(default=None, alias="json")
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0


class CommandAction(Section):
    """Run a program: an argument list, never a shell."""

    argv: Annotated[list[str], Field(min_length=1)]
    timeout: Annotated[float, Field(gt=0, le=300)] = 10.0


class PresetAction(Section):
    """A ready-made action of `emotion-edge actions presets`, with its parameters."""

    preset: str
    parameters: dict[str, object] = {}


class Action(Section):
    """Exactly one of the kinds."""

    mqtt: MqttAction | None = None
    http: HttpAction | None = None
    command: CommandAction | None = None
    use: PresetAction | None = None


class RuleConfig(Section):
    """When the mood is one of `when` for long enough, do `then`; on leaving it, `on_exit`."""

    name: str
    when: Annotated[list[Label | Literal["none"]], Field(min_length=1)]
    hold: Seconds = Field(default=0.0, alias="for")
    min_confidence: Share = 0.0
    cooldown: Seconds = 0.0
    between: tuple[str, str] | None = None
    only_if: Literal["face", "speech", "both"] | None = None
    profile: str | None = None
    then: Annotated[list[Action], Field(min_length=1)]
    on_exit: list[Action] = []


class ActionsConfig(Section):
    """What the mood does to lights, music and the rest."""

    enabled: bool = True
    allow_commands: bool = False
    profile: str | None = None
    rate: Annotated[float, Field(gt=0, le=100)] = 2.0
    rules: list[RuleConfig] = []


class PrivacyConfig(Section):
    """When the devices are closed whatever else is asked for."""

    start_disabled: bool = False
    schedule: list[str] = []
    indicator_topic: str | None = None
    indicator_command: list[str] | None = None


class KioskConfig(Section):
    """The local web page."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8780


class MetricsConfig(Section):
    """Prometheus metrics."""

    enabled: bool = False
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 9780


class LogConfig(Section):
    """Lines on stderr (the journal under systemd)."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json", "journal"] = "auto"


class Config(Section):
    """The whole file."""

    device: DeviceConfig = DeviceConfig()
    camera: CameraConfig = CameraConfig()
    microphone: MicrophoneConfig = MicrophoneConfig()
    engines: EnginesConfig = EnginesConfig()
    fusion: FusionConfig = FusionConfig()
    smoothing: SmoothingConfig = SmoothingConfig()
    mqtt: MqttConfig = MqttConfig()
    home_assistant: HomeAssistantConfig = HomeAssistantConfig()
    actions: ActionsConfig = ActionsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    kiosk: KioskConfig = KioskConfig()
    metrics: MetricsConfig = MetricsConfig()
    log: LogConfig = LogConfig()


