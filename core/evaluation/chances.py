"""Chances: whether probabilities say more than how frequent each class is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.distributions import t_quantile
from epochal.core.rows.examples import Floats

SMALLEST = float(np.finfo(np.float64).eps)
"""A probability below it counts as that in a log loss, lest one row make it infinite."""


@dataclass(frozen=True)
class Chances:
    """Log loss and Brier score beside those of always saying the training rows' shares of the classes.

    `gain` is by how much the log loss is lower, with an interval over the rows (Student's).
    """

    log_loss: float
    base_log_loss: float
    brier: float
    base_brier: float
    gain: float
    gain_interval: tuple[float, float]

    @property
    def beats_base_rate(self) -> bool | None:
        """True: beyond chance. False: no better. None: better, but these rows cannot tell it from chance."""
        if self.gain_interval[0] > 0.0:
            return True
        return None if self.gain > 0.0 else False


def chances_of(
    probabilities: Floats, truth: NDArray[np.intp], training_counts: NDArray[np.generic], level: float = 0.95
) -> Chances | None:
    """Probabilities, rows x classes, of rows of these classes; None of fewer than two rows."""
    rows = len(truth)
    total = float(training_counts.sum())
    if rows < 2 or not total:
        return None
    shares = np.broadcast_to(np.asarray(training_counts, np.float64) / total, probabilities.shape)
    gains = log_losses(shares, truth) - log_losses(probabilities, truth)
    gain = float(gains.mean())
    reach = t_quantile(0.5 + 0.5 * level, rows - 1) * float(gains.std(ddof=1)) / sqrt(rows)
    return Chances(
        log_loss=float(log_losses(probabilities, truth).mean()),
        base_log_loss=float(log_losses(shares, truth).mean()),
        brier=brier(probabilities, truth),
        base_brier=brier(shares, truth),
        gain=gain,
        gain_interval=(gain - reach, gain + reach),
    )


def log_losses(probabilities: Floats, truth: NDArray[np.intp]) -> Floats:
    """Minus the log of the probability of each row's class, in nats."""
    of_truth = probabilities[np.arange(len(truth)), truth]
    return np.asarray(-np.log(np.maximum(of_truth, SMALLEST)))


def brier(probabilities: Floats, truth: NDArray[np.intp]) -> float:
    """The mean squared error of the second class's probability; of more, summed over them (0 to 2)."""
    if probabilities.shape[1] == 2:
        return float(np.square(probabilities[:, 1] - truth).mean())
    of_truth = probabilities[np.arange(len(truth)), truth]
    return float((np.square(probabilities).sum(axis=1) - 2.0 * of_truth + 1.0).mean())
