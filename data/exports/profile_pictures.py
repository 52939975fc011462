"""Pictures of a profile: a column's histogram by group, correlations as a heat map, two columns as points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from epochal.core.chart.axis import Span, ticks
from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.correlations import Correlations
from epochal.core.profile.distribution import Histogram
from epochal.core.profile.variables import Groups
from epochal.core.rows.examples import Floats
from epochal.data.exports.picture import Box, Line, Picture, Words

Parts = list[Line | Words | Box]

AXIS, GRID, NOTHING = "#444444", "#e4e4e4", "#f2f2f2"
# Okabe and Ito (2008), for the colour-blind, and three more for tables of many classes.
COLOURS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#b8a900"),
    *("#7a4fb5", "#8c564b", "#888888"),
)
RISING, FALLING = (178, 24, 43), (33, 102, 172)
LONGEST = 24
MOST_POINTS = 2_000


def histogram_picture(column: ColumnProfile, groups: Groups) -> Picture | None:
    """Bars stacked by group, with the legend beside them; None for a column that has no histogram."""
    found = column.histogram
    if found is None:
        return None
    width, height, left, right, top, foot = 720, 240, 60.0, 190.0, 16.0, 200.0
    parts: Parts = []
    totals = found.counts.sum(axis=0)
    most = float(max(totals.max(initial=0), 1))
    span = (0.0, most)
    for place, label in ticks(span, 4, smallest_step=1):
        y = foot - (foot - top) * place / most
        parts += [_line([left, width - right], [y, y], GRID), Words(left - 8, y + 4, label, "end", 11)]
    bins = max(len(totals), 1)
    across = (width - right - left) / bins
    base = np.zeros(len(totals))
    for counts, colour in zip(found.counts, COLOURS, strict=False):
        for index, count in enumerate(counts.tolist()):
            if count:
                tall = (foot - top) * count / most
                y = foot - (foot - top) * base[index] / most - tall
                gap = min(1.0, across / 6)
                parts.append(Box(left + across * index + gap / 2, y, across - gap, tall, colour))
        base += counts
    parts.append(_line([left, width - right], [foot, foot], AXIS))
    parts += _below(found, left, width - right, foot)
    parts += _legend(groups.names, width - right + 14, top)
    return Picture(width, height, f"Distribution of {column.name}", parts)


def _below(found: Histogram, left: float, right: float, foot: float) -> Parts:
    parts: Parts = []
    if found.labels:
        across = (right - left) / len(found.labels)
        letters = max(int(across / 6.5), 2)
        for index, name in enumerate(found.labels):
            parts.append(
                Words(left + across * (index + 0.5), foot + 16, _short(name, letters), "middle", 11, AXIS)
            )
        if found.others:
            parts.append(Words(right, foot + 34, f"{found.others:,} rows of other categories", "end", 11))
        return parts
    low, high = float(found.edges[0]), float(found.edges[-1])
    for place, label in _ticks((low, high)):
        x = left + (right - left) * (place - low) / (high - low)
        parts += [_line([x, x], [foot, foot + 4], AXIS), Words(x, foot + 17, label, "middle", 11, AXIS)]
    if found.below:
        parts.append(Words(left, foot + 34, f"{found.below:,} farther below", size=11))
    if found.above:
        parts.append(Words(right, foot + 34, f"{found.above:,} farther above", "end", 11))
    return parts


def _ticks(span: Span) -> list[tuple[float, str]]:
    """Round numbers; none where they are too large, or too close to each other."""
    if not max(abs(span[0]), abs(span[1])) < 1e300 or not span[1] / 2 - span[0] / 2 > 1e-290:
        return []
    return ticks(span, 6)


def correlation_picture(found: Correlations) -> Picture | None:
    """Every two columns: blue where one falls as the other rises; None with fewer than two columns."""
    count = len(found.names)
    if count < 2:
        return None
    cell = float(min(max(560 // count, 14), 44))
    left, top = 190.0, 12.0
    size = cell * count
    parts: Parts = []
    for row, name in enumerate(found.names):
        y = top + cell * row
        parts.append(Words(left - 8, y + cell / 2 + 4, f"{_short(name, LONGEST)}  {row + 1}", "end", 11))
        parts.append(Words(left + cell * (row + 0.5), top + size + 14, str(row + 1), "middle", 10, AXIS))
        for column in range(count):
            value = float(found.spearman[row, column])
            parts.append(Box(left + cell * column, y, cell - 1, cell - 1, _shade(value)))
            if cell >= 30 and not np.isnan(value):
                ink = "#ffffff" if abs(value) > 0.6 else AXIS
                middle = (left + cell * (column + 0.5), y + cell / 2 + 4)
                parts.append(Words(*middle, f"{value:.2f}", "middle", 10, ink))
    return Picture(
        int(left + size + 20), int(top + size + 24), "Correlations of the ranks of every two columns", parts
    )


def scatter_picture(x: ColumnProfile, y: ColumnProfile, groups: Groups) -> Picture | None:
    """Rows as points over two columns of numbers, coloured by group; None where they have no numbers."""
    rows = np.flatnonzero(~np.isnan(x.values) & ~np.isnan(y.values) & (groups.codes >= 0))
    if not (len(rows) and x.box and y.box and x.histogram and y.histogram):
        return None
    rows = rows[:: max(len(rows) // MOST_POINTS, 1)]
    width, height, left, right, top, foot = 720, 420, 70.0, 190.0, 16.0, 370.0
    spans = [
        (float(one.histogram.edges[0]), float(one.histogram.edges[-1])) for one in (x, y) if one.histogram
    ]
    parts: Parts = []
    for place, label in _ticks(spans[1]):
        down = foot - (foot - top) * (place - spans[1][0]) / (spans[1][1] - spans[1][0])
        parts += [
            _line([left, width - right], [down, down], GRID),
            Words(left - 8, down + 4, label, "end", 11),
        ]
    for place, label in _ticks(spans[0]):
        across = left + (width - right - left) * (place - spans[0][0]) / (spans[0][1] - spans[0][0])
        parts += [
            _line([across, across], [foot, foot + 4], AXIS),
            Words(across, foot + 17, label, "middle", 11),
        ]
    parts += [
        _line([left, left, width - right], [top, foot, foot], AXIS),
        Words((left + width - right) / 2, height - 8, x.name, "middle", 12),
        Words(8, 12, y.name, size=12),
    ]
    shares = [
        np.clip((one.values[rows] - low) / (high - low), 0.0, 1.0)
        for one, (low, high) in zip((x, y), spans, strict=True)
    ]
    across_all = left + (width - right - left) * shares[0]
    down_all = foot - (foot - top) * shares[1]
    for place, down, code in zip(
        across_all.tolist(), down_all.tolist(), groups.codes[rows].tolist(), strict=True
    ):
        parts.append(Box(place - 2, down - 2, 4, 4, COLOURS[code % len(COLOURS)]))
    parts += _legend(groups.names, width - right + 14, top)
    return Picture(width, height, f"{y.name} against {x.name}", parts)


def _span(edges: Floats) -> Span:
    """With a little room on either side, so that no point lies on the frame."""
    room = (edges[-1] / 2 - edges[0] / 2) / 20
    return float(edges[0] - room), float(edges[-1] + room)


def _legend(names: Sequence[str], x: float, y: float) -> Parts:
    parts: Parts = []
    for index, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        parts.append(Box(x, y + 20 * index, 12, 12, colour))
        parts.append(Words(x + 18, y + 20 * index + 10, _short(name, LONGEST), size=12))
    return parts


def _line(x: Sequence[float], y: Sequence[float], colour: str) -> Line:
    return Line(np.column_stack([x, y]), colour)


def _shade(value: float) -> str:
    """From white to red for 1, to blue for -1; grey where there is none."""
    if np.isnan(value):
        return NOTHING
    end = RISING if value > 0 else FALLING
    parts = [round(255 + abs(value) * (one - 255)) for one in end]
    return "#" + "".join(f"{part:02x}" for part in parts)


def _short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1]}…"
