"""What can be asked of a running daemon: switches, restart, privacy, requests."""

from __future__ import annotations

import json
import signal

import pytest
from integration.attic import BASE, Attic
from integration.broker import eventually


def test_a_switch_closes_the_device_and_it_stays_closed_after_a_restart(attic: Attic) -> None:
    daemon = attic.daemon
    with attic.witness() as witness:
        daemon.start().ready()
        witness.wait_for(f"{BASE}/camera")
        witness.say(f"{BASE}/camera/set", "OFF")
        eventually(lambda: witness.payloads(f"{BASE}/camera")[-1] == "OFF")
        assert daemon.logged("camera closed")
        eventually(lambda: [state["faces"] for state in witness.payloads("/state")][-1:] == [0])
        daemon.send(signal.SIGTERM)
        assert daemon.wait() == 0
        seen = len(witness.on("/state"))
        attic.start_again()
        eventually(lambda: len(witness.on("/state")) > seen)
        assert witness.payloads(f"{BASE}/camera")[-1] == "OFF"
        assert not daemon.logged("camera opened")
        assert daemon.logged("microphone opened")


def test_a_restart_request_re_executes_the_daemon_in_place(attic: Attic) -> None:
    daemon = attic.daemon
    with attic.witness() as witness:
        daemon.start().ready()
        assert daemon.process is not None
        pid = daemon.process.pid
        witness.wait_for(f"{BASE}/availability")
        witness.say(f"{BASE}/request/restart", json.dumps({"transaction": "t1"}))
        answer = witness.wait_for("/response/restart")[0]
        assert (answer["status"], answer["transaction"]) == ("ok", "t1")
        eventually(lambda: daemon.said("READY=1") == 2, within=30)
        assert not daemon.ended
        assert daemon.process.pid == pid
        eventually(lambda: witness.payloads("/availability")[-2:] == ["offline", "online"])


def test_the_privacy_command_closes_both_devices_of_the_running_daemon(running: Attic) -> None:
    def privacy(word: str) -> dict[str, object]:
        done = running.done("privacy", word, "--json")
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    closed = privacy("on")
    assert (closed["camera"], closed["microphone"]) == (False, False)
    with running.witness(f"{BASE}/+") as witness:
        eventually(lambda: witness.payloads(f"{BASE}/camera")[-1:] == ["OFF"])
        eventually(lambda: witness.payloads(f"{BASE}/microphone")[-1:] == ["OFF"])
    opened = privacy("off")
    assert (opened["camera"], opened["microphone"]) == (True, True)


def test_requests_are_answered_with_scores_health_and_errors(running: Attic) -> None:
    with running.witness() as witness:
        eventually(lambda: running.daemon.logged("daemon.observations: mood"), within=30)
        for name in ("scores", "doctor", "dance"):
            witness.say(f"{BASE}/request/{name}", json.dumps({"transaction": name}))
        scores = witness.wait_for("/response/scores")[0]
        assert sum(scores["data"]["fused"].values()) == pytest.approx(1, abs=1e-3)
        assert witness.wait_for("/response/doctor")[0]["data"]["uptime_s"] >= 0
        assert witness.wait_for("/response/dance")[0]["status"] == "error"
