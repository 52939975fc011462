"""A step of L-BFGS as a textbook writes it: the BFGS formula for the direction, and what the search found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.one_step import Gradient
from epochal.core.explain.textbook import Quantities, Quantity
from epochal.core.optimizers.lbfgs import HISTORY
from epochal.core.training.history import Epoch
from epochal.core.training.resume import resumed
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training

Floats = NDArray[np.float64]


def found_by_search(
    training: Training, state: TrainingState, gradient: Gradient, before: Floats
) -> tuple[Quantities, Floats]:
    """The direction that L-BFGS looks in, the length that a copy of the run finds along it, and the step."""
    copy = resumed(
        training.examples,
        training.settings,
        replace(state, ending="running", history=np.empty((0, len(Epoch._fields)))),
        split_rows=training.split,
    )
    next(copy, None)
    after = copy.state().vectors[0].astype(np.float64)
    step = before - after
    direction = _direction(state, gradient.whole)
    length = float(step @ direction) / float(direction @ direction) if direction.any() else 0.0
    if not np.allclose(length * direction, step, rtol=1e-3, atol=1e-3 * np.abs(step).max()):
        direction = gradient.whole  # what was remembered misled
        length = float(step @ direction) / float(direction @ direction)
    return (
        Quantity("d", "the gradient times the inverse curvature", direction),
        Quantity("step", f"{length:.4g} * d", step),
    ), after


def _direction(state: TrainingState, gradient: Floats) -> Floats:
    """The inverse curvature times the gradient, by the BFGS formula itself instead of its two loops.

    Nocedal and Wright 2006, equation 6.17, from a multiple of the identity, equation 7.20.
    """
    pairs = state.numbers[1:2].astype(np.intp).item()
    steps, changes = np.split(state.vectors[1:].astype(np.float64), 2)
    rows = [pair % HISTORY for pair in range(max(0, pairs - HISTORY), pairs)]
    if not rows:
        return gradient
    step, change = steps[rows[-1]], changes[rows[-1]]
    size = float(step @ change) / float(change @ change)
    return _curved([(steps[row], changes[row]) for row in rows], gradient, size)


def _curved(pairs: list[tuple[Floats, Floats]], vector: Floats, size: float) -> Floats:
    """(I - s y' / s'y) H (I - y s' / s'y) v + s s'v / s'y, where H is the same with a pair less."""
    if not pairs:
        return size * vector
    *older, (step, change) = pairs
    product = float(step @ change)
    share = float(step @ vector) / product
    inner = _curved(older, vector - share * change, size)
    return inner + (share - float(change @ inner) / product) * step
