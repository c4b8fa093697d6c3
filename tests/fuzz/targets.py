"""Every parser of what comes from outside, as a function that takes bytes and must not be surprised.

Each target raises only when the parser breaks its contract: another error than the documented one.
"""

from __future__ import annotations

import contextlib
import json
import logging
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from paho.mqtt.client import MQTTMessage

from edge.actions.things import KINDS, look_of, same
from edge.analysis.batch.ledger import Ledger
from edge.analysis.batch.store import LocalStore
from edge.analysis.batch.task import Outcome
from edge.capture.files.media_file import MediaFile
from edge.capture.video.uri import mask, parse_video
from edge.commands.mqtt import line
from edge.config import Config, load_config
from edge.config.bounded_json import parse_json
from edge.config.models import EnginesConfig, FusionConfig
from edge.config.schedule import Period
from edge.config.settings import applied
from edge.config.templates import FIELDS, check, render
from edge.daemon.control_lines import parse
from edge.daemon.settings_store import SettingsStore
from edge.errors import CaptureError, ConfigError, EdgeError, ModelError
from edge.history.segments import Segment
from edge.history.store import HistoryStore
from edge.history.summary import summarise
from edge.inference.card import load_card
from edge.inference.protobuf import free_sizes, output_names
from edge.inference.tensorrt.plans import PlanStore, unfit
from edge.inference.tensorrt.recipe import Wanted
from edge.mood.parameters import read_parameters
from edge.privacy.state import switch_changes
from edge.privacy.store import SwitchStore, checked
from edge.publish.commands import Command, ok
from edge.publish.mqtt.message import Message
from edge.publish.receiver import CommandReceiver
from edge.publish.topics import Topics

__all__ = ["TARGETS", "Target"]

_NOW: Final = datetime(2026, 3, 1, 12, 30)
_SAMPLES: Final[dict[type, Any]] = {str: "happy", float: 0.5, int: 2, bool: True, datetime: _NOW}
_CONTEXT: Final = {name: _SAMPLES[kind] for name, kind in FIELDS.items()}
_WANTED: Final = Wanted("face", "0" * 64, "fp16", "10.3.0", "Orin", "sm_87", (12, 6), (1, 1, 48, 48))
_ITEMS: Final = 200
"""Frames and chunks that are read of a medium; its header has been judged long before."""


@dataclass(frozen=True)
class Target:
    """A parser; `read` gets the input and an empty folder."""

    name: str
    read: Callable[[bytes, Path], object]


def _config(data: bytes, folder: Path) -> None:
    (folder / "config.yaml").write_bytes(data)
    with contextlib.suppress(ConfigError):
        load_config(folder / "config.yaml", env={})


def _environment(data: bytes, folder: Path) -> None:
    """Lines of NAME=VALUE, as a shell would set them."""
    (folder / "config.yaml").write_bytes(b"")
    lines = data.replace(b"\0", b"").decode("utf-8", "surrogateescape").splitlines()
    variables = dict(line.partition("=")[::2] for line in lines)
    with contextlib.suppress(ConfigError):
        load_config(folder / "config.yaml", env=variables)


def _schedule(data: bytes, _folder: Path) -> None:
    with contextlib.suppress(ValueError):
        period = Period.parse(data.decode("utf-8", "replace"))
        period.contains(_NOW)
        assert period.things


