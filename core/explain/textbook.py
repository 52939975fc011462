"""Losses and update rules as a textbook writes them: each formula with its numbers beside it.

A second, plain derivation of what `losses` and `optimizers` do quickly, to be read, shown and held against
them. Formulas are ASCII: `z` an output's sum, `p` what is answered, `y` what is right, `g` a gradient, `r`
the learning rate, `t` the step's number.
"""
# ruff: noqa: ARG001, ARG005 - the formulas of a kind are all called alike, and few need everything

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.deviances import LEAST_SHARE
from epochal.core.network.losses import OutputActivation

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Loss:
    """A row's error, and its derivative by each output's sum, from z, p and y, each rows x outputs.

    y is 0 or 1 for classes, -1 or 1 for a perceptron, and a number scaled by the preparation. `kinked_by`
    is what changes its sign where the derivative jumps.
    """

    error: str
    delta: str
    errors: Callable[[Floats, Floats, Floats], Floats]
    deltas: Callable[[Floats, Floats, Floats], Floats]
    kinked_by: Callable[[Floats, Floats], Floats] | None = None


def _half_squares(off: Floats) -> Floats:
    return 0.5 * (off**2).sum(axis=1)  # type: ignore[no-any-return]


def _two_class_log(z: Floats, p: Floats, y: Floats) -> Floats:
    # -log p, or -log(1 - p), from z itself: p may be rounded to 0 or 1.
    return np.logaddexp(0.0, np.where(y > 0.5, -z, z)).sum(axis=1)  # type: ignore[no-any-return]


def _many_class_log(z: Floats, p: Floats, y: Floats) -> Floats:
    highest = z.max(axis=1)
    return np.log(np.exp(z - highest[:, None]).sum(axis=1)) + highest - (z * y).sum(axis=1)  # type: ignore[no-any-return]


def _huber(z: Floats, p: Floats, y: Floats) -> Floats:
    off = np.abs(z - y)
    return np.where(off <= 1.0, 0.5 * off**2, off - 0.5).sum(axis=1)  # type: ignore[no-any-return]


def _poisson(z: Floats, p: Floats, y: Floats) -> Floats:
    least = y * (1.0 - np.log(np.where(y > 0.0, y, 1.0)))  # 0 where y is
    return (p - y * z - least).sum(axis=1)  # type: ignore[no-any-return]


def _gamma(z: Floats, p: Floats, y: Floats) -> Floats:
    above = np.maximum(y, LEAST_SHARE)
    return (above / p + z - 1.0 - np.log(above)).sum(axis=1)  # type: ignore[no-any-return]


LOSSES: dict[tuple[OutputActivation, str], Loss] = {
    ("sigmoid", "cross-entropy"): Loss(
        "-log(p) if y = 1, -log(1 - p) if y = 0", "p - y", _two_class_log, lambda z, p, y: p - y
    ),
    ("sigmoid", "squared"): Loss(
        "(p - y)^2 / 2",
        "(p - y) * p * (1 - p)",
        lambda z, p, y: _half_squares(p - y),
        lambda z, p, y: (p - y) * p * (1.0 - p),
    ),
    ("softmax", "cross-entropy"): Loss(
        "-log(p) of the output that is right", "p - y", _many_class_log, lambda z, p, y: p - y
    ),
    ("softmax", "squared"): Loss(
        "sum of (p - y)^2 / 2 over the outputs",
        "p * ((p - y) - (sum of p * (p - y) over the outputs))",
        lambda z, p, y: _half_squares(p - y),
        lambda z, p, y: p * ((p - y) - (p * (p - y)).sum(axis=1, keepdims=True)),
    ),
    ("identity", "squared"): Loss(
        "sum of (z - y)^2 / 2 over the outputs",
        "z - y",
        lambda z, p, y: _half_squares(z - y),
        lambda z, p, y: z - y,
    ),
    ("identity", "absolute"): Loss(
        "sum of |z - y| over the outputs",
        "1 if z > y, -1 if z < y",
        lambda z, p, y: np.abs(z - y).sum(axis=1),
        lambda z, p, y: np.sign(z - y),
        lambda z, y: z - y,
    ),
    ("identity", "huber"): Loss(
        "(z - y)^2 / 2 up to |z - y| = 1, |z - y| - 1/2 beyond",
        "z - y, but no less than -1 and no more than 1",
        _huber,
        lambda z, p, y: np.clip(z - y, -1.0, 1.0),
    ),
    ("exponential", "poisson"): Loss(
        "sum of p - y * z - (y - y * log(y)) over the outputs, where p = exp(z)",
        "p - y",
        _poisson,
        lambda z, p, y: p - y,
    ),
    ("exponential", "gamma"): Loss(
        "sum of y / p + z - 1 - log(y) over the outputs, where p = exp(z), and y is 0.001 at least",
        "1 - y / p",
        _gamma,
        lambda z, p, y: 1.0 - np.maximum(y, LEAST_SHARE) / p,
    ),
    ("step", "perceptron"): Loss(
        "-y * z if y * z < 0, else 0",
        "-y if y * z <= 0, else 0",
        lambda z, p, y: np.where(y * z < 0, -y * z, 0.0).sum(axis=1),
        lambda z, p, y: np.where(y * z <= 0, -y, 0.0),
        lambda z, y: z,
    ),
}


