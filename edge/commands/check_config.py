"""`emotion-edge check-config`: validate the configuration and show the effective values, secrets masked."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json
from edge.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.config import Config, Loaded

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(
        subparsers, "check-config", "validate the configuration and show the effective values"
    )
    parser.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of the configuration, for editors"
    )
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the effective configuration; exit code 78 with every error named when it is wrong."""
    import yaml

    from edge.config import masked

    if arguments.schema:
        from edge.config.json_schema import configuration_schema

        print_json(configuration_schema())
        return 0

    try:
        loaded = load(arguments)
    except ConfigError as error:
        if not arguments.json:
            raise
        print_json({"ok": False, "errors": str(error).splitlines()})
        return 78
    values, notes = masked(loaded.config), [*loaded.notes, *_notes(loaded)]
    if arguments.json:
        print_json({"ok": True, "file": str(loaded.path), "notes": notes, "config": values})
    else:
        print(f"# {loaded.path}: fine")
        print("".join(f"# note: {note}\n" for note in notes), end="")
        print(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), end="")
    return 0


def _notes(loaded: Loaded) -> list[str]:
    """What is right in the file and will stop the daemon all the same, here and for this user."""
    from edge.config import resolve_password

    notes = [*_proposed(loaded.config)]
    try:
        resolve_password(loaded.config.mqtt, os.environ)
    except ConfigError as error:
        notes.append(str(error))
    return notes


def _proposed(config: Config) -> Iterator[str]:
    """A name of its own for a device that still has the one it came with."""
    import platform

    from edge.config.identity import proposed_id
    from edge.config.models import DeviceConfig

    usual, proposed = DeviceConfig().id, proposed_id(platform.node())
    if config.mqtt.enabled and config.device.id == usual != proposed:
        yield (
            f"device.id is {usual}, as it comes; a second device on the broker needs another, such as "
            f"{proposed} (where this one is in use, keep it: its topics and its entities in Home Assistant "
            "carry it)"
        )
