import numpy as np

from edge.perception.detector import Face
from edge.perception.picture import Picture
from edge.perception.pixels import Image
from edge.perception.surroundings import Surroundings

FACE = Face(280.0, 100.0, 80.0, 80.0, 0.9)


def room(seed: int = 0, light: float = 0.0) -> Image:
    noise = np.random.default_rng(seed).normal(0, 4, (480, 640, 3))
    return np.asarray(np.clip(noise + 120 + light, 0, 255), np.uint8)


def with_somebody(x: int, y: int) -> Image:
    picture = room(seed=2)
    picture[y : y + 90, x : x + 60] = 200
    return picture


def remembered() -> Surroundings:
    surroundings = Surroundings()
    surroundings.remember(Picture(room()))
    return surroundings


def test_what_was_never_searched_has_stirred() -> None:
    assert Surroundings().stirred(Picture(room()), [])


def test_noise_and_light_are_nobody() -> None:
    assert not remembered().stirred(Picture(room(seed=1)), [])
    assert not remembered().stirred(Picture(room(seed=1, light=25)), [])


def test_somebody_comes_in() -> None:
    assert remembered().stirred(Picture(with_somebody(20, 200)), [FACE])
    assert remembered().stirred(Picture(with_somebody(280, 120)), [])


def test_somebody_who_is_known_may_move() -> None:
    assert not remembered().stirred(Picture(with_somebody(290, 110)), [FACE])
    assert not remembered().stirred(Picture(with_somebody(290, 350)), [FACE])


def test_another_scene_is_searched() -> None:
    surroundings = remembered()
    surroundings.forget()
    assert surroundings.stirred(Picture(room()), [])
