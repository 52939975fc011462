"""Optimizers: what a gradient does to the parameters, one update rule per function.

A rule is given its arrays once, before the first step, and answers with the update that every step calls
with the learning rate and the step's number, counted from 1. The arrays:

* `parameters`, changed in place: one flat vector, or members x parameters for a stack of networks;
* `workspace`, two such: the gradient, which is only read, and below it room to overwrite;
* `memory`, one such for each thing remembered, zeros at the start. With the number of steps it is the
  whole state: a copy of it resumes to the byte.

The rate is a number, or members x 1. Rules that are proportional to the gradient take it already
multiplied by the rate, which costs nothing where the gradient is made, and ignore the rate here.

An update of a hundred weights costs as many microseconds as it has calls. So averages that decay stand
stacked and decay in one call, constants are arrays without dimensions, which NumPy takes quicker than
Python's numbers, and the averages are kept divided by (1 - beta), so that they are plain sums: that
factor and the correction for having started at zero meet in two numbers per step. Constants are those
of PyTorch's classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log, prod

import numpy as np
from numpy import add, divide, multiply, sqrt, square, subtract
from numpy.typing import NDArray

from epochal.core.bound_ops import constant
from epochal.core.registry import Registry

Array = NDArray[np.floating]
Update = Callable[[float | Array, int], object]
Rule = Callable[[Array, Array, Array], Update]

# Below this many numbers, reading a factor for each is quicker than spreading one over a row.
SHORT = 2048


@dataclass(frozen=True)
class Optimizer:
    """An update rule, how many vectors it remembers, and what it expects of its caller.

    With `takes_rated_gradient` the gradient comes multiplied by the rate. With `decoupled` the L2 penalty
    is no part of the gradient: before each update the caller multiplies weights, not biases, by
    1 - rate * l2. Without a rule it is L-BFGS, which takes all rows at once and finds its own steps.
    """

    rule: Rule | None
    memory: int
    takes_rated_gradient: bool
    decoupled: bool

    @property
    def takes_steps(self) -> bool:
        """Whether it takes steps of a learning rate, over batches of any size; else it finds its own."""
        return self.rule is not None


OPTIMIZERS: Registry[Optimizer] = Registry()


def optimizer(
    name: str, sentence: str, *, memory: int = 0, rated: bool = False, decoupled: bool = False
) -> Callable[[Rule], Rule]:
    """Register the decorated rule as the optimizer `name`."""

    def register(rule: Rule) -> Rule:
        OPTIMIZERS.add(name, sentence, Optimizer(rule, memory, rated, decoupled))
        return rule

    return register


def clear_traces(memory: Array) -> None:
    """Set to zero what has decayed too far to move a weight.

    What a node remembers after it has died halves again and again until it is subnormal, stays there, and
    is then multiplied about fifty times slower than other numbers.
    """
    memory[np.abs(memory) < np.finfo(memory.dtype).tiny * 1e8] = 0.0


def _factor(parameters: Array) -> Array:
    """Room for one number, or for one a member."""
    return np.empty((len(parameters), 1) if parameters.ndim > 1 else (), parameters.dtype)


def _decays(memory: Array, *betas: float) -> Array:
    """What the rows of the memory are multiplied by."""
    column = np.array(betas, memory.dtype).reshape(-1, *[1] * (memory.ndim - 1))
    return column if memory[0].size > SHORT else np.broadcast_to(column, memory.shape).copy()


@optimizer("sgd", "Plain gradient descent: a step against the gradient, as in the tutorial.", rated=True)
def sgd(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Parameters -= rate * gradient."""
    gradient = workspace[0]

    def update(rate: float | Array, step: int) -> None:
        subtract(parameters, gradient, parameters)

    return update


