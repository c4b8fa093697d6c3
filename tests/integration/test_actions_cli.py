from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.broker import Mosquitto, Witness

from edge.commands.main import main

RULES = """
mqtt: {{host: 127.0.0.1, port: {port}}}
device: {{id: hub, room: living room}}
actions:
  rate: 50
  rules:
    - name: calm light
      when: [angry]
      for: 5
      between: [01:00, 01:01]
      then:
        - use:
            preset: calming-light
            parameters: {{light: {{preset: zigbee2mqtt, parameters: {{name: lamp}}}}}}
        - mqtt: {{topic: "notes/{{device}}", payload: "{{emotion}} in the {{room}}"}}
      on_exit:
        - mqtt: {{topic: notes/exit, payload: over}}
    - name: hook
      when: [sad]
      then:
        - http: {{url: "http://127.0.0.1:9/hook"}}
"""


def write(folder: Path, port: int = 1) -> str:
    path = folder / "config.yaml"
    path.write_text(RULES.format(port=port))
    return str(path)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_shows_what_an_emotion_would_do_without_doing_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = told(capsys, "actions", "test", "angry", "--config", write(tmp_path))
    assert code == 0
    assert [(action["phase"], action["kind"], action["to"]) for action in answer["actions"]] == [
        ("then", "mqtt", "zigbee2mqtt/lamp/set"),
        ("then", "mqtt", "notes/hub"),
        ("on_exit", "mqtt", "notes/exit"),
    ]
    assert answer["actions"][1]["body"] == "angry in the living room"
    assert (answer["real"], answer["problems"]) == (False, [])


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path).start()
    yield running
    running.stop()


def test_does_it_for_real_when_asked_to(
    broker: Mosquitto, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Witness(broker.port, "#") as witness:
        code, answer = told(
            capsys, "actions", "test", "angry", "--real", "--config", write(tmp_path, broker.port)
        )
        assert (code, answer["problems"]) == (0, [])
        assert witness.wait_for("lamp/set")[0]["color"] == {"hex": "#3A6EA5"}
        assert witness.wait_for("notes/hub") == ["angry in the living room"]
        assert not any(message.retain for message in witness.messages)
        assert witness.on("notes/exit") == []
        code, answer = told(
            capsys, "actions", "test", "angry", "--real", "--exit", "--config", write(tmp_path, broker.port)
        )
        assert (code, len(answer["actions"])) == (0, 1)
        assert witness.wait_for("notes/exit") == ["over"]


def test_a_failure_is_told_and_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = write(tmp_path)
    text = Path(config).read_text().replace("rate: 50", "retries: 0")
    Path(config).write_text(text)
    code, answer = told(capsys, "actions", "test", "sad", "--real", "--config", config)
    assert code == 1
    assert "connection refused" in answer["problems"][0]


def test_without_a_broker_it_says_which_one_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["actions", "test", "angry", "--real", "--config", write(tmp_path)]) == 1
    assert "no broker at 127.0.0.1:1" in capsys.readouterr().err


def test_an_emotion_without_rules_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actions", "test", "happy", "--config", write(tmp_path)]) == 0
    assert "no rule wants happy" in capsys.readouterr().out


def test_a_misspelt_rule_is_met_with_the_right_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["actions", "test", "angry", "--rule", "calm ligth", "--config", write(tmp_path)]) == 1
    assert "no rule 'calm ligth', did you mean 'calm light'?" in capsys.readouterr().err


def test_lists_rules_and_presets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, rules = told(capsys, "actions", "list", "--config", write(tmp_path))
    assert [rule["name"] for rule in rules["rules"]] == ["calm light", "hook"]
    _, presets = told(capsys, "actions", "presets")
    assert {"zigbee2mqtt", "snapcast", "cheer-up"} <= {preset["name"] for preset in presets["presets"]}
    assert main(["actions", "presets", "cheer-up"]) == 0
    assert "preset: cheer-up" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("name: lamp", "did you mean 'name'?"),
        ("zigbee2mqtt,", "did you mean 'zigbee2mqtt'?"),
        ("{device}", "did you mean 'device'?"),
    ],
)
def test_a_wrong_action_is_found_when_the_configuration_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str, message: str
) -> None:
    path = Path(write(tmp_path))
    mistaken = {
        "name: lamp": "nmae: lamp",
        "zigbee2mqtt,": "zigbe2mqtt,",
        "{device}": "{devcie}",
    }
    path.write_text(path.read_text().replace(wrong, mistaken[wrong]))
    assert main(["check-config", "--config", str(path)]) == 78
    error = capsys.readouterr().err
    assert message in error
    assert "actions.rules[0].then" in error


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("when: [sad]", "when: [sadd]"), ("name: hook", "name: calm light"), ("name: hook", "nmae: hook")],
)
def test_a_broken_rule_is_named_and_does_not_hide_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], right: str, wrong: str
) -> None:
    path = Path(write(tmp_path))
    path.write_text(path.read_text().replace(right, wrong))
    assert main(["actions", "list", "--json", "--config", str(path)]) == 0
    printed = capsys.readouterr()
    assert [rule["name"] for rule in json.loads(printed.out)["rules"]] == ["calm light"]
    assert f"{path}:18: actions.rules[1]" in printed.err
    assert main(["actions", "test", "angry", "--config", str(path)]) == 0
    assert "zigbee2mqtt/lamp/set" in capsys.readouterr().out
    assert main(["check-config", "--config", str(path)]) == 78
