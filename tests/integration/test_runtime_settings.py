"""Settings of a running daemon: over MQTT, by its command, over restarts."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from typing import Any

import jsonschema
import pytest
import schemas
from integration.attic import BASE, Attic
from integration.broker import Witness, eventually

SETTINGS = f"{BASE}/settings"


def newest(witness: Witness) -> dict[str, Any]:
    payload: dict[str, Any] = witness.payloads(SETTINGS)[-1]
    jsonschema.validate(payload, schemas.load("settings") | {"additionalProperties": False})
    return payload


def test_settings_are_told_changed_refused_and_remembered(attic: Attic) -> None:
    with attic.witness(f"{BASE}/#", "homeassistant/#") as witness:
        attic.daemon.start().ready()
        witness.wait_for(SETTINGS)
        assert newest(witness)["set"] == []
        witness.say(f"{SETTINGS}/set", json.dumps({"people": "subject", "sensitivity": 60.0}))
        eventually(lambda: newest(witness)["set"] == ["sensitivity", "people"])
        assert witness.wait_for("/response/settings")[0]["data"]["values"]["people"] == "subject"
        witness.say(f"{SETTINGS}/set", json.dumps({"people": "nobody", "transaction": "t2"}))
        eventually(lambda: len(witness.on("/response/settings")) == 2)
        refusal = witness.payloads("/response/settings")[-1]
        assert (refusal["status"], refusal["transaction"]) == ("error", "t2")
        assert "must be one of all, subject, strongest" in refusal["error"]
        component = witness.payloads("/config")[-1]["components"]["speech_model"]
        assert "speech-small" in component["options"]
        attic.daemon.send(signal.SIGTERM)
        assert attic.daemon.wait() == 0
        seen = len(witness.on(SETTINGS))
        attic.start_again()
        eventually(lambda: len(witness.on(SETTINGS)) > seen)
        assert newest(witness)["people"] == "subject"
        witness.say(f"{SETTINGS}/set", '{"reset": true}')
        eventually(lambda: newest(witness)["set"] == [])
        assert not list(attic.folder.glob("settings-*"))


def test_the_command_shows_changes_and_resets(running: Attic) -> None:
    changed = running.done("settings", "face_model=face-small", "half_life=1.5", "--json")
    assert changed.returncode == 0, changed.stderr
    assert json.loads(changed.stdout)["values"]["face_model"] == "face-small"
    shown = running.done("settings")
    assert "half_life: 1.5  (set here; the file says 0.5)" in shown.stdout
    refused = running.done("settings", "sensitivity=200")
    assert refused.returncode == 1
    assert "sensitivity: must be at most 100, got 200" in refused.stderr
    assert json.loads(running.done("settings", "half_life=", "--json").stdout)["set"] == ["face_model"]
    assert json.loads(running.done("settings", "--reset", "--json").stdout)["set"] == []


def test_the_page_changes_what_the_daemon_does(running: Attic) -> None:
    def ask(body: object = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        address = f"http://127.0.0.1:{running.page}/api/v1/settings"
        with urllib.request.urlopen(urllib.request.Request(address, data, headers), timeout=60) as answer:
            told: dict[str, Any] = json.loads(answer.read())
        return told

    assert ask()["set"] == []
    assert ask({"people": "strongest"})["values"]["people"] == "strongest"
    assert json.loads(running.done("settings", "--json").stdout)["values"]["people"] == "strongest"
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask({"profile": "nowhere"})
    assert refused.value.code == 409
    assert ask({"reset": True})["set"] == []


def test_a_damaged_file_is_told_in_health_until_something_is_set(attic: Attic) -> None:
    (attic.folder / "settings-attic.json").write_text("{")
    with attic.witness() as witness:
        attic.daemon.start().ready()
        eventually(lambda: any("settings-attic.json cannot be used" in p for p in _problems(witness)))
        assert attic.done("settings", "--reset").returncode == 0
        eventually(lambda: not any("settings" in problem for problem in _problems(witness)))


def _problems(witness: Witness) -> list[str]:
    told = witness.payloads("/health")
    return told[-1]["problems"] if told else []
