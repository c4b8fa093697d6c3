"""`emotion-edge actions`: list the rules, show the presets, try an emotion."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any, Final

from edge.commands.broker import connect, deliver
from edge.commands.common import Subparsers, add_command, add_config, add_json, load, print_json

if TYPE_CHECKING:
    from edge.actions.plan import PlannedAction
    from edge.actions.transports import Publish
    from edge.config import Loaded
    from edge.publish.mqtt.connection import Connection

__all__ = ["add_parser", "run_list", "run_presets", "run_test"]


_LABELS: Final = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "none")


def add_parser(subparsers: Subparsers[argparse.ArgumentParser]) -> None:
    """Register the command and its parts."""
    parser = add_command(
        subparsers, "actions", "list rules, show presets, try what an emotion sets in motion"
    )
    parts = parser.add_subparsers(title="actions", metavar="PART", required=True)
    _add_list(parts)
    _add_presets(parts)
    _add_test(parts)


def _add_list(parts: Subparsers[argparse.ArgumentParser]) -> None:
    parser = add_command(parts, "list", "the configured rules")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run_list)


def _add_presets(parts: Subparsers[argparse.ArgumentParser]) -> None:
    parser = add_command(parts, "presets", "ready-made actions and scenes, with their parameters")
    parser.add_argument("name", nargs="?", metavar="NAME", help="show one preset with an example")
    add_json(parser)
    parser.set_defaults(run=run_presets)


def _add_test(parts: Subparsers[argparse.ArgumentParser]) -> None:
    parser = add_command(parts, "test", "show what an emotion would set in motion, or do it")
    parser.add_argument("emotion", choices=_LABELS, metavar="EMOTION", help=", ".join(_LABELS))
    parser.add_argument("--rule", metavar="NAME", help="this rule alone")
    parser.add_argument("--real", action="store_true", help="carry it out instead of showing it")
    parser.add_argument("--exit", action="store_true", help="with --real: what belongs to leaving it instead")
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="seconds for --real (30)")
    add_json(parser)
    add_config(parser)
    parser.set_defaults(run=run_test)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the rules of the configuration."""
    from edge.config.masking import masked_section

    config = _load(arguments).config.actions
    rules = [masked_section(rule) for rule in config.rules]
    if arguments.json:
        print_json({"enabled": config.enabled, "profile": config.profile, "rules": rules})
        return 0
    print(f"actions {'on' if config.enabled else 'off'}, {len(rules)} rules")
    for rule in config.rules:
        hold = f" for {rule.hold:g} s" if rule.hold else ""
        print(f"  {rule.name}: {', '.join(rule.when)}{hold} -> {len(rule.then)} actions")
    return 0


def _load(arguments: argparse.Namespace) -> Loaded:
    """A broken rule is named on stderr and does not keep the others from being shown or tried."""
    loaded = load(arguments, without_broken_rules=True)
    for note in loaded.notes:
        print(note, file=sys.stderr)
    return loaded


def run_presets(arguments: argparse.Namespace) -> int:
    """Print the table of presets, or one with its example."""
    from edge.config.presets import catalog

    if arguments.json:
        print_json({"presets": catalog.documents(arguments.name)})
    else:
        print(catalog.text(arguments.name))
    return 0


def run_test(arguments: argparse.Namespace) -> int:
    """Show, or with --real carry out, the actions of an emotion; 1 if an action failed."""
    from edge.actions.trial import plan_for

    loaded = _load(arguments)
    planned = plan_for(loaded.config, arguments.emotion, rule=arguments.rule)
    if arguments.real:
        phase = "on_exit" if arguments.exit else "then"
        planned = [action for action in planned if action.phase == phase]
    problems = _carry_out(loaded, planned, arguments.timeout) if arguments.real and planned else []
    shown = [_shown(action) for action in planned]
    if arguments.json:
        outcome = {
            "emotion": arguments.emotion,
            "real": arguments.real,
            "actions": shown,
            "problems": problems,
        }
        print_json(outcome)
    else:
        _print_trial(arguments, shown, problems)
    return 1 if problems else 0


def _carry_out(loaded: Loaded, planned: list[PlannedAction], timeout: float) -> list[str]:
    from edge.actions.plan import MqttRequest
    from edge.actions.trial import carry_out

    if not any(isinstance(action.request, MqttRequest) for action in planned):
        return carry_out(loaded.config, planned, _no_broker, timeout)
    with connect(loaded.config) as session:
        return carry_out(loaded.config, planned, _publisher(session), timeout)


def _publisher(session: Connection) -> Publish:
    from edge.publish.mqtt.message import Message

    def publish(topic: str, payload: bytes, *, qos: int) -> bool:
        return deliver(session, Message(topic, payload, 1 if qos else 0))

    return publish


def _no_broker(topic: str, payload: bytes, *, qos: int) -> bool:
    raise AssertionError(f"no message was planned, yet {topic} wants {len(payload)} bytes at {qos}")


def _print_trial(arguments: argparse.Namespace, shown: list[dict[str, Any]], problems: list[str]) -> None:
    if not shown:
        print(f"no rule wants {arguments.emotion}; see `emotion-edge actions list`")
    for action in shown:
        leaving = " on leaving it:" if action["phase"] == "on_exit" else ""
        print(f"{action['rule']}:{leaving} {action['kind']} {action['to']}")
        if action["body"]:
            print(f"    {action['body']}")
    if shown and not arguments.real:
        print("nothing was sent; add --real to do it")
    for problem in problems:
        print(f"failed: {problem}")


def _shown(action: PlannedAction) -> dict[str, Any]:
    from edge.actions.plan import CommandRequest, HttpRequest, MqttRequest, UdpRequest
    from edge.config.masking import mask_address, mask_arguments, mask_text

    request = action.request
    if isinstance(request, MqttRequest):
        to, body = request.topic, request.payload.decode()
    elif isinstance(request, UdpRequest):
        to, body = f"{request.address}:{request.port}", request.payload.decode()
    elif isinstance(request, CommandRequest):
        to, body = " ".join(mask_arguments(list(request.argv))), ""
    elif isinstance(request, HttpRequest):
        to, body = f"{request.method} {mask_address(request.url)}", (request.body or b"").decode()
    else:
        to, body = str(request), ""
    shown = {
        "rule": action.rule,
        "phase": action.phase,
        "kind": request.kind,
        "to": to,
        "body": mask_text(body),
    }
    return {**shown, "after": action.after}
