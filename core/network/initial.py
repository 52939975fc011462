"""Starting weights: how far from zero each layer begins.

Each function fills a layer's weights (nodes x inputs, the bias not among them) from the generator.
Biases start at zero, except where a rule says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from epochal.core.registry import Registry

Shape = tuple[int, int]
Starter = Callable[[np.random.Generator, Shape], NDArray[np.float64]]

INITIAL_WEIGHTS: Registry[Starter] = Registry()


def starter(name: str, sentence: str) -> Callable[[Starter], Starter]:
    """Register the decorated function as the way of starting called `name`."""

    def register(function: Starter) -> Starter:
        INITIAL_WEIGHTS.add(name, sentence, function)
        return function

    return register


def _even(generator: np.random.Generator, shape: Shape, variance: float) -> NDArray[np.float64]:
    bound = (3.0 * variance) ** 0.5
    return generator.uniform(-bound, bound, shape)


def _gaussian(generator: np.random.Generator, shape: Shape, variance: float) -> NDArray[np.float64]:
    return generator.normal(0.0, variance**0.5, shape)


@starter("xavier", "Even between bounds that keep values and gradients alike; made for tanh and sigmoid.")
def xavier(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Variance 2 / (inputs + nodes): Glorot and Bengio 2010, equation 16."""
    return _even(generator, shape, 2.0 / sum(shape))


@starter("xavier-normal", "As xavier, but normally distributed.")
def xavier_normal(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Variance 2 / (inputs + nodes): Glorot and Bengio 2010, equation 12."""
    return _gaussian(generator, shape, 2.0 / sum(shape))


@starter("he", "Normal with variance 2 / inputs; made for relu and its kin.")
def he(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """He, Zhang, Ren and Sun 2015, equation 10."""
    return _gaussian(generator, shape, 2.0 / shape[1])


@starter("he-uniform", "As he, but even between bounds.")
def he_uniform(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """The same variance as `he`."""
    return _even(generator, shape, 2.0 / shape[1])


@starter("lecun", "Normal with variance 1 / inputs; made for selu.")
def lecun(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """LeCun, Bottou, Orr and Mueller 1998, section 4.6."""
    return _gaussian(generator, shape, 1.0 / shape[1])


@starter("lecun-uniform", "As lecun, but even between bounds.")
def lecun_uniform(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """The same variance as `lecun`."""
    return _even(generator, shape, 1.0 / shape[1])


@starter("normal", "Standard normal, as in the tutorial: large, so that tanh nodes start half saturated.")
def normal(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Mean 0 and deviation 1 whatever the layer's size."""
    return generator.standard_normal(shape)


@starter("zeros", "All zero: every hidden node then learns the same thing, to show why nobody does this.")
def zeros(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """No randomness is used."""
    return np.zeros(shape)
