from __future__ import annotations

import json

import numpy as np
import pytest

from edge.config import Config
from edge.daemon.health import Health
from edge.daemon.responses import answer, facts
from edge.mood.pooling import FusionParameters
from edge.mood.room import RoomMood
from edge.perception.observation import FaceObservation
from edge.vocabulary import LABELS, Reading

PARAMETERS = FusionParameters(face_weight=0.8, speech_weight=1.12346, origin="fitted")


def room() -> RoomMood:
    made = RoomMood(config=Config(), parameters=PARAMETERS, now=0.0)
    reading = Reading("face", np.array([0.02, 0.02, 0.02, 0.88, 0.02, 0.02, 0.02]), 1.0, 1.0)
    made.see(FaceObservation(1.0, (reading,), reading, 1), 1.0)
    return made


def test_scores_are_the_mood_the_fused_distribution_and_the_newest_readings() -> None:
    response = answer("scores", room(), {})
    document = json.loads(json.dumps(response.data))
    assert document["emotion"] == "none"
    assert document["face"]["happy"] == 0.88
    assert tuple(document["fused"]) == LABELS
    assert sum(document["fused"].values()) == pytest.approx(1.0, abs=1e-3)
    assert "speech" not in document


def test_doctor_is_the_present_health() -> None:
    health = Health(started=0.0)
    health.report("camera", "gone")
    response = answer("doctor", room(), health.payload(5.0))
    assert (response.data["status"], response.data["problems"]) == ("degraded", ["camera: gone"])


def test_other_requests_are_refused_by_name() -> None:
    response = answer("dance", room(), {})
    assert response.error is not None
    assert "dance" in response.error


def test_facts_tell_versions_weights_and_runtimes() -> None:
    health = Health(started=0.0)
    health.face.runs_on("tensorrt")
    found = json.loads(json.dumps(facts(Config(), PARAMETERS, health)))
    assert found["versions"].keys() == {"python", "onnxruntime"}
    assert (found["fusion"]["face_weight"], found["fusion"]["speech_weight"]) == (0.8, 1.1235)
    assert (found["fusion"]["rule"], found["fusion"]["origin"]) == ("loglinear", "fitted")
    assert tuple(found["fusion"]["prior"]) == LABELS
    assert found["engines"] == {
        "face": {"model": "face", "backend": "tensorrt"},
        "speech": {"model": "speech", "backend": None},
    }
