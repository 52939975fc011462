"""Work bound to its arrays: calls without arguments, made once and run every step.

For ten nodes the arithmetic of a NumPy call takes less time than looking up its name and its arguments,
so whoever works on the same arrays again and again answers with a list of calls instead of working.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
BoundOp = Callable[[], object]
BoundOps = list[BoundOp]


def run(calls: BoundOps) -> None:
    """Make each call, in order."""
    for call in calls:
        call()


def constant(value: float, like: Array) -> Array:
    """An array without dimensions, of the type of `like`: NumPy takes it quicker than Python's numbers."""
    return np.array(value, like.dtype)
