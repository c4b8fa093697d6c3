import csv
import io

import numpy as np
import pytest

from edge.analysis.ears import Spoken
from edge.analysis.recording import Recording
from edge.analysis.timeline import FusedPoint, Timeline
from edge.vocabulary import LABELS, Modality, Reading


def peaked(label: str) -> np.ndarray:
    values = np.full(7, 0.05)
    values[LABELS.index(label)] = 0.7
    return values


def reading(modality: Modality, label: str, t: float) -> Reading:
    if modality == "speech":
        return Reading(modality, peaked(label), 0.9, t)
    return Reading(modality, peaked(label), 0.9, t, box=(0.1, 0.2, 0.3, 0.4), track=2)


def recording() -> Recording:
    found = Recording(Timeline("clip.mp4", duration=3.0, frames_read=3), {"channels": "auto"}, {"face": "ab"})
    found.timeline.face = [reading("face", "happy", 0.1), reading("face", "sad", 2.0)]
    found.timeline.speech = [reading("speech", "angry", 1.0)]
    found.spoken = [Spoken(found.timeline.speech[0], "left", 0, 0.2)]
    found.timeline.fused = [FusedPoint(0.1, "happy", 0.8, peaked("happy"), ("face",))]
    found.fused_speaker = [None]
    return found


def test_the_document_has_every_key_even_when_nothing_was_found() -> None:
    document = Recording(Timeline("empty.wav"), {}, {}).document(elapsed=0.5)
    assert document["duration_s"] is document["bandwidth_hz"] is None
    for key in ("face", "speech", "fused", "people", "speakers", "moments"):
        assert document[key] == []
    assert document["summary"] == {"emotion": "none", "shares": {}}
    assert document["schema"] == 2


def test_faces_have_numbers_and_voices_have_speakers() -> None:
    document = recording().document(0.0)
    assert [point["number"] for point in document["face"]] == [2, 2]
    assert document["speech"][0]["speaker"] == "left"
    assert "speaker" not in document["fused"][0]


def test_csv_rows_come_in_order_of_time_with_person_box_and_speaker() -> None:
    out = io.StringIO()
    recording().write_csv(out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["kind"] for row in rows] == ["face", "fused", "speech", "face"]
    assert (rows[0]["number"], rows[0]["w"], rows[2]["speaker"]) == ("2", "0.3000", "left")
    assert all(sum(float(row[label]) for label in LABELS) == pytest.approx(1, abs=1e-3) for row in rows)
