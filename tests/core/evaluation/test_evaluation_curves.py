import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import calibration, metrics

from epochal.core.evaluation.curves import auc, balanced_threshold, reliability, roc_curve
from epochal.core.evaluation.intervals import wilson


@st.composite
def scored(draw):
    """Scores of both kinds of rows, from all different to nearly all tied."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows, steps = draw(st.integers(2, 120)), draw(st.sampled_from([1, 2, 5, 50, 10**9]))
    positives = rng.random(rows) < draw(st.floats(0.05, 0.95))
    positives[:2] = True, False
    scores = np.floor(rng.random(rows) * steps) / steps + 0.1 * positives
    return np.minimum(scores, 1.0), positives


@settings(max_examples=300, deadline=None)
@given(scored())
def test_the_roc_curve_is_scikit_learns_tied_scores_included(case):
    scores, positives = case
    curve = roc_curve(scores, positives)
    false, true, thresholds = metrics.roc_curve(positives, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rate, false)
    np.testing.assert_allclose(curve.true_positive_rate, true)
    np.testing.assert_array_equal(curve.thresholds, thresholds)


@settings(max_examples=300, deadline=None)
@given(scored())
def test_the_auc_counts_every_pair_of_rows_a_tie_as_one_half(case):
    scores, positives = case
    pairs = scores[positives][:, None] - scores[~positives][None, :]
    assert auc(scores, positives) == float((np.sign(pairs) + 1).sum()) / (2 * pairs.size)


def test_turning_the_scores_round_turns_the_auc_round():
    rng = np.random.default_rng(1)
    scores, positives = rng.integers(0, 4, 50) / 4, rng.random(50) < 0.4
    assert auc(scores, positives) + auc(-scores, positives) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize("positives", [[True, True], [False, False], []])
def test_one_kind_of_rows_alone_has_no_curve(positives):
    flags = np.array(positives, dtype=bool)
    scores = np.linspace(0, 1, len(flags))
    assert roc_curve(scores, flags) is None
    assert auc(scores, flags) is None
    assert balanced_threshold(scores, flags) == 0.5


def test_a_score_that_is_not_a_number_is_refused():
    with pytest.raises(ValueError, match="no rank"):
        auc(np.array([0.1, np.nan]), np.array([True, False]))
    with pytest.raises(ValueError, match="One score a row"):
        auc(np.zeros(3), np.array([True, False]))


@settings(max_examples=200, deadline=None)
@given(scored())
def test_no_threshold_is_better_balanced_than_the_balanced_one(case):
    scores, positives = case

    def balanced(threshold):
        answers = scores >= threshold
        return answers[positives].mean() - answers[~positives].mean()

    best = max(balanced(threshold) for threshold in [*scores, 2.0])
    assert balanced(balanced_threshold(scores, positives)) == pytest.approx(best, abs=1e-12)


def test_the_balanced_threshold_parts_separable_rows_in_the_middle():
    scores = np.array([0.1, 0.2, 0.6, 0.9])
    assert balanced_threshold(scores, scores > 0.5) == pytest.approx(0.4)


def test_of_equally_good_thresholds_the_nearest_to_one_half_is_chosen():
    scores = np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    positives = np.array([False, True, False, True, True])
    assert balanced_threshold(scores, positives) == pytest.approx(0.6)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 300), st.integers(2, 12))
def test_the_reliability_table_is_scikit_learns(seed, rows, bins):
    rng = np.random.default_rng(seed)
    probabilities = rng.random(rows)
    positives = rng.random(rows) < probabilities**2
    positives[:2] = True, False
    table = reliability(probabilities, positives, bins)
    observed, said = calibration.calibration_curve(positives, probabilities, n_bins=bins)
    assert [group.observed for group in table] == pytest.approx(observed)
    assert [group.probability for group in table] == pytest.approx(said)
    for group in table:
        inside = (probabilities >= group.low) & (probabilities < group.high)
        assert group.rows == inside.sum()
        assert group.interval == wilson(positives[inside].sum(), group.rows)


def test_the_last_bin_holds_certainty_itself():
    (group,) = reliability(np.ones(3), np.array([True, True, False]))
    assert (group.low, group.high, group.rows, group.probability) == (0.9, 1.0, 3, 1.0)


def test_reliability_of_no_rows_is_an_empty_table():
    assert reliability(np.empty(0), np.empty(0, dtype=bool)) == ()


@pytest.mark.parametrize("probability", [-0.1, 1.1, np.nan])
def test_a_probability_outside_its_range_has_no_bin(probability):
    with pytest.raises(ValueError, match="from 0 to 1"):
        reliability(np.array([probability]), np.array([True]))
