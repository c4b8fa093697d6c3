"""YAML with lines: scalars of YAML 1.2, duplicate keys, broken text."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.config.document import parse, parse_scalar, read
from edge.errors import ConfigError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)


def test_lines_are_those_of_keys_and_list_items() -> None:
    document = parse("# note\na:\n  b: 1\n  c:\n  - x\n  - d: 2\n", "f")
    assert document.data == {"a": {"b": 1, "c": ["x", {"d": 2}]}}
    assert document.lines["a", "b"] == 3
    assert document.lines["a", "c", 1] == 6
    assert document.lines["a", "c", 1, "d"] == 6


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ON", "ON"),
        ("off", "off"),
        ("yes", "yes"),
        ("22:00", "22:00"),
        ("1e3", 1000.0),
        ("-.5", -0.5),
        ("0123", 123),
        ("true", True),
        ("~", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("[a, 1]", ["a", 1]),
        ("{a: b}", {"a": "b"}),
        ("rtsp://u:p@host/x?a=1#frag", "rtsp://u:p@host/x?a=1#frag"),
        ("a: b", "a: b"),
        ("*star", "*star"),
        ("'007'", "007"),
        ("3.1.1", "3.1.1"),
    ],
)
def test_scalars(text: str, value: object) -> None:
    found = parse_scalar(text)
    assert found == value
    assert type(found) is type(value)


def test_half_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match="not valid YAML"):
        parse_scalar("[1, 2")


def test_every_duplicate_key_is_named_with_both_lines() -> None:
    document = parse("a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert document.problems == [
        (2, "b.c: written twice, first in line 2"),
        (3, "a: written twice, first in line 1"),
    ]
    assert document.data["a"] == 1


def test_anchors_and_merge_keys_work() -> None:
    data = parse("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\nz:\n  b: 4\n  <<: [*x, {c: 5}]\n", "f").data
    assert data["y"] == {"a": 1, "b": 3}
    assert data["z"] == {"a": 1, "b": 4, "c": 5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  b: 1\n c: 2\n", "f:3: not valid YAML"),
        ("a: b: c\n", "f:1: not valid YAML: a second ':' in a line"),
        ("a:\n\tb: 1\n", "f:2: not valid YAML: a tab; indent with spaces"),
        ("a: !secret x\n", "f:1: not valid YAML: the tag !secret is not supported"),
        ("a: !!python/object/apply:os.system [id]\n", "f:1: not valid YAML: the tag"),
        ("a: !!int x\n", "f:1: not valid YAML: 'x' is not of the kind int"),
        ("a: !!bool maybe\n", "f:1: not valid YAML: 'maybe' is not of the kind bool"),
        ("a: !!set {b}\n", "f:1: not valid YAML: the tag tag:yaml.org,2002:set is not supported"),
        ("a: 1\n---\nb: 2\n", "f:2: not valid YAML: a second document"),
        ("a: &x [*x]\n", "f:1: not valid YAML: an alias contains itself"),
        ("a: *nowhere\n", "f:1: not valid YAML: found undefined alias"),
        ("? [a]\n: b\n", "f:1: not valid YAML: a key must be plain text"),
        ("x: 1\n<<: 5\n", "f:2: not valid YAML: << needs a mapping"),
        ("a: 1\nb: \x00\n", "f:2: the control character 0x00 has no place here"),
        ("[" * 3000, "f"),
        ("[" * 70 + "]" * 70, "f:1: not valid YAML: nested too deeply"),
        ("a:\n" + "- x\n" * 20_000, "f:19999: not valid YAML: more than 20000 values"),
        (BOMB, "f:1: not valid YAML: more than 20000 values"),
        ("a: " + "9" * 5000, "f:1: not valid YAML: '99999"),
    ],
)
def test_broken_text_is_one_clear_message(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "f")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_unreadable_files_say_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"a: 1\nname: K\xfcche\n")
    with pytest.raises(ConfigError, match=r"latin.yaml:2: not UTF-8 text; save the file as UTF-8"):
        read(latin)
    with pytest.raises(ConfigError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read(tmp_path / "none")
    big = tmp_path / "big.yaml"
    big.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        read(big)


def test_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert parse(read(path), "f").data == {"a": 1}
