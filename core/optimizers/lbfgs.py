"""L-BFGS: full-batch descent that learns the curvature from its own last steps.

From Nocedal and Wright, Numerical Optimization (2006): the two-loop recursion is their algorithm 7.4, the
line search for the strong Wolfe conditions their algorithms 3.5 and 3.6, with the cubic of equation 3.59.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, nan, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

HISTORY = 10
DECREASE = 1e-4  # the share of the decrease promised by the slope that a step must bring
FLATTENING = 0.9  # the share of the slope that may be left after it
TRIALS = 30  # lengths tried in each half of a line search


@dataclass(frozen=True, eq=False)
class LBFGSState:
    """All that the next iteration depends on.

    `vectors`: a row each for the parameters and the gradient, then the last steps and the changes they made
    to the gradient. `numbers`: the error, how many pairs of those there have been, how many evaluations, and
    the product of each pair.
    """

    vectors: Array
    numbers: NDArray[np.float64]


class LBFGS:
    """Minimises an error, one iteration for each call of `iterate`.

    `error_and_gradient(parameters)` answers the error and fills `gradient`, a vector of the shape and type
    of `parameters`; both change in place, and belong together after every iteration. It must answer alike
    each time: all rows, nothing left to chance. Answers that are not finite mean that a step went too far.
    """

    def __init__(
        self, parameters: Array, gradient: Array, error_and_gradient: Callable[[Array], float]
    ) -> None:
        self.parameters, self.gradient = parameters, gradient
        self.error, self.evaluations = nan, 0
        self._error_and_gradient = error_and_gradient
        rows = np.zeros((2 * HISTORY + 4, parameters.size), parameters.dtype)
        self._steps, self._changes = rows[:HISTORY], rows[HISTORY:-4]
        self._start, self._start_gradient, self._direction, self._room = rows[-4:]
        self._products = [0.0] * HISTORY
        self._pairs = 0

    def iterate(self) -> bool:
        """Go to a lower error; False, with nothing moved, when none can be found from here.

        That is so at a minimum, as far as rounding lets it be seen, and where the error or its gradient is
        not finite to begin with.
        """
        with np.errstate(all="ignore"):
            if not self.evaluations:
                self._evaluate()
            if self._descend():
                return True
            if not self._pairs:
                return False
            self._pairs = 0  # what was learned of the curvature misleads here: once more, straight down
            return self._descend()

    def state(self) -> LBFGSState:
        """A copy, to go on from later."""
        return LBFGSState(
            np.vstack([self.parameters, self.gradient, self._steps, self._changes]),
            np.array([self.error, self._pairs, self.evaluations, *self._products]),
        )

    def restore(self, state: LBFGSState) -> None:
        """Go on from there: what follows is the same to the byte."""
        self.parameters[:], self.gradient[:] = state.vectors[:2]
        self._steps[:], self._changes[:] = np.split(state.vectors[2:], 2)
        self.error, pairs, evaluations, *self._products = state.numbers.tolist()
        self._pairs, self.evaluations = int(pairs), int(evaluations)

    def _evaluate(self) -> None:
        self.evaluations += 1
        self.error = float(self._error_and_gradient(self.parameters))

    def _descend(self) -> bool:
        np.copyto(self._start, self.parameters)
        np.copyto(self._start_gradient, self.gradient)
        self._choose_direction()
        here = _Trial(0.0, self.error, float(np.dot(self._direction, self.gradient)))
        if here.is_finite and here.slope < 0.0:
            # While no curvature is known the direction is minus the gradient, whose length says little.
            length = 1.0 if self._pairs else min(1.0, 1.0 / sqrt(-here.slope))
            visible = float(np.finfo(self.parameters.dtype).eps) * abs(here.error)
            found = _line_search(self._try, here, length, visible)
            if found is not here and not np.array_equal(self.parameters, self._start):
                self._remember()
                return True
        np.copyto(self.parameters, self._start)
        np.copyto(self.gradient, self._start_gradient)
        self.error = here.error
        return False

    def _try(self, length: float) -> _Trial:
        np.multiply(self._direction, length, self._room)
        np.add(self._start, self._room, self.parameters)
        self._evaluate()
        return _Trial(length, self.error, float(np.dot(self._direction, self.gradient)))

    def _choose_direction(self) -> None:
        """Minus the gradient times the inverse of the curvature, as far as that is remembered."""
        direction, room = self._direction, self._room
        rows = [pair % HISTORY for pair in range(max(0, self._pairs - HISTORY), self._pairs)]
        shares = dict.fromkeys(rows, 0.0)
        np.negative(self.gradient, direction)
        for row in reversed(rows):
            shares[row] = float(np.dot(self._steps[row], direction)) / self._products[row]
            np.multiply(self._changes[row], shares[row], room)
            np.subtract(direction, room, direction)
        if rows:
            newest = self._changes[rows[-1]]
            np.multiply(direction, self._products[rows[-1]] / float(np.dot(newest, newest)), direction)
        for row in rows:
            share = shares[row] - float(np.dot(self._changes[row], direction)) / self._products[row]
            np.multiply(self._steps[row], share, room)
            np.add(direction, room, direction)

    def _remember(self) -> None:
        """Keep this step and the change it made, unless the error curves downwards between its ends."""
        step = np.subtract(self.parameters, self._start, self._start)
        change = np.subtract(self.gradient, self._start_gradient, self._start_gradient)
        product = float(np.dot(step, change))
        if isfinite(product) and product > np.finfo(step.dtype).eps * float(np.dot(change, change)):
            row = self._pairs % HISTORY
            self._steps[row], self._changes[row], self._products[row] = step, change, product
            self._pairs += 1


@dataclass(frozen=True)
class _Trial:
    """A length of the step, and the error there with its slope along the direction."""

    length: float
    error: float
    slope: float

    @property
    def is_finite(self) -> bool:
        return isfinite(self.error) and isfinite(self.slope)


def _line_search(attempt: Callable[[float], _Trial], here: _Trial, length: float, visible: float) -> _Trial:
    """A trial that meets the strong Wolfe conditions; failing that a lower one; failing that `here`.

    Unless it is `here`, the trial answered is the last one attempted. Differences of error below `visible`
    are lost in rounding, and not looked for.
    """
    before = here
    for _ in range(TRIALS):
        trial = attempt(length)
        if not _is_low(trial, here) or (before is not here and trial.error >= before.error):
            return _zoom(attempt, here, before, trial, visible)
        if _is_flat(trial, here):
            return trial
        if trial.slope >= 0.0:
            return _zoom(attempt, here, trial, before, visible)
        length = _clipped(_cubic_minimum(before, trial), 2.0 * trial.length, 10.0 * trial.length)
        before = trial
    return before if before.error < here.error else here


def _zoom(
    attempt: Callable[[float], _Trial], here: _Trial, low: _Trial, high: _Trial, visible: float
) -> _Trial:
    """Narrow the stretch between the lower end and the other one, which holds what is sought."""
    last = high
    for _ in range(TRIALS):
        width = high.length - low.length
        if high.is_finite:
            ends = sorted((low.length + 0.1 * width, high.length - 0.1 * width))
            length = _clipped(_cubic_minimum(low, high), *ends)
        else:
            length = low.length + 0.1 * width
        if length in (low.length, high.length) or abs(low.slope * width) < visible:
            break
        last = trial = attempt(length)
        if not _is_low(trial, here) or trial.error >= low.error:
            high = trial
            continue
        if _is_flat(trial, here):
            return trial
        if trial.slope * width >= 0.0:
            high = low
        low = trial
    if not low.error < here.error:
        return here
    return low if low is last else attempt(low.length)


def _is_low(trial: _Trial, here: _Trial) -> bool:
    return trial.is_finite and trial.error <= here.error + DECREASE * trial.length * here.slope


def _is_flat(trial: _Trial, here: _Trial) -> bool:
    return abs(trial.slope) <= -FLATTENING * here.slope


def _clipped(length: float, shortest: float, longest: float) -> float:
    """The length within its bounds, or the middle of them when it is not a number."""
    return min(max(length, shortest), longest) if isfinite(length) else 0.5 * (shortest + longest)


def _cubic_minimum(a: _Trial, b: _Trial) -> float:
    """Where the cubic through two trials, with their slopes, is lowest; NaN where it has no such place."""
    width = b.length - a.length
    middle = a.slope + b.slope - 3.0 * (b.error - a.error) / width
    square = middle * middle - a.slope * b.slope
    if not square >= 0.0:
        return nan
    root = sqrt(square) if width > 0.0 else -sqrt(square)
    bend = b.slope - a.slope + 2.0 * root
    return b.length - width * (b.slope + root - middle) / bend if bend else nan
