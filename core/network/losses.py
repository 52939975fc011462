"""Losses: how wrong an output is, and which way it should move, side by side.

Arrays are outputs x rows. `logits` are the sums of the output layer, before any sigmoid or softmax.
Targets are coded as the losses like them: two classes as one row of -1 and +1, more classes one-hot,
numbers scaled as the preparation scales them. The error of a row is the sum over its outputs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import tanh
from operator import sub
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, constant, run
from epochal.core.network.deviances import gamma_deltas, gamma_errors, poisson_deltas, poisson_errors
from epochal.core.registry import Registry

Array = NDArray[np.floating]
OutputActivation = Literal["sigmoid", "softmax", "identity", "step", "exponential"]
"""What the output layer makes of its sums; one node for two classes, one a class or a number for more."""


def softmax(logits: Array) -> Array:
    """Probabilities of the classes, outputs x rows."""
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)  # type: ignore[no-any-return]


Bind = Callable[[Array, Array, Array], BoundOps]


@dataclass(frozen=True)
class Loss:
    """`bind_errors(logits, targets, out)` answers with the calls that fill one number a row;
    `bind_deltas(logits, targets, out)` with those that fill the derivative of a row's error by each
    logit, divided by `gain` (a factor left for the caller, who multiplies by a rate anyway). `out` is
    none of the other two; deltas may overwrite `logits`. `single_delta(logit, target)` is the same for a
    single number, where there is a quick way.
    """  # noqa: D205

    bind_errors: Bind
    bind_deltas: Bind
    gain: float = 1.0
    single_delta: Callable[[float, float], float] | None = None

    def errors(self, logits: Array, targets: Array) -> Array:
        """One number a row, now."""
        out: Array = np.empty_like(logits[0])
        run(self.bind_errors(logits, targets, out))
        return out

    def deltas(self, logits: Array, targets: Array, out: Array) -> None:
        """Fill `out`, now."""
        run(self.bind_deltas(logits, targets, out))


LOSSES: dict[OutputActivation, Registry[Loss]] = {
    "sigmoid": Registry(),
    "softmax": Registry(),
    "identity": Registry(),
    "step": Registry(),
    "exponential": Registry(),
}

BY_TASK = "by-task"
"""The loss setting that stands for the usual one of the kind of output."""


# Cross-entropy: the negative log likelihood of the true class, in nats.


def _two_class_errors(logits: Array, signs: Array, out: Array) -> BoundOps:
    # log(1 + exp(-margin)), a third of the time of logaddexp.
    margins, room = np.empty_like(logits), np.empty_like(logits)
    minus, zero = constant(-1.0, logits), constant(0.0, logits)
    return [
        partial(np.multiply, signs, logits, margins),
        partial(np.copysign, margins, minus, room),
        partial(np.exp, room, room),
        partial(np.log1p, room, room),
        partial(np.minimum, margins, zero, out=margins),
        partial(np.subtract, room[0], margins[0], out),
    ]


def _two_class_deltas(logits: Array, signs: Array, out: Array) -> BoundOps:
    # sigmoid(z) - y is half of tanh(z / 2) - sign: that half is the gain.
    return [
        partial(np.multiply, logits, constant(0.5, logits), out),
        partial(np.tanh, out, logits),
        partial(np.subtract, logits, signs, out),
    ]


def _many_class_errors(logits: Array, one_hot: Array, out: Array) -> BoundOps:
    top, shifted, room, picked = (np.empty_like(like) for like in (out, logits, logits, out))
    return [
        partial(np.maximum.reduce, logits, 0, None, top),
        partial(np.subtract, logits, top, shifted),
        partial(np.multiply, shifted, one_hot, room),
        partial(np.add.reduce, room, 0, None, picked),
        partial(np.exp, shifted, room),
        partial(np.add.reduce, room, 0, None, top),
        partial(np.log, top, top),
        partial(np.subtract, top, picked, out),
    ]


def _many_class_deltas(logits: Array, one_hot: Array, out: Array) -> BoundOps:
    top = np.empty_like(logits[0])
    return [
        partial(np.maximum.reduce, logits, 0, None, top),
        partial(np.subtract, logits, top, out),
        partial(np.exp, out, logits),
        partial(np.add.reduce, logits, 0, None, top),
        partial(np.divide, logits, top, out),
        partial(np.subtract, out, one_hot, out),
    ]


# Squared error: half the squared difference, summed over the outputs (the tutorial's form).


def _squared_errors(logits: Array, targets: Array, out: Array) -> BoundOps:
    room = np.empty_like(logits)
    return [
        partial(np.subtract, logits, targets, room),
        partial(np.square, room, room),
        partial(np.add.reduce, room, 0, None, out),
        partial(np.multiply, out, constant(0.5, logits), out),
    ]


def _squared_deltas(logits: Array, targets: Array, out: Array) -> BoundOps:
    return [partial(np.subtract, logits, targets, out)]


# Absolute and Huber: errors that a few wild targets cannot dominate.


def _absolute_errors(logits: Array, targets: Array, out: Array) -> BoundOps:
    return [lambda: np.abs(logits - targets).sum(axis=0, out=out)]


def _absolute_deltas(logits: Array, targets: Array, out: Array) -> BoundOps:
    return [lambda: np.sign(logits - targets, out)]


def _huber_errors(logits: Array, targets: Array, out: Array) -> BoundOps:
    def fill() -> None:
        distance = np.abs(logits - targets)
        near = np.minimum(distance, 1.0)
        (near * (distance - 0.5 * near)).sum(axis=0, out=out)

    return [fill]


def _huber_deltas(logits: Array, targets: Array, out: Array) -> BoundOps:
    return [lambda: np.clip(logits - targets, -1.0, 1.0, out)]


# Squared error of probabilities: the outputs' own slope stands in the delta (the tutorial leaves it out).


def _two_class_squared_errors(logits: Array, signs: Array, out: Array) -> BoundOps:
    return [lambda: np.multiply(0.125, np.square(np.tanh(0.5 * logits) - signs)[0], out)]


def _two_class_squared_deltas(logits: Array, signs: Array, out: Array) -> BoundOps:
    def fill() -> None:
        bend = np.tanh(0.5 * logits)
        np.multiply(bend - signs, 1.0 - bend * bend, out)

    return [fill]


def _many_class_squared_errors(logits: Array, one_hot: Array, out: Array) -> BoundOps:
    def fill() -> None:
        off = softmax(logits) - one_hot
        np.multiply(0.5, np.square(off).sum(axis=0), out)

    return [fill]


def _many_class_squared_deltas(logits: Array, one_hot: Array, out: Array) -> BoundOps:
    def fill() -> None:
        answers = softmax(logits)
        off = answers - one_hot
        np.multiply(answers, off - (answers * off).sum(axis=0), out)

    return [fill]


_CROSS_ENTROPY = "Minus the log of the probability given to the true class, in nats; right for classes."
_SQUARED = "Half the squared difference between output and target, summed over outputs."

LOSSES["sigmoid"].add(
    "cross-entropy",
    _CROSS_ENTROPY,
    Loss(_two_class_errors, _two_class_deltas, 0.5, lambda logit, sign: tanh(0.5 * logit) - sign),
)
LOSSES["softmax"].add("cross-entropy", _CROSS_ENTROPY, Loss(_many_class_errors, _many_class_deltas))
LOSSES["identity"].add("squared", _SQUARED, Loss(_squared_errors, _squared_deltas, 1.0, sub))
LOSSES["sigmoid"].add(
    "squared", _SQUARED, Loss(_two_class_squared_errors, _two_class_squared_deltas, gain=0.125)
)
LOSSES["softmax"].add("squared", _SQUARED, Loss(_many_class_squared_errors, _many_class_squared_deltas))
LOSSES["identity"].add(
    "absolute",
    "The plain distance between output and target; wild targets count less than when squared.",
    Loss(_absolute_errors, _absolute_deltas),
)
LOSSES["identity"].add(
    "huber",
    "Squared error up to one deviation of the target, plain distance beyond it.",
    Loss(_huber_errors, _huber_deltas),
)


# The perceptron's: how far on the wrong side a row lies.


def _perceptron_errors(logits: Array, signs: Array, out: Array) -> BoundOps:
    return [lambda: np.maximum((-signs * logits)[0], 0.0, out=out)]


def _perceptron_deltas(logits: Array, signs: Array, out: Array) -> BoundOps:
    # On the line itself counts as wrong, or a network of zeros would never begin.
    return [lambda: np.copyto(out, np.where(signs * logits <= 0.0, -signs, 0.0))]


LOSSES["step"].add(
    "perceptron",
    "The perceptron rule (Rosenblatt 1958): only rows on the wrong side pull, each as hard as any other.",
    Loss(_perceptron_errors, _perceptron_deltas),
)

LOSSES["exponential"].add(
    "poisson",
    "Half the Poisson deviance: for counts, whose spread grows with the root of their mean.",
    Loss(poisson_errors, poisson_deltas),
)
LOSSES["exponential"].add(
    "gamma",
    "Half the gamma deviance: for prices and the like, whose spread grows with their mean.",
    Loss(gamma_errors, gamma_deltas),
)

ERROR_IN_WORDS = {
    "cross-entropy": "cross-entropy (nats)",
    "squared": "half squared error",
    "absolute": "absolute error",
    "huber": "huber error",
    "perceptron": "perceptron error",
    "poisson": "half Poisson deviance",
    "gamma": "half gamma deviance",
}
"""What a loss measures, for an axis."""

LOSS_CHOICES: Registry[None] = Registry()
LOSS_CHOICES.add(BY_TASK, "Cross-entropy for classes, squared error for numbers.", None)
for _losses in LOSSES.values():
    for _choice in _losses.values():
        if _choice.name != "perceptron":
            LOSS_CHOICES.add(_choice.name, _choice.sentence, None)
