"""What held-out rows say about a predictor of numbers: its error, how sure that is, and its baseline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from epochal.core.evaluation.bootstrap import bootstrap_intervals
from epochal.core.rows.examples import Floats

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
FEWEST_ROWS = 10

Interval = tuple[float, float]


@dataclass(frozen=True)
class OutputMeasures:
    """How one output fared, in its own units; None where too few rows leave a measure undefined."""

    name: str
    rmse: float | None
    mae: float | None
    r2: float | None
    """None too when all targets are equal: there is nothing to explain."""
    baseline_rmse: float | None
    residual_quantiles: tuple[float, ...]
    """Of target minus prediction, at each of QUANTILES; empty without rows."""


@dataclass(frozen=True)
class NumberEvaluation:
    """Held-out rows judged; with several outputs, each measure is the plain mean over the outputs.

    The intervals are bootstrapped ones (BCa), None for fewer than FEWEST_ROWS rows.
    """

    rows: int
    level: float
    rmse: float | None
    interval: Interval | None
    """For the RMSE."""
    mae: float | None
    mae_interval: Interval | None
    r2: float | None
    r2_interval: Interval | None
    baseline_rmse: float | None
    """The RMSE of always answering the mean of the training rows."""
    improvement: float | None
    """By how much the RMSE is below the baseline's."""
    improvement_interval: Interval | None
    """Both errors drawn on the same rows."""
    beats_baseline: bool | None
    """True: the whole interval of the improvement is above 0. False: no better. None: cannot be told."""
    outputs: tuple[OutputMeasures, ...]
    deviance: float | None = None
    """The mean Poisson or gamma deviance of a row, where training minimized it; else None."""
    baseline_deviance: float | None = None
    """That of always answering the mean of the training rows."""


def evaluate_numbers(
    predictions: Floats,
    targets: Floats,
    training_means: ArrayLike,
    outputs: tuple[str, ...],
    seed: int,
    level: float = 0.95,
) -> NumberEvaluation:
    """Judge rows x outputs predictions against targets of the same shape, in the targets' units.

    `training_means` has one mean for each output; `seed` decides the bootstrap's draws. Below FEWEST_ROWS
    rows nothing is concluded: a 95 % interval from 6 rows was seen to hold the true error 83 times in 100,
    one from 10 rows 90 times, one from 62 rows 94 times (normal errors).
    R2 compares with the mean of these very rows, as usual, so a useless predictor is mostly below 0.

    ValueError when shapes do not fit or a number is not finite.
    """
    means = np.asarray(training_means, dtype=np.float64)
    if predictions.shape != targets.shape or predictions.ndim != 2 or predictions.shape[1] != len(outputs):
        raise ValueError(
            f"Predictions and targets are rows x {len(outputs)} outputs, "
            f"not of shapes {predictions.shape} and {targets.shape}"
        )
    if means.shape != (len(outputs),):
        raise ValueError(f"One training mean an output: {len(outputs)}, not of shape {means.shape}")
    with np.errstate(over="ignore", invalid="ignore"):
        residuals, deviations = targets - predictions, targets - means
    if not (np.isfinite(residuals).all() and np.isfinite(deviations).all()):
        raise ValueError("Predictions, targets and training means are finite numbers; these are not")
    rows = len(targets)
    if rows == 0:
        return _without_rows(outputs, level)
    units = _units(residuals, deviations)
    terms = _contributions(residuals / units, deviations / units)
    per_output = _measures(terms.sum(axis=0, keepdims=True), units)[0]
    intervals: tuple[Interval | None, ...] = (None,) * len(per_output)
    if rows >= FEWEST_ROWS:
        intervals = bootstrap_intervals(
            terms, lambda sums: _measures(sums, units).mean(axis=-1), np.random.default_rng(seed), level
        )
    rmse, mae, r2, baseline_rmse, improvement = (_known(value) for value in per_output.mean(axis=-1).tolist())
    interval, mae_interval, r2_interval, _, improvement_interval = intervals
    quantiles = (np.quantile(residuals / units, QUANTILES, axis=0) * units).T.tolist()
    return NumberEvaluation(
        rows=rows,
        level=level,
        rmse=rmse,
        interval=interval,
        mae=mae,
        mae_interval=mae_interval,
        r2=r2,
        r2_interval=r2_interval,
        baseline_rmse=baseline_rmse,
        improvement=improvement,
        improvement_interval=improvement_interval,
        beats_baseline=_beats(improvement, improvement_interval),
        outputs=tuple(
            OutputMeasures(
                name=name,
                rmse=measures[0],
                mae=measures[1],
                r2=_known(measures[2]),
                baseline_rmse=measures[3],
                residual_quantiles=tuple(quantile),
            )
            for name, measures, quantile in zip(outputs, per_output.T.tolist(), quantiles, strict=True)
        ),
    )


def _without_rows(outputs: tuple[str, ...], level: float) -> NumberEvaluation:
    nothing = tuple(OutputMeasures(name, None, None, None, None, ()) for name in outputs)
    return NumberEvaluation(0, level, *(None,) * 10, outputs=nothing)


def _beats(improvement: float | None, interval: Interval | None) -> bool | None:
    if improvement is None or interval is None:
        return None
    if interval[0] > 0.0:
        return True
    return None if improvement > 0.0 else False


def _units(residuals: Floats, deviations: Floats) -> Floats:
    """A power of two for each output, in which no square overflows; exact to divide by."""
    largest = np.maximum(np.abs(residuals), np.abs(deviations)).max(axis=0)
    powers: Floats = np.ldexp(1.0, np.frexp(largest)[1] - 1)
    return powers


def _contributions(residuals: Floats, deviations: Floats) -> Floats:
    """What each row adds to the sums every measure is made of: rows x (1 + 5 outputs)."""
    # Around these rows' own mean, the spread is the difference of two sums without cancellation.
    centred = deviations - deviations.mean(axis=0)
    return np.hstack(
        (
            np.ones((len(residuals), 1)),
            np.square(residuals),
            np.abs(residuals),
            np.square(deviations),
            centred,
            np.square(centred),
        )
    )


def _measures(sums: Floats, units: Floats) -> Floats:
    """RMSE, MAE, R2, the baseline's RMSE and the improvement: draws x 5 x outputs, NaN where undefined."""
    rows = sums[:, :1]
    squares, distances, baseline_squares, centred, centred_squares = np.split(sums[:, 1:], 5, axis=1)
    spread = centred_squares - np.square(centred) / rows
    # All targets equal, up to the rounding of the sums.
    spread = np.where(spread > 1e-12 * centred_squares, spread, np.nan)
    rmse = units * np.sqrt(np.maximum(squares, 0.0) / rows)
    baseline = units * np.sqrt(np.maximum(baseline_squares, 0.0) / rows)
    mae = units * (distances / rows)
    return np.stack((rmse, mae, 1.0 - squares / spread, baseline, baseline - rmse), axis=1)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def deviance(name: str, predictions: Floats, targets: Floats) -> float:
    """The mean deviance of a row, `poisson` or `gamma`, in the targets' own units; summed over outputs.

    A prediction of 0 counts as a 1e-12th of the largest target.
    """
    least = 1e-12 * max(float(targets.max()), 1.0)
    means = np.maximum(np.broadcast_to(predictions, targets.shape), least)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(targets > 0.0, np.log(np.maximum(targets, least) / means), 0.0)
    off = targets - means
    # Of a 0, which has no finite gamma deviance, what is finite is counted.
    halves = targets * logs - off if name == "poisson" else off / means - logs
    return 2.0 * float(halves.sum(axis=1).mean())
