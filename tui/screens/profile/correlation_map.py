"""The correlations of every two columns as a heat map with a cursor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epochal.core.profile.correlations import Correlations
from epochal.tui.widgets.colored_lines import Ink, Line, Paint
from epochal.tui.widgets.heat import Rgb
from epochal.tui.widgets.text import GLYPHS, fit

RISING, FALLING = (205, 70, 50), (45, 115, 200)
LEAST, WIDEST = 4, 7
NAMES = 26
SCALE = 10
BLOCK = "█" if GLYPHS else "#"


@dataclass(frozen=True)
class Cursor:
    """A cell of the map."""

    row: int
    column: int

    def moved(self, down: int, across: int, count: int) -> Cursor:
        """By so many cells, within a map of so many columns."""
        last = max(count - 1, 0)
        return Cursor(min(max(self.row + down, 0), last), min(max(self.column + across, 0), last))


def correlation_map(
    found: Correlations, cursor: Cursor, room: tuple[int, int], ground: Rgb, *, by_ranks: bool
) -> list[Line]:
    """Lines that fill the room; of more columns than fit, those around the cursor."""
    width, height = room
    count = len(found.names)
    if count < 2:
        return [[("A map of correlations needs two columns of numbers or categories.", "text")]]
    values = found.spearman if by_ranks else found.pearson
    name = min(NAMES, max(width // 4, 10))
    label = name + 5
    cell = min(max((width - label) // count, LEAST), WIDEST)
    columns = _window(cursor.column, min((width - label) // cell, count), count)
    rows = _window(cursor.row, min(max(height - 5, 1), count), count)
    tall = min(max((height - 5) // len(rows), 1), 2 if cell >= 5 else 1)
    heading: list[tuple[str, Ink | Paint]] = [(" " * label, "muted")]
    ink: Ink
    for column in columns:
        ink = "strong" if column == cursor.column else "muted"
        heading.append((fit(str(column + 1), cell - 1, right=True) + " ", ink))
    lines: list[Line] = [heading]
    for row in rows:
        cells = [_cell(float(values[row, column]), cell, ground) for column in columns]
        if row == cursor.row and cursor.column in columns:
            place = columns.index(cursor.column)
            cells[place] = (cells[place][0], "cursor")
        ink = "strong" if row == cursor.row else "text"
        lines.append([(f"{fit(found.names[row], name)} {row + 1:>3} ", ink), *cells])
        # A cell that is about square is easier to see; the number stands on its first line.
        blank = [(" " * len(text), paint) for text, paint in cells]
        lines += [[(" " * label, ink), *blank]] * (tall - 1)
    lines += [[], _said(found, cursor, width), _scale(ground)]
    return lines


def _cell(value: float, cells: int, ground: Rgb) -> tuple[str, Ink | Paint]:
    """The number, with as many digits as there is room for."""
    if np.isnan(value):
        text = "-"
    elif cells >= 5:
        text = f"{value:.2f}"
    else:
        text = f"{value:.1f}".replace("0.", ".") if abs(value) < 1 else f"{value:.0f}"
    return fit(text, cells - 1, right=True) + " ", _paint(value, ground)


def _paint(value: float, ground: Rgb) -> Paint:
    """From the ground to red for 1 and to blue for -1; what is written there stands out from it."""
    if np.isnan(value):
        return Paint()
    behind = mixed(ground, RISING if value > 0 else FALLING, abs(value))
    light = 0.3 * behind[0] + 0.6 * behind[1] + 0.1 * behind[2]
    return Paint((245, 245, 245) if light < 140 else (20, 20, 20), behind)


def mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """So much of the other colour."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _said(found: Correlations, cursor: Cursor, width: int) -> Line:
    first, second = cursor.row, cursor.column
    ranks, plain = float(found.spearman[first, second]), float(found.pearson[first, second])
    names = f"{found.names[first]} and {found.names[second]}"
    if first == second:
        text = f"{found.names[first]} with itself"
    elif np.isnan(ranks):
        text = f"{names}: not known, as one of them is constant where both are filled in"
    elif found.measure(first, second) == "correlation":
        text = f"{names}: correlation of the ranks {ranks:.2f}, of the values {plain:.2f}"
    else:
        text = f"{names}: {found.measure(first, second)} {ranks:.2f}"
    return [(fit(text, width), "strong")]


def _scale(ground: Rgb) -> Line:
    shares = np.linspace(-1, 1, 2 * SCALE + 1)
    blocks = [
        (BLOCK, Paint(mixed(ground, RISING if share > 0 else FALLING, abs(float(share))))) for share in shares
    ]
    return [("-1 ", "muted"), *blocks, (" 1  of the numbers; categories from 0 to 1", "muted")]


def _window(at: int, room: int, count: int) -> range:
    """As many neighbours as there is room for, the cursor among them, and in the middle where it can be."""
    room = max(room, 1)
    start = min(max(at - room // 2, 0), max(count - room, 0))
    return range(start, min(start + room, count))