def _template(data: bytes, _folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    try:
        check(text)
    except ValueError:
        return
    assert isinstance(render(text, _CONTEXT), str)


def _card(data: bytes, folder: Path) -> None:
    (folder / "face.json").write_bytes(data)
    with contextlib.suppress(ModelError):
        card = load_card(folder / "face.json")
        assert card.temperature > 0
        assert math.isfinite(card.temperature), card.temperature


def _fusion(data: bytes, folder: Path) -> None:
    (folder / "fusion.json").write_bytes(data)
    with contextlib.suppress(ModelError):
        found = read_parameters(folder, FusionConfig(), EnginesConfig())
        assert 0 <= found.face_weight <= 5
        assert math.isclose(found.prior.sum(), 1.0)


def _side_car(data: bytes, folder: Path) -> None:
    (folder / "face-0.engine").write_bytes(b"plan")
    (folder / "face-0.engine.json").write_bytes(data)
    (entry,) = PlanStore(folder).entries()
    unfit(entry, _WANTED)


def _switches(data: bytes, folder: Path) -> None:
    (folder / "switches-hall.json").write_bytes(data)
    found = SwitchStore(folder, "hall").load()
    assert all(type(on) is bool for on in found.switches.values())


def _settings(data: bytes, folder: Path) -> None:
    (folder / "settings-hall.json").write_bytes(data)
    env = {"STATE_DIRECTORY": str(folder)}
    found, problem = SettingsStore(env, "hall").load()
    assert problem is None or not (found.chosen or found.rooms)
    config = applied(found, Config())
    assert type(config).model_validate(config.model_dump(by_alias=True)) == config


def _control(data: bytes, _folder: Path) -> None:
    with contextlib.suppress(EdgeError):
        command, arguments = parse(data)
        assert isinstance(command, str)
        switch_changes(arguments)


def _receiver(sent: list[Message]) -> CommandReceiver:
    def carry_out(command: Command) -> None:
        if command.kind == "unstored":
            with contextlib.suppress(ValueError, KeyError, TypeError):
                checked(command.arguments["switches"])
        command.respond(ok(name=command.name))

    return CommandReceiver(
        Topics("emotion-edge", "hall"),
        identity={"client": "emotion-edge-hall-1"},
        instance="1",
        on_command=carry_out,
        on_birth=lambda: None,
        on_namesake=lambda _client: None,
        on_echo=lambda: None,
        send=sent.append,
    )


def _mqtt(data: bytes, _folder: Path) -> None:
    """The last part of the topic, a line end, the payload; whatever is answered fits a packet."""
    place, _, payload = data.partition(b"\n")
    message = MQTTMessage(topic=b"emotion-edge/hall/" + place)
    message.payload, message.retain = payload, place == b"unstored"
    message.properties = cast(Any, SimpleNamespace(ResponseTopic=payload.decode("utf-8", "replace")[:100]))
    try:
        _ = message.topic
    except UnicodeDecodeError:
        return  # paho refuses such a topic before anybody sees the message
    sent: list[Message] = []
    _receiver(sent).receive(message)
    for answer in sent:
        answer.topic.encode("utf-8")
        bytes(answer.payload).decode("utf-8")


def _uri(data: bytes, _folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    with contextlib.suppress(CaptureError):
        source = parse_video(text)
        if source.kind == "network":
            userinfo = re.split(r"[/?#]", text.strip().partition("://")[2])[0].rpartition("@")[0]
            assert len(userinfo) < 4 or f"{userinfo}@" not in source.label or userinfo == "***"
    mask(text)


def _media(suffix: str) -> Callable[[bytes, Path], None]:
    def read(data: bytes, folder: Path) -> None:
        path = folder / f"medium{suffix}"
        path.write_bytes(data)
        with contextlib.suppress(CaptureError):
            for item in islice(MediaFile(path), _ITEMS):
                assert math.isfinite(item.captured_at)

    return read


def _onnx_head(data: bytes, _folder: Path) -> None:
    for read in (output_names, free_sizes):
        with contextlib.suppress(ValueError):
            read(data)


def _ledger(data: bytes, folder: Path) -> None:
    """What was done, line by line."""
    (folder / ".analyzed.jsonl").write_bytes(data)
    ledger = Ledger(LocalStore(folder))
    assert ledger.key("call") is None or isinstance(ledger.key("call"), str)
    ledger.add(Outcome("calls/call.wav", "call", "1"))
    assert Ledger(LocalStore(folder)).key("call") == "1", "what is done after a damaged line is remembered"


def _things(data: bytes, _folder: Path) -> None:
    """What a lamp or a bridge says of itself: looked at, compared, put back."""
    try:
        raw = parse_json(data)
    except ValueError:
        return
    for kind, one in KINDS.items():
        look = look_of(kind, raw)
        if look is not None:
            same(look, one.back(look, 0.4))
            assert same(look, look)


def _history(data: bytes, folder: Path) -> None:
    """A damaged file of moods is set aside, and a new one begins."""
    (folder / "history.sqlite").write_bytes(data)
    store = HistoryStore(folder / "history.sqlite")
    for _ in range(2):
        with contextlib.suppress(EdgeError):
            summarise(store.read(0.0))
    with contextlib.suppress(EdgeError):
        store.add([Segment("hall", 1e9, 1e9 + 5, "happy", 0.5, 1, "ok")])
        assert store.read(0.0)[-1].room == "hall"


def _watch(data: bytes, _folder: Path) -> None:
    """A line a message of `mqtt watch`: JSON that can be written, or text that steers no terminal."""
    message = MQTTMessage(topic=b"emotion-edge/hall/state")
    message.payload = data
    document = json.loads(line(message, as_json=True).encode())
    assert document["topic"] == "emotion-edge/hall/state"
    assert not any(sign < " " or sign == "\x7f" for sign in line(message, as_json=False))


TARGETS: Final = (
    Target("config", _config),
    Target("environment", _environment),
    Target("schedule", _schedule),
    Target("template", _template),
    Target("card", _card),
    Target("fusion", _fusion),
    Target("side-car", _side_car),
    Target("switches", _switches),
    Target("settings", _settings),
    Target("control", _control),
    Target("mqtt", _mqtt),
    Target("uri", _uri),
    Target("sound", _media(".wav")),
    Target("picture", _media(".png")),
    Target("film", _media(".avi")),
    Target("onnx-head", _onnx_head),
    Target("ledger", _ledger),
    Target("things", _things),
    Target("history", _history),
    Target("watch", _watch),
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """What the parsers log about damaged input is no news here."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
