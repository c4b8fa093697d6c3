"""`emotion-edge doctor`: what works here, what does not, and the remedy."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

if TYPE_CHECKING:
    from edge.commands.device_checks import Check
    from edge.config import Config

__all__ = ["add_parser", "run"]


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = add_command(subparsers, "doctor", "check models, runtimes, devices and the broker")
    parser.add_argument("--privacy", action="store_true", help="list what is open, stored and sent")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check everything; exit code 1 when something the daemon cannot do without is broken."""
    from edge.commands.doctor_checks import examine, healthy

    loaded = load(arguments)
    if arguments.privacy:
        return _privacy(arguments, loaded.config)
    checks: list[Check] = []
    for check in examine(loaded.config):
        checks.append(check)
        if not arguments.json:
            _print(check)
    if arguments.json:
        print_json({"ok": healthy(checks), "checks": [check.document() for check in checks]})
    return 0 if healthy(checks) else 1


def _privacy(arguments: argparse.Namespace, config: Config) -> int:
    import os
    from datetime import datetime

    from edge.commands.privacy_report import privacy_report

    report = privacy_report(config, env=os.environ, now=datetime.now().astimezone())
    if arguments.json:
        print_json(report.document())
    else:
        print(report.text())
    return 0


def _print(check: Check) -> None:
    mark = "ok  " if check.ok else ("FAIL" if check.required else "warn")
    print(f"{mark} {check.name}: {check.detail}", flush=True)
    if check.remedy:
        print(f"     -> {check.remedy}", flush=True)
