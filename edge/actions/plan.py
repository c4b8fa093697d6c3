"""What an action comes down to: one message, one call or one program, ready to be carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from edge.config.action_kinds import Payload
from edge.config.alerts import Level
from edge.config.models import Action, CommandAction, HttpAction, MqttAction
from edge.config.templates import Context, render, render_tree
from edge.config.things import Thing

__all__ = [
    "AlertRequest",
    "Call",
    "CommandRequest",
    "HttpRequest",
    "MqttRequest",
    "PlannedAction",
    "Request",
    "RestoreRequest",
    "UdpRequest",
    "expand",
    "request_of",
    "target_of",
]


@dataclass(frozen=True, slots=True)
class MqttRequest:
    """A message; it is never retained."""

    topic: str
    payload: bytes
    qos: int = 1

    kind = "mqtt"

    def __str__(self) -> str:
        return f"mqtt {self.topic}"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A call; its text form names only the host, because paths of webhooks are secrets."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    bearer_file: Path | None = None
    timeout: float = 5.0
    ca: Path | None = None
    verify: bool = True
    header_files: Mapping[str, Path] = field(default_factory=dict)
    server_name: str | None = None

    kind = "http"

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        return f"http {self.method} {parts.scheme}://{parts.hostname}" + (
            f":{parts.port}" if parts.port else ""
        )


@dataclass(frozen=True, slots=True)
class CommandRequest:
    """A program with its arguments; no shell."""

    argv: tuple[str, ...]
    timeout: float = 10.0

    kind = "command"

    def __str__(self) -> str:
        return f"command {self.argv[0]}"


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Put back the state that was taken before the firing that this one answers."""

    thing: Thing

    kind = "restore"

    def __str__(self) -> str:
        return f"restore {self.thing.kind} {urlsplit(self.thing.address).netloc or self.thing.address}"


@dataclass(frozen=True, slots=True)
class AlertRequest:
    """Show an alert of the rule, or clear it (`level` None)."""

    level: Level | None
    message: str = ""

    kind = "alert"

    def __str__(self) -> str:
        return f"alert {self.level or 'cleared'}"


@dataclass(frozen=True, slots=True)
class UdpRequest:
    """A datagram."""

    address: str
    port: int
    payload: bytes

    kind = "udp"

    def __str__(self) -> str:
        return f"udp {self.address}:{self.port}"


Call = MqttRequest | HttpRequest | UdpRequest | CommandRequest | AlertRequest
Request = Call | RestoreRequest


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """A request with what decides its place in the queue.

    `target` is the thing driven: while an action waits, a newer firing for the same target replaces it,
    unless `supersede` is false. `firing` numbers the firings of one engine. `after` is the pause, in
    seconds, behind the action before it on the same target. `answers` is the firing whose end this is:
    of no use if nothing of it was carried out. The state of `thing` is taken before the action.
    """

    rule: str
    phase: str
    target: str
    request: Request
    firing: int
    planned_at: float
    supersede: bool = True
    after: float = 0.0
    answers: int | None = None
    thing: Thing | None = None


def expand(actions: list[Action]) -> list[Action]:
    """The actions with presets replaced by what they stand for."""
    return [ready for action in actions for ready in _expand(action)]


def _expand(action: Action) -> Iterator[Action]:
    if action.use is None:
        yield action
        return
    from edge.config.presets import table as presets

    own = action.model_dump(include={"target", "supersede", "restore"}, exclude_defaults=True)
    for index, spec in enumerate(presets.expand(action.use.preset, action.use.parameters)):
        waits = {"after": action.after} if index == 0 and action.after else {}
        yield Action.model_validate({**spec, **own, **waits})


def request_of(action: Action, context: Context) -> Call:
    """The request of an expanded action, its templates filled in."""
    if action.mqtt is not None:
        return _mqtt(action.mqtt, context)
    if action.http is not None:
        return _http(action.http, context)
    if action.udp is not None:
        return UdpRequest(str(action.udp.address), action.udp.port, _payload(action.udp.payload, context))
    if action.command is not None:
        return _command(action.command, context)
    if action.alert is not None:
        return AlertRequest(action.alert.level, render(action.alert.message or "{rule}", context))
    raise ValueError("an expanded action is mqtt, http, command or alert")


def target_of(action: Action, request: Call) -> str:
    """The thing an action drives: as configured, else the topic, the address or the program."""
    if action.target is not None:
        return action.target
    if isinstance(request, MqttRequest):
        return f"mqtt {request.topic}"
    if isinstance(request, HttpRequest):
        return f"http {request.method} {request.url}"
    if isinstance(request, UdpRequest):
        return str(request)
    if isinstance(request, AlertRequest):
        return f"alert {request.level}"
    return f"command {request.argv[0]}"


def _mqtt(action: MqttAction, context: Context) -> MqttRequest:
    payload = _payload(action.payload, context)
    return MqttRequest(render(action.topic, context, _one_level), payload, action.qos)


def _payload(payload: Payload, context: Context) -> bytes:
    text = render(payload, context) if isinstance(payload, str) else _json(render_tree(payload, context))
    return text.encode()


def _http(action: HttpAction, context: Context) -> HttpRequest:
    body = None if action.json_body is None else _json(render_tree(action.json_body, context)).encode()
    headers = {"User-Agent": "emotion-edge", **action.headers}
    if body is not None:
        headers.setdefault("Content-Type", "application/json")
    url = render(action.url, context, lambda text: quote(text, safe=""))
    return HttpRequest(
        action.method,
        url,
        headers,
        body,
        action.bearer_file,
        action.timeout,
        action.ca,
        action.verify,
        action.header_files,
        action.server_name,
    )


def _command(action: CommandAction, context: Context) -> CommandRequest:
    return CommandRequest(tuple(render(argument, context) for argument in action.argv), action.timeout)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _one_level(text: str) -> str:
    """A value fit for one topic level: separators and wildcards would change where it goes."""
    return "".join("-" if character in "/+#\0" else character for character in text)
