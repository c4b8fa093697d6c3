from contextlib import closing
from itertools import pairwise

import numpy as np
import pytest

from edge.bench.crowd import crowd, moving
from edge.bench.stages import Stage, stages
from edge.commands.main import main
from edge.config import Config
from edge.perception.open import open_detector


@pytest.mark.parametrize("faces", [1, 3, 8])
def test_a_crowd_has_as_many_faces_as_asked_for(faces: int) -> None:
    config = Config()
    with closing(open_detector(config.camera, engines=config.engines)) as detector:
        picture = crowd(faces, (640, 480), detector)
        assert picture.shape == (480, 640, 3)
        assert len(detector.detect(picture)) == faces


def test_pictures_that_move_differ_from_the_one_before() -> None:
    picture = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    steps = moving(picture)
    pictures = [next(steps) for _ in range(7)]
    assert not any(np.array_equal(a, b) for a, b in pairwise(pictures))
    assert np.array_equal(pictures[6], picture)


def test_every_step_is_measured() -> None:
    found = stages(Config(), faces=2, seconds=0.001)
    assert {one.name.split()[0] for one in found} >= {
        "decode", "detect", "track", "crop", "judge", "voice", "features", "fuse", "publish",
    }  # fmt: skip
    assert all(one.ms > 0 and one.per_second > 0 for one in found)


def test_a_share_of_a_core_is_time_by_calls() -> None:
    assert Stage("judge", 4.0, 15.0).core_percent == 6.0


def test_more_than_eight_faces_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["bench", "stages", "--faces", "1,9"])
    assert stop.value.code == 2
    assert "1 to 8" in capsys.readouterr().err
