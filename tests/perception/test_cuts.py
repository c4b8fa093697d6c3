import numpy as np

from edge.perception.cuts import Cuts
from edge.perception.picture import Picture


def scene(seed: int) -> np.ndarray:
    blocks = np.random.default_rng(seed).integers(0, 255, (9, 16, 3), np.uint8)
    return np.kron(blocks, np.ones((20, 20, 1), np.uint8))


def test_another_scene_is_a_cut_and_the_same_is_none() -> None:
    cuts = Cuts()
    a, b = scene(1), scene(2)
    assert [cuts.is_cut(Picture(image)) for image in (a, a, b, b, a)] == [False, False, True, False, True]


def test_a_pan_is_no_cut() -> None:
    cuts, wide = Cuts(), np.concatenate([scene(1), scene(2)], 1)
    assert not any(cuts.is_cut(Picture(wide[:, x : x + 320])) for x in range(0, 320, 8))
