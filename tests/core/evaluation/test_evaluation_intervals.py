import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from epochal.core.evaluation.distributions import binomial_tail, incomplete_beta, t_quantile
from epochal.core.evaluation.intervals import corrected_interval, wilson


@given(st.data(), st.integers(1, 10**6), st.floats(0.5, 0.9999))
def test_the_wilson_interval_is_scipys(data, rows, level):
    correct = data.draw(st.integers(0, rows))
    reference = stats.binomtest(correct, rows).proportion_ci(level, method="wilson")
    assert wilson(correct, rows, level) == pytest.approx(tuple(reference), rel=1e-9, abs=1e-12)


def test_the_wilson_interval_ends_exactly_at_nothing_and_at_all():
    assert wilson(0, 62)[0] == 0.0
    assert wilson(62, 62)[1] == 1.0
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("correct", "rows", "level"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0), (1, 2, 95)])
def test_an_impossible_count_or_level_is_refused(correct, rows, level):
    with pytest.raises(ValueError, match=r"cannot come from|between 0 and 1"):
        wilson(correct, rows, level)


@given(st.data(), st.integers(0, 3000), st.floats(0, 1))
def test_the_binomial_tail_is_scipys(data, trials, probability):
    successes = data.draw(st.integers(-1, trials + 1))
    reference = stats.binom.sf(successes - 1, trials, probability)
    assert binomial_tail(successes, trials, probability) == pytest.approx(reference, rel=1e-9, abs=1e-300)


def test_the_binomial_tail_is_an_exact_sum_of_integers():
    fair = sum(math.comb(62, k) for k in range(40, 63)) / 2**62
    assert binomial_tail(40, 62, 0.5) == pytest.approx(fair, rel=1e-13)


def test_the_binomial_tail_of_a_million_trials_keeps_its_digits():
    for successes in (499_000, 500_000, 501_000, 505_000):
        assert binomial_tail(successes, 10**6, 0.5) == pytest.approx(
            stats.binom.sf(successes - 1, 10**6, 0.5), rel=1e-10
        )


@given(st.floats(0.1, 1e5), st.floats(0.1, 1e5), st.floats(0, 1))
def test_the_incomplete_beta_function_is_scipys(a, b, x):
    reference = special.betainc(a, b, x)
    assert incomplete_beta(a, b, x, 1 - x) == pytest.approx(reference, rel=1e-9, abs=1e-15)


@given(st.floats(0.0001, 0.9999), st.one_of(st.integers(1, 200), st.floats(1, 1e7)))
def test_the_quantile_of_students_t_is_scipys(probability, degrees):
    reference = stats.t.ppf(probability, degrees)
    assert t_quantile(probability, degrees) == pytest.approx(reference, rel=1e-9, abs=1e-9)


def test_the_quantile_of_students_t_is_the_tangent_for_one_degree_of_freedom():
    for probability in (1e-9, 0.3, 0.9, 0.975, 0.999999):
        exact = -1 / math.tan(math.pi * probability)
        assert t_quantile(probability, 1) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(
    ("probability", "degrees"), [(0, 5), (1, 5), (0.5, 0), (math.nan, 5), (0.5, math.nan)]
)
def test_a_quantile_that_does_not_exist_is_refused(probability, degrees):
    with pytest.raises(ValueError, match="no quantile"):
        t_quantile(probability, degrees)


def test_the_corrected_interval_is_the_published_formula():
    scores = [0.81, 0.87, 0.84, 0.9, 0.77, 0.84, 0.87, 0.81, 0.84, 0.86]
    error = np.std(scores, ddof=1) * np.sqrt(1 / 10 + 31 / 279)
    expected = stats.t.interval(0.9, 9, np.mean(scores), error)
    assert corrected_interval(scores, 279, 31, 0.9) == pytest.approx(expected, rel=1e-12)


def test_the_corrected_interval_is_wider_than_the_one_that_forgets_shared_rows():
    scores = [0.81, 0.87, 0.84, 0.9, 0.77]
    low, high = corrected_interval(scores, 248, 62)
    naive_low, naive_high = stats.t.interval(0.95, 4, np.mean(scores), stats.sem(scores))
    assert low < naive_low < naive_high < high


def test_the_corrected_interval_stays_within_the_measures_bounds():
    assert corrected_interval([0.99, 1.0, 0.7], 20, 10)[1] == 1.0
    assert corrected_interval([9.0, 8.0, 7.0], 20, 10, bounds=(0.0, math.inf))[1] > 9.0


def test_one_fold_has_no_interval():
    with pytest.raises(ValueError, match="at least two folds"):
        corrected_interval([0.8], 20, 10)
