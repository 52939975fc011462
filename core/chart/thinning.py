"""A curve of any length, thinned to what a chart of a given width can show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def thin(x: Floats, y: Floats, columns: int, span: tuple[float, float]) -> tuple[Floats, Floats]:
    """The lowest and the highest point of every column, in their own order, with the first and the last.

    The span of x is cut into `columns` columns of equal width; x ascends. What lies outside the span, and
    what is not finite, is left out. Where something that is not finite stood between two columns, both
    results hold one NaN: there the curve is interrupted. At most 3 x `columns` + 2 points remain, and each
    is a point of the curve: nothing is averaged, so no spike is lost.
    """
    low, high = span
    if not low < high:
        raise ValueError(f"a span runs from a lower to a higher number, not from {low} to {high}")
    rows = np.flatnonzero(np.isfinite(y) & (x >= low) & (x <= high))
    if not rows.size:
        return np.empty(0), np.empty(0)
    if rows.size < len(x):
        x, y = x[rows], y[rows]

    column = np.minimum((x - low) * (columns / (high - low)), columns - 1).astype(np.intp)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    lengths = np.diff(starts, append=rows.size)
    kept = np.zeros(rows.size, dtype=bool)
    kept[[0, -1]] = True
    for extreme in (np.minimum, np.maximum):
        reached = np.flatnonzero(y == np.repeat(extreme.reduceat(y, starts), lengths))
        kept[reached[np.diff(column[reached], prepend=-1) != 0]] = True

    chosen = np.flatnonzero(kept)
    interrupted = starts[1:][np.diff(rows)[starts[1:] - 1] > 1]
    before = np.searchsorted(chosen, interrupted)
    return np.insert(x[chosen], before, np.nan), np.insert(y[chosen], before, np.nan)
