import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics

from epochal.core.evaluation.bootstrap import bootstrap_intervals
from epochal.core.evaluation.regression import QUANTILES, evaluate_numbers


def predicted(rows, noise=1.0, outputs=1, seed=0):
    """Targets around 100, spread 8, and predictions off by that much noise."""
    rng = np.random.default_rng(seed)
    targets = 100.0 + 8.0 * rng.standard_normal((rows, outputs))
    return targets + noise * rng.standard_normal((rows, outputs)), targets


def evaluated(predictions, targets, means=(100.0,), seed=0):
    names = tuple(f"y{number}" for number in range(predictions.shape[1]))
    return evaluate_numbers(predictions, targets, means, names, seed)


def measured(evaluation):
    return [evaluation.rmse, evaluation.mae, evaluation.r2, evaluation.baseline_rmse, evaluation.improvement]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32), st.integers(2, 60), st.integers(1, 4), st.sampled_from([1e-150, 1e-3, 1.0, 1e160])
)
def test_every_measure_of_numbers_is_scikit_learns(seed, rows, outputs, unit):
    predictions, targets = predicted(rows, 3.0, outputs, seed)
    means = np.linspace(99, 103, outputs)
    result = evaluated(predictions * unit, targets * unit, means * unit)
    always = np.tile(means, (rows, 1))
    assert result.rmse == pytest.approx(metrics.root_mean_squared_error(targets, predictions) * unit)
    assert result.mae == pytest.approx(metrics.mean_absolute_error(targets, predictions) * unit)
    assert result.r2 == pytest.approx(metrics.r2_score(targets, predictions))
    assert result.baseline_rmse == pytest.approx(metrics.root_mean_squared_error(targets, always) * unit)
    each_r2 = metrics.r2_score(targets, predictions, multioutput="raw_values")
    assert [output.r2 for output in result.outputs] == pytest.approx(list(each_r2))
    for output, residuals in zip(result.outputs, (targets - predictions).T, strict=True):
        assert output.residual_quantiles == pytest.approx(tuple(np.quantile(residuals, QUANTILES) * unit))


def scipys_interval(samples, statistic):
    """SciPy's BCa interval, at the level to which 95 % is expanded for few rows."""
    rows = len(samples[0])
    reach = stats.t.ppf(0.975, rows - 1) * math.sqrt(rows / (rows - 1))
    return tuple(
        stats.bootstrap(
            samples,
            statistic,
            confidence_level=stats.norm.cdf(reach) - stats.norm.cdf(-reach),
            n_resamples=40_000,
            paired=len(samples) > 1,
            batch=10_000,
            rng=np.random.default_rng(1),
        ).confidence_interval
    )


def r2_of_each(targets, predictions, axis):
    unexplained = np.square(targets - predictions).sum(axis=axis)
    return 1 - unexplained / (targets.var(axis=axis) * targets.shape[axis])


def test_the_intervals_are_scipys_accelerated_bootstrap_expanded_for_few_rows():
    predictions, targets = predicted(40, 4.0, seed=5)
    predictions[:3] += 15.0
    result = evaluated(predictions, targets)
    residuals = (targets - predictions)[:, 0]
    references = [
        (result.interval, (residuals**2,), lambda drawn, axis: np.sqrt(drawn.mean(axis=axis))),
        (result.mae_interval, (abs(residuals),), np.mean),
        (result.r2_interval, (targets[:, 0], predictions[:, 0]), r2_of_each),
    ]
    for interval, samples, statistic in references:
        low, high = scipys_interval(samples, statistic)
        assert interval == pytest.approx((low, high), abs=0.05 * (high - low))


def test_the_interval_holds_the_true_error_about_as_often_as_it_says():
    held = 0
    for seed in range(200):
        low, high = evaluated(*predicted(62, 3.0, seed=seed)).interval
        held += low <= 3.0 <= high
    assert 178 <= held <= 199


def test_drawing_groups_of_rows_is_as_wide_as_drawing_rows():
    predictions, targets = predicted(20_000, 3.0)
    squares = np.square(predictions - targets)[:, 0]
    low, high = evaluated(predictions, targets).interval
    # By the delta method, exact enough at this size.
    error = squares.std() / math.sqrt(len(squares)) / (2 * math.sqrt(squares.mean()))
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.08)
    assert (high + low) / 2 == pytest.approx(math.sqrt(squares.mean()), abs=0.1 * error)


def test_bias_and_skewness_are_corrected_as_scipy_does():
    squares = np.random.default_rng(2).lognormal(0, 1.2, 15)

    def root_mean(sums):
        return np.sqrt(sums[:, 1:] / sums[:, :1])

    (interval,) = bootstrap_intervals(
        np.column_stack([np.ones(15), squares]), root_mean, np.random.default_rng(0)
    )
    assert interval
    low, high = interval
    reference = scipys_interval((squares,), lambda drawn, axis: np.sqrt(drawn.mean(axis=axis)))
    assert (low, high) == pytest.approx(reference, abs=0.03 * (reference[1] - reference[0]))


