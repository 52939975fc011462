"""An activation, as one entry: what a node makes of its sum, in every form in which somebody needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, run
from epochal.core.registry import Registry

Array = NDArray[np.floating]
Floats = NDArray[np.float64]
Bind = Callable[[Array, Array, Array | None], BoundOps]

Expression: TypeAlias = "str | float | tuple[Expression, ...]"
"""A graph of ONNX operators: `SUMS`, a constant, or an operator's name and what it is applied to."""

SUMS = "sums"
LOGISTIC: Expression = ("Add", 0.5, ("Mul", 0.5, ("Tanh", ("Mul", 0.5, SUMS))))


@dataclass(frozen=True)
class Activation:
    """One activation; `tests/core/network/test_activations.py` holds its forms against each other.

    `bind(sums, values, slopes)` answers with the calls that fill `values` and, where given, `slopes`;
    called itself, it makes them once. `value` and `slope` are formulas in ASCII, of a node's sum `s` and its
    value `a`. `numpy` is the body of a function of an array `sums`, `onnx` the graph of the same. With
    `has_kink` the slope jumps where the sum is 0. `initial_weights` names those made for it.
    """

    bind: Bind
    initial_weights: str
    value: str
    slope: str
    numpy: str
    onnx: Expression
    has_kink: bool

    def __call__(self, sums: Array, values: Array, slopes: Array | None) -> None:
        """Fill `values`, and `slopes` where given."""
        run(self.bind(sums, values, slopes))

    def value_of(self, sums: Floats) -> Floats:
        """What nodes make of their sums."""
        values = np.empty_like(sums)
        self(sums.copy(), values, None)
        return values

    def slope_of(self, sums: Floats) -> Floats:
        """The derivative there."""
        values, slopes = np.empty_like(sums), np.empty_like(sums)
        self(sums.copy(), values, slopes)
        return slopes


ACTIVATIONS: Registry[Activation] = Registry()


def activation(
    name: str,
    sentence: str,
    *,
    value: str,
    slope: str,
    numpy: str,
    onnx: Expression,
    initial_weights: str,
    has_kink: bool = False,
) -> Callable[[Bind], Bind]:
    """Register the decorated function as the activation `name`; its forms are those of `Activation`."""

    def register(bind: Bind) -> Bind:
        entry = Activation(
            bind,
            initial_weights=initial_weights,
            value=value,
            slope=slope,
            numpy=numpy,
            onnx=onnx,
            has_kink=has_kink,
        )
        ACTIVATIONS.add(name, sentence, entry)
        return bind

    return register


def logistic(sums: Array) -> Array:
    """1 / (1 + exp(-sum)) as half a tanh, which cannot overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * sums)  # type: ignore[no-any-return]
