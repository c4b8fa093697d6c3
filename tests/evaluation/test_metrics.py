import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evaluation.metrics import (
    Ids,
    Matrix,
    abstention,
    by_group,
    calibration_bins,
    ece,
    interval,
    metrics,
    top2,
    trusted_from,
)
from edge.vocabulary import LABELS


def random_readings(n: int = 400, seed: int = 0) -> tuple[Matrix, Ids]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 7, n)
    logits = generator.normal(size=(n, 7))
    logits[np.arange(n), labels] += 1.2
    p = np.exp(logits)
    return np.asarray(p / p.sum(axis=1, keepdims=True)), labels.astype(np.int64)


def test_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import (
        confusion_matrix,
        f1_score,
        log_loss,
        precision_recall_fscore_support,
        recall_score,
    )

    p, y = random_readings()
    found, guesses = metrics(p, y), p.argmax(axis=1)
    assert found["uar"] == pytest.approx(recall_score(y, guesses, average="macro"))
    assert found["macro_f1"] == pytest.approx(f1_score(y, guesses, average="macro"))
    assert found["nll"] == pytest.approx(log_loss(y, p, labels=range(7)))
    assert found["confusion"] == confusion_matrix(y, guesses, labels=range(7)).tolist()
    expected = precision_recall_fscore_support(y, guesses, labels=range(7))
    for i, label in enumerate(LABELS):
        scores = found["per_class"][label]
        values = [scores[key] for key in ("precision", "recall", "f1", "support")]
        assert values == pytest.approx([column[i] for column in expected])


def test_recall_is_averaged_over_the_classes_present() -> None:
    p = np.eye(7)[[0, 0, 3, 1]]
    assert metrics(p, [0, 0, 3, 3])["uar"] == pytest.approx((1 + 0.5) / 2)


def test_second_guesses() -> None:
    p = np.array([[0.5, 0.3, 0.2, 0, 0, 0, 0]] * 4)
    either, second = top2(p, np.array([0, 1, 1, 2]))
    assert either == 0.75
    assert second == pytest.approx(2 / 3)


def test_calibration_error_of_known_bins() -> None:
    p = np.zeros((10, 7))
    p[:, 0], p[:, 1] = 0.8, 0.2
    labels = np.array([0] * 6 + [1] * 4)
    assert ece(p, labels) == pytest.approx(0.2)
    assert calibration_bins(p, labels) == pytest.approx(np.array([[1.0, 0.8, 0.6]]))


def test_perfect_confidence_is_calibrated() -> None:
    labels = np.arange(7)
    assert ece(np.eye(7), labels) == 0.0


@given(st.integers(1, 60), st.integers(0, 1000))
def test_figures_stay_within_bounds(n: int, seed: int) -> None:
    found = metrics(*random_readings(n, seed))
    for key in ("accuracy", "uar", "macro_f1", "top2_accuracy", "ece"):
        assert 0 <= found[key] <= 1
    assert found["top2_accuracy"] >= found["accuracy"]
    assert sum(map(sum, found["confusion"])) == n


def test_groups_without_a_name_are_left_out() -> None:
    p, y = random_readings(30)
    groups = by_group(p, y, ["a"] * 10 + [""] * 10 + ["b"] * 10)
    assert list(groups) == ["a", "b"]
    assert groups["a"]["n"] == 10


def test_abstaining_answers_less_and_is_right_more_often() -> None:
    rows = abstention(*random_readings(2000), [0.0, 0.4, 0.6])
    assert rows[0]["answered"] == 1.0
    assert rows[0]["answered"] > rows[1]["answered"] > rows[2]["answered"]
    assert rows[0]["accuracy"] < rows[1]["accuracy"] < rows[2]["accuracy"]


def test_the_interval_holds_the_mean() -> None:
    low, high = interval([1] * 70 + [0] * 30)
    assert 0.58 < low < 0.7 < high < 0.82


def test_answers_are_trusted_only_from_where_they_are_surely_right_as_often() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.2, 1.0, 20_000)
    p = np.tile((1 - confidence[:, None]) / 6, (1, 7))
    p[:, 2] = confidence
    labels = np.where(generator.random(20_000) < confidence, 2, 5).astype(np.int64)
    assert trusted_from(p, labels, 0.8) in (0.6, 0.65)
    assert trusted_from(p[:20], labels[:20], 0.99) is None
    assert trusted_from(p, np.full(20_000, 5), 0.5) is None
