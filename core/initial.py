"""Starting weights: how far from zero each layer begins.

Each function fills a layer's weights (nodes x inputs, the bias not among them) from the generator.
Biases start at zero, except where a rule says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.registry import Registry

Shape = tuple[int, int]
Starter = Callable[[np.random.Generator, Shape], NDArray[np.float64]]

INITIAL_WEIGHTS: Registry[Starter] = Registry()


def starter(name: str, sentence: str) -> Callable[[Starter], Starter]:
    """Register the decorated function as the way of starting called `name`."""

    def register(function: Starter) -> Starter:
        INITIAL_WEIGHTS.add(name, sentence, function)
        return function

    return register


@starter("xavier", "Even between bounds that keep values and gradients alike; made for tanh and sigmoid.")
def xavier(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Glorot and Bengio 2010, equation 16: bound = the root of 6 / (inputs + nodes)."""
    bound = (6.0 / sum(shape)) ** 0.5
    return generator.uniform(-bound, bound, shape)


@starter("he", "Normal with variance 2 / inputs; made for relu and its kin.")
def he(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """He, Zhang, Ren and Sun 2015, equation 10."""
    return generator.normal(0.0, (2.0 / shape[1]) ** 0.5, shape)


@starter("normal", "Standard normal, as in the tutorial: large, so that tanh nodes start half saturated.")
def normal(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Mean 0 and deviation 1 whatever the layer's size."""
    return generator.standard_normal(shape)


@starter("zeros", "All zero: every hidden node then learns the same thing, to show why nobody does this.")
def zeros(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """No randomness is used."""
    return np.zeros(shape)
