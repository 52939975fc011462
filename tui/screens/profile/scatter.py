"""Two columns as a scatter plot: a point for each row, in the colour of its group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.chart.axis import Span
from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.profile import Profile
from epochal.core.rows.examples import Floats
from epochal.tui.reporting.profile_words import percent
from epochal.tui.screens.profile.axes import BELOW, GUTTER, columns_of, framed, rows_of
from epochal.tui.screens.profile.card import legend
from epochal.tui.widgets.bars import merged
from epochal.tui.widgets.colored_lines import Line, Paint
from epochal.tui.widgets.heat import LETTERS, Rgb
from epochal.tui.widgets.text import GLYPHS, fit

MOST_POINTS = 5_000
# How far points of one category are scattered around its middle: half of the way to the next.
JITTER = 0.3
# A bullet each where there are so many cells to a point.
FEW = 5
BULLET = "•"
BRAILLE = 0x2800
# The bit of each dot of a braille character, by its row from the top and its column.
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])


@dataclass(frozen=True, eq=False)
class _Axis:
    """Where the rows lie on one axis, NaN where not known, its span and what is written at it."""

    places: Floats
    span: Span
    names: tuple[str, ...]


def scatter(
    profile: Profile,
    x: ColumnProfile,
    y: ColumnProfile,
    hues: Sequence[Rgb],
    room: tuple[int, int],
    only: int | None = None,
) -> list[Line]:
    """Lines that fill the room; with `only`, the points of that group alone."""
    width, height = room
    across, up = _axis(x, 0), _axis(y, 1)
    codes = profile.groups.codes
    known = ~np.isnan(across.places) & ~np.isnan(up.places) & (codes >= 0)
    rows = np.flatnonzero(known if only is None else known & (codes == only))
    step = max(-(-len(rows) // MOST_POINTS), 1)
    drawn = rows[::step]
    inside = _inside(across, drawn) & _inside(up, drawn)
    size = (max(width - GUTTER, 4), max(height - BELOW - 4, 3))
    shares = [_shares(axis, drawn[inside]) for axis in (across, up)]
    picture = _painted(shares, codes[drawn[inside]], size, hues)
    lines = framed(picture, _at_left(up, size[1]), _below(across, size[0]), size[0])
    of_rows = f" of {len(rows):,} rows" if step > 1 else ""
    said = [_together(profile, x, y), f"{len(drawn):,} points{of_rows}"]
    if outside := int((~inside).sum()):
        said.append(f"{outside:,} farther out")
    names = profile.groups.names
    shown = names if only is None else names[only : only + 1]
    key = legend(shown, hues if only is None else hues[only : only + 1], width - GUTTER)
    return [
        [(fit("; ".join(filter(None, said)), width), "muted")],
        [(fit(y.name, width), "strong")],
        *lines,
        [(fit(x.name, width, right=True), "strong")],
        [(" " * GUTTER, "muted"), *key],
    ]


def _together(profile: Profile, x: ColumnProfile, y: ColumnProfile) -> str:
    for pair in profile.pairs:
        if {pair.first, pair.second} == {x.name, y.name} and profile.target:
            return f"together they explain {percent(pair.together.share)} of {profile.target.name}"
    return ""


def _axis(column: ColumnProfile, seed: int) -> _Axis:
    found = column.histogram
    if found is not None and len(found.edges):
        low, high = float(found.edges[0]), float(found.edges[-1])
        room = (high / 2 - low / 2) / 20
        return _Axis(column.values, (low - room, high + room), ())
    labels = found.labels if found is not None else ()
    place_of = {name: place for place, name in enumerate(labels)}
    shown = np.array([place_of.get(name, np.nan) for name in column.variable.categories] or [np.nan])
    places = np.full(len(column.values), np.nan)
    filled = ~np.isnan(column.values)
    places[filled] = shown[column.values[filled].astype(np.intp)]
    # The same rows lie at the same places whenever they are drawn.
    places += np.random.default_rng(seed).uniform(-JITTER, JITTER, len(places))
    return _Axis(places, (-0.5, max(len(labels), 1) - 0.5), labels)


def _inside(axis: _Axis, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    low, high = axis.span
    return np.asarray((axis.places[rows] >= low) & (axis.places[rows] <= high))


def _shares(axis: _Axis, rows: NDArray[np.intp]) -> Floats:
    low, high = axis.span
    # Halved, so that no difference overflows.
    return np.asarray((axis.places[rows] / 2 - low / 2) / max(high / 2 - low / 2, 1e-300))


def _painted(
    shares: Sequence[Floats], codes: NDArray[np.intp], size: tuple[int, int], hues: Sequence[Rgb]
) -> list[Line]:
    """What shows each cell's points, in the colour of the group that has most there, of equals the rarer.

    Few points are a bullet each, many of them one of eight dots in a cell.
    """
    width, height = size
    fine = GLYPHS and len(codes) > width * height / FEW
    down, across = DOTS.shape if fine else (1, 1)
    columns = np.clip((shares[0] * width * across).astype(np.intp), 0, width * across - 1)
    rows = height * down - 1 - np.clip((shares[1] * height * down).astype(np.intp), 0, height * down - 1)
    cells = (rows // down) * width + columns // across
    groups = max(len(hues), 1)
    counts = np.zeros((groups, height * width), np.int64)
    np.add.at(counts, (codes, cells), 1)
    rarest_first = np.argsort(np.bincount(codes, minlength=groups), kind="stable")
    group = rarest_first[counts[rarest_first].argmax(axis=0)].reshape(height, width)
    if fine:
        bits = np.zeros(height * width, np.int64)
        np.bitwise_or.at(bits, cells, DOTS[rows % down, columns % across])
        text = np.where(bits > 0, BRAILLE + bits, ord(" ")).reshape(height, width)
    else:
        marks = BULLET * groups if GLYPHS else LETTERS
        letters = np.array([ord(mark) for mark in marks[:groups]])
        text = np.where(counts.any(axis=0).reshape(height, width), letters[group], ord(" "))
    lines: list[Line] = []
    for y in range(height):
        line = [
            (chr(text[y, x]), Paint(hues[group[y, x]]) if GLYPHS and text[y, x] != ord(" ") else Paint())
            for x in range(width)
        ]
        lines.append(merged(line))
    return lines


def _at_left(axis: _Axis, height: int) -> list[tuple[int, str]]:
    if not axis.names:
        return rows_of(axis.span, height, max(height // 4, 2))
    each = height / len(axis.names)
    places = [(height - 1 - int(each * (place + 0.5)), name) for place, name in enumerate(axis.names)]
    return places if each >= 1 else []


def _below(axis: _Axis, width: int) -> list[tuple[int, str]]:
    if not axis.names:
        return columns_of(axis.span, width, max(width // 10, 2))
    each = width / len(axis.names)
    letters = max(int(each) - 1, 1)
    return [(int(each * (place + 0.5)), fit(name, letters).rstrip()) for place, name in enumerate(axis.names)]
