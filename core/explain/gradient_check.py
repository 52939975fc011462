"""Gradients held against finite differences: the error is measured a little to either side of each weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.microscope import forward, mean_error, penalty, weights_only
from epochal.core.explain.one_step import OneStep
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.training.gate import OpenGate, StepGate

Floats = NDArray[np.float64]

# A central difference is wrong by the third derivative times the step squared, and by rounding over the
# step: both are about least at the cube root of the precision.
STEP = float(np.cbrt(np.finfo(np.float64).eps))

# What differences may be wrong by: a share of the gradient, and for those near 0 a share of the error.
RELATIVE, ABSOLUTE = 1e-5, 1e-8

# Multiplications that a check may take: beyond it, only so many weights are tried, drawn at random.
WORK = 10_000_000_000
FEWEST = 100


@dataclass(frozen=True)
class Difference:
    """A parameter's place in the flat vector, its gradient as derived, and as measured."""

    place: int
    derived: float
    measured: float

    @property
    def absolute(self) -> float:
        """How far the two are apart."""
        return abs(self.derived - self.measured)

    @property
    def relative(self) -> float:
        """The same as a share of the larger one; 0 where both are 0."""
        larger = max(abs(self.derived), abs(self.measured))
        return self.absolute / larger if larger else 0.0


@dataclass(frozen=True)
class GradientCheck:
    """What came of it: `tried` of `parameters`, those `at_kinks` not counted further.

    At a kink (of relu, of an absolute error, of L1 at 0) the error has no derivative, only one to either
    side, so nothing can be compared where the two measurements lie on different sides. `relative` is the
    largest among the gradients that are above what can be told from rounding; None where there are none.
    """

    parameters: int
    tried: int
    at_kinks: tuple[int, ...]
    absolute: Difference | None
    relative: Difference | None
    agrees: bool


def gradient_check(step: OneStep, gate: StepGate | None = None, work: int = WORK) -> GradientCheck:
    """The gradient of a step, penalties included and nothing clipped, against central differences.

    What dropout drops stays the same throughout. A step as far as STEP times the weight, or times 1 where
    that is more. Between two weights it waits for the floor.
    """
    gate = gate or OpenGate()
    derived = step.gradient.of_error + step.gradient.of_l2 + step.gradient.of_l1
    vector = step.update.before.copy()
    least = ABSOLUTE * max(1.0, abs(step.error + step.penalty))
    differences, at_kinks, agrees = [], [], True
    places = _tried(len(vector), len(step.batch), work)
    bends_at_0 = weights_only(step.shape) * step.settings.l1 > 0.0
    with np.errstate(all="ignore"):
        for place in places:
            if gate.closed:
                gate.wait()
            kept = vector[place]
            low, high = kept - STEP * max(1.0, abs(kept)), kept + STEP * max(1.0, abs(kept))
            vector[place] = low
            below, sides_below = _measured(step, vector)
            vector[place] = high
            above, sides_above = _measured(step, vector)
            vector[place] = kept
            if (bends_at_0[place] and low < 0.0 < high) or not np.array_equal(sides_below, sides_above):
                at_kinks.append(place)
                continue
            one = Difference(place, float(derived[place]), float((above - below) / (high - low)))
            differences.append(one)
            # Written so that what is not a number does not agree.
            agrees &= one.absolute <= least + RELATIVE * max(abs(one.derived), abs(one.measured))
    large = [one for one in differences if max(abs(one.derived), abs(one.measured)) > 1e3 * least]
    return GradientCheck(
        len(vector),
        len(places),
        tuple(at_kinks),
        max(differences, key=lambda one: one.absolute, default=None),
        max(large, key=lambda one: one.relative, default=None),
        agrees,
    )


def _tried(parameters: int, rows: int, work: int) -> list[int]:
    """All of them, or a sample that is the same each time."""
    affordable = max(FEWEST, work // (2 * parameters * rows))
    if parameters <= affordable:
        return list(range(parameters))
    chosen = np.random.default_rng(0).choice(parameters, affordable, replace=False)
    return [int(place) for place in np.sort(chosen)]


def _measured(step: OneStep, vector: Floats) -> tuple[float, NDArray[np.bool_]]:
    """The error with its penalties, and on which side of every kink each row is."""
    masks = [layer.mask for layer in step.layers[:-1]]
    passes = forward(vector, step.shape, step.settings.activation, step.batch.inputs, masks)
    logits = passes[-1][1]
    error, _ = mean_error(step.loss, step.kind, step.batch, logits)
    sides = [np.empty(0, np.bool_)]
    if ACTIVATIONS[step.settings.activation].value.has_kink:
        sides += [(sums > 0).ravel() for _, sums, _ in passes[:-1]]
    if step.loss.kinked_by:
        sides.append((step.loss.kinked_by(logits, step.batch.targets) > 0).ravel())
    return error + penalty(step.settings, vector, step.shape), np.concatenate(sides)
