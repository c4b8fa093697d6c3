"""Variants that go through a channel."""

import numpy as np

from edge.evaluation.channels import CHANNELS
from edge.training.data.channels import _WEIGHTS, ThroughChannel
from edge.training.data.sound import Background, SoundAugment
from edge.vocabulary import SAMPLE_RATE

NOTHING = Background([], [])


def test_a_share_of_the_variants_goes_through_a_channel() -> None:
    sound = np.asarray(0.1 * np.random.default_rng(0).normal(size=SAMPLE_RATE // 2), dtype=np.float32)
    still = SoundAugment(speed=0.0, room=0.0, noise=0.0)
    plain = still(sound, NOTHING, np.random.default_rng(0))
    made = [ThroughChannel(still, 0.5)(sound, NOTHING, np.random.default_rng(k)) for k in range(40)]
    changed = [each.shape != plain.shape or not np.allclose(each, plain) for each in made]
    assert 10 <= sum(changed) <= 30
    again = ThroughChannel(still, 0.5)(sound, NOTHING, np.random.default_rng(7))
    np.testing.assert_array_equal(again, made[7])


def test_every_channel_occurs_and_kept_features_depend_on_the_share() -> None:
    assert set(_WEIGHTS) == set(CHANNELS)
    assert repr(ThroughChannel(chance=0.3)) != repr(ThroughChannel(chance=0.5))
