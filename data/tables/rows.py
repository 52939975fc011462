"""The rows of a table as they are written, batch by batch: for who gives cells back as he got them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Unpack

from epochal.data.tables.arff import EXPLAINED as ARFF_EXPLAINED
from epochal.data.tables.arff import arff_records, is_arff
from epochal.data.tables.bundled import open_table, table_path
from epochal.data.tables.doubts import DOUBTS, offers_for
from epochal.data.tables.files import Content, Watch, look
from epochal.data.tables.finishing import about_format, faults_located, stem
from epochal.data.tables.gathering import FOOTNOTES, MOST_PROBLEMS, without_repeats
from epochal.data.tables.notations import Convention
from epochal.data.tables.options import Reading, complete
from epochal.data.tables.parquet import SUFFIXES
from epochal.data.tables.plan import Plan, planned, sample_of
from epochal.data.tables.reading import errors_located, watching
from epochal.data.tables.records import EXCERPT, Batch, Records
from epochal.data.tables.refusal import problem_sentence
from epochal.data.tables.rules import Rules, rules_for
from epochal.data.tables.synthetic import sample_named
from epochal.data.tables.table import Problem, Table, TableError

# Rows of a table in memory that are made text at once.
STRETCH = 4096


class RowsRefused(TableError):
    """Why a table cannot be gone through, unless the rows at fault are left out."""


class Rows(Protocol):
    """A table that can be gone through as often as wanted, in little memory.

    `header` are the columns' names as they are written, `names` the same with no two alike, `rules` what a
    person says of each column, `convention` of numbers in all of them.
    """

    name: str
    path: str
    sha256: str
    header: tuple[str, ...]
    names: tuple[str, ...]

    drops_bad_rows: bool
    rules: list[Rules]
    convention: Convention

    def batches(self, watch: Watch | None = None) -> Iterator[Batch]:
        """All records and the lines they begin on, but those at fault."""

    @property
    def footnotes(self) -> frozenset[int]:
        """The lines of the last records that are none; known, as all below, after the last batch."""

    @property
    def notes(self) -> list[str]:
        """What was decided about the file."""

    @property
    def passed_over(self) -> int:
        """Records that are no rows because something is wrong with them."""

    def refuse(self, strays: Sequence[Problem]) -> None:
        """Raise TableError if what is wrong, with these cells beside, forbids to use the table."""


def open_rows(
    name: str | os.PathLike[str],
    wanted: Collection[str] = (),
    *,
    watch: Watch | None = None,
    **reading: Unpack[Reading],
) -> Rows:
    """The rows of a table that is named as for `open_table`.

    A delimiter, and a header, that give the columns `wanted` are preferred to others. TableError says why a
    file cannot be read at all.
    """
    text = os.fspath(name)
    if sample_named(text):
        return TableRows(open_table(text))
    path, asked = table_path(text), complete(reading)
    if path.suffix.lower() in SUFFIXES:
        return TableRows(open_table(text))
    with errors_located(path), watching(watch) as (looking, _):
        content = look(path, asked["encoding"], looking)
        with content.lines() as lines:
            sample = sample_of(lines)
        if is_arff(sample):
            return ArffRows(content, asked)
        return TextRows(content, asked, _plan(sample, asked, content, set(wanted)))


def _plan(sample: list[str], asked: Reading, content: Content, wanted: set[str]) -> Plan:
    """The reader's plan, or another one in which the columns wanted are there."""
    plan = planned(sample, asked, content)
    if not wanted or (wanted <= set(plan.names) and not any(one.kind == "header" for one in plan.problems)):
        return plan
    delimiters = [asked["delimiter"]] if asked["delimiter"] else [plan.form.delimiter, *",;\t|"]
    for delimiter in delimiters if asked["header"] is not False else ():
        other = planned(sample, {**asked, "delimiter": delimiter, "header": True}, content)
        if wanted <= set(other.names):
            return other
    return plan


@dataclass(frozen=True)
class _Filled:
    """How many cells of a record hold something, and the first that does."""

    line: int
    cells: int
    place: int
    excerpt: str


