from __future__ import annotations

import json

import numpy as np
import pytest

from edge.config import Config
from edge.config.plans import room_plans
from edge.daemon.health import Health
from edge.daemon.responses import answer, facts
from edge.daemon.rooms import Room, Rooms
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, Reading

PARAMETERS = FusionParameters(face_weight=0.8, speech_weight=1.12346, origin="fitted")


def rooms(config: Config | None = None) -> Rooms:
    config = config or Config()
    made = RoomMood(config=config, parameters=PARAMETERS, now=0.0)
    reading = Reading("face", np.array([0.02, 0.02, 0.02, 0.88, 0.02, 0.02, 0.02]), 1.0, 1.0)
    made.see(FaceObservation(1.0, (reading,), reading, 1), 1.0)
    return {plan.key: Room(plan, made) for plan in room_plans(config)}


def test_scores_are_the_mood_the_fused_distribution_and_the_newest_readings() -> None:
    response = answer("scores", rooms(), {})
    document = json.loads(json.dumps(response.data))
    assert document["emotion"] == "none"
    assert document["face"]["happy"] == pytest.approx(0.88, abs=0.1)
    assert tuple(document["fused"]) == LABELS
    assert sum(document["fused"].values()) == pytest.approx(1.0, abs=1e-3)
    assert "speech" not in document


def test_doctor_is_the_present_health() -> None:
    health = Health(started=0.0)
    health.report("camera", "gone")
    response = answer("doctor", rooms(), health.payload(5.0))
    assert (response.data["status"], response.data["problems"]) == ("degraded", ["camera: gone"])


def test_other_requests_are_refused_by_name() -> None:
    response = answer("dance", rooms(), {})
    assert response.error is not None
    assert "dance" in response.error


def test_facts_tell_versions_weights_and_runtimes() -> None:
    health = Health(started=0.0)
    health.face.runs_on("tensorrt", "face-int8")
    found = json.loads(json.dumps(facts(Config(), rooms(), health)))
    assert found["versions"].keys() == {"python", "onnxruntime"}
    assert (found["fusion"]["face_weight"], found["fusion"]["speech_weight"]) == (0.8, 1.1235)
    assert (found["fusion"]["rule"], found["fusion"]["origin"]) == ("loglinear", "fitted")
    assert tuple(found["fusion"]["prior"]) == LABELS
    assert found["engines"] == {
        "face": {"model": "face-int8", "backend": "tensorrt"},
        "speech": {"model": "auto", "backend": None},
    }


def test_where_there_are_rooms_each_is_told_of() -> None:
    cameras = {"cameras": {"door": {"source": "door.mp4"}}}
    config = Config.model_validate({"rooms": {"hall": cameras, "den": {"microphones": {"desk": {}}}}})
    scores = answer("scores", rooms(config), {}).data["rooms"]
    assert (scores.keys(), scores["hall"]["face"]["happy"]) == ({"hall", "den"}, pytest.approx(0.88, abs=0.1))
    told = facts(config, rooms(config), Health(started=0.0))["rooms"]
    assert isinstance(told, list)
    assert [(one["id"], one["name"], one["cameras"], one["microphones"]) for one in told] == [
        ("hall", "Hall", ["door"], []),
        ("den", "Den", [], ["desk"]),
    ]
