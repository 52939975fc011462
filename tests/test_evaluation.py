"""Evaluation against SciPy and scikit-learn, and its sentences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest
from sklearn.metrics import confusion_matrix, r2_score, roc_auc_score

from core.evaluation import auc, binomial_tail, evaluate_classes, evaluate_numbers, percent, wilson


@pytest.mark.parametrize("rows", [1, 5, 62, 1000])
def test_wilsons_interval_is_scipys(rows: int) -> None:
    for correct in {0, 1, rows // 3, rows - 1, rows}:
        expected = binomtest(correct, rows).proportion_ci(0.95, method="wilson")
        np.testing.assert_allclose(wilson(correct, rows), (expected.low, expected.high), atol=1e-12)


@pytest.mark.parametrize("rows", [1, 62, 1000, 5000])
def test_the_binomial_tail_is_scipys(rows: int) -> None:
    for share in (0.0, 0.01, 0.5, 42 / 62, 0.999, 1.0):
        for correct in {0, 1, rows // 2, rows - 1, rows}:
            assert binomial_tail(correct, rows, share) == pytest.approx(
                binom.sf(correct - 1, rows, share), rel=1e-7, abs=1e-300
            )


@pytest.mark.parametrize("seed", range(20))
def test_two_classes_are_judged_as_scikit_learn_does(seed: int) -> None:
    chance = np.random.default_rng(seed)
    targets = chance.integers(2, size=40)
    positive = np.round(chance.random(40), 1)  # ties on purpose
    judged = evaluate_classes(
        np.column_stack([1 - positive, positive]), targets, ("no", "yes"), np.array([3, 5])
    )
    answers = (positive > 0.5).astype(int)
    assert judged.correct == int((answers == targets).sum())
    np.testing.assert_array_equal(judged.confusion, confusion_matrix(targets, answers, labels=[0, 1]))
    assert judged.auc == pytest.approx(roc_auc_score(targets, positive))
    assert judged.baseline == targets.mean()
    assert judged.baseline_class == "yes"


@pytest.mark.parametrize("seed", range(10))
def test_many_classes_are_judged_as_scikit_learn_does(seed: int) -> None:
    chance = np.random.default_rng(seed)
    targets = np.r_[0, 1, 2, chance.integers(3, size=50)]
    probabilities = chance.dirichlet(np.ones(3), size=53)
    judged = evaluate_classes(probabilities, targets, ("a", "b", "c"), np.array([1, 2, 3]))
    np.testing.assert_array_equal(
        judged.confusion, confusion_matrix(targets, probabilities.argmax(1), labels=[0, 1, 2])
    )
    assert judged.auc == pytest.approx(roc_auc_score(targets, probabilities, multi_class="ovr"))


def test_an_area_needs_both_classes() -> None:
    assert auc(np.array([0.1, 0.9]), np.array([True, True])) is None


def judged_by(correct: int, rows: int, usual: int) -> list[str]:
    """An evaluation of `rows` rows, `usual` of them Abnormal, of which `correct` are answered right."""
    targets = np.r_[np.zeros(usual, int), np.ones(rows - usual, int)]
    answers = np.where(np.arange(rows) < correct, targets, 1 - targets)
    return evaluate_classes(
        np.eye(2)[answers], targets, ("Abnormal", "Normal"), np.array([168, 80])
    ).in_words()


def test_the_result_is_said_with_its_interval_its_baseline_and_its_worth() -> None:
    assert judged_by(53, 62, 42) == [
        "53 of 62 held-out rows right: 85.5 % (95 % interval 74.7 to 92.2 %); "
        "always answering Abnormal: 67.7 %.",
        "Better than always giving that answer, beyond chance.",
    ]
    assert judged_by(44, 62, 42)[1].endswith("undecided.")
    assert (
        judged_by(42, 62, 42)[1] == "Not better than always giving that answer: nothing useful was learned."
    )


def test_rounding_never_says_all_or_nothing_when_it_is_not() -> None:
    assert [percent(share) for share in (0.0, 1e-9, 0.5, 0.99999, 1.0)] == [
        "0.0 %",
        "0.1 %",
        "50.0 %",
        "99.9 %",
        "100.0 %",
    ]


def test_numbers_are_judged_against_predicting_the_mean() -> None:
    chance = np.random.default_rng(0)
    targets = chance.normal(10.0, 3.0, (200, 1))
    predictions = targets + chance.normal(0.0, 1.0, (200, 1))
    judged = evaluate_numbers(predictions, targets, np.array([10.0]))
    assert judged.rmse == pytest.approx(np.sqrt(np.mean((predictions - targets) ** 2)))
    assert judged.r2 == pytest.approx(r2_score(targets, predictions))
    assert judged.interval[0] < judged.rmse < judged.interval[1]
    assert judged.beats_baseline
    idle = evaluate_numbers(np.full((200, 1), 10.0), targets, np.array([10.0]))
    assert idle.rmse == idle.baseline_rmse
    assert not idle.beats_baseline
    assert "Not better" in idle.in_words()[1]
