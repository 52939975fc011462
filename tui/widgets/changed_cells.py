"""Which stretches of a grid of cells have changed: what a terminal has to be sent, and little more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from textual.geometry import Region

# Going on after a gap costs about as many bytes as sending so many unchanged cells again.
GAP = 6


def stretches(differs: NDArray[np.bool_], second_halves: NDArray[np.bool_] | None = None) -> list[Region]:
    """Regions one row high that hold every cell that differs, rows x columns.

    `second_halves` are the cells behind the first cell of a wide character: the two go together.
    """
    if second_halves is not None:
        differs = differs.copy()
        differs[:, :-1] |= second_halves[:, 1:] & differs[:, 1:]
        differs[:, 1:] |= second_halves[:, 1:] & differs[:, :-1]
    regions = []
    for row in np.flatnonzero(differs.any(axis=1)).tolist():
        columns = np.flatnonzero(differs[row])
        cuts = np.flatnonzero(np.diff(columns) > GAP)
        for first, last in zip([0, *(cuts + 1).tolist()], [*cuts.tolist(), len(columns) - 1], strict=True):
            start, stop = int(columns[first]), int(columns[last])
            regions.append(Region(start, row, stop - start + 1, 1))
    return regions
