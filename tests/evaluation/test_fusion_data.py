import os
from pathlib import Path

import numpy as np
import pytest

from edge.errors import DataError
from edge.evaluation.fusion import evaluate_fusion, fit_fusion, load_pairs

NAMES = np.array(["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral", "calm"])
RULES = {"mean", "product", "fscore", "stacking", "loglinear"}


def write(path: Path, seed: int, changes: dict[str, object] | None = None) -> Path:
    n = 400
    generator = np.random.default_rng(seed)
    emotion = generator.integers(0, 8, n)
    arrays: dict[str, object] = {"emotion": emotion, "names": NAMES}
    for name, strength in (("audio", 3.0), ("visual", 1.5), ("visual2", 1.0)):
        scores = generator.normal(size=(n, 8))
        scores[np.arange(n), emotion] += strength
        powers = np.exp(scores)
        arrays[name] = powers / powers.sum(axis=1, keepdims=True) if name == "visual2" else scores
    np.savez(path, **{**arrays, **(changes or {})})  # type: ignore[arg-type]
    return path


def test_calm_is_added_to_neutral(tmp_path: Path) -> None:
    pairs = load_pairs(write(tmp_path / "a.npz", 0))
    assert pairs.face.shape == (400, 7)
    assert np.allclose(np.exp(pairs.speech).sum(axis=1), 1)
    raw = np.load(tmp_path / "a.npz")
    p = np.exp(raw["audio"]) / np.exp(raw["audio"]).sum(axis=1, keepdims=True)
    assert np.allclose(np.exp(pairs.speech)[:, 6], p[:, 6] + p[:, 7])
    assert set(pairs.labels.tolist()) == set(range(7))


def test_probabilities_are_not_softened_again(tmp_path: Path) -> None:
    pairs = load_pairs(write(tmp_path / "a.npz", 0), "visual2")
    assert np.allclose(np.exp(pairs.face)[:, 0], np.load(tmp_path / "a.npz")["visual2"][:, 0])


@pytest.mark.parametrize("visual", ["visual", "visual2"])
def test_fitted_rules_beat_each_sense_alone(tmp_path: Path, visual: str) -> None:
    found = evaluate_fusion(write(tmp_path / "a.npz", 1), fit=write(tmp_path / "b.npz", 2), visual=visual)
    assert set(found["rules"]) == RULES
    assert set(found["modalities"]) == {"speech", "face"}
    assert found["n"] == found["fit_n"] == 400
    assert found["rules"]["loglinear"]["nll"] < min(m["nll"] for m in found["modalities"].values())
    assert found["accuracy"] == found["rules"]["loglinear"]["accuracy"]


def test_without_fitting_the_shipped_weights_count(tmp_path: Path) -> None:
    found = evaluate_fusion(write(tmp_path / "a.npz", 1))
    assert found["fit_n"] == 0
    assert found["weights"] == {"face": 1.0, "speech": 1.0}


def test_folds_of_people_are_judged_by_rules_fitted_on_the_others(tmp_path: Path) -> None:
    folds = np.arange(400) % 4
    path = write(tmp_path / "a.npz", 1, {"fold": folds})
    apart = evaluate_fusion(path)["people_apart"]
    assert set(apart) == RULES | {"speech alone", "face alone"}
    pairs, first = load_pairs(path), folds == 0
    expected = [
        fit_fusion(pairs.take(folds != fold)).rules(pairs.take(folds == fold))["loglinear"].argmax(axis=1)
        == pairs.labels[folds == fold]
        for fold in range(4)
    ]
    assert len(expected[0]) == first.sum()
    assert apart["loglinear"]["accuracy"] == pytest.approx(float(np.concatenate(expected).mean()))
    assert evaluate_fusion(write(tmp_path / "b.npz", 1))["people_apart"] == {}


def test_voices_that_drift_are_read_better_with_their_own_baseline(tmp_path: Path) -> None:
    generator, actors = np.random.default_rng(3), np.arange(400) % 8
    emotion = generator.integers(0, 8, 400)
    audio = generator.normal(size=(400, 8)) + 3.0 * np.eye(8)[emotion] + 2.0 * np.eye(8)[actors]
    changes: dict[str, object] = {"fold": actors % 4, "emotion": emotion, "audio": audio, "actor": actors}
    apart = evaluate_fusion(write(tmp_path / "a.npz", 1, changes))["people_apart"]
    assert set(apart) == RULES | {"speech alone", "face alone", "loglinear, own baseline"}
    assert apart["loglinear, own baseline"]["accuracy"] > apart["loglinear"]["accuracy"] + 0.02
    assert apart["loglinear, own baseline"]["nll"] < apart["loglinear"]["nll"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audio": np.full((400, 8), np.nan)}, "not finite"),
        ({"audio": np.zeros((400, 3))}, "scores must be"),
        ({"names": np.array(list("abcdefgh"))}, "cover angry"),
    ],
)
def test_wrong_scores_are_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_pairs(write(tmp_path / "a.npz", 0, changes))


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no fusion data"):
        load_pairs(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(DataError, match="not fusion data"):
        load_pairs(tmp_path / "text.npz")
    with pytest.raises(DataError, match="visual3"):
        load_pairs(write(tmp_path / "a.npz", 0), "visual3")


@pytest.mark.skipif("EMOTION_EDGE_DATA" not in os.environ, reason="set EMOTION_EDGE_DATA to the data folder")
def test_on_published_posteriors_fusion_gains_three_points(tmp_path: Path) -> None:
    path = Path(os.environ["EMOTION_EDGE_DATA"]) / "fusion" / "ravdess_posteriors.npz"
    with np.load(path) as file:
        arrays = dict(file)
    odd = arrays["actor"] % 2 == 1
    for name, rows in (("fit", odd), ("test", ~odd)):
        chosen = {key: values if key == "names" else values[rows] for key, values in arrays.items()}
        np.savez(tmp_path / f"{name}.npz", **chosen)
    found = evaluate_fusion(tmp_path / "test.npz", fit=tmp_path / "fit.npz")
    best = max(m["accuracy"] for m in found["modalities"].values())
    assert found["accuracy"] >= best + 0.03
    assert found["ece"] <= 0.04
