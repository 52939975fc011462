"""How far a measured figure may be from the true one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean, variance

from epochal.core.evaluation.distributions import t_quantile


def wilson(correct: int, rows: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for the share of right answers, each end from 0 to 1.

    The shares whose own standard error puts `correct` of `rows` within reach (E. B. Wilson, "Probable
    inference", 1927). No rows say nothing: 0 to 1.
    """
    if not 0 <= correct <= rows:
        raise ValueError(f"{correct} right answers cannot come from {rows} rows")
    z = NormalDist().inv_cdf(0.5 + 0.5 * _checked(level))
    if rows == 0:
        return 0.0, 1.0
    return _wilson_low(correct, rows, z), 1.0 - _wilson_low(rows - correct, rows, z)


def _wilson_low(correct: int, rows: int, z: float) -> float:
    if correct == 0:
        return 0.0
    spread = z * math.sqrt(correct * (1.0 - correct / rows) + 0.25 * z * z)
    return (correct + 0.5 * z * z - spread) / (rows + z * z)


def corrected_interval(
    scores: Sequence[float],
    train_rows: float,
    test_rows: float,
    level: float = 0.95,
    bounds: tuple[float, float] = (0.0, 1.0),
) -> tuple[float, float]:
    """The corrected resampled t interval for the mean of scores over folds or repeated splits.

    Folds share training rows, so their scores vary less than fresh tables would; the variance of the
    mean is taken as (1/J + test_rows/train_rows) of the scores' own, J being their number (C. Nadeau
    and Y. Bengio, "Inference for the generalization error", 2003). The rows are those of one fold, on
    average; `bounds` are those of the measure. ValueError for fewer than two scores.
    """
    if len(scores) < 2:
        raise ValueError("An interval over folds needs at least two folds")
    if not (train_rows > 0 and test_rows > 0):
        raise ValueError(f"A fold trains and tests on some rows, not on {train_rows} and {test_rows}")
    mean = fmean(scores)
    deviation = math.sqrt((1.0 / len(scores) + test_rows / train_rows) * variance(scores))
    reach = t_quantile(0.5 + 0.5 * _checked(level), len(scores) - 1) * deviation
    lowest, highest = bounds
    return max(lowest, mean - reach), min(highest, mean + reach)


def _checked(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise ValueError(f"A level lies between 0 and 1, as 0.95 does, not at {level}")
    return level
