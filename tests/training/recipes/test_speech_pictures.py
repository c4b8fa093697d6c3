import numpy as np

from edge.perception.features import BANDS, normalise
from edge.training.data.fronts import OURS
from edge.training.recipes.speech_pictures import Pictures, stacked


def ramp(frames: int) -> np.ndarray:
    """A clip whose every frame tells when it was, from 0 to 8."""
    return np.linspace(0, 8, frames, dtype=np.float32)[:, None].repeat(BANDS, 1).astype(np.float16)


def pictures(**shares: float) -> Pictures:
    slower = ramp(480)
    return Pictures(OURS, [[ramp(400), ramp(40)], [slower, ramp(48)]], [ramp(300)], **shares)


def test_the_plain_stretch_is_of_the_same_words_in_the_clip_as_it_is() -> None:
    front, generator = OURS, np.random.default_rng(0)
    for _ in range(50):
        stretch = front.stretch(480, 120, generator)
        slow = ramp(480)[round(stretch.start * 480) :][0, 0]
        plain = ramp(400)[round(stretch.start * 400) :][0, 0]
        assert abs(float(slow) - float(plain)) < 0.1
        assert front.picture(ramp(400), stretch, 120).shape == (120, BANDS)


def test_without_shares_the_first_variant_is_seen_as_it_is() -> None:
    varied, stretches = pictures().draw([0, 1], [0, 0], 120, np.random.default_rng(1))
    plain = pictures().plain([0, 1], stretches, 120)
    np.testing.assert_array_equal(np.stack(varied), np.stack(plain))
    assert stacked(varied).shape == (2, 1, BANDS, 120)


def test_channels_and_sounds_change_the_pupils_picture_alone() -> None:
    many = ([0] * 40, [0] * 40)
    for shares in ({"band_limits": 1.0}, {"noisy": 1.0}):
        varied, stretches = pictures(**shares).draw(*many, 120, np.random.default_rng(2))
        plain = pictures().plain(many[0], stretches, 120)
        changed = [not np.allclose(one, other) for one, other in zip(varied, plain, strict=True)]
        assert sum(changed) > 30
        for each in varied:
            np.testing.assert_allclose(each, normalise(each), atol=1.0)


def test_a_sound_without_speech_fills_the_frames() -> None:
    assert pictures().sound(150, np.random.default_rng(3)).shape == (150, BANDS)
