"""What is open, what is stored, what is sent: for `emotion-edge doctor --privacy`, from the configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from edge.actions.plan import expand
from edge.config.directories import runtime_candidates, state_directory
from edge.config.masking import mask_address, mask_text
from edge.config.models import Action, ActionsConfig, Config
from edge.config.plans import DevicePlan, device_plans
from edge.config.schedule import Period
from edge.daemon.control_client import ask, find_socket
from edge.daemon.settings_store import SettingsStore
from edge.errors import EdgeError
from edge.history.store import history_file
from edge.inference.directories import cache_directory
from edge.privacy.sharing import Permission, sharers, switches_needed
from edge.privacy.state import Desired, PrivacyState
from edge.privacy.store import switch_store

__all__ = ["NEVER", "Item", "PrivacyReport", "privacy_report"]


NEVER: Final = (
    "No picture, crop, sound or embedding is written to a disk or sent anywhere, and no option does so. "
    "Frames and sound live in memory for as long as they are being judged. "
    "No library reports how the program is used."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line: the thing, where it is or goes, and what it consists of."""

    what: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class PrivacyReport:
    """The whole answer; `running` is whether a daemon was asked."""

    running: bool
    open: list[Item]
    stored: list[Item]
    sent: list[Item]
    schedule: list[Item]
    never: str = NEVER

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        parts = (
            ("open", self.open),
            ("closed by the clock", self.schedule),
            ("stored", self.stored),
            ("sent", self.sent),
        )
        lines = [line for title, items in parts for line in _section(title, items)]
        return "\n".join([*lines, "never:", f"  {self.never}"])


def privacy_report(config: Config, *, env: Mapping[str, str], now: datetime) -> PrivacyReport:
    """Ask the running daemon what is open, else say what would be; list what is stored and sent."""
    live = _live(config, env)
    devices = _open_now(config, live) if live is not None else _would_open(config, env, now)
    return PrivacyReport(
        live is not None, devices, list(_stored(config, env)), list(_sent(config)), list(_schedule(config))
    )


def _schedule(config: Config) -> Iterator[Item]:
    for text in config.privacy.schedule:
        span = Period.parse(text)
        where = f" of {' and '.join(span.rooms)}" if span.rooms else " of all rooms" if config.rooms else ""
        yield Item("schedule", text, f"closes {' and '.join(sorted(span.things))}{where}, local time")


def _live(config: Config, env: Mapping[str, str]) -> Mapping[str, Any] | None:
    try:
        path = find_socket(runtime_candidates(env), config.device.id, exact=True)
        return ask(path, "privacy", {"what": "status"}, timeout=5.0)
    except EdgeError:
        return None


def _open_now(config: Config, live: Mapping[str, Any]) -> list[Item]:
    permission = Permission(Desired(live.get("reasons", {})), switches_needed(config))
    items = []
    for device in device_plans(config):
        reason = permission.reason(device)
        is_open = bool(live.get(device.switch)) and reason is None
        detail = _word(is_open, reason) + _sharing(config, device, live, is_open=is_open)
        items.append(Item(device.label, mask_text(device.config.source), detail))
    return items


def _sharing(config: Config, device: DevicePlan, live: Mapping[str, Any], *, is_open: bool) -> str:
    """With whom it is one device, and whether that is open although it is off here."""
    others = sharers(config, device)
    if not others:
        return ""
    kind = device.switch.rpartition("/")[2]
    looking = [room for room in others if live.get(f"{room}/{kind}")]
    if looking and not is_open and config.privacy.shared_camera == "apart":
        return f"; but the device is open for {' and '.join(looking)} (privacy.shared_camera: apart)"
    return f"; one device with {' and '.join(others)}"


def _would_open(config: Config, env: Mapping[str, str], now: datetime) -> list[Item]:
    state = PrivacyState(config.privacy, store=switch_store(config, env), rooms=tuple(config.rooms))
    permission = Permission(state.desired(now), switches_needed(config))
    on = {device.switch: permission.reason(device) is None for device in permission.needs}
    items = []
    for device in device_plans(config):
        reason = permission.reason(device)
        word = f"would stay closed: {reason}" if reason else "would be opened"
        word += _sharing(config, device, on, is_open=reason is None)
        items.append(Item(device.label, mask_text(device.config.source), f"no daemon answers; {word}"))
    return items


