"""Activations: what a node makes of its sum, and how steeply, side by side.

Each is given three distinct arrays of one shape once, and answers with the calls that work on them every
time (see `bound_ops`): `sums` to read, `values` to fill, and `slopes` to fill with the derivative at
`sums`, or None where nobody asks. `sums` may be overwritten. What small networks use most allocates
nothing, and writes no array while reading it: NumPy takes a slow path for that when an array holds a
single number.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, constant
from epochal.core.network.activation import ACTIVATIONS, LOGISTIC, SUMS, Expression, activation, logistic

__all__ = ["ACTIVATIONS", "logistic"]

Array = NDArray[np.floating]


def _if_positive(positive: Expression, otherwise: Expression) -> Expression:
    return ("Where", ("Greater", SUMS, 0.0), positive, otherwise)


# exp(sum) - 1 where the sum is negative: of its smaller part, so that nothing overflows.
BELOW: Expression = ("Sub", ("Exp", ("Min", SUMS, 0.0)), 1.0)
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
ROOT, CUBE = 0.7978845608028654, 0.044715  # the square root of 2 / pi, and what Hendrycks and Gimpel found


@activation(
    "tanh",
    "S-shaped from -1 to 1; a good first choice for small networks.",
    value="tanh(s)",
    slope="1 - a^2",
    numpy="return np.tanh(sums)",
    onnx=("Tanh", SUMS),
    initial_weights="xavier",
)
def tanh(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """1 - tanh squared is the slope."""
    calls: BoundOps = [partial(np.tanh, sums, values)]
    if slopes is not None:
        calls += [partial(np.square, values, sums), partial(np.subtract, constant(1.0, sums), sums, slopes)]
    return calls


@activation(
    "relu",
    "The sum where it is positive, else 0; fast, but a node can die.",
    value="s if s > 0, else 0",
    slope="1 if s > 0, else 0",
    numpy="return np.maximum(sums, 0.0)",
    onnx=("Max", SUMS, 0.0),
    initial_weights="he",
    has_kink=True,
)
def relu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """The slope at exactly 0 is taken as 0."""
    if slopes is None:
        # Zeros side by side: NumPy takes twice the time for a single one.
        return [partial(np.maximum, sums, np.zeros_like(sums), out=values)]
    # Where the slopes are wanted, the values are the sums times them: `maximum` takes twice the time of that.
    is_above = np.empty(sums.shape, np.bool_)
    return [
        partial(np.greater, sums, constant(0.0, sums), is_above),
        partial(np.copyto, slopes, is_above),
        partial(np.multiply, sums, slopes, values),
    ]


@activation(
    "sigmoid",
    "S-shaped from 0 to 1; learns slower than tanh, as its values are never negative.",
    value="1 / (1 + exp(-s))",
    slope="a * (1 - a)",
    numpy="return 0.5 + 0.5 * np.tanh(0.5 * sums)",
    onnx=LOGISTIC,
    initial_weights="xavier",
)
def sigmoid(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """1 / (1 + exp(-sum)), written with tanh so that no exponential overflows."""
    half, room = constant(0.5, sums), np.empty_like(sums)
    calls: BoundOps = [
        partial(np.multiply, sums, half, values),
        partial(np.tanh, values, room),
        partial(np.multiply, room, half, sums),
        partial(np.add, sums, half, values),
    ]
    if slopes is not None:
        calls += [
            partial(np.subtract, constant(1.0, sums), values, room),
            partial(np.multiply, values, room, slopes),
        ]
    return calls


@activation(
    "leaky-relu",
    "Like relu, but a hundredth of the sum where it is negative, so no node dies.",
    value="s if s > 0, else 0.01 * s",
    slope="1 if s > 0, else 0.01",
    numpy="return np.where(sums > 0.0, sums, 0.01 * sums)",
    onnx=_if_positive(SUMS, ("Mul", 0.01, SUMS)),
    initial_weights="he",
    has_kink=True,
)
def leaky_relu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """Maas, Hannun and Ng 2013: the larger of the sum and its hundredth."""
    hundredth, room = constant(0.01, sums), np.empty_like(sums)
    calls: BoundOps = [
        partial(np.multiply, sums, hundredth, room),
        partial(np.maximum, sums, room, out=values),
    ]
    if slopes is not None:
        calls += [partial(np.sign, values, room), partial(np.maximum, room, hundredth, out=slopes)]
    return calls


@activation(
    "elu",
    "Like relu, but runs smoothly to -1 where the sum is negative.",
    value="s if s > 0, else exp(s) - 1",
    slope="1 if s > 0, else a + 1",
    numpy="return np.where(sums > 0.0, sums, np.expm1(np.minimum(sums, 0.0)))",
    onnx=_if_positive(SUMS, BELOW),
    initial_weights="he",
)
def elu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """exp(sum) - 1 below 0 (Clevert, Unterthiner and Hochreiter 2016, with alpha 1)."""
    return _exponential_linear(sums, values, slopes, alpha=1.0, scale=1.0)


@activation(
    "selu",
    "An elu scaled so that deep networks keep their values near mean 0 and deviation 1.",
    value="1.0507 * s if s > 0, else 1.7581 * (exp(s) - 1)",
    slope="1.0507 if s > 0, else a + 1.7581",
    numpy=(
        "below = 1.6732632423543772 * np.expm1(np.minimum(sums, 0.0))\n"
        "    return 1.0507009873554805 * np.where(sums > 0.0, sums, below)"
    ),
    onnx=("Mul", SCALE, _if_positive(SUMS, ("Mul", ALPHA, BELOW))),
    initial_weights="lecun",
    has_kink=True,
)
def selu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """Klambauer et al. 2017, with their fixed-point constants; pair it with LeCun weights."""
    return _exponential_linear(sums, values, slopes, alpha=ALPHA, scale=SCALE)


def _exponential_linear(
    sums: Array, values: Array, slopes: Array | None, *, alpha: float, scale: float
) -> BoundOps:
    def fill() -> None:
        below = alpha * np.expm1(np.minimum(sums, 0.0))
        positive = sums > 0
        np.multiply(np.where(positive, sums, below), scale, values)
        if slopes is not None:
            np.multiply(np.where(positive, 1.0, below + alpha), scale, slopes)

    return [fill]


@activation(
    "gelu",
    "A smooth relu that dips slightly below 0; common in large networks.",
    value="s / 2 * (1 + b), where b = tanh(0.79788 * (s + 0.044715 * s^3))",
    slope="(1 + b) / 2 + s / 2 * (1 - b^2) * 0.79788 * (1 + 0.134145 * s^2)",
    numpy="return 0.5 * sums * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (sums + 0.044715 * sums**3)))",
    onnx=(
        "Mul",
        ("Mul", 0.5, SUMS),
        (
            "Add",
            1.0,
            ("Tanh", ("Mul", ROOT, ("Add", SUMS, ("Mul", CUBE, ("Mul", SUMS, ("Mul", SUMS, SUMS)))))),
        ),
    ),
    initial_weights="he",
)
def gelu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """The tanh form of Hendrycks and Gimpel 2016, within 0.0005 of the one with the error function."""

    def fill() -> None:
        bend = np.tanh(ROOT * (sums + CUBE * sums**3))
        np.multiply(0.5 * sums, 1.0 + bend, values)
        if slopes is not None:
            inner = ROOT * (1.0 + 3 * CUBE * sums * sums)
            np.add(0.5 * (1.0 + bend), 0.5 * sums * (1.0 - bend * bend) * inner, slopes)

    return [fill]


@activation(
    "silu",
    "The sum times its sigmoid; smooth, also called swish.",
    value="s * q, where q = 1 / (1 + exp(-s))",
    slope="q + a * (1 - q)",
    numpy="return sums * (0.5 + 0.5 * np.tanh(0.5 * sums))",
    onnx=("Mul", SUMS, LOGISTIC),
    initial_weights="he",
)
def silu(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """Elfwing, Uchibe and Doya 2018."""

    def fill() -> None:
        gate = logistic(sums)
        np.multiply(sums, gate, values)
        if slopes is not None:
            np.add(gate, values * (1.0 - gate), slopes)

    return [fill]


@activation(
    "softplus",
    "A smooth relu that is never exactly 0.",
    value="log(1 + exp(s))",
    slope="1 / (1 + exp(-s))",
    numpy="return np.logaddexp(0.0, sums)",
    onnx=("Add", ("Max", SUMS, 0.0), ("Log", ("Add", 1.0, ("Exp", ("Neg", ("Abs", SUMS)))))),
    initial_weights="he",
)
def softplus(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """log(1 + exp(sum)), whose slope is the sigmoid."""

    def fill() -> None:
        np.logaddexp(0.0, sums, values)
        if slopes is not None:
            np.copyto(slopes, logistic(sums))

    return [fill]


@activation(
    "softsign",
    "S-shaped from -1 to 1 like tanh, but reaches its ends much slower.",
    value="s / (1 + |s|)",
    slope="1 / (1 + |s|)^2",
    numpy="return sums / (1.0 + np.abs(sums))",
    onnx=("Div", SUMS, ("Add", 1.0, ("Abs", SUMS))),
    initial_weights="xavier",
)
def softsign(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """Sum / (1 + |sum|), with slope 1 / (1 + |sum|) squared."""

    def fill() -> None:
        span = 1.0 + np.abs(sums)
        np.divide(sums, span, values)
        if slopes is not None:
            np.divide(1.0, span * span, slopes)

    return [fill]


@activation(
    "identity",
    "The sum as it is: hidden layers then add nothing to a network without them.",
    value="s",
    slope="1",
    numpy="return sums",
    onnx=SUMS,
    initial_weights="xavier",
)
def identity(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """Slope 1 everywhere."""
    calls: BoundOps = [partial(np.copyto, values, sums)]
    return calls if slopes is None else [*calls, partial(slopes.fill, 1.0)]


@activation(
    "step",
    "1 or 0; only for a perceptron, without hidden layers: a step has no slope to learn by.",
    value="1 if s >= 0, else 0",
    slope="0",
    numpy="return (sums >= 0.0).astype(float)",
    onnx=("Where", ("GreaterOrEqual", SUMS, 0.0), 1.0, 0.0),
    initial_weights="zeros",
    has_kink=True,
)
def step(sums: Array, values: Array, slopes: Array | None) -> BoundOps:
    """The slope is 0 wherever there is one, so that no error flows back through it."""
    calls: BoundOps = [lambda: np.copyto(values, sums >= 0.0)]
    return calls if slopes is None else [*calls, partial(slopes.fill, 0.0)]
