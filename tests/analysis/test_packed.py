import tracemalloc

import numpy as np
import pytest

from edge.analysis.packed import FaceReadings, FusedPoints
from edge.analysis.timeline import FusedPoint
from edge.vocabulary import Reading

MIXED = np.array([0.1, 0.2, 0.05, 0.3, 0.15, 0.1, 0.1])


def test_a_reading_comes_out_as_it_went_in() -> None:
    there = Reading("face", MIXED, 0.8, 7201.25, box=(0.1, 0.2, 0.3, 0.4), track=5)
    without = Reading("face", MIXED, 0.5, 7202.0)
    one, two = FaceReadings([there, without])
    assert (one.captured_at, one.track, one.emotion) == (7201.25, 5, "happy")
    assert one.probabilities == pytest.approx(MIXED)
    assert one.box == pytest.approx(there.box)
    assert one.quality == pytest.approx(0.8)
    assert (two.box, two.track) == (None, None)


def test_the_readings_of_one_person_keep_their_order() -> None:
    packed = FaceReadings(Reading("face", MIXED, 0.8, float(t), track=t % 2) for t in range(6))
    assert packed.tracks() == [0, 1]
    assert [one.captured_at for one in packed.of(1)] == [1, 3, 5]


def test_a_fused_point_comes_out_as_it_went_in() -> None:
    points = FusedPoints()
    points.append(FusedPoint(1.5, "none", 0.0, MIXED, ()))
    points.append(FusedPoint(2.5, "happy", 0.75, MIXED, ("face", "speech")))
    one, two = points
    assert (one.t, one.emotion, one.sources) == (1.5, "none", ())
    assert (two.emotion, two.confidence, two.sources) == ("happy", 0.75, ("face", "speech"))
    assert two.probabilities == pytest.approx(MIXED)


def test_two_hours_of_two_people_fit_in_16_megabytes() -> None:
    tracemalloc.start()
    packed = FaceReadings()
    for number in range(20_000):
        packed.append(Reading("face", MIXED, 0.8, number / 15, box=(0.1, 0.2, 0.3, 0.4), track=1))
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used / 20_000 * 216_000 < 16e6
