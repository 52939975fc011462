"""Cells as categories and as dates: what a model learned from them, whatever the new table looks like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from epochal.core.rows.examples import Feature, Floats, Rows
from epochal.data.models.model import Range
from epochal.data.models.tallies import Counts, about_missing, about_unknown
from epochal.data.tables.dates import EPOCH, calendar_parts, dates_in
from epochal.data.tables.labels import key_of
from epochal.data.tables.rules import Rules
from epochal.data.tables.wording import counted

DAYS = "days since 1970"


class CategoryCells:
    """A feature with categories: each cell is the one it is written like."""

    def __init__(self, feature: Feature, levels: Rows, rules: Rules) -> None:
        self.feature, self.counts = feature, Counts()
        self._place = {name: float(index) for index, name in enumerate(feature.categories)}
        self._own = np.zeros(len(feature.categories) + 1, bool)
        self._own[levels] = self._own[-1] = True
        self._rules = rules
        self._alike = {key_of(name): place for name, place in self._place.items()} if rules.merge else {}

    def begin(self) -> None:
        """Count from nothing again."""
        self.counts = Counts()

    def read(self, cells: Sequence[str], lines: Sequence[int]) -> Floats:
        """The categories' numbers, NaN where missing, one beyond the last where unknown: rows x 1."""
        unknown = float(len(self._place))
        worth = {cell: self._worth(cell, unknown) for cell in set(cells)}
        codes = np.fromiter(map(worth.__getitem__, cells), np.float64, len(cells))
        missing = np.isnan(codes)
        self.counts.add_missing(missing, cells, lines)
        self.counts.unknown.add(codes == unknown, cells, lines)
        self.counts.pooled.add(~self._own[np.where(missing, unknown, codes).astype(np.intp)], cells, lines)
        return codes[:, None]

    def _worth(self, cell: str, unknown: float) -> float:
        if cell in self._place:
            return self._place[cell]
        if self._rules.is_missing(cell):
            return np.nan
        return self._alike.get(key_of(cell), unknown) if self._alike else unknown

    def notes(self) -> list[str]:
        """A sentence for each kind of cell that was counted."""
        name, pooled = self.feature.name, self.counts.pooled.cells
        notes = about_missing(name, self.counts)
        for said in about_unknown(name, self.counts, "what was not in training"):
            notes.append(f"{said}: none of the known categories.")
        if pooled:
            cells = counted(pooled, "cell holds", "cells hold")
            notes.append(f"{name}: {cells} a category too rare in training for an input of its own.")
        return notes


class DateCells:
    """The features made of a column of dates; `order` is how day and month stood in training."""

    def __init__(
        self, name: str, parts: Sequence[str], order: str, known: Range | None, rules: Rules
    ) -> None:
        self.feature, self.counts = Feature(name), Counts()
        self._parts, self._order, self._rules = tuple(parts), order, rules
        self.low, self.high = known or (-np.inf, np.inf)

    def begin(self) -> None:
        """Count from nothing again."""
        self.counts = Counts()

    def read(self, cells: Sequence[str], lines: Sequence[int]) -> Floats:
        """Rows x parts of the dates, NaN where there is no date."""
        distinct = list(dict.fromkeys(cells))
        worth = np.array([self._worth(cell) for cell in distinct], np.float64).reshape(len(distinct), -1)
        places = {cell: place for place, cell in enumerate(distinct)}
        values = worth[np.fromiter(map(places.__getitem__, cells), np.intp, len(cells))]
        missing = np.fromiter(map(self._rules.is_missing, cells), bool, len(cells))
        days = values[:, -1]
        self.counts.add_missing(missing, cells, lines)
        self.counts.unknown.add(np.isnan(values).all(axis=1) & ~missing, cells, lines)
        self.counts.out_of_range.add((days < self.low) | (days > self.high), cells, lines)
        return values[:, :-1]

    def _worth(self, cell: str) -> list[float]:
        """The parts, and the day itself."""
        found = None if self._rules.is_missing(cell) else dates_in((cell.strip(),), self._order, asked=True)
        if found is None or not found.order:
            return [np.nan] * (len(self._parts) + 1)
        parts = calendar_parts(found)
        nothing = np.full(1, np.nan)
        return [float(parts.get(part, nothing)[0]) for part in (*self._parts, DAYS)]

    def notes(self) -> list[str]:
        """A sentence for each kind of cell that was counted."""
        name, outside = self.feature.name, self.counts.out_of_range
        notes = about_missing(name, self.counts)
        for said in about_unknown(name, self.counts, "no date that can be read"):
            notes.append(f"{said}: filled in (imputation), as in training.")
        if outside.cells:
            notes.append(
                f"{name}: {counted(outside.cells, 'date lies', 'dates lie')} outside {_day(self.low)} to "
                f"{_day(self.high)}, the range in the table learned from, such as {outside.example} in line "
                f"{outside.line:,}: the network never saw the like."
            )
        return notes


def _day(days: float) -> str:
    return date.fromordinal(EPOCH + int(days)).isoformat()
