"""Rare classes: ranking, chances and thresholds, held against scikit-learn, SciPy and plain formulas."""

from __future__ import annotations

from itertools import product
from math import log

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, log_loss, roc_auc_score

from epochal.core.costs import Costs, read_costs
from epochal.core.evaluation.chances import chances_of
from epochal.core.evaluation.evaluation import evaluate_classes
from epochal.core.evaluation.operating_point import chosen_threshold, operating_point
from epochal.core.evaluation.ranking import auc_interval, average_precision_interval, rank_test, ranking_of
from epochal.core.evaluation.wording import sentences, verdict
from epochal.core.findings.findings import findings
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings, read_settings
from epochal.core.training.training import Training
from tests.runs import sampled


def scored(
    rows: int, share: float, shift: float, seed: int, digits: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, some of them equal if digits are few, and which rows are positive."""
    rng = np.random.default_rng(seed)
    positives = np.arange(rows) < max(3, round(share * rows))
    scores = 1.0 / (1.0 + np.exp(-rng.normal(shift * positives - 1.5, 1.0)))
    return np.round(scores, digits), positives


def delong_by_pairs(scores: np.ndarray, positives: np.ndarray) -> tuple[float, float]:
    """The area and DeLong's variance as his paper writes them: every pair of rows compared."""
    above, below = scores[positives], scores[~positives]
    wins = (above[:, None] > below) + 0.5 * (above[:, None] == below)
    of_positives, of_negatives = wins.mean(axis=1), wins.mean(axis=0)
    variance = of_positives.var(ddof=1) / len(above) + of_negatives.var(ddof=1) / len(below)
    return float(wins.mean()), float(variance)


@pytest.mark.parametrize(("digits", "seed"), list(product([1, 6], range(5))))
def test_area_precision_and_test_are_those_of_scikit_learn_and_scipy(digits: int, seed: int) -> None:
    scores, positives = scored(300, 0.1, 1.0, seed, digits)
    ranking = ranking_of("yes", scores, positives, np.random.default_rng(0))
    assert ranking
    assert ranking.auc == pytest.approx(roc_auc_score(positives, scores), rel=1e-12)
    assert ranking.average_precision == pytest.approx(average_precision_score(positives, scores), rel=1e-12)
    expected = mannwhitneyu(
        scores[positives],
        scores[~positives],
        alternative="greater",
        use_continuity=False,
        method="asymptotic",
    )
    assert ranking.p_value == pytest.approx(expected.pvalue, rel=1e-6, abs=1e-12)
    assert (ranking.rows, ranking.base_rate) == (30, 0.1)


@pytest.mark.parametrize(("digits", "seed"), list(product([1, 6], range(5))))
def test_the_interval_is_delongs_on_the_logit_scale(digits: int, seed: int) -> None:
    scores, positives = scored(200, 0.15, 1.2, seed, digits)
    area, variance = delong_by_pairs(scores, positives)
    middle, reach = log(area / (1 - area)), 1.959963985 * variance**0.5 / (area * (1 - area))
    low, high = auc_interval(scores, positives)
    assert log(low / (1 - low)) == pytest.approx(middle - reach, rel=1e-6)
    assert log(high / (1 - high)) == pytest.approx(middle + reach, rel=1e-6)


def test_the_interval_covers_the_true_area_as_often_as_it_says() -> None:
    truth = 0.7602499  # the normal distribution at 1 / sqrt(2)
    covered = 0
    for seed in range(400):
        low, high = auc_interval(*scored(200, 0.2, 1.0, seed))
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_noise_is_called_better_than_guessing_as_rarely_as_the_level_says() -> None:
    called = sum(rank_test(*scored(200, 0.1, 0.0, seed)) <= 0.05 for seed in range(1000))
    assert 0.03 <= called / 1000 <= 0.07


def test_perfect_ranks_of_few_rows_are_not_certain() -> None:
    scores, positives = np.linspace(0, 1, 40), np.arange(40) >= 36
    low, high = auc_interval(scores, positives)
    assert low < 0.6
    assert high == 1.0
    assert ranking_of("yes", scores, np.arange(40) >= 38, np.random.default_rng(0)) is None


def test_the_interval_of_the_precision_holds_it_and_narrows_with_the_rows() -> None:
    few, many = (
        average_precision_interval(*scored(rows, 0.1, 1.0, 1), np.random.default_rng(3))
        for rows in (200, 8000)
    )
    assert few[0] < average_precision_score(*reversed(scored(200, 0.1, 1.0, 1))) < few[1]
    assert many[1] - many[0] < 0.4 * (few[1] - few[0])
    again = average_precision_interval(*scored(200, 0.1, 1.0, 1), np.random.default_rng(3))
    assert again == few


def test_chances_are_held_against_the_training_shares_of_the_classes() -> None:
    scores, positives = scored(400, 0.1, 1.0, 2)
    both = np.column_stack([1 - scores, scores])
    chances = chances_of(both, positives.astype(int), np.array([90, 10]))
    assert chances
    base = np.tile([0.9, 0.1], (400, 1))
    assert chances.log_loss == pytest.approx(log_loss(positives, both))
    assert chances.base_log_loss == pytest.approx(log_loss(positives, base))
    assert chances.brier == pytest.approx(brier_score_loss(positives, scores))
    assert chances.base_brier == pytest.approx(brier_score_loss(positives, base[:, 1]))
    low, high = chances.gain_interval
    assert low < chances.gain < high
    assert chances.gain == pytest.approx(chances.base_log_loss - chances.log_loss)
    itself = chances_of(base, positives.astype(int), np.array([90, 10]))
    assert itself
    assert (itself.gain, itself.beats_base_rate) == (0.0, False)


@pytest.mark.parametrize("rarer_is_second", [True, False])
@pytest.mark.parametrize("costs", [None, Costs(10, 1), Costs(1, 3), Costs(1000, 1)])
@pytest.mark.parametrize("seed", sampled(range(4), 1, "no threshold is better"))
def test_no_threshold_is_better_than_the_chosen_one(
    seed: int, costs: Costs | None, *, rarer_is_second: bool
) -> None:
    scores, positives = scored(120, 0.2, 1.0, seed, digits=2)
    second = positives if rarer_is_second else ~positives
    scores = scores if rarer_is_second else 1.0 - scores

    def worth(threshold: float) -> float:
        point = operating_point("yes", threshold, scores, second, rarer_is_second=rarer_is_second)
        if costs:
            return -costs.total(point.rows - point.found, point.alarms)
        answered = (scores >= threshold) == rarer_is_second
        return float(f1_score(positives, answered, zero_division=0.0))

    chosen = chosen_threshold(scores, second, rarer_is_second=rarer_is_second, costs=costs)
    assert 0.0 < chosen < 1.0
    assert worth(chosen) >= max(worth(threshold) for threshold in np.linspace(0.001, 0.999, 999)) - 1e-12


def test_costs_are_read_however_they_are_written_and_refused_in_a_sentence() -> None:
    assert read_costs("miss=10 alarm=1") == read_costs("alarm=1, MISS=10.0") == Costs(10, 1)
    assert read_costs("none") is None
    assert Settings(cost="alarm=1,miss=10").cost == "miss=10 alarm=1"
    for wrong in (
        "",
        "10",
        "miss=10",
        "miss=-1 alarm=1",
        "miss=x alarm=1",
        "miss=nan alarm=1",
        "miss=1 miss=2",
    ):
        with pytest.raises(ValueError, match="Cost is none, or what an error costs, such as miss=10 alarm=1"):
            read_settings({"cost": wrong})


def rare(rows: int = 1500, signal: float = 1.2, seed: int = 0) -> Examples:
    """Five rows in a hundred are `yes`, and three columns, one of which says something about it."""
    rng = np.random.default_rng(seed)
    is_yes = rng.random(rows) < 0.05
    inputs = rng.normal(size=(rows, 3))
    inputs[:, 0] += signal * is_yes
    return Examples(tuple(map(Feature, "abc")), inputs, is_yes.astype(int), ("no", "yes"))


def trained(examples: Examples, **settings: object) -> Training:
    training = Training(examples, read_settings({"epochs": 30, **settings}))
    for _ in training:
        pass
    return training


def test_a_rare_class_that_ranks_well_is_not_called_useless() -> None:
    for threshold in (0.5, "balanced"):
        outcome = outcome_of(trained(rare(), threshold=threshold))
        said = " ".join(sentences(outcome.evaluation))
        assert outcome.evaluation.beats_baseline is not True
        assert said.startswith("Its probabilities rank yes first in")
        assert "Better than guessing, beyond chance" in said
        assert "chosen on the training rows" in said
        assert "log loss" in said
        assert not {"baseline"} & {finding.code for finding in outcome.findings}


def test_a_rare_class_that_cannot_be_told_is_called_so() -> None:
    calls = []
    for seed in range(8):
        outcome = outcome_of(trained(rare(600, 0.0, seed), seed=seed))
        codes = {finding.code for finding in outcome.findings}
        better = verdict(outcome.evaluation).startswith("Better")
        assert better != ("baseline" in codes)
        calls.append(better)
    assert sum(calls) <= 2


def test_answers_no_better_than_one_class_say_so_and_that_the_ranks_are() -> None:
    """Neither class is rare, but the probabilities are all on one side."""
    rng = np.random.default_rng(5)
    truth = (rng.random(200) < 0.3).astype(int)
    second = 0.2 + 0.1 * truth + 0.05 * rng.normal(size=200).clip(-2, 2)
    judged = evaluate_classes(np.column_stack([1 - second, second]), truth, ("no", "yes"), (70, 30))
    assert not judged.is_judged_by_ranking
    assert judged.is_useful is not True
    said = verdict(judged)
    assert "always answering no" in said
    assert "Yet its probabilities rank yes first in" in said


def test_the_threshold_of_least_cost_is_chosen_without_the_held_out_rows() -> None:
    examples = rare()
    training = trained(examples, cost="miss=20 alarm=1")
    outcome = outcome_of(training)
    assert outcome.threshold < 0.5
    point = outcome.evaluation.operating  # type: ignore[union-attr]
    assert point
    assert point.threshold == outcome.threshold
    assert point.cost == 20 * (point.rows - point.found) + point.alarms
    flipped = examples.targets.copy()
    flipped[training.split.held_out] = 1 - flipped[training.split.held_out]
    swapped = Examples(examples.features, examples.inputs, flipped, examples.classes)
    again = Training(swapped, training.settings, split_rows=training.split)
    for _ in again:
        pass
    assert outcome_of(again).threshold == outcome.threshold
    words = " ".join(sentences(outcome.evaluation))
    assert "a miss 20 and a false alarm 1" in words


def test_a_cost_is_for_two_classes() -> None:
    examples = rare(60)
    three = Examples(examples.features, examples.inputs, np.arange(60) % 3, ("p", "q", "r"))
    numbers = Examples(examples.features, examples.inputs, np.arange(60.0))
    for other, counted in ((three, "3 classes"), (numbers, "numbers")):
        with pytest.raises(ValueError, match=f"is for two classes; here are {counted}"):
            Training(other, Settings(cost="miss=2 alarm=1"))


def test_findings_are_those_of_the_outcome() -> None:
    outcome = outcome_of(trained(rare()))
    codes = [finding.code for finding in findings(outcome.training, outcome.evaluation)]
    assert codes == [finding.code for finding in outcome.findings]
