"""Weights as lines between two columns: sign by colour and dashes, size by thickness, in braille or ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.tui.widgets.pen import SPACE, Glyphs

Ink = Literal["positive", "negative", "positive-faint", "negative-faint"]
INKS: tuple[Ink, ...] = ("positive", "negative", "positive-faint", "negative-faint")

Place = tuple[int, int]
"""Row and column of a cell."""

THICK, MEDIUM = 0.6, 0.25
"""From these shares of the largest weight on a line is three dots thick, and two."""

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
_BRAILLE = 0x2800
# Dots drawn and left out along a negative weight's line.
_DASH, _PERIOD = 4, 7


@dataclass(frozen=True)
class Edge:
    """A line from a cell's right end to a cell's left one; `share` is its weight by the largest one."""

    start: Place
    end: Place
    share: float
    bright: bool = True

    @property
    def ink(self) -> Ink:
        """By sign, and by whether it is to be seen at once."""
        sign: Ink = "positive" if self.share > 0.0 else "negative"
        faint: Ink = "positive-faint" if self.share > 0.0 else "negative-faint"
        return sign if self.bright else faint

    @property
    def thickness(self) -> int:
        """In dots: 1, 2 or 3, a faint line at most 2."""
        return 1 + (abs(self.share) >= MEDIUM) + (self.bright and abs(self.share) >= THICK)


def draw_edges(
    edges: list[Edge], width: int, height: int, *, ascii_only: bool
) -> tuple[Glyphs, NDArray[np.uint8]]:
    """A grid of characters and of indices of `INKS`.

    A cell has one ink, that of the largest weight through it, and bright lines clear faint ones away.
    """
    glyphs: Glyphs = np.full((height, width), SPACE, dtype=np.uint32)
    inks = np.zeros((height, width), dtype=np.uint8)
    for bright in (False, True):
        bits = np.zeros((height, width), dtype=np.uint8)
        for edge in sorted((e for e in edges if e.bright == bright), key=lambda e: abs(e.share)):
            if ascii_only:
                rows, columns = _cells(edge.start, edge.end)
                glyphs[rows, columns] = ord(ascii_mark(edge.share))
            else:
                rows, columns, dots = _dots(edge.start, edge.end, edge.share < 0.0, edge.thickness)
                inside = (rows >= 0) & (rows < height)
                rows, columns = rows[inside], columns[inside]
                np.bitwise_or.at(bits, (rows, columns), dots[inside])
            inks[rows, columns] = INKS.index(edge.ink)
        glyphs = np.where(bits > 0, _BRAILLE + bits.astype(np.uint32), glyphs)
    return glyphs, inks


def ascii_mark(share: float) -> str:
    """One character for a weight: its sign, and a heavier one for a large weight."""
    large = abs(share) >= MEDIUM
    return ("#" if large else "+") if share > 0.0 else ("=" if large else "-")


def sample(share: float, cells: int, *, ascii_only: bool) -> str:
    """A level line as the drawing has it, for the legend."""
    if ascii_only:
        return ascii_mark(share) * cells
    glyphs, _ = draw_edges([Edge((0, 0), (0, cells - 1), share)], cells, 1, ascii_only=False)
    return "".join(map(chr, glyphs[0].tolist()))


def _path(start: Place, end: Place, dots_across: int, dots_down: int) -> tuple[NDArray[np.float64], ...]:
    """Points along an S-shaped line, in dots, from the first cell's left end to the last one's right end."""
    (top, left), (bottom, right) = start, end
    way = np.linspace(0.0, 1.0, 2 * (dots_across * (right - left + 1) + 2 * dots_down * abs(bottom - top)))
    bend = way * way * (3.0 - 2.0 * way)
    across = dots_across * left + way * (dots_across * (right - left + 1) - 1)
    down = dots_down * (top + (bottom - top) * (0.4 * way + 0.6 * bend)) + (dots_down - 1) // 2
    return across, down


# Weights change from one look to the next, the places between which they run do not.
@lru_cache(maxsize=2048)
def _dots(
    start: Place, end: Place, dashed: bool, thickness: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint8]]:
    """Rows and columns of cells, and the bit of a dot in each; a dot may stand beyond the rows there are."""
    across, down = _path(start, end, 2, 4)
    if dashed:
        length = np.cumsum(np.hypot(np.diff(across, prepend=across[0]), np.diff(down, prepend=down[0])))
        drawn = length % _PERIOD < _DASH
        across, down = across[drawn], down[drawn]
    columns, rows = np.rint(across).astype(np.intp), np.rint(down).astype(np.intp)
    dots = np.concatenate([np.stack([rows + s - s // 2 * 3, columns]) for s in range(thickness)], axis=1)
    down, across = np.unique(dots, axis=1)
    return down // 4, across // 2, _BITS[down % 4, across % 2]


@lru_cache(maxsize=2048)
def _cells(start: Place, end: Place) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    across, down = _path(start, end, 1, 1)
    return np.rint(down).astype(np.intp), np.rint(across).astype(np.intp)