def test_rows_cannot_be_drawn_again_from_one():
    with pytest.raises(ValueError, match="at least two"):
        bootstrap_intervals(np.ones((1, 2)), lambda sums: sums, np.random.default_rng(0))


def test_the_same_seed_gives_the_same_intervals():
    predictions, targets = predicted(30)
    first, again, other = (evaluated(predictions, targets, seed=seed) for seed in (4, 4, 5))
    assert first == again
    assert first.interval != other.interval


def test_a_useful_predictor_beats_the_training_mean():
    result = evaluated(*predicted(62, 3.0))
    assert result.beats_baseline is True
    assert result.improvement_interval[0] > 0.0


def test_a_predictor_worse_than_the_training_mean_does_not_beat_it():
    assert evaluated(*predicted(62, 12.0)).beats_baseline is False


def test_answering_the_training_mean_does_not_beat_it():
    _, targets = predicted(62)
    result = evaluated(np.full_like(targets, 100.0), targets)
    assert (result.improvement, result.beats_baseline) == (0.0, False)


def test_a_slightly_better_predictor_is_undecided_on_few_rows():
    _, targets = predicted(20)
    predictions = 100.0 + 0.1 * (targets - 100.0) + 2.0 * np.sin(np.arange(20.0))[:, None]
    result = evaluated(predictions, targets)
    assert result.improvement > 0.0
    assert result.beats_baseline is None


def test_noise_is_rarely_said_to_beat_the_training_mean():
    wins = 0
    for seed in range(200):
        _, targets = predicted(30, seed=seed)
        predictions = 100.0 + np.random.default_rng(seed + 1000).standard_normal((30, 1))
        wins += evaluated(predictions, targets).beats_baseline is True
    assert wins <= 10


def test_fewer_than_ten_rows_conclude_nothing():
    result = evaluated(*predicted(9, 0.1))
    assert (result.interval, result.r2_interval, result.improvement_interval) == (None, None, None)
    assert result.beats_baseline is None
    assert result.rmse > 0.0


def test_no_rows_leave_every_measure_open():
    result = evaluated(np.empty((0, 2)), np.empty((0, 2)), (1.0, 2.0))
    assert measured(result) == [None] * 5
    assert result.beats_baseline is None
    assert [output.residual_quantiles for output in result.outputs] == [(), ()]


def test_one_row_has_an_error_but_nothing_to_explain():
    result = evaluated(np.array([[3.0]]), np.array([[5.0]]), (4.0,))
    assert measured(result) == [2.0, 2.0, None, 1.0, -1.0]


def test_equal_targets_have_no_r2():
    rows = np.full((20, 1), 0.1)
    result = evaluated(np.linspace(0, 1, 20)[:, None], rows)
    assert (result.r2, result.r2_interval, result.outputs[0].r2) == (None, None, None)
    assert result.interval[0] < result.rmse < result.interval[1]


def test_draws_of_equal_targets_are_left_out_of_the_r2():
    targets = np.array([[1.0]] + [[0.0]] * 11)
    low, high = evaluated(targets * 0.8, targets).r2_interval
    assert math.isfinite(low)
    assert high <= 1.0


def test_perfect_predictions_have_no_error_at_all():
    _, targets = predicted(30)
    result = evaluated(targets.copy(), targets)
    assert (result.rmse, result.interval, result.mae, result.r2) == (0.0, (0.0, 0.0), 0.0, 1.0)
    assert result.beats_baseline is True


def test_the_largest_numbers_there_are_do_not_overflow():
    targets = np.linspace(-8e307, 8e307, 20)[:, None]
    result = evaluated(-targets * 0.9, targets, (0.0,))
    assert all(math.isfinite(value) for value in [*measured(result), *result.outputs[0].residual_quantiles])


@pytest.mark.parametrize(
    ("predictions", "targets", "means", "complaint"),
    [
        ([[1.0], [math.nan]], [[1.0], [2.0]], [0.0], "finite"),
        ([[1.0], [2.0]], [[1.0], [math.inf]], [0.0], "finite"),
        ([[1.7e308]], [[-1.7e308]], [0.0], "finite"),
        ([[1.0]], [[1.0]], [math.nan], "finite"),
        ([[1.0]], [[1.0], [2.0]], [0.0], "rows x 1 outputs"),
        ([[1.0]], [[1.0]], [0.0, 1.0], "One training mean an output"),
    ],
)
def test_numbers_that_do_not_fit_are_refused_in_a_sentence(predictions, targets, means, complaint):
    with pytest.raises(ValueError, match=complaint):
        evaluate_numbers(np.array(predictions), np.array(targets), means, ("y",), 0)


def test_an_extreme_level_stays_within_what_was_drawn():
    contributions = np.column_stack([np.ones(8), [0.0] * 7 + [1.0]])
    (interval,) = bootstrap_intervals(
        contributions, lambda sums: sums[:, 1:] / sums[:, :1], np.random.default_rng(0), level=0.999999
    )
    assert interval
    low, high = interval
    assert 0.0 <= low < 1 / 8 < high <= 1.0


def test_a_million_numbers_are_judged_in_about_a_second():
    run = predicted(1_000_000)
    started = time.process_time()
    evaluated(*run)
    assert time.process_time() - started < 4.0