def _word(is_open: bool, reason: str | None) -> str:
    return "open" if is_open else f"closed: {reason or 'not used, or not there'}"


def _stored(config: Config, env: Mapping[str, str]) -> Iterator[Item]:
    yield Item(
        "switches", str(switch_store(config, env).path), "whether camera, microphone and actions are on"
    )
    settings = SettingsStore(env, config.device.id)
    yield Item("settings", str(settings.path), "what was set at run time; there only if something is")
    if config.history.keep is not None:
        kept = history_file(state_directory(env), config.device.id)
        yield Item("history", str(kept), "moods, numbers of people and the word of health, with their times")
    yield Item(
        "models", str(cache_directory(config.engines, env)), "the fetched detector and compiled engines"
    )
    yield Item(
        "log", "the journal, or standard error", f"level {config.log.level}: changes of mood, no readings"
    )


def _sent(config: Config) -> Iterator[Item]:
    yield from _mqtt(config)
    yield from _acted(config.actions)
    for name, server in (("kiosk page", config.kiosk), ("metrics", config.metrics)):
        if server.enabled:
            yield Item(name, f"http://{server.host}:{server.port}", "to whoever asks there")
    if config.privacy.indicator_topic is not None:
        yield Item("indicator", config.privacy.indicator_topic, "ON or OFF: whether a device is open")


def _mqtt(config: Config) -> Iterator[Item]:
    mqtt = config.mqtt
    if not mqtt.enabled:
        return
    broker = f"{mqtt.host}:{mqtt.port} ({'encrypted' if mqtt.tls.enabled else 'not encrypted'})"
    hub = f"{mqtt.prefix}/{config.device.id}"
    base = f"{hub}/<{', '.join(config.rooms)}>" if config.rooms else hub
    yield Item(
        "mood",
        f"{broker} {base}/state, /event",
        "emotion, confidence, number of faces, whether somebody speaks",
    )
    yield Item(
        "device", f"{broker} {hub}/info, /health, /availability", "versions, frame rate, latency, problems"
    )
    yield Item("switches", f"{broker} {hub}/camera, /microphone, /actions", "ON or OFF")
    yield Item("switches", f"{broker} {hub}/unstored", "the same, only while they cannot be stored here")
    if config.rooms:
        yield Item("switches of rooms", f"{broker} {base}/camera, /microphone", "ON or OFF")
    if mqtt.readings:
        yield Item(
            "readings", f"{broker} {base}/face, /speech", "seven probabilities and the box of the face"
        )
    if mqtt.scores:
        yield Item("scores", f"{broker} {base}/scores", "seven probabilities, valence and arousal, people")
    if mqtt.people:
        yield Item("people", f"{broker} {base}/people, /person", "the mood of everybody, by a number")
    where = f"{hub}/settings" + (f", {base}/settings" if config.rooms else "")
    yield Item("settings", f"{broker} {where}", "sensitivity, profile, models and the like")
    if config.home_assistant.enabled:
        yield Item(
            "discovery",
            f"{broker} {config.home_assistant.prefix}/device/…",
            "names of the device and its entities",
        )


def _acted(actions: ActionsConfig) -> Iterator[Item]:
    if not actions.enabled:
        return
    for rule in actions.rules:
        moods = " or ".join(rule.when)
        for planned, when in ((rule.then, "is"), (rule.on_exit, "is no longer")):
            for action in expand(planned):
                yield Item(f"action of {rule.name!r}", _destination(action), f"when the mood {when} {moods}")


def _destination(action: Action) -> str:
    if action.mqtt is not None:
        return f"mqtt {action.mqtt.topic}"
    if action.http is not None:
        return f"{action.http.method} {mask_address(action.http.url)}"
    return f"command {action.command.argv[0]}" if action.command is not None else "nowhere"


def _section(title: str, items: list[Item]) -> Iterator[str]:
    yield f"{title}:"
    if not items:
        yield "  nothing"
    for item in items:
        yield f"  {item.what}: {item.where}"
        yield f"      {item.detail}"
