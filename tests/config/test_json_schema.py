"""The schema for editors takes what the daemon takes, and marks what it refuses."""

from __future__ import annotations

import json
import re
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from edge.commands.main import main
from edge.config.document import parse, read
from edge.config.json_schema import FILE_NAME, configuration_schema
from edge.config.models import Config

ROOT = Path(__file__).parents[2]
FILE = ROOT / "config.yaml"


@cache
def schema() -> dict[str, Any]:
    return configuration_schema()


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema())


def rules_of(schema: dict[str, Any]) -> dict[str, Any]:
    """What is told of each key, without what differs between versions of pydantic."""
    told = ("description", "default", "minimum", "maximum", "exclusiveMinimum", "enum", "pattern", "type")
    return {
        section["title"]: {
            key: {name: field[name] for name in told if name in field}
            for key, field in section.get("properties", {}).items()
        }
        for section in (schema, *schema["$defs"].values())
    }


def check(data: Any) -> None:
    validator().validate(data)


def test_the_annotated_configuration_and_its_examples_fit() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    check(parse(read(FILE), "config.yaml").data)
    commented = textwrap.dedent("".join(re.findall(r"^  #  (.*\n)", read(FILE), re.MULTILINE)))
    rules = parse(commented, "rules").data
    check({"actions": {"allow_commands": True, "rules": rules}})


def test_the_first_line_of_the_configuration_names_the_schema_beside_it() -> None:
    assert read(FILE).splitlines()[0] == f"# yaml-language-server: $schema={FILE_NAME}"
    told = json.loads((ROOT / FILE_NAME).read_text(encoding="utf-8"))
    assert rules_of(told) == rules_of(schema()), (
        "renew it: emotion-edge check-config --schema > config.schema.json"
    )


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"mqtt": None},
        {"mqtt": {"protocol": 5}},
        {"smoothing": {"thresholds": {"angry": 0.5, "sad": {"enter": 0.6}}}},
        {"camera": {"source": 0}},
        {"history": {"keep": "7d"}},
        {"history": {"keep": 3600}},
    ],
)
def test_every_spelling_that_the_daemon_takes_fits(data: Any) -> None:
    Config.model_validate(data)
    check(data)


@pytest.mark.parametrize(
    "data",
    [
        {"mqqt": {}},
        {"mqtt": {"port": 70_000}},
        {"fusion": {"rule": "guess"}},
        {"smoothing": {"thresholds": {"angry": 1.5}}},
        {"actions": {"rules": [{"name": "a", "when": ["furious"], "then": []}]}},
        {"history": {"keep": "a week"}},
    ],
)
def test_what_the_daemon_refuses_is_marked(data: Any) -> None:
    with pytest.raises(ValueError):
        Config.model_validate(data)
    with pytest.raises(jsonschema.ValidationError):
        check(data)


def test_every_key_of_a_section_comes_with_its_description() -> None:
    sections = [schema(), *schema()["$defs"].values()]
    bare = [
        (section["title"], key)
        for section in sections
        for key, field in section.get("properties", {}).items()
        if "description" not in field and "$ref" not in field
    ]
    assert bare == []


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
