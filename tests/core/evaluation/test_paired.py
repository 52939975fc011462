"""Two networks on the same rows: the exact test against SciPy's, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.evaluation.judgement import Predictions
from epochal.core.evaluation.paired import (
    Judged,
    compared_in_words,
    exact_two_sided,
    paired,
    why_not_comparable,
)
from epochal.core.evaluation.regression import evaluate_numbers


@pytest.mark.parametrize(
    ("gained", "lost"), [(0, 0), (1, 0), (5, 4), (0, 6), (9, 1), (40, 60), (3, 300), (700, 800)]
)
def test_the_probability_is_the_exact_binomial_one(gained: int, lost: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    trials = gained + lost
    expected = stats.binomtest(gained, trials, 0.5).pvalue if trials else 1.0
    assert exact_two_sided(gained, lost) == pytest.approx(expected, rel=1e-9)
    assert exact_two_sided(lost, gained) == exact_two_sided(gained, lost)


def judged(answers: list[int], truth: list[int], rows: list[int] | None = None) -> Judged:
    outputs = np.full((len(answers), 3), 0.1)
    outputs[np.arange(len(answers)), answers] = 0.8
    targets = np.array(truth, dtype=np.intp)
    evaluation = evaluate_classes(outputs, targets, ("a", "b", "c"), np.array([5, 5, 5]))
    place = np.arange(len(answers)) if rows is None else np.array(rows)
    return Judged(Predictions(place.astype(np.intp), outputs, targets), 0.5, evaluation)


def test_rows_gained_and_lost_are_counted_row_by_row() -> None:
    first = judged([0, 0, 1, 2, 2], [0, 1, 1, 2, 0])
    second = judged([0, 1, 0, 2, 0], [0, 1, 1, 2, 0])
    found = paired(first, second)
    assert (found.gained, found.lost) == (2, 1)
    assert not found.is_beyond_chance
    assert compared_in_words(first, second, "run 4, learning rate 0.1") == (
        "Was 60.0 % (run 4, learning rate 0.1): +1 row, within chance "
        "(2 gained, 1 lost; McNemar's exact test, p = 1.00)."
    )
    assert compared_in_words(first, first, "run 4").endswith("the same rows are right.")


def test_the_order_of_the_rows_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    truth, before, now = (rng.integers(0, 3, 40).tolist() for _ in range(3))
    order = rng.permutation(40)
    first, second = judged(before, truth), judged(now, truth)
    shuffled = judged([now[i] for i in order], [truth[i] for i in order], order.tolist())
    assert paired(first, shuffled) == paired(first, second)
    assert not why_not_comparable(first, shuffled)


def test_much_better_is_beyond_chance() -> None:
    truth = [i % 3 for i in range(60)]
    bad = judged([0] * 60, truth)
    good = judged(truth, truth)
    assert paired(bad, good).is_beyond_chance
    assert "+40 rows, beyond chance" in compared_in_words(bad, good, "run 1")
    assert "-40 rows, beyond chance" in compared_in_words(good, bad, "run 2")


def test_other_rows_are_not_compared() -> None:
    first = judged([0, 1], [0, 1], [3, 4])
    second = judged([0, 1], [0, 1], [3, 5])
    assert compared_in_words(first, second, "run 4") == "Not compared with run 4: other rows were held out."


def test_numbers_are_compared_by_which_is_nearer() -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(50, 1))
    rows = np.arange(50, dtype=np.intp)

    def of(outputs: np.ndarray) -> Judged:
        evaluation = evaluate_numbers(outputs, targets, targets.mean(axis=0), ("y",), 0)
        return Judged(Predictions(rows, outputs, targets), 0.5, evaluation)

    near, far = of(targets + 0.1), of(targets + 0.5)
    assert paired(far, near).gained == 50
    said = compared_in_words(far, near, "run 1")
    assert "nearer to the truth on 50 of 50 rows, beyond chance (sign test, p < 0.0001)" in said
    assert "other rows" in compared_in_words(
        far, replace(near, answers=Predictions(rows + 1, near.answers.outputs, targets)), "run 1"
    )
