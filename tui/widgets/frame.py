"""A drawn picture as a grid of characters, each with an ink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size

from epochal.tui.widgets.pen import SPACE, Glyphs

Colour = Literal["primary", "secondary", "accent", "success", "warning", "error", "dim"]
INKS: tuple[str, ...] = ("label", "frame", *get_args(Colour))


@dataclass(frozen=True, eq=False)
class Frame:
    """A drawn plot: a character and an ink (an index of `palette`) for every cell, rows x columns.

    A character two cells wide is followed by a 0.
    """

    glyphs: Glyphs
    inks: NDArray[np.uint8]
    palette: tuple[str, ...] = INKS

    @classmethod
    def blank(cls, width: int, height: int, palette: tuple[str, ...] = INKS) -> Frame:
        """A frame of spaces in the first ink."""
        return cls(np.full((height, width), SPACE, np.uint32), np.zeros((height, width), np.uint8), palette)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in cells."""
        height, width = self.glyphs.shape
        return width, height

    def runs(self, row: int) -> Iterator[tuple[str, str]]:
        """The text of a row, cut where the ink changes, with each ink's name."""
        inks = self.inks[row]
        cuts = [0, *(np.flatnonzero(np.diff(inks)) + 1).tolist(), len(inks)]
        text = self.glyphs[row].astype("<u4").tobytes().decode("utf-32-le")
        for start, stop in pairwise(cuts):
            yield text[start:stop].replace("\0", ""), self.palette[inks[start]]

    def changes(self, last: Frame) -> list[tuple[int, int, int]]:
        """Row, first column and width of the stretch that differs from the last frame, for each such row."""
        differs = (self.glyphs != last.glyphs) | (self.inks != last.inks)
        second_half = (self.glyphs[:, 1:] == 0) | (last.glyphs[:, 1:] == 0)
        differs[:, :-1] |= second_half & differs[:, 1:]
        differs[:, 1:] |= second_half & differs[:, :-1]
        rows = np.flatnonzero(differs.any(axis=1))
        first = differs[rows].argmax(axis=1)
        after = differs.shape[1] - differs[rows, ::-1].argmax(axis=1)
        return list(zip(rows.tolist(), first.tolist(), (after - first).tolist(), strict=True))

    def write(self, row: int, column: int, text: str, ink: str = "label") -> int:
        """Put text on a row, as far as it fits, and tell its width."""
        start, width, index = column, self.glyphs.shape[1], self.palette.index(ink)
        for character in text:
            codes = (ord(character), 0)[: get_character_cell_size(character)]
            if column >= 0 and column + len(codes) <= width:
                self.glyphs[row, column : column + len(codes)] = codes
                self.inks[row, column : column + len(codes)] = index
            column += len(codes)
        return column - start
