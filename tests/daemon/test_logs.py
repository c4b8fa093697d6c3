"""Log lines: three forms, no secrets, no floods."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.config.models import LogConfig
from edge.daemon.logs import (
    JournalFormatter,
    JsonFormatter,
    TextFormatter,
    chosen_format,
    configure,
    fields,
)


def record(
    message: str, *arguments: object, level: int = logging.INFO, values: dict[str, object] | None = None
) -> logging.LogRecord:
    made = logging.LogRecord("edge.capture.video.camera", level, __file__, 1, message, arguments, None)
    if values is not None:
        made.fields = values
    return made


def traced(message: str) -> logging.LogRecord:
    try:
        int("rtsp://me:hunter2@cam")
    except ValueError:
        info = sys.exc_info()
    return logging.LogRecord("edge.x", logging.ERROR, __file__, 1, message, (), info)


def test_text_is_one_line_of_time_level_place_message_and_pairs() -> None:
    line = TextFormatter().format(record("opened %s", "cam", values={"fps": 14.8, "name": "USB cam", "n": 3}))
    assert line[12:] == ' INFO    capture.video.camera: opened cam fps=14.8 name="USB cam" n=3'


def test_a_message_cannot_forge_another_line() -> None:
    line = TextFormatter().format(record("bad\n12:00 ERROR \x1b[31m", values={"k": "a\nb"}))
    assert "\n" not in line
    assert "\x1b" not in line
    assert 'k="a\\nb"' in line


def test_json_lines_carry_fields_and_fixed_keys() -> None:
    line = JsonFormatter().format(
        record("moved", values={"emotion": "happy", "path": Path("/x"), "level": "own"})
    )
    document = json.loads(line)
    assert document["message"] == "moved"
    assert (document["level"], document["logger"], document["emotion"]) == (
        "info",
        "edge.capture.video.camera",
        "happy",
    )
    assert document["path"] == "/x"
    assert document["ts"].endswith("+00:00")


@pytest.mark.parametrize(
    ("level", "prefix"),
    [(logging.DEBUG, "<7>"), (logging.INFO, "<6>"), (logging.WARNING, "<4>"), (logging.ERROR, "<3>")],
)
def test_journal_lines_carry_the_priority_and_no_time(level: int, prefix: str) -> None:
    assert JournalFormatter().format(record("x", level=level)) == f"{prefix}capture.video.camera: x"


def test_every_line_of_a_traceback_has_the_priority() -> None:
    lines = JournalFormatter().format(traced("failed")).splitlines()
    assert len(lines) > 2
    assert all(line.startswith("<3>") for line in lines)


@pytest.mark.parametrize("form", [TextFormatter, JournalFormatter, JsonFormatter])
def test_secrets_never_appear(form: type[logging.Formatter]) -> None:
    formatter = form(["s3cret"])  # type: ignore[arg-type]
    values: dict[str, object] = {
        "password": "hunter2",
        "url": "http://a:hunter2@b/?token=hunter2",
        "x": "s3cret",
        "nested": {"list": ["s3cret", ("a s3cret",)], "password": "hunter2"},
        "path": Path("/run/s3cret"),
    }
    text = formatter.format(record("open %s with s3cret", "rtsp://me:hunter2@cam/", values=values))
    text += formatter.format(traced("failed"))
    assert "hunter2" not in text
    assert "s3cret" not in text
    assert "cam/" in text


def test_a_secret_with_quotes_is_found_in_json_too() -> None:
    line = JsonFormatter(['a"b\\c']).format(record('it is a"b\\c', values={"x": ['a"b\\c']}))
    assert json.loads(line)["x"] == ["********"]
    assert json.loads(line)["message"] == "it is ********"


@pytest.fixture
def clean_logging() -> Iterator[None]:
    root, edge = logging.getLogger(), logging.getLogger("edge")
    before = root.handlers[:], root.level, edge.level
    yield
    root.handlers[:], level, edge_level = before
    root.setLevel(level)
    edge.setLevel(edge_level)
    logging.captureWarnings(False)


@pytest.mark.usefixtures("clean_logging")
def test_configuring_again_replaces_the_handler() -> None:
    old, new = io.StringIO(), io.StringIO()
    configure(LogConfig(), env={}, stream=old)
    configure(LogConfig(level="warning", format="json"), env={}, stream=new)
    log = logging.getLogger("edge.test")
    log.info("quiet")
    log.warning("loud", extra=fields(n=1))
    logging.getLogger("other").info("libraries are quiet")
    assert old.getvalue() == ""
    assert [json.loads(line)["message"] for line in new.getvalue().splitlines()] == ["loud"]
    assert json.loads(new.getvalue())["n"] == 1


def test_auto_is_the_journal_only_where_stderr_leads_there(tmp_path: Path) -> None:
    with (tmp_path / "journal").open("w") as stream:
        found = os.fstat(stream.fileno())
        right = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert chosen_format(LogConfig(), right, stream) == "journal"
        assert chosen_format(LogConfig(), {"JOURNAL_STREAM": "1:2"}, stream) == "text"
        assert chosen_format(LogConfig(format="json"), right, stream) == "json"
    assert chosen_format(LogConfig(), right, io.StringIO()) == "text"


def test_a_process_logs_on_stderr_alone() -> None:
    code = (
        "import logging, os; from edge.config.models import LogConfig\n"
        "from edge.daemon.logs import configure\n"
        "configure(LogConfig(), env=os.environ); logging.getLogger('edge.x').info('hello')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert done.stderr.endswith("INFO    x: hello\n")
