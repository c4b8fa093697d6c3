import itertools

import numpy as np

from edge.samples import sample_clip
from edge.samples.make_sample import FPS, SECONDS, SENTENCES, SIZE, VIEWS, shot, view_at


def test_the_clip_is_small_enough_to_ship() -> None:
    assert 100_000 < sample_clip().stat().st_size <= 2_000_000


def test_the_camera_moves_without_jumps_and_ends_where_it_began() -> None:
    views = [view_at(index / FPS) for index in range(SECONDS * FPS + 1)]
    steps = [
        max(abs(b.x - a.x), abs(b.y - a.y), abs(b.width - a.width)) for a, b in itertools.pairwise(views)
    ]
    assert max(steps) < 35
    assert VIEWS[0][1:] == VIEWS[-1][1:]


def test_a_shot_fills_the_frame_even_at_the_edge_of_the_portrait() -> None:
    portrait = np.full((512, 512, 3), 90, np.uint8)
    for view in VIEWS:
        picture = shot(portrait, view)
        assert picture.shape == (SIZE[1], SIZE[0], 3)
        assert (picture == 90).all()


def test_the_sentences_leave_pauses() -> None:
    begins = [sentence.at for sentence in SENTENCES]
    assert all(later - earlier > 3 for earlier, later in itertools.pairwise(begins))
