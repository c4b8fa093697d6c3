from pathlib import Path

import numpy as np
import pytest

from edge.analysis.timeline import FusedPoint, Timeline, plot
from edge.errors import EdgeError
from edge.vocabulary import LABELS, Modality, Reading


def peaked(label: str, share: float = 0.7) -> np.ndarray:
    values = np.full(7, (1 - share) / 6)
    values[LABELS.index(label)] = share
    return values


def reading(modality: Modality, label: str, t: float) -> Reading:
    box = (0.1, 0.2, 0.3, 0.4) if modality == "face" else None
    return Reading(modality, peaked(label), 0.9, t, box=box)


def point(label: str, t: float) -> FusedPoint:
    return FusedPoint(t, label, 0.8, peaked("happy"), ("face",))


def timeline() -> Timeline:
    subject = Timeline("clip.mp4", duration=3.0, frames_read=3, frames_with_face=2, speech_windows=1)
    subject.face = [reading("face", "happy", 0.1), reading("face", "sad", 2.0)]
    subject.speech = [reading("speech", "angry", 1.0)]
    subject.fused = [point("none", 0.1), point("happy", 1.0), point("happy", 2.0), point("none", 3.0)]
    return subject


def test_the_summary_names_the_prevailing_emotion_not_its_absence() -> None:
    summary = timeline().summary()
    assert summary["emotion"] == "happy"
    assert summary["shares"] == {"happy": 0.5, "none": 0.5}


def test_a_file_too_short_for_a_steady_mood_has_its_likeliest_emotion() -> None:
    short = Timeline("short.mp4")
    short.fused = [point("none", 0.1), point("none", 0.2), FusedPoint(9.0, "none", 0.0, peaked("sad"), ())]
    assert short.summary() == {"emotion": "happy", "shares": {"none": 1.0}}


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    target = tmp_path / "timeline.png"
    plot(timeline(), target)
    assert target.read_bytes().startswith(b"\x89PNG")


def test_a_plot_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "timeline.png"
    with pytest.raises(EdgeError, match=r"timeline\.png"):
        plot(timeline(), target)


def test_an_empty_timeline_can_be_plotted(tmp_path: Path) -> None:
    plot(Timeline("empty.wav"), tmp_path / "empty.png")
    assert (tmp_path / "empty.png").stat().st_size > 1000
