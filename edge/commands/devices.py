"""`emotion-edge devices`: the cameras and microphones of this machine, as the configuration names them."""

from __future__ import annotations

import argparse

from edge.commands.common import Subparsers, add_command, add_json, print_json

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "devices", "list cameras and microphones")
    add_json(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List the devices; an empty list is not an error."""
    from edge.capture.devices import list_devices

    devices = list_devices()
    if arguments.json:
        print_json(devices)
        return 0
    for kind, found in devices.items():
        print(f"{kind}:" if found else f"{kind}: none")
        for device in found:
            print(
                "  " + ", ".join(f"{key} {value}" for key, value in device.items() if value not in (None, ""))
            )
    return 0