class TextRows:
    """The records of a delimited text."""

    def __init__(self, content: Content, asked: Reading, plan: Plan) -> None:
        self.name, self.path, self.sha256 = stem(content.path), str(content.path), content.sha256
        self.names = self.header = plan.names
        self.drops_bad_rows = asked["drop_bad_rows"]
        self.rules = rules_for(plan.names, asked)
        self.convention = Convention(plan.form.delimiter, asked["decimal"], asked["thousands"])
        self._content, self._asked, self._plan = content, asked, plan
        self._records: Records | None = None
        self._last: deque[_Filled] = deque(maxlen=FOOTNOTES)

    def batches(self, watch: Watch | None = None) -> Iterator[Batch]:
        """All records and the lines they begin on."""
        plan, header = self._plan, None
        self._last.clear()
        with (
            errors_located(self.path),
            watching(watch) as (_, going_on),
            self._content.lines(going_on) as text,
        ):
            records = self._records = Records(
                text,
                plan.form,
                plan.width,
                first_line=plan.records_from,
                skip_last=self._asked["skip_last"],
                most=None if self.drops_bad_rows else MOST_PROBLEMS,
                damaged=plan.damaged,
            )
            for batch in records.batches():
                if plan.header_is_a_record and header is None:
                    header = batch.rows[0]
                    self.header = tuple(header)
                    batch = Batch(batch.rows[1:], batch.lines[1:])
                if header is not None and header in batch.rows:
                    batch = without_repeats(records, batch, header)
                self._remember(batch)
                if batch.rows:
                    yield batch

    def _remember(self, batch: Batch) -> None:
        for row, line in zip(batch.rows[-FOOTNOTES:], batch.lines[-FOOTNOTES:], strict=True):
            filled = [place for place, cell in enumerate(row, 1) if cell.strip()]
            place = filled[0] if filled else 1
            self._last.append(_Filled(line, len(filled), place, row[place - 1][:EXCERPT]))

    @property
    def footnotes(self) -> frozenset[int]:
        """The lines of the last records that are none."""
        return frozenset(one.line for one in self._footnotes())

    def _footnotes(self) -> Iterator[Problem]:
        """The last rows with one cell only, where other rows are well filled."""
        counts = sorted(one.cells for one in self._last)
        width = self._plan.width
        if width < 3 or len(counts) < 3 or counts[len(counts) // 2] <= width / 2:
            return
        for one in reversed(self._last):
            if one.cells != 1:
                return
            yield Problem(one.line, one.place, "footnote", one.excerpt)

    @property
    def notes(self) -> list[str]:
        """What was decided about the file."""
        said = about_format(self._plan, self._records) if self._records else []
        return [*self._content.notes, *said, *self._plan.notes]

    @property
    def passed_over(self) -> int:
        """Records that are no rows because of the problems."""
        records = self._records
        return records.passed_over + len(records.faults) if records else 0

    def refuse(self, strays: Sequence[Problem]) -> None:
        """Raise TableError unless all is well, or what is not may be left out."""
        records, plan = self._records, self._plan
        assert records is not None
        last = self._last[-1].line if self._last else plan.first_line
        found = [*plan.problems, *faults_located(plan, records, last), *self._footnotes(), *strays]
        doubts = [one for one in strays if one.kind in DOUBTS]
        may_go_on = not doubts and all(one.kind == "title" for one in plan.problems)
        if not found or (self.drops_bad_rows and may_go_on):
            return
        found.sort(key=lambda one: (one.line, one.column))
        sentence = problem_sentence(self._content.path.name, plan, found, len(found), records.number - 1)
        raise RowsRefused(sentence, found[:MOST_PROBLEMS], self.notes, None, offers_for(doubts))


class ArffRows:
    """The records of an ARFF file."""

    def __init__(self, content: Content, asked: Reading) -> None:
        with content.lines() as lines:
            self.names, _ = arff_records(content.path.name, lines, frozenset())
        self.name, self.path, self.sha256 = stem(content.path), str(content.path), content.sha256
        self.header = self.names
        self.drops_bad_rows = asked["drop_bad_rows"]
        self.rules = rules_for(self.names, asked)
        self.convention = Convention(decimal=".")
        self.footnotes: frozenset[int] = frozenset()
        self.notes = list(content.notes)
        self.passed_over = 0
        self._content, self._asked = content, asked
        self._faults: list[Problem] = []

    def batches(self, watch: Watch | None = None) -> Iterator[Batch]:
        """All records and the lines they begin on."""
        self.passed_over, self._faults = 0, []
        with (
            errors_located(self.path),
            watching(watch) as (_, going_on),
            self._content.lines(going_on) as text,
        ):
            _, records = arff_records(self._content.path.name, text, frozenset(self._asked["missing"]))
            rows: list[list[str]] = []
            lines: list[int] = []
            for line, row in records:
                if isinstance(row, Problem):
                    self.passed_over += 1
                    self._faults = [*self._faults, row][:MOST_PROBLEMS]
                    continue
                rows.append(row)
                lines.append(line)
                if len(rows) == STRETCH:
                    yield Batch(rows, lines)
                    rows, lines = [], []
            if rows:
                yield Batch(rows, lines)

    def refuse(self, strays: Sequence[Problem]) -> None:
        """Raise TableError unless all is well, or what is not may be left out."""
        found = sorted([*self._faults, *strays], key=lambda one: one.line)
        if found and not self.drops_bad_rows:
            first, name = found[0], self._content.path.name
            said = ARFF_EXPLAINED[first.kind].format(column=first.column)
            raise RowsRefused(f"{name}, line {first.line}: {said}", found)


class TableRows:
    """The rows of a table that is in memory: made by the program, or of a kind of file that is read whole."""

    def __init__(self, table: Table) -> None:
        self.name, self.path, self.sha256 = table.name, table.path, table.sha256
        self.names = self.header = table.names
        self.drops_bad_rows = False
        self.rules = [Rules()] * len(table.columns)
        self.convention = Convention(decimal=".")
        self.footnotes: frozenset[int] = frozenset()
        self.notes = list(table.notes)
        self.passed_over = table.rows_left_out
        self._table = table

    def batches(self, watch: Watch | None = None) -> Iterator[Batch]:
        """All rows; they have no lines but their numbers."""
        for start in range(0, self._table.rows, STRETCH):
            places = range(start, min(start + STRETCH, self._table.rows))
            rows = [[column.text(place) for column in self._table.columns] for place in places]
            yield Batch(rows, range(places.start + 1, places.stop + 1))
            if watch is not None:
                watch(places.stop / self._table.rows)

    def refuse(self, strays: Sequence[Problem]) -> None:
        """Raise TableError for the first of these cells."""
        if strays:
            first, name = strays[0], Path(self.path).name or self.name
            raise RowsRefused(f"{name}, row {first.line}: {first.excerpt!r} is no number", strays)
