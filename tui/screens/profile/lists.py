"""The lists at the left of the portrait: columns, what tells most first, and pairs of them."""

from __future__ import annotations

from collections.abc import Sequence

from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.profile import Profile
from epochal.tui.reporting.profile_words import explains, percent, strength
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.spark import spark
from epochal.tui.widgets.text import GLYPHS, fit

MARK = "!"
# From so many cells on a measure and a longer sparkline have room beside the name.
WIDE = 48
BARS, FEW_BARS = 12, 8
REST = "─" if GLYPHS else "."
FULL = "━" if GLYPHS else "#"


Entry = tuple[str, bool]
"""A line of a list, and whether it is dim."""


class Chooser(ColoredLines):
    """A heading and entries with a cursor, which is always in view; the screen moves it."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heading = ""
        self._entries: Sequence[Entry] = ()
        self._at = 0
        self._first = 0

    def show(self, heading: str, entries: Sequence[Entry], at: int) -> None:
        """Show these, each with whether it is dim, and the cursor on one of them."""
        self._heading, self._entries, self._at = heading, entries, at
        self.redraw()

    @property
    def page(self) -> int:
        """How many entries are in view."""
        return max(self.size.height - 1, 1)

    def lines(self, width: int, height: int) -> list[Line]:
        """The entries around the cursor."""
        page = max(height - 1, 1)
        self._first = min(max(self._first, self._at - page + 1), self._at)
        self._first = max(min(self._first, len(self._entries) - page), 0)
        lines: list[Line] = [[(fit(self._heading, width), "muted")]]
        for place, (text, is_dim) in enumerate(self._entries[self._first : self._first + page], self._first):
            ink: Ink = "cursor" if place == self._at else "muted" if is_dim else "text"
            lines.append([(fit(text, width), ink)])
        return lines


def column_entries(profile: Profile, columns: Sequence[ColumnProfile], width: int) -> tuple[str, list[Entry]]:
    """The heading, and a line for each column: name, what it explains, its measure, its distribution."""
    wide = width >= WIDE
    bars = BARS if wide else FEW_BARS
    sizes = (9, 6) if wide else (7, 0)
    name = max(width - sum(sizes) - bars - 4, 6)
    measure = "AUC" if profile.groups.task == "classification" else "corr"
    told = "explains" if wide else "tells"
    heading = fit("column", name + 1) + fit(told, sizes[0], right=True)
    heading += f"{fit(measure, sizes[1], right=True)}  distribution" if wide else "  shape"
    entries = []
    for column in columns:
        _, value = strength(column)
        share = "target" if column is profile.target else explains(column)
        if column.variable.left_out:
            share = "left out"
        if not wide:
            share = {"left out": "out"}.get(share, share)
        text = fit(column.name, name) + (MARK if column.findings else " ") + fit(share, sizes[0], right=True)
        if wide:
            text += fit("-" if value is None else f"{value:.2f}", sizes[1], right=True)
        counts = column.histogram.counts.sum(axis=0) if column.histogram else []
        entries.append((f"{text}  {spark(counts, bars)}", bool(column.variable.left_out)))
    return heading, entries


def pair_entries(profile: Profile, pairs: Sequence[tuple[str, str]], width: int) -> tuple[str, list[Entry]]:
    """The heading, and a line for each pair: both names, and what the two explain together."""
    together = {(pair.first, pair.second): pair.together.share for pair in profile.pairs}
    name = max((width - 9) // 2, 4)
    entries: list[Entry] = []
    for first, second in pairs:
        share = together.get((first, second), together.get((second, first)))
        told = fit("-" if share is None else percent(share), 7, right=True)
        entries.append((f"{fit(first, name)} {fit(second, name)}{told}", False))
    return fit("two columns", 2 * name + 1) + "  tells", entries
