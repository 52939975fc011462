"""A column under construction: its cells taken batch by batch, as numbers while they are plain ones."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from epochal.data.tables.cells import NUMBER
from epochal.data.tables.columns import Codes, Floats, Found, Texts, is_code, of_numbers, of_texts
from epochal.data.tables.notations import Convention
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import Column

NUMBER_BYTES = b"0123456789+-.eE\n"
CODES = re.compile(rb"\n0[0-9]{2,}(?:\n|\Z)")


class Building:
    """A column under construction, chunk by chunk.

    Plain numbers are kept as numbers and their text is forgotten. When a later chunk shows that the
    column is not plain numbers `reread` becomes True: it must be read once more with `as_text`.
    """

    def __init__(self, rules: Rules, *, as_text: bool = False) -> None:
        self.rules = rules
        self.as_text = as_text or rules.is_text
        self.reread = False
        self.numbers: list[Floats] = []
        self.codes: list[Codes] = []
        self.texts: dict[str, int] = {}
        self.tokens: dict[str, int] = {}

    def add(self, cells: Sequence[str]) -> None:
        """Take the next cells of the column."""
        if self.reread:
            return
        if not self.as_text:
            numbers = self._numbers(cells)
            if numbers is not None:
                self.numbers.append(numbers)
                return
            if self.numbers:
                self.reread = True
                self.numbers.clear()
                return
            self.as_text = True
        known = self.texts
        self.codes.append(np.array([known.setdefault(cell, len(known)) for cell in cells], np.int32))

    def add_numbers(self, values: Floats) -> None:
        """Take the next cells, plain numbers already; not in a column that holds text."""
        if self.as_text:
            raise AssertionError("numbers without their text cannot go into a column of text")
        if not self.reread:
            self.numbers.append(values.copy())

    def _numbers(self, cells: Sequence[str]) -> Floats | None:
        """The cells as plain numbers, NaN where missing; None if any is something else."""
        joined = "\n" + "\n".join(cells)
        if joined.isascii() and not (written := joined.encode()).translate(None, NUMBER_BYTES):
            try:
                values = np.fromiter(map(float, cells), np.float64, len(cells))
            except ValueError:
                values = None
            if values is not None:
                return values if np.isfinite(values).all() and not CODES.search(written) else None
        worth: dict[str, float] = {}
        tokens: dict[str, int] = {}
        for cell in set(cells):
            bare = cell.strip()
            if NUMBER.fullmatch(bare):
                value = float(bare)
                if abs(value) == np.inf or is_code(bare):
                    return None
                worth[cell] = value
            elif self.rules.is_missing(bare):
                worth[cell] = np.nan
                if bare:
                    tokens[cell] = 0
            else:
                return None
        for token in tokens:
            self.tokens[token] = self.tokens.get(token, 0) + cells.count(token)
        return np.fromiter(map(worth.__getitem__, cells), np.float64, len(cells))

    def finish(self, name: str, rows: int) -> Found | Texts:
        """The column of numbers, or the texts that are yet to be decided on.

        AssertionError if a cell of so many rows is missing or too many: a column out of step with the
        others would pair rows with other rows' labels.
        """
        taken = sum(map(len, self.numbers)) + sum(map(len, self.codes))
        if taken != rows or (self.numbers and self.codes):
            raise AssertionError(f"{name} has {taken} values for {rows} rows: please report this")
        if self.numbers or not self.codes:
            values = np.concatenate(self.numbers) if self.numbers else np.empty(0)
            self.numbers.clear()
            return of_numbers(name, values, self.tokens, self.rules)
        codes = np.concatenate(self.codes)
        self.codes.clear()
        return Texts.of(name, tuple(self.texts), codes, self.rules)


def column_of_texts(name: str, cells: Sequence[str]) -> Column:
    """A column that is declared to hold texts; an empty one is a missing cell."""
    building = Building(Rules(as_text=True))
    building.add(cells)
    found = building.finish(name, len(cells))
    return (of_texts(found, Convention()) if isinstance(found, Texts) else found).column
