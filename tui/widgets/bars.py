"""Bars on the screen, stacked by group: upright ones for numbers, lying ones for categories."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.tui.widgets.colored_lines import Line, Paint
from epochal.tui.widgets.heat import LETTERS, Rgb
from epochal.tui.widgets.spark import rebinned
from epochal.tui.widgets.text import GLYPHS

Counts = NDArray[np.float64]
"""Groups x bins."""

UPRIGHT, LYING = " ▁▂▃▄▅▆▇█", " ▏▎▍▌▋▊▉█"
EIGHTHS = 8


def upright_cells(bins: int, cells: int) -> int:
    """How many of the cells bars of so many bins take: equally many each, or several bins in one."""
    return cells if bins > cells else max(cells // max(bins, 1), 1) * bins


def upright(
    counts: Counts, cells: int, height: int, hues: Sequence[Rgb], most: float | None = None
) -> list[Line]:
    """A bar for each bin, the first group at its foot; the fullest is so many lines high, or `most` is."""
    bins = counts.shape[1]
    if bins > cells:
        counts = np.array([rebinned(one, cells) for one in counts]).reshape(len(counts), cells)
    each = upright_cells(bins, cells) // max(counts.shape[1], 1)
    tops = _tops(counts, height, most).T.tolist()
    return [
        merged([_cell([top - EIGHTHS * y for top in of_bin], hues, UPRIGHT, each) for of_bin in tops])
        for y in reversed(range(height))
    ]


def lying(counts: Counts, width: int, hues: Sequence[Rgb]) -> list[Line]:
    """A bar on a line of its own for each bin, the first group at its left."""
    tops = _tops(counts, width, None).T.tolist()
    return [
        merged([_cell([top - EIGHTHS * x for top in of_bin], hues, LYING, 1) for x in range(width)])
        for of_bin in tops
    ]


def merged(cells: Sequence[tuple[str, Paint]]) -> list[tuple[str, Paint]]:
    """Neighbours of one paint as one stretch."""
    line: list[tuple[str, Paint]] = []
    for text, paint in cells:
        if line and line[-1][1] == paint:
            line[-1] = (line[-1][0] + text, paint)
        else:
            line.append((text, paint))
    return line


def _tops(columns: Counts, cells: int, most: float | None) -> NDArray[np.intp]:
    """Where each group ends, in eighths of a cell; what is there at all has one at the least."""
    summed = np.cumsum(columns, axis=0)
    highest = float(summed.max(initial=0.0)) if most is None else most
    tops = np.rint(summed / max(highest, 1e-300) * cells * EIGHTHS).astype(np.intp)
    return np.where((tops == 0) & (summed > 0), 1, np.minimum(tops, cells * EIGHTHS))


def _cell(ends: Sequence[int], hues: Sequence[Rgb], marks: str, times: int) -> tuple[str, Paint]:
    """A cell, so many times, of groups that end so many eighths beyond its beginning: two colours at most."""
    before, first, shares = 0, -1, []
    for group, end in enumerate(ends):
        end = min(max(end, 0), EIGHTHS)
        shares.append(end - before)
        if first < 0 and end > before:
            first = group
        before = end
    if first < 0:
        return " " * times, Paint()
    if not GLYPHS:
        return LETTERS[shares.index(max(shares))] * times, Paint()
    share = shares[first]
    # What is left of the cell belongs to whichever has most of it: a group, or nobody.
    shares[first] = 0
    above = shares.index(max(shares))
    behind = hues[above] if shares[above] and shares[above] >= EIGHTHS - before else None
    return marks[share] * times, Paint(hues[first], behind)
