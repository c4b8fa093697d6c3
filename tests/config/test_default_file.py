"""The annotated default configuration: valid, complete, and what the code does without one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from config.sections import is_section

from edge.config import Config, load_config
from edge.config.descriptions import descriptions
from edge.config.document import parse, read
from edge.config.models import Section
from edge.config.resources import resource
from edge.config.rooms import RoomConfig
from edge.config.schema import names

FILE = resource("config.yaml")


def keys(section: type[Section], prefix: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for field in section.model_fields.values():
        assert field.annotation is not None
    for name, field in section.model_fields.items():
        yield (*prefix, name)
        if is_section(field.annotation):
            yield from keys(field.annotation, (*prefix, name))


def test_it_is_valid_and_says_the_defaults() -> None:
    assert load_config(FILE, env={}).config == Config()


def test_it_shows_every_key_with_a_comment() -> None:
    text = read(FILE)
    lines = parse(text, "f").lines
    missing = [path for path in keys(Config) if path not in lines]
    assert missing == []
    assert text.count("#") > 80


def test_its_examples_of_rules_are_valid_and_show_every_key(tmp_path: Path) -> None:
    commented = re.findall(r"^  #  (.*\n)", read(FILE), re.MULTILINE)
    rules = textwrap.indent("".join(commented), "  ")
    example = tmp_path / "config.yaml"
    rooms = "rooms: {living: {cameras: {window: {}}}}"
    example.write_text(f"{rooms}\nactions:\n  allow_commands: true\n  rules:\n{rules}", encoding="utf-8")
    config = load_config(example, env={}).config
    assert len(config.actions.rules) >= 2
    shown = set(re.findall(r"[a-z_]+(?=:)", rules))
    rule = next(iter(config.actions.rules))
    assert set(names(type(rule))) <= shown
    assert {"mqtt", "http", "command", "use"} <= shown


def test_its_example_of_rooms_is_valid_and_shows_every_key(tmp_path: Path) -> None:
    commented = "".join(re.findall(r"^#   (.*\n)", read(FILE), re.MULTILINE))
    example = tmp_path / "config.yaml"
    example.write_text("rooms:\n" + textwrap.indent(commented, "  "), encoding="utf-8")
    config = load_config(example, env={}).config
    assert list(config.rooms) == ["living", "cot"]
    shown = set(re.findall(r"[a-z_]+(?=:)", commented))
    assert set(RoomConfig.model_fields) <= shown


def test_every_field_is_documented_in_the_code() -> None:
    def undocumented(section: type[Section]) -> Iterator[str]:
        about = descriptions(section)
        for name, field in section.model_fields.items():
            if is_section(field.annotation):
                yield from undocumented(field.annotation)
            elif not about[name]:
                yield f"{section.__name__}.{name}"

    assert list(undocumented(Config)) == []
