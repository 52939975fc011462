"""Folds taken together: means, deviations, corrected intervals, and sentences that claim no more."""

from __future__ import annotations

import math
from statistics import fmean, stdev

import numpy as np
import pytest
from scipy import stats

from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.rows.examples import Examples, Split
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import Fold, cross_validate
from epochal.core.studies.resampling import Summary, summarise, summary_sentences

YES_NO = ("no", "yes")


def fold(right: int, rows: int = 20, positives: int = 10, number: int = 1, ending: str = "finished") -> Fold:
    """A fold of which so many rows, counted from the first, were answered rightly."""
    truth = np.arange(rows) < positives
    answer = np.where(np.arange(rows) < right, truth, ~truth)
    said = np.where(answer, 0.9, 0.1)
    evaluation = evaluate_classes(
        np.column_stack([1 - said, said]), truth.astype(int), YES_NO, [90 + rows - positives, 80 + positives]
    )
    split = Split(np.arange(rows, 10 * rows), np.arange(rows), stratified=True)
    return Fold(1, number, split, evaluation, 30, ending)


def summary_of(*right: int) -> Summary:
    return summarise([fold(count) for count in right])


def test_mean_deviation_and_interval_are_those_of_the_formula() -> None:
    accuracy = summary_of(14, 16, 19, 17).measures["accuracy"]
    scores = [0.7, 0.8, 0.95, 0.85]
    assert accuracy.scores == pytest.approx(scores)
    assert accuracy.mean == pytest.approx(fmean(scores))
    assert accuracy.std == pytest.approx(stdev(scores))
    # Nadeau and Bengio 2003: the variance of the mean is (1/J + test/train) times that of the scores.
    deviation = math.sqrt((1 / 4 + 20 / 180) * stdev(scores) ** 2)
    reach = stats.t.ppf(0.975, 3) * deviation
    assert accuracy.interval == pytest.approx((fmean(scores) - reach, min(1.0, fmean(scores) + reach)))


def test_the_gain_is_taken_fold_by_fold() -> None:
    summary = summary_of(14, 16, 19, 17)
    assert summary.baseline == pytest.approx(0.5)
    assert summary.improvement is not None
    assert summary.improvement.scores == pytest.approx([0.2, 0.3, 0.45, 0.35])
    assert summary.beats_baseline is True


@pytest.mark.parametrize(
    ("right", "beats", "words"),
    [
        ((14, 16, 19, 17), True, "beyond chance: the gain is 32.5 points"),
        ((9, 12, 11, 10), None, "Not better beyond chance than always answering no"),
        ((9, 8, 10, 7), False, "No better than always answering no, which reaches 50.0 %."),
    ],
)
def test_whether_the_baseline_is_beaten_is_said(
    right: tuple[int, ...], beats: bool | None, words: str
) -> None:
    summary = summary_of(*right)
    assert summary.beats_baseline is beats
    assert any(words in line for line in summary_sentences(summary))


def test_one_fold_says_nothing_of_how_sure_it_is() -> None:
    summary = summary_of(18)
    assert summary.measures["accuracy"].interval is None
    assert summary.beats_baseline is None
    assert summary_sentences(summary) == [
        "Accuracy 90.0 % in one training: a second one is needed to say how sure."
    ]


def test_a_fold_without_a_class_has_no_auc_and_the_others_count() -> None:
    summary = summarise([fold(15), fold(16), fold(18, positives=0)])
    assert len(summary.measures["auc"].scores) == 2
    assert len(summary.measures["accuracy"].scores) == 3


def test_trainings_that_ran_away_are_counted() -> None:
    lines = summary_sentences(summarise([fold(15), fold(16, ending="diverged")]))
    assert lines[-1].startswith("1 of 2 trainings diverged")


def test_nothing_is_not_summarised() -> None:
    with pytest.raises(ValueError, match="no fold"):
        summarise([])


def test_numbers_are_summed_up_in_their_own_units(line: Examples) -> None:
    folds = list(cross_validate(line, Settings(epochs=60, hidden=(), learning_rate=0.1), 3, 1))
    summary = summarise(folds)
    rmse = [one.evaluation.rmse for one in folds]  # type: ignore[union-attr]
    assert summary.measures["rmse"].scores == tuple(rmse)
    assert summary.beats_baseline is True
    assert any("the training mean" in sentence for sentence in summary_sentences(summary))


def test_each_repeat_starts_from_other_weights(line: Examples) -> None:
    """A network without a hidden layer that starts from zeros differs by its rows alone."""
    settings = Settings(epochs=1, hidden=(4,))
    first, _, second, _ = cross_validate(line, settings, 2, 2)
    assert first.evaluation.rmse != second.evaluation.rmse  # type: ignore[union-attr]


def ranked_fold(number: int, shift: float) -> Fold:
    """A fold in which one row of twenty is positive, and none is answered so."""
    rng = np.random.default_rng(number)
    truth = (np.arange(200) < 10).astype(int)
    second = 0.1 + 0.1 * rng.random(200) + shift * truth
    evaluation = evaluate_classes(np.column_stack([1 - second, second]), truth, ("no", "yes"), (1710, 90))
    split = Split(np.arange(1800), np.arange(200), True)
    return Fold(1, number, split, evaluation, 30, "finished")


def test_a_rare_class_is_summed_up_by_its_ranking_first() -> None:
    told = summarise([ranked_fold(number, 0.05) for number in range(4)])
    first, *rest = summary_sentences(told)
    assert first.startswith("Ranks the rarer class better than guessing, beyond chance: AUC 0.")
    assert any(line.startswith("Its answers are no better than always answering no") for line in rest)
    guessed = summary_sentences(summarise([ranked_fold(number, -0.02) for number in range(4)]))
    assert guessed[0].startswith("No better than guessing which rows are of the rarer class")
