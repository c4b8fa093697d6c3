from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from training.synthetic import faces

from edge.errors import DataError
from edge.evaluation.faces import load_faces, load_votes


def test_npz_with_splits(tmp_path: Path) -> None:
    images, labels = faces(14, 0)
    np.savez(tmp_path / "f.npz", images=images, labels=labels, usage=np.repeat([0, 1], 7))
    loaded = load_faces(tmp_path / "f.npz")
    assert np.array_equal(loaded.images, images)
    assert len(loaded.split("PublicTest").labels) == 7
    with pytest.raises(DataError, match="splits here: PublicTest, Training"):
        loaded.split("PrivateTest")


def test_npz_of_colour_pictures_of_another_size_and_own_names(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 96, 80, 3)).astype(np.uint8)
    names = np.array(["happiness", "contempt", "calm"])
    np.savez(tmp_path / "f.npz", images=images, labels=np.arange(3), label_names=names)
    loaded = load_faces(tmp_path / "f.npz")
    assert loaded.images.shape == (2, 48, 48)
    assert loaded.labels.tolist() == [3, 6]
    assert loaded.skipped == {"contempt": 1}


def test_kaggles_csv(tmp_path: Path) -> None:
    images, labels = faces(7, 1)
    rows = [f"{y},{' '.join(map(str, x.ravel()))},PublicTest" for x, y in zip(images, labels, strict=True)]
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n" + "\n".join(rows))
    loaded = load_faces(tmp_path / "fer2013.csv")
    assert np.array_equal(loaded.images, images)
    assert np.array_equal(loaded.labels, labels)
    assert set(loaded.splits) == {"PublicTest"}


def test_folders_of_pictures(tmp_path: Path) -> None:
    images, _ = faces(2, 2)
    for place, image in zip(("test/happy", "test/fear"), images, strict=True):
        (tmp_path / place).mkdir(parents=True)
        cv2.imwrite(str(tmp_path / place / "1.png"), image)
    loaded = load_faces(tmp_path)
    assert loaded.labels.tolist() == [2, 3]
    assert loaded.splits.tolist() == ["test", "test"]
    assert np.array_equal(loaded.images, images[::-1])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.npz", "text", "not face data"),
        ("a.csv", "emotion,pixels\n0,1 2 3\n", "line 2"),
        ("a.csv", "emotion,pixels\n", "no rows"),
        ("a.txt", "", "not face data"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        load_faces(tmp_path / name)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"labels": np.array(["happy"] * 7)}, "labels must be whole numbers"),
        ({"labels": np.linspace(0, 6, 7)}, "labels must be whole numbers"),
        ({"usage": np.full(7, 5)}, "usage must be below 3"),
        ({"usage": np.zeros(3, int)}, "usage must name the split of each of the 7 images"),
        ({"images": np.zeros((7, 48, 48, 1), np.uint8)}, r"images must be uint8 \(n, h, w"),
    ],
)
def test_arrays_that_do_not_fit_are_named(
    tmp_path: Path, arrays: dict[str, np.ndarray[Any, Any]], message: str
) -> None:
    images, labels = faces(7, 0)
    whole: dict[str, np.ndarray[Any, Any]] = {"images": images, "labels": labels, **arrays}
    np.savez(tmp_path / "f.npz", allow_pickle=False, **whole)
    with pytest.raises(DataError, match=message):
        load_faces(tmp_path / "f.npz")


def test_an_emotion_below_zero_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"emotion,pixels\n-1,{' '.join(['0'] * 48 * 48)}\n")
    with pytest.raises(DataError, match=r"line 2: .*emotion -1"):
        load_faces(tmp_path / "a.csv")


def test_missing_empty_and_broken_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no face data at"):
        load_faces(tmp_path / "none")
    with pytest.raises(DataError, match="no pictures under"):
        load_faces(tmp_path)
    (tmp_path / "happy").mkdir()
    (tmp_path / "happy" / "1.png").write_text("no picture")
    with pytest.raises(DataError, match="not a readable picture"):
        load_faces(tmp_path)


def test_ferplus_votes(tmp_path: Path) -> None:
    head = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    (tmp_path / "v.csv").write_text(f"{head}\nTraining,fer1.png,4,0,0,1,3,2,0,0,0,0\n")
    usages, votes = load_votes(tmp_path / "v.csv")
    assert usages == ["Training"]
    assert votes.tolist() == [[4, 0, 0, 1, 3, 2, 0, 0, 0, 0]]
    (tmp_path / "v.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="needs the columns Usage and neutral"):
        load_votes(tmp_path / "v.csv")
    (tmp_path / "v.csv").write_text(f"{head}\nTraining,fer1.png,four,0,0,1,3,2,0,0,0,0\n")
    with pytest.raises(DataError, match="not FER"):
        load_votes(tmp_path / "v.csv")
    with pytest.raises(DataError, match="no FER"):
        load_votes(tmp_path / "none.csv")
