"""What the guides show is valid."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from edge.commands.main import build_parser
from edge.config.models import Config
from edge.config.presets.table import PRESETS

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ["actions.md", "privacy.md"]
COMMANDED = ["actions.md", "privacy.md", "service.md"]


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / name).read_text(), re.DOTALL)


@pytest.mark.parametrize("name", GUIDES)
def test_every_configuration_shown_is_valid(name: str) -> None:
    shown = blocks(name, "yaml")
    assert shown
    for text in shown:
        Config.model_validate(yaml.safe_load(text))


def test_the_hub_and_the_telegraf_shown_for_a_fleet_are_valid() -> None:
    hubs = [text for text in blocks("fleet.md", "yaml") if text.startswith("device:")]
    assert Config.model_validate(yaml.safe_load(hubs[0])).device.site == "Berlin"
    toml = pytest.importorskip("tomllib", reason="needs Python 3.11")
    consumers = toml.loads(blocks("fleet.md", "toml")[0])["inputs"]["mqtt_consumer"]
    assert [consumer["topics"][0] for consumer in consumers[:2]] == [
        "emotion-edge/+/state",
        "emotion-edge/+/health",
    ]
    assert all("device" in consumer["topic_parsing"][0]["tags"] for consumer in consumers[:2])


@pytest.mark.parametrize("name", COMMANDED)
def test_every_command_shown_is_one(name: str) -> None:
    lines = [line for text in blocks(name, "sh") for line in text.splitlines()]
    commands = [line for line in lines if line.startswith("emotion-edge ")]
    assert commands
    for line in commands:
        build_parser().parse_args(shlex.split(line, comments=True)[1:])


def test_every_preset_and_scene_is_in_the_guide() -> None:
    guide = (DOCS / "actions.md").read_text()
    assert [name for name in PRESETS if f"`{name}`" not in guide] == []


def test_every_drop_in_is_in_the_guide() -> None:
    guide = (DOCS / "service.md").read_text()
    drop_ins = (DOCS.parent / "systemd" / "drop-ins").glob("*.conf")
    assert [path.stem for path in drop_ins if f"`{path.stem}`" not in guide] == []
