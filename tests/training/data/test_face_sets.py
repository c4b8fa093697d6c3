"""Sets of faces together and apart."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from training.conftest import tiny_face
from training.synthetic import write_fer2013, write_wild

from edge.errors import DataError
from edge.training.data.face_sets import FaceSets, load_face_sets
from edge.training.data.wild import OUTLINE, PLACE
from edge.training.engines.cards import face_data
from edge.training.recipes.engine_teachers import EngineTeachers, Shares
from edge.training.recipes.face_task import FaceRecipe, FaceTask


class AlwaysHappy(EngineTeachers):
    def faces(self, images: NDArray[np.uint8]) -> Shares:
        return np.tile(np.eye(7, dtype=np.float32)[3], (len(images), 1))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    write_fer2013(data / "fer2013" / "fer2013.npz")
    write_wild(data / PLACE)
    return data


@pytest.fixture(scope="module")
def sets(data: Path) -> FaceSets:
    return load_face_sets(data)


def test_both_sets_are_trained_on_and_judged_apart(sets: FaceSets) -> None:
    splits, alone = sets.together(), sets.fer2013
    assert len(splits.train.labels) == len(alone.train.labels) + 70
    assert splits.train.extras["ferplus_votes"][-70:].sum() == 0
    assert splits.train.extras[OUTLINE][-70:].any(axis=(1, 2)).all()
    assert not splits.train.extras[OUTLINE][:-70].any()
    assert splits.beside is not None
    assert len(splits.beside.labels) == 28
    assert splits.beside.images.min(axis=(1, 2)).max() == 0, "mouths stay dark"
    assert (splits.beside.images[:, 0, 0] > 20).all(), "corners do not"
    np.testing.assert_array_equal(splits.valid.images, alone.valid.images)


def test_the_set_of_unclear_origin_can_be_left_out(data: Path) -> None:
    splits = load_face_sets(data, wild=False).together()
    assert splits.sets == ("fer2013",)
    assert splits.beside is None
    assert not any("wild" in name for name, _ in face_data(splits))


def test_cards_name_the_sets_and_their_terms(sets: FaceSets) -> None:
    names = [name for name, _ in face_data(sets.together())]
    assert [name.split(" ")[0] for name in names] == ["FER2013", "FER+", "faces"]
    assert [name.split(" ")[0] for name, _ in face_data(sets.leaving_out("fer2013", 0))] == ["faces"]


@pytest.mark.parametrize(("left_out", "trained", "judged"), [("wild", 107, 28), ("fer2013", 70, 35)])
def test_a_set_that_is_left_out_is_judged_and_nothing_else(
    left_out: str, trained: int, judged: int, sets: FaceSets
) -> None:
    splits = sets.leaving_out(left_out, seed=0)
    assert splits.beside is not None
    assert len(splits.beside.labels) == judged
    assert abs(len(splits.train.labels) + len(splits.held_out.labels) - trained) <= 4
    known = {picture.tobytes() for part in (splits.train, splits.valid) for picture in part.images}
    assert not known & {picture.tobytes() for picture in splits.beside.images}


def test_an_unknown_set_is_named(sets: FaceSets) -> None:
    with pytest.raises(DataError, match="no set of faces 'affectnet'; sets: fer2013, wild"):
        sets.leaving_out("affectnet", 0)


def test_a_step_fills_outlines_and_lends_them_to_whole_pictures(sets: FaceSets) -> None:
    torch.manual_seed(0)
    recipe = FaceRecipe(batch=32, mix=0.0, masked=1.0, smaller=0.0)
    task = FaceTask("face/ours", tiny_face(), sets.together(), recipe=recipe)
    rows = torch.arange(len(sets.together().train.labels))
    before, after = torch.from_numpy(sets.together().train.images), task._filled(rows)
    changed = (before != after).flatten(1).any(1)
    assert changed.float().mean() > 0.9
    middle = slice(14, 30)
    assert torch.equal(before[:, middle, middle], after[:, middle, middle])
    assert set(task.validate(tiny_face().eval())) == {"accuracy", "wild"}


def test_a_batch_has_the_wanted_share_of_cut_out_faces(sets: FaceSets) -> None:
    together = sets.together()
    cut = torch.from_numpy(together.train.extras[OUTLINE].reshape(len(together.train.labels), -1).any(1))
    recipe = FaceRecipe(batch=10, mix=0.0, cut_out=0.4)
    order = FaceTask("face/ours", tiny_face(), together, recipe=recipe)._order()
    for rows in torch.split(order, 10):
        assert int(cut[rows].sum()) == 4


def test_an_engine_teaches_whole_pictures_only(sets: FaceSets) -> None:
    together = sets.together()
    recipe = FaceRecipe(batch=10, smoothing=0.0, engine_share=0.9)
    task = FaceTask("face/ours", tiny_face(), together, recipe=recipe, engines=AlwaysHappy(()))
    cut = torch.from_numpy(together.train.extras[OUTLINE].reshape(len(together.train.labels), -1).any(1))
    labels = torch.nn.functional.one_hot(torch.from_numpy(together.train.labels), 7).float()
    assert torch.equal(task._targets[cut], labels[cut])
    assert (task._targets[~cut][:, 3] >= 0.9 - 1e-6).all()
