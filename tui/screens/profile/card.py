"""One column in full: its histogram by group, its figures, what it says about the target, what is odd."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np
from rich.cells import cell_len

from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.profile import Profile
from epochal.tui.reporting.profile_words import explains, gravest_first, percent, short, strength
from epochal.tui.screens.profile.axes import BELOW, GUTTER, columns_of, framed, rows_of
from epochal.tui.widgets.bars import lying, upright, upright_cells
from epochal.tui.widgets.colored_lines import Ink, Line, Paint
from epochal.tui.widgets.heat import LETTERS, Rgb
from epochal.tui.widgets.text import GLYPHS, fit, visible

SQUARE = "■"
LEAST_HEIGHT, MOST_HEIGHT = 5, 24
MOST_SAMPLES = 8
# Headings and widths of the figures, where there is room and where there is little.
WIDE_FIGURES = (("rows", 8), ("missing", 9), ("median", 10), ("quarter", 10), ("three quarters", 16))
FIGURES = (("rows", 7), ("median", 10), ("quarter", 9), ("3/4", 9))


def card(
    profile: Profile, column: ColumnProfile, hues: Sequence[Rgb], room: tuple[int, int], *, apart: bool
) -> list[Line]:
    """Lines that fill the room, as wide and as high as that in cells; groups stacked, or `apart`."""
    width, height = room
    said = [line for one in gravest_first(column.findings) for line in _wrapped(one, width)]
    top: list[Line] = [_title(column, width), [(fit(_about(profile, column), width), "muted")], *said, []]
    bottom: list[Line] = [[], *_figures(profile, column, hues, width)]
    free = min(max(height - len(top) - len(bottom), LEAST_HEIGHT + BELOW), MOST_HEIGHT + BELOW)
    middle: list[Line]
    if column.histogram is None:
        middle = [[(fit(line, width), "text")] for line in _samples(column)]
    elif column.histogram.labels or not len(column.histogram.edges):
        middle = _category_bars(column, hues, width, free)
    elif apart and len(profile.groups.names) > 1:
        middle = _bars_apart(profile, column, hues, width, free)
    else:
        middle = _number_bars(column, hues, width, free)
    lines = [*top, *middle, *bottom]
    if len(lines) > height > 0:
        return [*lines[: height - 1], [(fit("A taller screen shows the rest.", width), "muted")]]
    return lines


def legend(names: Sequence[str], hues: Sequence[Rgb], width: int) -> Line:
    """The groups with their colours, on one line, cut where they are too many."""
    line: list[tuple[str, Ink | Paint]] = []
    left = width
    for index, name in enumerate(names):
        text = fit(name, min(len(name) * 2, 22)).rstrip()
        if left < len(text) + 4:
            break
        mark, paint = mark_of(index, hues)
        line += [(mark, paint), (f" {text}  ", "muted")]
        left -= len(text) + 4
    return line


def mark_of(group: int, hues: Sequence[Rgb]) -> tuple[str, Paint]:
    """What stands for a group: a square in its colour, or its letter."""
    return (SQUARE, Paint(hues[group])) if GLYPHS else (LETTERS[group], Paint())


def _title(column: ColumnProfile, width: int) -> Line:
    role = f"  {column.variable.kind}"
    return [(fit(column.name, min(width - len(role), 60)).rstrip(), "strong"), (role, "muted")]


def _about(profile: Profile, column: ColumnProfile) -> str:
    """What it says about the target, in half a sentence."""
    variable, found = column.variable, column.association
    if profile.target is column:
        return "the target: what is to be predicted"
    if variable.left_out:
        return f"left out: it {variable.left_out}"
    if found is None or profile.target is None:
        return ""
    name, value = strength(column)
    measured = "" if value is None else f"; {name} {value:.2f}"
    if not found.beyond_chance:
        return f"says no more about {profile.target.name} than chance would{measured}"
    return f"explains {explains(column)} of {profile.target.name}{measured}"


def _number_bars(column: ColumnProfile, hues: Sequence[Rgb], width: int, height: int) -> list[Line]:
    found = column.histogram
    assert found is not None
    cells = max(width - GUTTER - 1, 1)
    lines = upright(found.counts.astype(float), cells, height - BELOW, hues)
    up = (0.0, max(float(found.counts.sum(axis=0).max(initial=0)), 1.0))
    left = rows_of(up, len(lines), max(height // 3, 2), smallest_step=1)
    return _with_rest(framed(lines, left, *_across(column, cells)), column)


def _bars_apart(
    profile: Profile, column: ColumnProfile, hues: Sequence[Rgb], width: int, height: int
) -> list[Line]:
    """A row of bars for each group, each as shares of its own rows, so that shapes can be compared."""
    found, names = column.histogram, profile.groups.names
    assert found is not None
    each = max((height - BELOW) // len(names), 1)
    gutter = min(max(max(cell_len(visible(name)) for name in names) + 3, GUTTER), 18, width // 3)
    cells = max(width - gutter - 1, 1)
    shares = found.counts / np.maximum(found.counts.sum(axis=1, keepdims=True), 1)
    most = float(shares.max(initial=0.0))
    lines: list[Line] = []
    for group in range(len(names)):
        lines += upright(shares[group : group + 1], cells, each, hues[group : group + 1], most)
    left = [(each * (group + 1) - 1, name) for group, name in enumerate(names)]
    return _with_rest(framed(lines, left, *_across(column, cells), gutter=gutter), column)


def _across(column: ColumnProfile, cells: int) -> tuple[list[tuple[int, str]], int]:
    """The numbers below the bars with their columns, and how wide the bars are."""
    found = column.histogram
    assert found is not None
    used = upright_cells(found.counts.shape[1], cells)
    return columns_of((float(found.edges[0]), float(found.edges[-1])), used, max(used // 10, 2)), used


def _with_rest(lines: list[Line], column: ColumnProfile) -> list[Line]:
    """What lies too far out to be drawn is counted at the end of the axis."""
    found = column.histogram
    assert found is not None
    said = [f"{found.below:,} farther below"] if found.below else []
    said += [f"{found.above:,} farther above"] if found.above else []
    if said:
        lines = [*lines, [(" " * GUTTER + ", ".join(said), "muted")]]
    return lines


def _category_bars(column: ColumnProfile, hues: Sequence[Rgb], width: int, height: int) -> list[Line]:
    found = column.histogram
    assert found is not None
    all_fit = len(found.labels) <= height and not found.others
    rows = len(found.labels) if all_fit else max(min(len(found.labels), height - 1), 0)
    name = min(max(max(map(len, found.labels[:rows]), default=0) * 2, 8), width // 3, 26)
    bars = lying(found.counts[:, :rows].astype(float), max(width - name - 10, 4), hues)
    lines: list[Line] = []
    for place in range(rows):
        count = int(found.counts[:, place].sum())
        lines.append([(fit(found.labels[place], name) + " ", "text"), *bars[place], (f" {count:,}", "muted")])
    hidden = len(found.labels) - rows
    others = found.others + int(found.counts[:, rows:].sum())
    if others:
        lines.append([(f"and {others:,} rows of {'other' if not hidden else 'rarer'} categories", "muted")])
    return lines


def _figures(profile: Profile, column: ColumnProfile, hues: Sequence[Rgb], width: int) -> Iterator[Line]:
    """A line for all rows and one for each group: rows, missing cells, and the five numbers of a box plot."""
    if column.histogram is None:
        return
    wide = width >= 70
    figures: Sequence[tuple[str, int]] = WIDE_FIGURES if wide else FIGURES
    if not column.box:
        figures = figures[: 2 if wide else 1]
    label = min(max(width - sum(size for _, size in figures) - 2, 8), 24)

    def row(name: str, values: Sequence[str]) -> str:
        cells = (fit(one, size, right=True) for one, (_, size) in zip(values, figures, strict=True))
        return fit(name, label) + "".join(cells)

    yield [("  " + row("", [heading for heading, _ in figures]), "muted")]
    groups = [(None, "all rows"), *enumerate(profile.groups.names)]
    if len(groups) == 2:
        groups = groups[:1]
    sizes = profile.groups.sizes()
    filled = int(sizes.sum())
    for group, name in groups:
        box = column.box if group is None else column.by_group[group] if column.by_group else None
        rows = len(profile.rows) if group is None else int(sizes[group])
        missing = column.missing / max(len(column.variable.values), 1)
        if group is not None:
            missing = column.missing_by_group[group]
        numbers = [short(one) for one in ((box.median, box.first, box.third) if box else (None,) * 3)]
        values = [f"{rows:,}", *([percent(missing) if missing else "-"] if wide else []), *numbers]
        mark, paint = (" ", Paint()) if group is None else mark_of(group, hues)
        yield [(f"{mark} ", paint), (row(name, values[: len(figures)]), "text")]
    if column.box and filled:
        yield []
        for line in textwrap.wrap(_spread(column), max(width, 10)):
            yield [(line, "muted")]


def _spread(column: ColumnProfile) -> str:
    box = column.box
    assert box is not None
    said = [f"{column.distinct:,} distinct from {short(box.lowest)} to {short(box.highest)}"]
    said.append(f"mean {short(column.mean)}, deviation {short(column.deviation)}")
    if column.outliers:
        said.append(f"{column.outliers:,} outside 1.5 interquartile ranges")
    return "; ".join(said)


def _samples(column: ColumnProfile) -> Iterator[str]:
    """The first cells of a column that has no distribution to draw."""
    variable = column.variable
    if not column.distinct:
        yield "It holds nothing."
        return
    yield f"{column.distinct:,} distinct, such as"
    shown = np.flatnonzero(~np.isnan(column.values))[:MOST_SAMPLES]
    for place in shown.tolist():
        value = column.values[place]
        yield "  " + (short(float(value)) if variable.numeric else variable.categories[int(value)])


def _wrapped(text: str, width: int) -> list[Line]:
    return [[(line, "text")] for line in textwrap.wrap(text, max(width, 10))]
