from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from edge.commands.privacy_report import privacy_report
from edge.config.models import Config
from edge.daemon.control import ControlServer

NIGHT = datetime(2026, 11, 23, 23, 0)


def environment(folder: Path) -> dict[str, str]:
    return {"STATE_DIRECTORY": str(folder), "RUNTIME_DIRECTORY": str(folder), "CACHE_DIRECTORY": str(folder)}


def config(**sections: Any) -> Config:
    return Config.model_validate({"device": {"id": "report-test-hub"}, **sections})


def test_without_a_daemon_it_says_what_would_be_open(tmp_path: Path) -> None:
    settings = config(microphone={"enabled": False}, privacy={"schedule": ["22:00-07:00 camera"]})
    report = privacy_report(settings, env=environment(tmp_path), now=NIGHT)
    assert not report.running
    camera, microphone = report.open
    assert camera.detail == (
        "no daemon answers; would stay closed: schedule '22:00-07:00 camera', until 07:00"
    )
    assert "not used by this configuration" in microphone.detail


def test_the_schedule_is_told_and_what_a_rule_does_on_leaving_its_mood(tmp_path: Path) -> None:
    rule = {
        "name": "calm",
        "when": ["angry", "fear"],
        "then": [{"mqtt": {"topic": "lamp/dim"}}],
        "on_exit": [{"mqtt": {"topic": "lamp/bright"}}],
    }
    settings = config(
        actions={"rules": [rule]}, privacy={"schedule": ["sat 13:00-15:00 microphone, actions"]}
    )
    report = privacy_report(settings, env=environment(tmp_path), now=NIGHT)
    (scheduled,) = report.schedule
    assert (scheduled.where, scheduled.detail) == (
        "sat 13:00-15:00 microphone, actions",
        "closes actions and microphone, local time",
    )
    whens = {item.where: item.detail for item in report.sent if item.what == "action of 'calm'"}
    assert whens == {
        "mqtt lamp/dim": "when the mood is angry or fear",
        "mqtt lamp/bright": "when the mood is no longer angry or fear",
    }
    assert "closed by the clock:\n  schedule: sat" in report.text()


SEATS = {
    seat: {
        "cameras": {"dash": {"source": "/dev/video0", "region": [left, 0, 0.5, 1]}},
        "microphones": {"roof": {"source": "roof"}},
    }
    for seat, left in (("driver", 0), ("passenger", 0.5))
}


def test_a_shared_device_is_told_as_it_is_and_a_span_for_a_room_with_it(tmp_path: Path) -> None:
    spans = {"schedule": ["22:00-07:00 camera room:driver"]}
    together = privacy_report(config(rooms=SEATS, privacy=spans), env=environment(tmp_path), now=NIGHT)
    told = {item.what: item.detail for item in together.open}
    assert told["camera passenger/dash"] == (
        "no daemon answers; would stay closed: shared with driver: "
        "schedule '22:00-07:00 camera room:driver', until 07:00; one device with driver"
    )
    assert together.schedule[0].detail == "closes camera of driver, local time"
    settings = config(rooms=SEATS, privacy=spans | {"shared_camera": "apart"})
    told = {
        item.what: item.detail for item in privacy_report(settings, env=environment(tmp_path), now=NIGHT).open
    }
    assert told["camera driver/dash"].endswith(
        "but the device is open for passenger (privacy.shared_camera: apart)"
    )
    assert "would be opened" in told["camera passenger/dash"]
    assert "would be opened" in told["microphone driver/roof"]


def test_a_running_daemon_is_asked(tmp_path: Path) -> None:
    answer = {"camera": True, "microphone": False, "actions": True, "reasons": {"microphone": "switched off"}}
    server = ControlServer(tmp_path / "report-test-hub.sock", lambda _command, _arguments: answer)
    server.start()
    report = privacy_report(config(), env=environment(tmp_path), now=NIGHT)
    server.stop()
    assert report.running
    assert [item.detail for item in report.open] == ["open", "closed: switched off"]


def test_what_is_kept_and_sent_besides_is_named_only_where_it_is(tmp_path: Path) -> None:
    plain = privacy_report(config(), env=environment(tmp_path), now=NIGHT)
    more = config(mqtt={"scores": True, "people": True}, history={"keep": "7d"})
    all_of_it = privacy_report(more, env=environment(tmp_path), now=NIGHT)
    assert {item.what for item in all_of_it.sent} - {item.what for item in plain.sent} == {"scores", "people"}
    assert {item.what for item in all_of_it.stored} - {item.what for item in plain.stored} == {"history"}


def test_every_destination_is_named_and_no_secret(tmp_path: Path) -> None:
    webhook = {"url": "http://ha:8123", "webhook": "w3bh00k"}
    rule = {
        "name": "tell",
        "when": ["sad"],
        "then": [
            {"mqtt": {"topic": "lamp/set"}},
            {"use": {"preset": "home-assistant-webhook", "parameters": webhook}},
            {"http": {"url": "https://me:pa55word@host/x"}},
        ],
    }  # fmt: skip
    settings = config(
        camera={"source": "rtsp://me:pa55word@camera/stream"},
        mqtt={"readings": True, "host": "broker", "tls": {"enabled": True}},
        actions={"rules": [rule]},
        metrics={"enabled": True},
        privacy={"indicator_topic": "hall/led"},
    )
    report = privacy_report(settings, env=environment(tmp_path), now=NIGHT)
    text = report.text()
    for expected in (
        "broker:1883 (encrypted)",
        "/face, /speech",
        "mqtt lamp/set",
        "http://127.0.0.1:9780",
        "hall/led",
    ):
        assert expected in text
    assert "pa55word" not in text
    assert "w3bh00k" not in text
    assert json.loads(json.dumps(report.document()))["never"].startswith("No picture")


def test_a_lonely_device_sends_nothing(tmp_path: Path) -> None:
    settings = config(mqtt={"enabled": False}, actions={"enabled": False})
    report = privacy_report(settings, env=environment(tmp_path), now=NIGHT)
    assert report.sent == []
    assert "sent:\n  nothing" in report.text()
