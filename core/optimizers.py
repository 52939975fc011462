"""Optimizers: what a gradient does to the parameters, one update rule per function.

Each changes `parameters` in place. `memory` is one row per remembered vector, all zeros at the start;
`scratch` is a vector to overwrite; `step` counts from 1. Rules that are proportional to the gradient
take it already multiplied by the learning rate, which costs nothing where the gradient is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry

Array = NDArray[np.floating]
Rule = Callable[[Array, Array, Array, Array, float, int], object]


@dataclass(frozen=True)
class Optimizer:
    """An update rule, how many vectors it remembers, and whether it takes the gradient times the rate."""

    rule: Rule
    memory: int
    takes_rated_gradient: bool


OPTIMIZERS: Registry[Optimizer] = Registry()


def optimizer(name: str, sentence: str, *, memory: int = 0, rated: bool = False) -> Callable[[Rule], Rule]:
    """Register the decorated rule as the optimizer `name`."""

    def register(rule: Rule) -> Rule:
        OPTIMIZERS.add(name, sentence, Optimizer(rule, memory, rated))
        return rule

    return register


@optimizer("sgd", "Plain gradient descent: a step against the gradient, as in the tutorial.", rated=True)
def sgd(parameters: Array, gradient: Array, memory: Array, scratch: Array, rate: float, step: int) -> None:
    """Parameters -= rate * gradient."""
    np.subtract(parameters, gradient, parameters)


@optimizer("momentum", "Gradient descent that keeps nine tenths of its last step.", memory=1, rated=True)
def momentum(
    parameters: Array, gradient: Array, memory: Array, scratch: Array, rate: float, step: int
) -> None:
    """Velocity = 0.9 velocity + rate * gradient; parameters -= velocity (Polyak 1964)."""
    velocity = memory[0]
    np.multiply(velocity, 0.9, velocity)
    np.add(velocity, gradient, velocity)
    np.subtract(parameters, velocity, parameters)


@optimizer("adam", "Steps of about the rate for every weight; forgiving, a good first choice.", memory=2)
def adam(parameters: Array, gradient: Array, memory: Array, scratch: Array, rate: float, step: int) -> None:
    """Kingma and Ba 2015, algorithm 1, with 0.9, 0.999 and 1e-8.

    The memory holds their moments divided by (1 - beta): their bias corrections and those factors meet
    in two numbers per step instead of four vector operations.
    """
    first, second = memory
    np.multiply(first, 0.9, first)
    np.add(first, gradient, first)
    np.multiply(second, 0.999, second)
    np.multiply(gradient, gradient, scratch)
    np.add(second, scratch, second)
    spread = (0.001 / (1.0 - 0.999**step)) ** 0.5
    np.sqrt(second, scratch)
    np.add(scratch, 1e-8 / spread, scratch)
    np.divide(first, scratch, scratch)
    np.multiply(scratch, rate * 0.1 / (1.0 - 0.9**step) / spread, scratch)
    np.subtract(parameters, scratch, parameters)
