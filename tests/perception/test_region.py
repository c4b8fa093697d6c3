import numpy as np
import pytest

from edge.perception.observation import FaceSighting
from edge.perception.picture import Picture
from edge.perception.region import Region

PICTURE = np.arange(40 * 60 * 3).reshape(40, 60, 3).astype(np.uint8)


def sighting(*box: float) -> FaceSighting:
    x, y, w, h = box
    return FaceSighting(1, (x, y, w, h), 0.9, 1.0, (), True)


def test_without_a_region_the_picture_is_looked_at_whole() -> None:
    region, whole = Region.configured(None), Picture(PICTURE)
    assert region.cut(whole) is whole
    assert region.placed(sighting(0.1, 0.2, 0.3, 0.4)).box == (0.1, 0.2, 0.3, 0.4)


def test_a_region_is_cut_out_without_a_copy() -> None:
    part = Region((0.5, 0.25, 0.5, 0.5)).cut(Picture(PICTURE)).image
    assert part.shape == (20, 30, 3)
    assert np.shares_memory(part, PICTURE)
    assert np.array_equal(part, PICTURE[10:30, 30:])


def test_a_face_lies_where_the_whole_picture_shows_it() -> None:
    placed = Region((0.5, 0.2, 0.5, 0.4)).placed(sighting(0.5, 0.5, 0.2, 0.5))
    assert placed.box == pytest.approx((0.75, 0.4, 0.1, 0.2))


def test_the_smallest_region_has_a_pixel() -> None:
    assert Region((0.999, 0.999, 0.001, 0.001)).cut(Picture(PICTURE)).size == (1, 1)
