import numpy as np
import pytest

from edge.analysis.frames import SECONDS, slices
from edge.vocabulary import SAMPLE_RATE, AudioChunk

CHUNK = 1024


def chunks(count: int, hole_before: int | None = None) -> list[AudioChunk]:
    found, at = [], 0.0
    for index in range(count):
        at += CHUNK / SAMPLE_RATE + (3.0 if index == hole_before else 0.0)
        found.append(AudioChunk(np.full(CHUNK, index, np.float32), at))
    return found


def test_frames_come_in_slices_of_two_seconds_with_their_numbers_and_ends() -> None:
    cut = list(slices(chunks(70)))
    assert [len(one.frames) for one in cut] == [64, 64, 12]
    assert [one.first for one in cut] == [0, 64, 128]
    ends = np.concatenate([one.ends for one in cut])
    assert ends == pytest.approx(SECONDS * np.arange(1, 141))


def test_a_hole_in_the_sound_ends_a_slice() -> None:
    cut = list(slices(chunks(10, hole_before=4)))
    assert [len(one.frames) for one in cut] == [8, 12]
    assert cut[1].ends[0] - cut[0].ends[-1] == pytest.approx(3.0 + SECONDS)


def test_no_sound_has_no_frames() -> None:
    assert list(slices([])) == []