@dataclass(frozen=True, eq=False)
class Quantity:
    """One thing an update rule works out for every weight: its sign, its formula, its values."""

    symbol: str
    formula: str
    values: Floats


Quantities = tuple[Quantity, ...]
Rule = Callable[[Floats, Sequence[Floats], float, int], Quantities]


@dataclass(frozen=True)
class Optimizer:
    """`rule(g, remembered, r, t)` answers with what it works out: first what it remembers, last the step.

    The step is what is taken from the weights. `scales` are a factor for each thing remembered, which
    turns the memory as `optimizers.optimizers` keeps it into a textbook's.
    """

    rule: Rule
    scales: tuple[float, ...] = ()


def _sgd(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    return (Quantity("step", "r * g", r * g),)


def _momentum(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    v = 0.9 * remembered[0] + r * g
    return (Quantity("v", "0.9 * v + r * g", v), Quantity("step", "v", v))


def _nesterov(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    v = 0.9 * remembered[0] + r * g
    return (Quantity("v", "0.9 * v + r * g", v), Quantity("step", "0.9 * v + r * g", 0.9 * v + r * g))


def _adagrad(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    total = remembered[0] + g**2
    return (
        Quantity("v", "v + g^2", total),
        Quantity("step", "r * g / (sqrt(v) + 1e-10)", r * g / (np.sqrt(total) + 1e-10)),
    )


def _rmsprop(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    v = 0.99 * remembered[0] + 0.01 * g**2
    return (
        Quantity("v", "0.99 * v + 0.01 * g^2", v),
        Quantity("step", "r * g / (sqrt(v) + 1e-8)", r * g / (np.sqrt(v) + 1e-8)),
    )


def _averages(g: Floats, remembered: Sequence[Floats]) -> Quantities:
    m, v = remembered
    return (
        Quantity("m", "0.9 * m + 0.1 * g", 0.9 * m + 0.1 * g),
        Quantity("v", "0.999 * v + 0.001 * g^2", 0.999 * v + 0.001 * g**2),
    )


def _adam(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    m, v = _averages(g, remembered)
    m_hat, v_hat = m.values / (1.0 - 0.9**t), v.values / (1.0 - 0.999**t)
    return (
        m,
        v,
        Quantity("m'", f"m / (1 - 0.9^{t})", m_hat),
        Quantity("v'", f"v / (1 - 0.999^{t})", v_hat),
        Quantity("step", "r * m' / (sqrt(v') + 1e-8)", r * m_hat / (np.sqrt(v_hat) + 1e-8)),
    )


def _nadam(g: Floats, remembered: Sequence[Floats], r: float, t: int) -> Quantities:
    m, v = _averages(g, remembered)
    # The product of thousands of factors below 0.9 is 0 beside 1.
    now, later = (0.9 * (1.0 - 0.5 * 0.96 ** (0.004 * each)) for each in (t, t + 1))
    product = float(np.prod(0.9 * (1.0 - 0.5 * 0.96 ** (0.004 * np.arange(1, min(t, 5000) + 1)))))
    of_m, of_g = later / (1.0 - product * later), (1.0 - now) / (1.0 - product)
    ahead, v_hat = of_m * m.values + of_g * g, v.values / (1.0 - 0.999**t)
    return (
        m,
        v,
        Quantity("m'", f"{of_m:.4g} * m + {of_g:.4g} * g", ahead),
        Quantity("v'", f"v / (1 - 0.999^{t})", v_hat),
        Quantity("step", "r * m' / (sqrt(v') + 1e-8)", r * ahead / (np.sqrt(v_hat) + 1e-8)),
    )


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(_sgd),
    "momentum": Optimizer(_momentum, (1.0,)),
    "nesterov": Optimizer(_nesterov, (1.0 / 0.9,)),
    "adagrad": Optimizer(_adagrad, (1.0,)),
    "rmsprop": Optimizer(_rmsprop, (0.01,)),
    "adam": Optimizer(_adam, (0.1, 0.001)),
    "adamw": Optimizer(_adam, (0.1, 0.001)),
    "nadam": Optimizer(_nadam, (0.1, 0.001)),
}
