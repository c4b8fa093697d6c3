"""Scores over MQTT and the command that watches, on a running daemon."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import threading
from typing import IO

import jsonschema
import pytest
import schemas
from integration.attic import BASE, Attic
from integration.broker import PATIENCE, eventually


def collected(stream: IO[str] | None) -> list[str]:
    """The lines that come out of it, as they come."""
    rows: list[str] = []
    assert stream is not None
    threading.Thread(target=rows.extend, args=(stream,), daemon=True).start()
    return rows


def ended(process: subprocess.Popen[str]) -> int:
    """Wait for its end; the exit code."""
    return process.wait(20 * PATIENCE)


def test_scores_come_unretained_while_somebody_is_judged_and_end_with_the_devices(running: Attic) -> None:
    with running.witness(f"{BASE}/#", "homeassistant/#") as witness:
        eventually(lambda: len(witness.on(f"{BASE}/scores")) > 2, within=30)
        for payload in witness.payloads(f"{BASE}/scores"):
            jsonschema.validate(payload, schemas.load("scores") | {"additionalProperties": False})
        assert not any(message.retain for message in witness.on(f"{BASE}/scores"))
        assert {"valence", "arousal"} <= set(witness.payloads("/config")[-1]["components"])
        for name in ("camera", "microphone"):
            witness.say(f"{BASE}/{name}/set", "OFF")
        eventually(lambda: witness.payloads(f"{BASE}/camera")[-1:] == ["OFF"])
        eventually(lambda: witness.payloads(f"{BASE}/microphone")[-1:] == ["OFF"])
        seen, told = len(witness.on(f"{BASE}/scores")), len(witness.on(f"{BASE}/health"))
        eventually(lambda: len(witness.on(f"{BASE}/health")) > told + 2)
        assert len(witness.on(f"{BASE}/scores")) == seen


def test_watch_prints_a_document_a_second_and_finds_a_daemon_that_comes_back(attic: Attic) -> None:
    attic.daemon.start().ready()
    watch = attic.command("watch", "--json")
    rows, complaints = collected(watch.stdout), collected(watch.stderr)
    eventually(lambda: len(rows) >= 2)
    state = json.loads(rows[0])
    assert state["device"]["id"] == "attic"
    assert sum(state["rooms"][0]["probabilities"]["steady"].values()) == pytest.approx(1, abs=1e-2)
    attic.daemon.send(signal.SIGTERM)
    assert attic.daemon.wait() == 0
    eventually(lambda: complaints)
    seen = len(rows)
    attic.start_again()
    eventually(lambda: len(rows) > seen)
    watch.send_signal(signal.SIGINT)
    assert ended(watch) == 0
    assert len(complaints) == 1
    assert "waiting for it" in complaints[0]


def test_watch_draws_on_a_terminal_and_gives_it_back(running: Attic) -> None:
    ours, theirs = pty.openpty()
    watch = running.command("watch", out=theirs)
    os.close(theirs)
    shown = b""
    while b"surprise" not in shown:
        shown += os.read(ours, 65_536)
    watch.send_signal(signal.SIGINT)
    assert ended(watch) == 0
    rest = os.read(ours, 65_536)
    os.close(ours)
    assert "\x1b[?1049h" in shown.decode(errors="replace")
    assert "\x1b[?25h\x1b[?1049l" in (shown + rest).decode(errors="replace")


def test_watch_without_a_daemon_says_so(attic: Attic) -> None:
    ended = attic.done("watch")
    assert ended.returncode == 1
    assert "no daemon is running for device 'attic'" in ended.stderr
