from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.bounded_json import parse_json, read_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 33 + b"]" * 33, "nested too deeply"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "nested too deeply"),
        (b" " * 1_048_577, "larger than 1048576 bytes"),
        (b"NaN", "NaN is not a number"),
        (b"1e999", "1e999 is too large"),
        (b"-Infinity", "not a number"),
        (b"9" * 5000, "limit"),
        (b"\xff", "decode"),
        (b"", "Expecting value"),
    ],
)
def test_what_is_refused_is_named(text: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_json(text)


def test_ordinary_values_come_through() -> None:
    assert parse_json('{"a": [1, 2.5, null, true, "ü"]}') == {"a": [1, 2.5, None, True, "ü"]}
    assert parse_json(b"[" * 32 + b"]" * 32) is not None
    assert parse_json("[[]]" + " " * 1000) == [[]]


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_value_or_a_value_error(text: bytes) -> None:
    try:
        parse_json(text)
    except ValueError:
        return


def test_a_file_is_read_within_limits_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("[1]")
    assert read_json(path) == [1]
    with pytest.raises(ValueError, match="larger than 2 bytes"):
        read_json(path, most_bytes=2)
    os.mkfifo(tmp_path / "pipe")
    for other in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises((ValueError, OSError)):
            read_json(other)