@optimizer("momentum", "Gradient descent that keeps nine tenths of its last step.", memory=1, rated=True)
def momentum(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Velocity = 0.9 velocity + rate * gradient; parameters -= velocity (Polyak 1964)."""
    gradient, velocity, keep = workspace[0], memory[0], constant(0.9, memory)

    def update(rate: float | Array, step: int) -> None:
        multiply(velocity, keep, velocity)
        add(velocity, gradient, velocity)
        subtract(parameters, velocity, parameters)

    return update


@optimizer(
    "nesterov",
    "Momentum that looks ahead: it corrects its course where the last step would lead.",
    memory=1,
    rated=True,
)
def nesterov(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Velocity = 0.9 velocity + rate * gradient; parameters -= 0.9 velocity + rate * gradient.

    Nesterov 1983 in the form of Sutskever et al. 2013, with parameters kept where the gradient is taken.
    The memory holds 0.9 velocity.
    """
    gradient, kept, keep = workspace[0], memory[0], constant(0.9, memory)

    def update(rate: float | Array, step: int) -> None:
        add(kept, gradient, kept)
        multiply(kept, keep, kept)
        subtract(parameters, kept, parameters)
        subtract(parameters, gradient, parameters)

    return update


@optimizer(
    "adagrad",
    "Steps that shrink for each weight as it has moved; what the tutorial must mean by AdaBoost, "
    "which is no optimizer.",
    memory=1,
)
def adagrad(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Each weight's rate is divided by the root of the sum of its squared gradients so far, plus 1e-10.

    Duchi, Hazan and Singer 2011.
    """
    (gradient, room), total = workspace, memory[0]
    tiny, factor = constant(1e-10, memory), _factor(parameters)

    def update(rate: float | Array, step: int) -> None:
        factor[()] = rate
        square(gradient, room)
        add(total, room, total)
        sqrt(total, room)
        add(room, tiny, room)
        divide(gradient, room, room)
        multiply(room, factor, room)
        subtract(parameters, room, parameters)

    return update


@optimizer("rmsprop", "Gradients divided by their own recent size, so every weight keeps moving.", memory=1)
def rmsprop(parameters: Array, workspace: Array, memory: Array) -> Update:
    """The gradient over the root of its mean square, plus 1e-8; the mean keeps 0.99.

    Tieleman and Hinton 2012 (lecture 6.5), who keep 0.9.
    """
    (gradient, room), total = workspace, memory[0]
    keep, tiny, factor = constant(0.99, memory), constant(1e-7, memory), _factor(parameters)

    def update(rate: float | Array, step: int) -> None:
        factor[()] = rate * 10.0
        multiply(total, keep, total)
        square(gradient, room)
        add(total, room, total)
        sqrt(total, room)
        add(room, tiny, room)
        divide(gradient, room, room)
        multiply(room, factor, room)
        subtract(parameters, room, parameters)

    return update


@optimizer(
    "adamw",
    "Adam whose L2 shrinks each weight by the same share, whatever its gradients.",
    memory=2,
    decoupled=True,
)
@optimizer("adam", "Steps of about the rate for every weight; forgiving, a good first choice.", memory=2)
def adam(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Kingma and Ba 2015, algorithm 1, with 0.9, 0.999 and 1e-8.

    AdamW (Loshchilov and Hutter 2019, algorithm 2) is the same update; its caller decays the weights.
    """
    (gradient, room), (first, second) = workspace, memory
    decays = _decays(memory, 0.9, 0.999)
    tiny, factor = constant(0.0, memory), _factor(parameters)

    def update(rate: float | Array, step: int) -> None:
        spread = (0.001 / (1.0 - 0.999**step)) ** 0.5
        tiny[()] = 1e-8 / spread
        factor[()] = rate * (0.1 / (1.0 - 0.9**step) / spread)
        multiply(memory, decays, memory)
        square(gradient, room)
        add(memory, workspace, memory)
        sqrt(second, room)
        add(room, tiny, room)
        divide(first, room, room)
        multiply(room, factor, room)
        subtract(parameters, room, parameters)

    return update


@optimizer("nadam", "Adam that looks ahead as nesterov does.", memory=2)
def nadam(parameters: Array, workspace: Array, memory: Array) -> Update:
    """Dozat 2016, with Adam's constants and a momentum that warms from 0.45 to 0.9 over some 50,000 steps."""
    (gradient, room), (first, second) = workspace, memory
    decays, ahead = _decays(memory, 0.9, 0.999), np.empty_like(gradient)
    tiny, balance, factor = constant(0.0, memory), constant(0.0, memory), _factor(parameters)

    def update(rate: float | Array, step: int) -> None:
        now, later = _warming(step), _warming(step + 1)
        # After 64 steps the product of all momenta so far is lost beside one.
        product = prod(_warming(each) for each in range(1, step + 1)) if step < 64 else 0.0
        spread = (0.001 / (1.0 - 0.999**step)) ** 0.5
        fresh = (1.0 - now) / (1.0 - product)
        tiny[()] = 1e-8 / spread
        balance[()] = 0.1 * later / (1.0 - product * later) / fresh
        factor[()] = rate * (fresh / spread)
        multiply(memory, decays, memory)
        square(gradient, room)
        add(memory, workspace, memory)
        sqrt(second, room)
        add(room, tiny, room)
        multiply(first, balance, ahead)
        add(ahead, gradient, ahead)
        divide(ahead, room, room)
        multiply(room, factor, room)
        subtract(parameters, room, parameters)

    return update


def _warming(step: int) -> float:
    """Dozat's momentum at a step: 0.9 less a share that halves every 4,245 steps."""
    return 0.9 - 0.45 * exp(step * 0.004 * log(0.96))


OPTIMIZERS.add(
    "lbfgs",
    "Learns the error's curvature from its own steps: all rows at once, no learning rate; best for few rows.",
    Optimizer(None, 0, takes_rated_gradient=False, decoupled=False),
)
