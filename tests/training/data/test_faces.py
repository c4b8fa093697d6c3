"""How FER2013 is split."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from training.synthetic import faces, write_fer2013

from edge.errors import DataError
from edge.evaluation.faces import load_faces
from edge.training.data.faces import load_fer2013, split_faces
from edge.training.runs.lab import Lab

pytestmark = pytest.mark.usefixtures("tiny_rows")


def test_pictures_of_the_validation_are_not_trained_on(lab: Lab) -> None:
    splits = lab.faces()
    train = {picture.tobytes() for picture in splits.train.images}
    held = {picture.tobytes() for picture in splits.held_out.images}
    valid = {picture.tobytes() for picture in splits.valid.images}
    assert not train & valid
    assert not held & valid
    assert not train & held
    assert len(train) + len(held) == 111


def test_the_held_out_pictures_do_not_depend_on_how_copies_are_numbered(tmp_path: Path) -> None:
    write_fer2013(tmp_path / "fer2013" / "fer2013.npz")
    loaded = load_faces(tmp_path / "fer2013")
    assert "dup_group" not in loaded.extras
    own = np.arange(len(loaded.labels))[::-1] * 3
    own[0] = own[112]
    numbered = replace(loaded, extras={**loaded.extras, "dup_group": own})
    plain, other = split_faces(loaded).held_out.images, split_faces(numbered).held_out.images
    assert len(plain) > 0
    np.testing.assert_array_equal(plain, other)


def test_half_a_data_set_is_refused(lab: Lab) -> None:
    with pytest.raises(DataError, match="incomplete"):
        split_faces(lab.faces().train)


def test_the_votes_of_ferplus_join_the_rows_of_the_csv(tmp_path: Path) -> None:
    folder = tmp_path / "fer2013"
    folder.mkdir()
    images, labels = faces(30, seed=4)
    usages = ["Training"] * 20 + ["PublicTest"] * 10
    rows = zip(labels.tolist(), images.reshape(30, -1).tolist(), usages, strict=True)
    lines = [f"{label},{' '.join(map(str, pixels))},{usage}" for label, pixels, usage in rows]
    (folder / "fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *lines]))
    names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    votes = [f"{usage},fer{i}.png,{i % 9},0,0,0,10,0,0,0,0,0" for i, usage in enumerate(usages)]
    (folder / "fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *votes]))
    valid = load_fer2013(tmp_path).valid
    assert valid.extras["ferplus_votes"][:, 0].tolist() == [i % 9 for i in range(20, 30)]
    assert (valid.extras["ferplus_votes"][:, 4] == 10).all()
    (folder / "fer2013new.csv").write_text("\n".join([f"Usage,Image name,{names}", *votes[:-1]]))
    with pytest.raises(DataError, match="29 rows for 30 faces"):
        load_fer2013(tmp_path)


def test_the_copies_in_training_are_known_without_the_column(lab: Lab) -> None:
    assert lab.faces().valid.extras["also_in_training"].sum() == 1
