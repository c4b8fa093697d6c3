"""`emotion-edge mqtt`: look at what is published, and take a device off Home Assistant."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING

from edge.commands.broker import connect, deliver
from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json
from edge.errors import EdgeError

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

    from edge.config import Config
    from edge.publish.mqtt.message import Message
    from edge.publish.topics import Topics

__all__ = ["add_parser", "line", "run_remove", "run_watch"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register `mqtt watch` and `mqtt remove-discovery`."""
    mqtt = add_command(subparsers, "mqtt", "watch the broker, or remove the device from Home Assistant")
    actions = mqtt.add_subparsers(title="actions", metavar="ACTION", required=True)
    watch = add_command(actions, "watch", "print what is published until Ctrl-C, one line a message")
    watch.add_argument("--all", action="store_true", help="of every device below the prefix")
    watch.add_argument("--duration", type=float, metavar="S", help="stop after S seconds")
    watch.add_argument("--count", type=int, metavar="N", help="stop after N messages")
    watch.add_argument("--json", action="store_true", help="print one JSON document a line")
    remove = add_command(actions, "remove-discovery", "remove the device from Home Assistant")
    remove.add_argument(
        "--everything", action="store_true", help="clear the device's retained topics as well"
    )
    add_json(remove)
    for parser, run in ((watch, run_watch), (remove, run_remove)):
        parser.add_argument("--device", metavar="ID", help="another device than the configured one")
        add_config(parser)
        parser.set_defaults(run=run)


def run_watch(arguments: argparse.Namespace) -> int:
    """Print messages as they come."""
    import queue

    from edge.publish.mqtt.subscription import Subscription

    config = load(arguments).config
    topics = _topics(config, arguments.device)
    arriving: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
    deadline = time.monotonic() + (arguments.duration if arguments.duration is not None else float("inf"))
    left = arguments.count if arguments.count is not None else -1
    with connect(config, arriving.put) as connection:
        connection.subscribe([Subscription(f"{topics.prefix}/#" if arguments.all else f"{topics.base}/#")])
        while left and (remaining := deadline - time.monotonic()) > 0 and not connection.ended.is_set():
            try:
                message = arriving.get(timeout=min(remaining, 0.5))
            except queue.Empty:
                continue
            print(line(message, as_json=arguments.json), flush=True)
            left -= 1
        return 1 if connection.ended.is_set() else 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Clear the discovery topic, and with `--everything` the rest of what the broker keeps."""
    from edge.publish.homeassistant import removal

    config = load(arguments).config
    topics = _topics(config, arguments.device)
    places = [topics.room(level) for level in (*config.rooms, None)] if arguments.device is None else [topics]
    messages = [removal(place) for place in places]
    if arguments.everything:
        messages += [message for place in places for message in _clearing(place)]
    with connect(config) as connection:
        for message in messages:
            if not deliver(connection, message):
                raise EdgeError(f"the broker did not acknowledge {message.topic}: see its log")
    cleared = [message.topic for message in messages]
    if arguments.json:
        print_json({"ok": True, "device": topics.device, "cleared": cleared})
    else:
        print(f"{topics.device}: cleared {', '.join(cleared)}")
    if config.home_assistant.enabled:
        print(
            "a running daemon announces itself again when it connects: set home_assistant.enabled to false",
            file=sys.stderr,
        )
    return 0


def _topics(config: Config, device: str | None) -> Topics:
    from edge.publish.topics import Topics

    return Topics(config.mqtt.prefix, device or config.device.id, config.home_assistant.prefix)


def _clearing(topics: Topics) -> list[Message]:
    from edge.publish.commands import SWITCHES
    from edge.publish.mqtt.message import Message
    from edge.publish.room_publisher import RETAINED

    names = RETAINED if topics.level is not None else ("availability", "state", "health", "info", *SWITCHES)
    return [Message(topics.of(name), b"", retain=True) for name in names]


def line(message: MQTTMessage, *, as_json: bool) -> str:
    """What `watch` prints of a message."""
    from edge.config.bounded_json import parse_json

    text = bytes(message.payload).decode("utf-8", "replace")
    if not as_json:
        from edge.publish.mqtt.namesakes import printable

        told = f"{message.topic}{' (retained)' if message.retain else ''}  {text}".replace("\n", " ")
        return f"{time.strftime('%H:%M:%S')}  {printable(told, len(told))}"
    try:
        payload = parse_json(text)
        json.dumps(payload, ensure_ascii=False).encode()
    except ValueError:
        payload = text
    facts = {"topic": message.topic, "payload": payload, "retain": bool(message.retain), "qos": message.qos}
    return json.dumps(facts, ensure_ascii=False)
