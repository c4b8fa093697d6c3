import numpy as np

from edge.perception.stills import Stills, identical


def picture(seed: int = 0) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (480, 640, 3), np.uint8)


def test_a_picture_is_the_same_only_to_the_last_pixel() -> None:
    one, other = picture(), picture()
    assert identical(one, one)
    assert identical(one, other)
    other[479, 638, 1] ^= 1
    assert not identical(one, other)
    assert not identical(one, picture(1))
    assert not identical(one, one[:240])


def test_repetitions_are_noticed() -> None:
    stills = Stills()
    shown = [picture(), picture(), picture(1), picture(1), picture()]
    assert [stills.repeats(one) for one in shown] == [False, True, False, True, False]
    stills.forget()
    assert not stills.repeats(picture())
