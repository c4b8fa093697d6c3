from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.analysis.plot import clock, plot, spans, thinned
from edge.analysis.timeline import FusedPoint, Timeline
from edge.errors import EdgeError
from edge.vocabulary import LABELS, Reading


def peaked(label: str, share: float = 0.7) -> np.ndarray:
    values = np.full(7, (1 - share) / 6)
    values[LABELS.index(label)] = share
    return values


def film(seconds: float = 30.0, rate: float = 2.0) -> Timeline:
    found = Timeline("film.mp4", duration=seconds)
    for i in range(int(seconds * rate)):
        label = LABELS[int(i / rate / 10) % 7]
        found.face.append(Reading("face", peaked(label), 0.9, i / rate))
        found.fused.append(FusedPoint(i / rate, label, 0.7, peaked(label), ("face",)))
    return found


def height(path: Path) -> int:
    picture = cv2.imread(str(path))
    assert picture is not None
    return int(picture.shape[0])


def test_the_plot_is_a_picture_without_an_empty_panel(tmp_path: Path) -> None:
    both, one = film(), film()
    both.speech = [Reading("speech", peaked("sad"), 0.9, 3.0)]
    plot(both, tmp_path / "both.png")
    plot(one, tmp_path / "one.png")
    assert (tmp_path / "both.png").read_bytes().startswith(b"\x89PNG")
    assert height(tmp_path / "one.png") < height(tmp_path / "both.png")


def test_hours_take_no_more_room_than_minutes(tmp_path: Path) -> None:
    plot(film(seconds=120, rate=10), tmp_path / "minutes.svg")
    plot(film(seconds=4 * 3600), tmp_path / "hours.svg")
    minutes, hours = ((tmp_path / name).stat().st_size for name in ("minutes.svg", "hours.svg"))
    assert hours < 4 * minutes


def test_the_axis_begins_at_the_start_of_the_file_and_counts_minutes(tmp_path: Path) -> None:
    late = film(seconds=300)
    late.face = [reading for reading in late.face if reading.captured_at > 200]
    late.fused = [point for point in late.fused if point.t > 200]
    plot(late, tmp_path / "late.svg")
    assert "<!-- 00:00 -->" in (tmp_path / "late.svg").read_text()
    assert "<!-- mm:ss -->" in (tmp_path / "late.svg").read_text()


def test_a_picture_has_bars_and_nothing_at_all_says_so(tmp_path: Path) -> None:
    still = Timeline("face.png", face=[Reading("face", peaked("happy"), 0.9, 0.0)])
    plot(still, tmp_path / "still.svg")
    assert "<!-- happy -->" in (tmp_path / "still.svg").read_text()
    plot(Timeline("empty.wav", duration=3.0), tmp_path / "empty.svg")
    assert "no face and no voice" in (tmp_path / "empty.svg").read_text()


def test_a_plot_that_cannot_be_written_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"timeline\.png"):
        plot(film(), tmp_path / "missing" / "timeline.png")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "00:00"), (7.5, "00:07.5"), (61, "01:01"), (3599, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")],
)
def test_time_is_told_as_on_a_clock(seconds: float, told: str) -> None:
    assert clock(seconds) == told


def test_equal_neighbours_are_one_stretch() -> None:
    points = [(1.0, "happy"), (2.0, "happy"), (4.0, "sad"), (5.0, "happy")]
    assert spans(points, 9.0) == {"happy": [(1.0, 3.0), (5.0, 4.0)], "sad": [(4.0, 1.0)]}
    assert spans([], 9.0) == {}


def test_readings_that_fall_together_are_averaged() -> None:
    points = [(0.01 * i, peaked("happy" if i % 2 else "sad")) for i in range(1000)]
    t, p = thinned(points, 10.0, columns=10)
    assert len(t) == 10
    assert p.sum(axis=1) == pytest.approx(np.ones(10))
    assert p[5, LABELS.index("happy")] == pytest.approx(p[5, LABELS.index("sad")], abs=0.01)


def test_a_while_without_readings_is_a_gap_and_a_single_reading_is_seen() -> None:
    points = [(0.0, peaked("happy")), (0.5, peaked("happy")), (8.0, peaked("sad"))]
    t, p = thinned(points, 10.0, columns=100)
    assert np.isnan(p).any(axis=1).tolist() == [False, False, True, False, False]
    assert t[-1] > t[-2]
