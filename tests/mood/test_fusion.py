"""The newest readings of both senses: fresh, faded, stale, poor, late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.mood.fusion import Fusion, FusionParameters, fuse_loglinear
from edge.vocabulary import Modality, Reading

HAPPY = np.array([0.02, 0.02, 0.02, 0.88, 0.02, 0.02, 0.02])
SAD = np.array([0.05, 0.05, 0.05, 0.05, 0.7, 0.05, 0.05])


def reading(modality: Modality, at: float, quality: float = 1.0, p: np.ndarray = HAPPY) -> Reading:
    return Reading(modality, p, quality, at)


def fusion(**options: float) -> Fusion:
    return Fusion(parameters=FusionParameters(), **options)  # type: ignore[arg-type]


def test_one_sense_alone_is_passed_through() -> None:
    fused = fusion().update(reading("face", 10.0, quality=0.4))
    assert fused is not None
    np.testing.assert_array_equal(fused.probabilities, HAPPY)
    assert (fused.source, fused.sources, fused.captured_at) == ("face", ("face",), 10.0)
    assert fused.emotion == "happy"
    assert fused.confidence == pytest.approx(0.88)


def test_both_senses_are_fused_and_the_newest_capture_counts() -> None:
    f = fusion()
    f.update(reading("speech", 10.0, p=SAD))
    fused = f.update(reading("face", 9.9), now=10.1)
    assert fused is not None
    assert (fused.source, fused.captured_at) == ("fused", 10.0)
    np.testing.assert_allclose(fused.probabilities, fuse_loglinear(HAPPY, SAD, FusionParameters()))


def test_a_reading_fades_over_the_second_half_of_its_life() -> None:
    f = fusion(speech_stale=4.0)
    speech = reading("speech", 0.0, quality=0.8)
    assert [f.trust(speech, age) for age in (0, 2, 3, 4, 9)] == pytest.approx([0.8, 0.8, 0.4, 0, 0])


def test_a_stale_sense_no_longer_counts() -> None:
    f = fusion(speech_stale=4.0)
    f.update(reading("speech", 0.0, p=SAD))
    fused = f.update(reading("face", 4.0))
    assert fused is not None
    assert fused.source == "face"
    np.testing.assert_array_equal(fused.probabilities, HAPPY)
    assert f.fuse(100.0) is None


@pytest.mark.parametrize(
    "bad",
    [
        reading("face", 10.0, quality=0.01),
        reading("face", 10.0, quality=float("nan")),
        reading("face", 10.0, p=np.full(7, np.nan)),
        reading("face", 10.0, p=np.zeros(7)),
        reading("face", 10.0, p=np.ones(3) / 3),
        reading("face", 10.0, p=np.array([-1.0, 2, 0, 0, 0, 0, 0])),
        reading("face", 5.0),
    ],
)
def test_what_cannot_be_used_changes_nothing(bad: Reading) -> None:
    f = fusion()
    f.update(reading("face", 9.5, p=SAD))
    assert f.update(bad, now=10.0) is None
    kept = f.fuse(10.0)
    assert kept is not None
    np.testing.assert_array_equal(kept.probabilities, SAD)


def test_what_was_captured_before_the_newest_reading_is_dropped() -> None:
    f = fusion()
    f.update(reading("face", 10.0, p=SAD))
    assert f.update(reading("face", 9.9), now=10.1) is None
    kept = f.fuse(10.1)
    assert kept is not None
    np.testing.assert_array_equal(kept.probabilities, SAD)
    assert f.update(reading("speech", 9.9), now=10.1) is not None, "the other sense has its own order"


def test_what_comes_already_stale_is_dropped() -> None:
    assert fusion(face_stale=1.0).update(reading("face", 0.0), now=1.0) is None


def test_a_closed_device_is_forgotten() -> None:
    f = fusion()
    f.update(reading("speech", 1.0, p=SAD))
    f.update(reading("face", 1.0))
    f.forget("speech")
    fused = f.fuse(1.0)
    assert fused is not None
    assert fused.source == "face"
    f.forget()
    assert f.fuse(1.0) is None


def test_a_sense_of_weight_zero_is_ignored_altogether() -> None:
    f = Fusion(parameters=FusionParameters(face_weight=0.0))
    assert f.update(reading("face", 1.0)) is None
    fused = f.update(reading("speech", 1.0, p=SAD))
    assert fused is not None
    assert fused.source == "speech"


steps = st.tuples(
    st.sampled_from(["face", "speech"]), st.floats(0.0, 3.0), st.floats(0.0, 1.0), st.integers(0, 6)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=30), st.sampled_from(["loglinear", "fscore", "mean", "product"]))
def test_any_sequence_gives_distributions_from_fresh_readings(
    sequence: list[tuple[Modality, float, float, int]], rule: str
) -> None:
    f = Fusion(parameters=FusionParameters(), rule=rule)  # type: ignore[arg-type]
    now = 0.0
    for modality, elapsed, quality, label in sequence:
        now += elapsed
        p = np.full(7, 0.05)
        p[label] = 0.7
        fused = f.update(reading(modality, now, quality, p))
        assert (fused is None) == (quality < 0.05)
        if fused is not None:
            assert fused.probabilities.sum() == pytest.approx(1.0)
            assert fused.captured_at == now
            assert modality in fused.sources
