import numpy as np
import pytest

from edge.mood.speaker import Speaker

FPS = 15
TALKS, SILENT = 0.06, -0.01
"""Excess motion of mouths as the clips have it."""


def voiced(at: float) -> bool:
    """A second of speech, half a second of pause."""
    return at % 1.5 < 1.0


def watched(*mouths: str, seconds: float = 4.0, fps: float = FPS, seed: int = 0) -> Speaker:
    """Numbered from 1; each mouth talks with the voice, against it, always, or is silent."""
    noise, speaker = np.random.default_rng(seed), Speaker()
    for step in range(int(seconds * fps)):
        at = step / fps
        moves = {"with": voiced(at), "against": not voiced(at), "always": True, "silent": False}
        values = (TALKS if moves[mouth] else SILENT for mouth in mouths)
        speaker.see({n: value + noise.normal(0, 0.015) for n, value in enumerate(values, 1)}, at)
        speaker.hear(voiced(at), at)
    return speaker


@pytest.mark.parametrize("seed", range(10))
def test_the_face_whose_mouth_moves_with_the_voice_is_heard(seed: int) -> None:
    assert watched("silent", "with", "silent", seed=seed).find(4.0) == 2
    assert watched("with", "against", seed=seed).find(4.0) == 1
    assert watched("with", seed=seed).find(4.0) == 1


@pytest.mark.parametrize("seed", range(10))
def test_nobody_is_heard_where_nobody_stands_out(seed: int) -> None:
    assert watched("silent", "silent", seed=seed).find(4.0) is None, "somebody speaks off the picture"
    assert watched("with", "with", seed=seed).find(4.0) is None
    assert watched("silent", seed=seed).find(4.0) is None
    assert watched(seed=seed).find(4.0) is None


def test_too_few_pictures_tell_nothing() -> None:
    assert watched("with", "silent", seconds=1.0).find(1.0) is None
    assert watched("with", "silent", fps=5).find(4.0) is None


def test_without_a_voice_a_mouth_that_moves_is_nobody_s() -> None:
    speaker = Speaker()
    for step in range(60):
        speaker.see({1: TALKS}, step / FPS)
    assert speaker.find(4.0) is None


def test_who_has_gone_is_forgotten() -> None:
    speaker = watched("with", "silent")
    for step in range(100):
        speaker.see({2: SILENT}, 4.0 + step / FPS)
    speaker.hear(True, 10.0)
    assert speaker.find(10.5) is None
