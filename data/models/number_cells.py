"""Cells as numbers: how a file writes them is decided over all cells of a column, and over all columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Feature, Floats
from epochal.data.models.model import Range
from epochal.data.models.tallies import Counts, about_missing
from epochal.data.tables.building import NUMBER_BYTES
from epochal.data.tables.cells import NUMBER
from epochal.data.tables.columns import Texts
from epochal.data.tables.notations import Convention
from epochal.data.tables.records import EXCERPT
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import Problem, TableError
from epochal.data.tables.wording import counted
from epochal.data.tables.written import Amounts, Written, about_writing, amounts_in, numbers_in

# Different texts of one column by which its notation is decided; a longer column is decided by these.
MOST_TEXTS = 100_000
# A column of numbers in which fewer cells are some holds words.
FEWEST_NUMBERS = 0.5
THREE_DIGITS = re.compile(r"[+-]?(?:\d{1,3}|[1-9]\d{0,2}\.\d{3})", re.ASCII)


class NumberCells:
    """A feature that is a number.

    `place` is the column, from 1; `known` is the range of the table learned from. Plain numbers need not
    be kept. As soon as a cell is something else, all have to be shown once more, to be kept as texts.
    """

    def __init__(
        self, feature: Feature, place: int, known: Range | None, rules: Rules, *, as_text: bool = False
    ) -> None:
        self.feature, self.counts, self.place = feature, Counts(), place
        self.low, self.high = known or (-np.inf, np.inf)
        self._known, self._rules = known, rules
        self._texts: dict[str, int] | None = {} if as_text else None
        self._first: dict[str, int] = {}
        self._has_parts = self._has_whole = False
        self._may_be_thousands = True
        self._found: Texts | None = None
        self._convention = Convention()
        self._worth: dict[str, float | None] = {}
        self._notes: list[str] = []

    # The first time through.

    def look(self, cells: Sequence[str], lines: Sequence[int]) -> bool:
        """Take note of how numbers are written; whether all cells have to be shown once more."""
        if self._texts is None:
            values = self._plain(cells)
            if values is None:
                self.keep_texts()
                return True
            self._look_at_parts(values, cells)
            return False
        for cell, line in zip(cells, lines, strict=True):
            if cell in self._texts:
                self._texts[cell] += 1
            elif len(self._texts) < MOST_TEXTS:
                self._texts[cell], self._first[cell] = 1, line
        return False

    def keep_texts(self) -> None:
        """Keep the texts of all cells, which are to be shown from the first one on."""
        self._texts, self._first, self._found = {}, {}, None

    def _look_at_parts(self, values: Floats, cells: Sequence[str]) -> None:
        filled = values[~np.isnan(values)]
        parts = filled[filled % 1 != 0]
        self._has_parts |= bool(parts.size)
        self._has_whole |= len(parts) < len(filled)
        if self._may_be_thousands:
            self._may_be_thousands = bool(
                np.all((np.abs(filled) < 1000) & ((np.abs(filled) >= 1) | (filled % 1 == 0)))
            ) and all(
                THREE_DIGITS.fullmatch(cell.strip()) for cell in set(cells) if not self._is_missing(cell)
            )

    def vote(self) -> str:
        """The decimal mark this column speaks for, empty if none."""
        if self._texts is None:
            return "." if self._has_parts and not self._may_be_thousands else ""
        return self._as_texts().votes()

    def is_in_doubt(self, convention: Convention) -> bool:
        """Whether plain numbers may have points between thousands, so that their texts are needed."""
        if self._texts is not None or convention.decimal is not None or not self._has_parts:
            return False
        is_likely = convention.comma > 0 or convention.delimiter == ";"
        return self._may_be_thousands and (is_likely or (not convention.point and self._has_whole))

    def decide(self, convention: Convention) -> Problem | None:
        """Decide how numbers are written: the first cell that may be read in two ways, if there is one.

        TableError where most cells are no numbers.
        """
        self._convention = convention
        if self._texts is None:
            return None
        texts = self._as_texts()
        amounts, written = self._read(texts)
        share = int(texts.counts[written.fits].sum()) / max(texts.filled, 1)
        if texts.filled and share < FEWEST_NUMBERS:
            odd = texts.texts[int(np.flatnonzero(~written.fits & ~texts.empty)[0])]
            raise TableError(
                f"{self.feature.name} holds words such as {odd.strip()[:40]!r} in line {self._first[odd]:,}, "
                "where the network learned from numbers"
            )
        self._notes = about_writing(self.feature.name, amounts, written)
        if not written.is_clear:
            settled = self._settled(amounts)
            if settled is None:
                odd = next(text for text in texts.texts if "," in text or "." in text)
                return Problem(self._first[odd], self.place, "decimal or thousands", odd.strip()[:EXCERPT])
            written = settled
        self._worth = {
            text: float(value) if fits and np.isfinite(value) else None
            for text, value, fits in zip(texts.texts, written.worth, written.fits, strict=True)
        }
        return None

    def _as_texts(self) -> Texts:
        if self._found is None:
            kept = self._texts or {}
            bare = [text.strip() for text in kept]
            counts = np.fromiter(kept.values(), np.intp, len(kept))
            empty = np.array([self._is_missing(text) for text in bare], bool)
            self._found = Texts(
                name=self.feature.name,
                texts=tuple(kept),
                codes=np.empty(0, np.int32),
                rules=self._rules,
                bare=bare,
                counts=counts,
                empty=empty,
                amounts=amounts_in(bare, counts, empty),
            )
        return self._found

    def _read(self, texts: Texts) -> tuple[Amounts, Written]:
        """The texts as numbers; with units and limits such as `<0.5` where only so all of them are some."""
        strict = texts.amounts
        assert strict is not None
        written = numbers_in(strict, self._convention)
        if not (written.fits | texts.empty).all():
            lenient = amounts_in(texts.bare, texts.counts, texts.empty, lenient=True)
            other = numbers_in(lenient, self._convention)
            if (other.fits | texts.empty).all():
                return lenient, other
        return strict, written

    def _settled(self, amounts: Amounts) -> Written | None:
        """The reading whose numbers alone lie in the range learned from, if there is one."""
        if self._known is None:
            return None
        inside: list[tuple[str, Written]] = []
        for mark, name in ((".", "point"), (",", "comma")):
            written = numbers_in(amounts, replace(self._convention, decimal=mark))
            values = written.worth[written.fits]
            if len(values) and np.all((values >= self.low) & (values <= self.high)):
                inside.append((name, written))
        if len(inside) != 1:
            return None
        name, written = inside[0]
        self._notes.append(
            f"{self.feature.name} was read with a decimal {name}: only so it lies in the range learned from."
        )
        return written

    def strays(self, cells: Sequence[str], lines: Sequence[int]) -> list[Problem]:
        """The cells that are no numbers, with their places."""
        good = self.are_readable(cells)
        return [
            Problem(lines[at], self.place, "text in numbers", cells[at][:EXCERPT])
            for at in np.flatnonzero(~good).tolist()
        ]

    @property
    def is_plain(self) -> bool:
        """Whether all cells are plain numbers, or missing."""
        return self._texts is None

    # The second time.

    def begin(self) -> None:
        """Count from nothing again."""
        self.counts = Counts()

    def are_readable(self, cells: Sequence[str]) -> NDArray[np.bool_]:
        """Which cells are numbers, or missing."""
        if self._texts is None:
            return np.ones(len(cells), bool)
        wrong = {cell for cell in set(cells) if self._value(cell) is None}
        return np.fromiter((cell not in wrong for cell in cells), bool, len(cells))

    def read(self, cells: Sequence[str], lines: Sequence[int]) -> Floats:
        """The numbers of readable cells, NaN where missing: rows x 1."""
        values = self._plain(cells) if self._texts is None else None
        if values is None:
            worth = {cell: self._value(cell) for cell in set(cells)}
            values = np.array([worth[cell] for cell in cells], np.float64)
        for number in self._rules.numbers:
            values[values == number] = np.nan
        self.counts.add_missing(np.isnan(values), cells, lines)
        self.counts.out_of_range.add((values < self.low) | (values > self.high), cells, lines)
        return values[:, None]

    def _plain(self, cells: Sequence[str]) -> Floats | None:
        """The cells as numbers where all of them are written as Python writes numbers, or missing."""
        joined = "\n".join(cells)
        if joined.isascii() and not joined.encode().translate(None, NUMBER_BYTES):
            try:
                values = np.fromiter(map(float, cells), np.float64, len(cells))
            except ValueError:
                pass
            else:
                return values if np.isfinite(values).all() else None
        worth: dict[str, float] = {}
        for cell in set(cells):
            bare = cell.strip()
            if self._is_missing(bare):
                worth[cell] = np.nan
            elif NUMBER.fullmatch(bare) and np.isfinite(float(bare)):
                worth[cell] = float(bare)
            else:
                return None
        return np.fromiter(map(worth.__getitem__, cells), np.float64, len(cells))

    def _is_missing(self, cell: str) -> bool:
        return self._rules.is_missing(cell)

    def _value(self, cell: str) -> float | None:
        """The cell as a number, NaN where it is missing, None where it is something else."""
        if self._is_missing(cell):
            return np.nan
        if cell in self._worth:
            return self._worth[cell]
        # One of so many different texts that not all were kept.
        bare, one, kept = cell.strip(), np.ones(1, np.intp), np.zeros(1, bool)
        written = numbers_in(amounts_in([bare], one, kept, lenient=True), self._convention)
        return float(written.worth[0]) if written.fits[0] and np.isfinite(written.worth[0]) else None

    def notes(self) -> list[str]:
        """A sentence for each kind of cell that was counted."""
        outside = self.counts.out_of_range
        notes = [*self._notes, *about_missing(self.feature.name, self.counts)]
        if outside.cells:
            notes.append(
                f"{self.feature.name}: {counted(outside.cells, 'cell lies', 'cells lie')} outside "
                f"{self.low:.10g} to {self.high:.10g}, the range in the table learned from, such as "
                f"{outside.example} in line {outside.line:,}: the network never saw the like."
            )
        return notes


def convention_of(columns: Iterable[NumberCells], asked: Convention) -> Convention:
    """What all columns together say of decimals and thousands, beside what a person said."""
    votes = Counter(one.vote() for one in columns)
    return replace(asked, comma=votes[","], point=votes["."])
