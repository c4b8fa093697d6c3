"""`emotion-edge demo` (`make run`): the daemon on the sample clip, with a broker of its own."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, log_override, port, seconds

if TYPE_CHECKING:
    from edge.config import Loaded
    from edge.vocabulary import Mood

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "demo", "show it at work: sample clip in, moods out over an embedded broker"
    )
    parser.add_argument("--duration", type=seconds, metavar="S", help="stop by itself S seconds after READY")
    parser.add_argument(
        "--port", type=port, metavar="N", help="port of the broker (default: 1883 or a free one)"
    )
    parser.add_argument(
        "--source",
        default="sample",
        metavar="WHAT",
        help="'sample' (default), 'device' for camera and microphone, or a file",
    )
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the daemon and print one line a change of mood; the last line on stdout is a JSON summary."""
    from edge.commands.run import build, with_signals
    from edge.publish.mqtt.embedded import EmbeddedBroker

    with EmbeddedBroker(port=arguments.port) as broker, _environment(arguments.source) as env:

        def configured() -> Loaded:
            return _load(arguments, broker.port)

        loaded = configured()
        daemon = build(
            loaded,
            configured,
            env=env,
            on_mood=_print_mood,
            on_ready=lambda: print("ready; Ctrl-C ends it", flush=True),
        )
        _introduce(loaded, broker.port, usual=arguments.port is not None or broker.port == broker.usual)
        with_signals(daemon, arguments.duration)
    print(json.dumps(daemon.stats.summary(time.monotonic())), flush=True)
    return 0


@contextmanager
def _environment(source: str) -> Iterator[Mapping[str, str]]:
    """That of the process; for a file with switches of its own, whatever was switched off for devices."""
    if source == "device":
        yield os.environ
        return
    with tempfile.TemporaryDirectory(prefix="emotion-edge-demo-") as folder:
        yield {**os.environ, "STATE_DIRECTORY": folder}


def _introduce(loaded: Loaded, port: int, *, usual: bool) -> None:
    from edge.config.plans import device_plans

    config = loaded.config
    topics = f"{config.mqtt.prefix}/{config.device.id}/#"
    taken = "" if usual else "; the usual port is taken"
    listen = f"mosquitto_sub -p {port} -v -t '{topics}'"
    print(f"broker: 127.0.0.1:{port} (listen with: {listen}){taken}")
    print("\n".join(f"{device.label}: {device.config.source}" for device in device_plans(config)), flush=True)


def _load(arguments: argparse.Namespace, port: int) -> Loaded:
    from edge.config import load_config
    from edge.publish.mqtt.embedded import EmbeddedBroker

    overrides: dict[str, object] = {
        "log.level": "warning",
        **log_override(arguments),
        "mqtt.enabled": True,
        "mqtt.host": "127.0.0.1",
        "mqtt.port": port,
        "mqtt.username": None,
        "mqtt.password": None,
        "mqtt.password_file": None,
        "mqtt.tls": {},
        "mqtt.protocol": EmbeddedBroker.protocol,
    }
    source = _source(arguments.source)
    if source is not None:
        overrides |= {"camera.source": source, "microphone.source": source}
    return load_config(arguments.config, env=os.environ, overrides=overrides)


def _source(wanted: str) -> str | None:
    """The file for both senses; None leaves the configured devices. Raises CaptureError without the file."""
    if wanted == "device":
        return None
    if wanted != "sample":
        from edge.capture.files.media_file import MediaFile
        from edge.capture.video.uri import parse_video

        source = parse_video(wanted)
        return str(MediaFile(source.address).path) if source.kind == "file" else wanted
    from edge.samples import sample_clip

    return str(sample_clip())


def _print_mood(mood: Mood) -> None:
    """One line a change, as on a ticker."""
    clock = time.strftime("%H:%M:%S")
    if mood.emotion == "none":
        print(f"{clock}  nobody there", flush=True)
    else:
        print(f"{clock}  {mood.emotion:<9} {mood.confidence:4.0%}  from {mood.source}", flush=True)
