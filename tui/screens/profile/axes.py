"""Axes around bars and points: numbers at the left, numbers or names below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from epochal.core.chart.axis import Span, Tick, ticks
from epochal.tui.widgets.colored_lines import Line
from epochal.tui.widgets.text import GLYPHS, fit, visible

GUTTER = 8
"""Cells left of the picture, its axis included, where numbers stand there."""

BELOW = 2
"""Lines below it: the axis, and what stands at its ticks."""

HUGE, TINY = 1e300, 1e-290
BAR, TICK, CORNER, RULE, DOWN = "│┤└─┬" if GLYPHS else "|++-+"


def marks_of(span: Span, most: int, *, smallest_step: float = 0.0) -> list[Tick]:
    """Round numbers on a span; none where numbers are too large, or too close to each other."""
    if not max(abs(span[0]), abs(span[1])) < HUGE or not span[1] / 2 - span[0] / 2 > TINY:
        return []
    return ticks(span, max(most, 2), smallest_step=smallest_step)


def framed(
    picture: Sequence[Line],
    left: Sequence[tuple[int, str]],
    below: Sequence[tuple[int, str]],
    width: int,
    *,
    gutter: int = GUTTER,
) -> list[Line]:
    """The picture, so many cells wide, with what stands at its lines, from the top, and at its columns."""
    labels = [" " * (gutter - 1) + BAR] * len(picture)
    for row, text in left:
        labels[row] = fit(text, gutter - 2, right=True) + " " + TICK
    axis, names = [RULE] * width, [" "] * (gutter + width)
    free = 0
    for place, text in below:
        column = min(max(place, 0), width - 1)
        cells = cell_len(visible(text))
        start = min(max(gutter + column - cells // 2, 0), gutter + width - cells)
        if start < free:
            continue
        axis[column] = DOWN
        # A wide character takes two cells, of which the second holds nothing.
        names[start : start + cells] = [text, *[""] * (cells - 1)] if cells else []
        free = start + cells + 1
    lines: list[Line] = [[(label, "muted"), *line] for label, line in zip(labels, picture, strict=True)]
    lines.append([(" " * (gutter - 1) + CORNER + "".join(axis), "muted")])
    lines.append([("".join(names), "muted")])
    return lines


def rows_of(span: Span, height: int, most: int, *, smallest_step: float = 0.0) -> list[tuple[int, str]]:
    """Round numbers of a span, with the lines from the top that they stand at; none that is too long."""
    low, high = span
    return [
        (height - 1 - min(int((value - low) / (high - low) * height), height - 1), text)
        for value, text in marks_of(span, most, smallest_step=smallest_step)
        if len(text) <= GUTTER - 2
    ]


def columns_of(span: Span, width: int, most: int) -> list[tuple[int, str]]:
    """Round numbers of a span, with the columns that they stand at."""
    low, high = span
    return [(int((value - low) / (high - low) * width), text) for value, text in marks_of(span, most)]
