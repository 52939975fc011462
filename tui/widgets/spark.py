"""Sparklines: a distribution as a row of bars, one cell high."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.tui.widgets.text import GLYPHS

BARS = "▁▂▃▄▅▆▇█" if GLYPHS else ".:-=+*#@"
"""From few rows to many; a bin without any row is blank."""


def spark(counts: NDArray[np.int64] | Sequence[float], cells: int, most: float | None = None) -> str:
    """Bins side by side in exactly so many cells, joined or widened to fit; the fullest bin is a full bar.

    With `most` that count is a full bar, so that several lines can be compared.
    """
    joined = rebinned(np.asarray(counts, float), cells)
    highest = max(float(joined.max(initial=0.0)) if most is None else most, 1e-300)
    # The least that is there is seen, and only the fullest is full.
    heights = np.ceil(joined / highest * len(BARS)).astype(int)
    return "".join(BARS[min(height, len(BARS)) - 1] if height > 0 else " " for height in heights.tolist())


def rebinned(counts: NDArray[np.float64], cells: int) -> NDArray[np.float64]:
    """The same rows in so many bins, each shared out evenly; fewer bins than cells are only widened."""
    bins = len(counts)
    if not bins or cells <= 0:
        return np.zeros(max(cells, 0))
    if bins <= cells:
        return counts[np.arange(cells) * bins // cells]
    total = np.concatenate([[0.0], np.cumsum(counts)])
    return np.diff(np.interp(np.linspace(0, bins, cells + 1), np.arange(bins + 1), total))
