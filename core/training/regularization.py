"""Regularization: what holds the weights back, as values and as calls bound to a step's arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Regularization:
    """What holds the weights back: pulls towards 0, the longest gradient allowed, values dropped."""

    l2: float = 0.0
    l1: float = 0.0
    clip: float = 0.0
    dropout: float = 0.0


NO_REGULARIZATION = Regularization()


def penalties(
    regularization: Regularization,
    decoupled: bool,
    vectors: tuple[Array, Array, Array],
    pulls: tuple[Array, Array],
) -> BoundOps:
    """The calls that add what L2 and L1 ask for to the gradient, or if decoupled shrink the weights.

    `vectors` are the parameters, the gradient and room; `pulls` what to multiply parameters and their
    signs by.
    """
    (parameters, gradient, room), (l2_pull, l1_pull) = vectors, pulls
    calls: BoundOps = []
    if regularization.l2 and decoupled:
        calls.append(partial(np.multiply, parameters, l2_pull, parameters))
    elif regularization.l2:
        calls += [partial(np.multiply, l2_pull, parameters, room), partial(np.add, gradient, room, gradient)]
    if regularization.l1:
        calls += [
            partial(np.sign, parameters, room),
            partial(np.multiply, room, l1_pull, room),
            partial(np.add, gradient, room, gradient),
        ]
    return calls
