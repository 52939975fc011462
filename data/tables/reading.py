"""A file of any dialect becomes a Table, or is refused with every problem located: never silently wrong."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.arff import is_arff, read_arff
from epochal.data.tables.columns import Building, Found
from epochal.data.tables.dialect import NAMES, guess_format, names_columns, tolerant
from epochal.data.tables.files import Content, Watch, look
from epochal.data.tables.parquet import SUFFIXES, read_parquet
from epochal.data.tables.records import EXCERPT, Batch, Format, Lines, Records, usual_width
from epochal.data.tables.table import Column, Dialect, Problem, Table, TableError

SAMPLE = 256 << 10
SAMPLE_LINES = 300
MOST_PROBLEMS = 100
FOOTNOTES = 20
CELLS_AT_ONCE = 1 << 19


class Reading(TypedDict, total=False):
    """What a person may say about a file; what is not said is found out."""

    delimiter: str | None
    encoding: str | None
    header: bool | None
    first_line: int | None
    skip_last: int
    missing: Sequence[str]
    as_text: Sequence[str]
    drop_bad_rows: bool


def read_table(
    path: str | os.PathLike[str],
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: bool | None = None,
    first_line: int | None = None,
    skip_last: int = 0,
    missing: Sequence[str] = (),
    as_text: Sequence[str] = (),
    drop_bad_rows: bool = False,
    watch: Watch | None = None,
) -> Table:
    """Read a table from a text file, plain, gzip or a zip archive of one file; ARFF and Parquet too.

    `first_line` is the line, from 1, that the header or the first record stands on; `skip_last` lines at
    the end are footnotes. `missing` are further words for an empty cell. The columns named in `as_text`
    are never taken for numbers. `watch` is told the progress and may raise to end the reading.

    Raises TableError, with up to 100 located problems, unless every record has as many cells as the
    others, every quote stands where it may, and every column is of one kind; with `drop_bad_rows` the
    records at fault are left out instead and counted in `Table.rows_left_out`.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise TableError(f"A delimiter is a single character and no quote or line end, not {delimiter!r}")
    asked = _Asked(
        delimiter, header, first_line, skip_last, frozenset(missing), frozenset(as_text), drop_bad_rows
    )
    with errors_located(path), _watching(watch) as (looking, reading):
        if Path(path).suffix.lower() in SUFFIXES and Path(path).is_file():
            return read_parquet(Path(path))
        return _read(look(path, encoding, looking), asked, reading)


class _Interrupted(BaseException):
    """Carries what a `Watch` raised past whoever turns exceptions into sentences."""

    def __init__(self, wish: BaseException) -> None:
        super().__init__()
        self.wish = wish


@contextmanager
def _watching(watch: Watch | None) -> Iterator[tuple[Watch | None, Watch | None]]:
    """The watch over the looking, a fifth of the work, and over the reading; what it raises is raised."""
    if watch is None:
        yield None, None
        return

    def told(share: float) -> None:
        try:
            watch(share)
        except BaseException as wish:
            raise _Interrupted(wish) from wish

    yield (lambda part: told(part * 0.2)), (lambda part: told(0.2 + part * 0.8))


@contextmanager
def errors_located(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn whatever a library raises about a file into a TableError with its cause.

    Too little memory and what a `Watch` raises pass as they are, and so does a failed assertion, which is
    a fault of ours and not of the file.
    """
    try:
        yield
    except _Interrupted as interrupted:
        raise interrupted.wish from None
    except (TableError, MemoryError, AssertionError):
        raise
    except OSError as error:
        raise TableError(f"{Path(path).name} cannot be read: {error.strerror or error}") from error
    except Exception as error:
        said = str(error) or type(error).__name__
        raise TableError(f"{Path(path).name} cannot be read: {said}") from error


@dataclass(frozen=True)
class _Asked:
    delimiter: str | None
    header: bool | None
    first_line: int | None
    skip_last: int
    missing: frozenset[str]
    as_text: frozenset[str]
    drop_bad_rows: bool


@dataclass(frozen=True)
class _Plan:
    """How the file will be read, as its first lines suggest."""

    form: Format
    width: int
    header: bool
    first_line: int
    names: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    damaged: bool = False


def _read(content: Content, asked: _Asked, watch: Watch | None) -> Table:
    with content.lines(watch) as text:
        sample = _sample(text)
        if is_arff(sample):
            return read_arff(
                content, chain(sample, text), missing=asked.missing, drop_bad_rows=asked.drop_bad_rows
            )
        plan = _plan(sample, asked, content)
        read = _take_apart(_Prefixed(sample, text), plan, asked, frozenset())
    # Batches may begin elsewhere the next time, so that another column turns to text in the middle.
    while read.turned_to_text:
        with content.lines(watch) as text:
            read = _take_apart(text, plan, asked, read.as_text)
    return _finished(content, asked, plan, read)


class _Prefixed:
    """A text whose first lines have been read already."""

    def __init__(self, first: list[str], rest: io.TextIOWrapper) -> None:
        self.first, self.rest = first, rest

    def readlines(self, hint: int = -1, /) -> list[str]:
        first, self.first = self.first, []
        return first or self.rest.readlines(hint)


def _sample(text: io.TextIOWrapper) -> list[str]:
    lines: list[str] = []
    size = 0
    while size < SAMPLE and len(lines) < SAMPLE_LINES and (line := text.readline()):
        lines.append(line)
        size += len(line)
    return lines


def _plan(sample: list[str], asked: _Asked, content: Content) -> _Plan:
    name = content.path.name
    if not any(line.strip() for line in sample):
        raise TableError(f"{name} holds nothing but blank lines")
    first_line, delimiter = asked.first_line or 1, asked.delimiter
    if asked.first_line is None and sample[0].lower().startswith("sep=") and len(sample[0].strip()) == 5:
        first_line, delimiter = 2, delimiter or sample[0][4]
    lines = sample[first_line - 1 :]
    if not any(line.strip() for line in lines):
        raise TableError(f"{name} has no records from line {first_line} on")
    form = guess_format(lines) if delimiter is None else Format(delimiter, space_after=delimiter == " ")
    rows = tolerant(lines, form)
    width = usual_width(rows)
    problems: list[Problem] = []
    if asked.first_line is None:
        first_line, problems = _above(lines, first_line, form, width, damaged=content.damaged)
        lines = sample[first_line - 1 :]
    fitting = [row for row in tolerant(lines, form) if len(row) == width and (any(row) or width == 1)]
    if not fitting:
        fitting = [[""] * width]
    first, rest = fitting[0], fitting[1:]
    header = asked.header
    if header is None:
        header = names_columns(first, rest)
    if header is None:
        excerpt = sample[first_line - 1].rstrip("\r\n")[:EXCERPT]
        problems.append(Problem(first_line, 1, "header", excerpt))
        header = True
    names, notes = _names(first if header else [""] * width, header=header)
    return _Plan(form, width, header, first_line, names, tuple(problems), notes, content.damaged)


def _above(
    lines: list[str], first_line: int, form: Format, width: int, *, damaged: bool
) -> tuple[int, list[Problem]]:
    """The line of the first record that can be a header, and what stands above it."""
    problems: list[Problem] = []
    records = Records(_Given(lines), form, width, damaged=damaged)
    first = next((batch for batch in records.batches()), None)
    at = _below_titles(first, width) if first is not None else 1
    for problem, cells in records.faults:
        if problem.line < at:
            header = at == problem.line + 1 and not problems and (cells > width / 2 or cells == 0)
            header = header or problem.kind == "delimiter"
            kind = "header" if header and problem.kind.endswith("cells") else problem.kind
            kind = "title" if not header and problem.kind.endswith("cells") else kind
            problems.append(replace(problem, line=problem.line + first_line - 1, kind=kind))
    if first is not None:
        for line in first.lines:
            if line < at:
                excerpt = lines[line - 1].rstrip("\r\n")[:EXCERPT]
                problems.append(Problem(line + first_line - 1, 1, "title", excerpt))
    return at + first_line - 1, sorted(problems, key=lambda one: one.line)


def _below_titles(batch: Batch, width: int) -> int:
    """The line of the first record that is not nearly empty where the records after it are full."""
    full = [sum(1 for cell in row if cell.strip()) for row in batch.rows[:20]]
    for place, cells in enumerate(full):
        if width < 3 or cells > width / 2 or not any(later > width / 2 for later in full[place + 1 :]):
            return batch.lines[place]
    return batch.lines[0]


class _Given:
    """Lines that are all there already."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def readlines(self, _hint: int = -1, /) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def _names(cells: Sequence[str], *, header: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Column names, none empty and no two alike."""
    notes: list[str] = [] if header else ["No line names the columns, so they are numbered."]
    wanted = [cell.strip() or f"column {place}" for place, cell in enumerate(cells, 1)]
    unnamed = sum(1 for cell in cells if not cell.strip())
    if header and unnamed:
        notes.append(f"{_count(unnamed, 'column has', 'columns have')} no name and got a number instead.")
    used: set[str] = set()
    names: list[str] = []
    for name in wanted:
        unique, times = name, 1
        while unique in used or (times > 1 and unique in wanted):
            times += 1
            unique = f"{name} ({times})"
        if unique != name:
            notes.append(f"Two columns are called {name}; the later one is {unique} here.")
        names.append(unique)
        used.add(unique)
    return tuple(names), tuple(notes)


@dataclass(frozen=True)
class _Pass:
    """What one pass over the text found, and the line of each row.

    When columns of numbers have `turned_to_text` nothing is found yet: their first cells are needed once
    more as text, with those of the other columns in `as_text`.
    """

    found: list[Found]
    records: Records
    lines: list[Sequence[int]]
    as_text: frozenset[int]
    turned_to_text: bool


def _take_apart(text: Lines, plan: _Plan, asked: _Asked, as_text: frozenset[int]) -> _Pass:
    """Read every record once; the columns at the places `as_text` keep the text of all their cells."""
    most = None if asked.drop_bad_rows else MOST_PROBLEMS
    kept = [name in asked.as_text for name in plan.names]
    building = [Building(asked.missing, as_text=keep or place in as_text) for place, keep in enumerate(kept)]
    lines: list[Sequence[int]] = []
    header: list[str] | None = None
    records = Records(
        text,
        plan.form,
        plan.width,
        first_line=plan.first_line,
        skip_last=asked.skip_last,
        most=most,
        takes_numbers=lambda: bool(lines) and not any(one.as_text for one in building),
        damaged=plan.damaged,
    )
    at_once = max(CELLS_AT_ONCE // max(plan.width, 1), 1)
    for batch in records.batches():
        if plan.header and header is None:
            header = batch.rows[0]
            batch = Batch(batch.rows[1:], batch.lines[1:])
        if batch.numbers is not None:
            lines.append(batch.lines)
            for one, values in zip(building, batch.numbers.T, strict=True):
                one.add_numbers(values)
            continue
        if header is not None and header in batch.rows:
            batch = _without_repeats(records, batch, header)
        lines.append(batch.lines)
        for begin in range(0, len(batch.rows), at_once):
            for one, cells in zip(
                building, zip(*batch.rows[begin : begin + at_once], strict=True), strict=True
            ):
                one.add(cells)
    text_places = frozenset(place for place, one in enumerate(building) if one.as_text or one.reread)
    if any(one.reread for one in building):
        return _Pass([], records, lines, text_places, True)
    rows = sum(map(len, lines))
    decimal_comma = plan.form.delimiter != ","
    found = [
        one.finish(name, rows, keep_text=keep, decimal_comma=decimal_comma)
        for one, name, keep in zip(building, plan.names, kept, strict=True)
    ]
    return _Pass(found, records, lines, text_places, False)


def _without_repeats(records: Records, batch: Batch, header: list[str]) -> Batch:
    """The batch without records that repeat the header, each of which is a fault."""
    for place in [place for place, row in enumerate(batch.rows) if row == header]:
        excerpt = records.form.delimiter.join(header)[:EXCERPT]
        records.faults.append((Problem(batch.lines[place], 1, "repeated header", excerpt), len(header)))
    keep = [place for place, row in enumerate(batch.rows) if row != header]
    return Batch([batch.rows[place] for place in keep], [batch.lines[place] for place in keep])


def _finished(content: Content, asked: _Asked, plan: _Plan, read: _Pass) -> Table:
    found, records = read.found, read.records
    lines = np.concatenate([np.asarray(part, np.int64) for part in read.lines] or [np.empty(0, np.int64)])
    last = int(lines[-1]) if len(lines) else plan.first_line
    faults = [
        _as_footnote(problem) if problem.line > last and cells < 3 <= plan.width else problem
        for problem, cells in records.faults
        if problem.line >= plan.first_line
    ]
    strays = [
        (stray.row, Problem(int(lines[stray.row]), place, stray.kind, stray.cell[:EXCERPT]))
        for place, one in enumerate(found, 1)
        for stray in one.strays
    ]
    columns = tuple(one.column for one in found)
    strays += _footnotes(columns, lines)
    problems = sorted(
        [*plan.problems, *faults, *(problem for _, problem in strays)],
        key=lambda one: (one.line, one.column),
    )
    bad_rows = sorted({row for row, _ in strays})
    left_out = 0
    if asked.drop_bad_rows and problems:
        left_out = len(faults) + len(bad_rows) + records.passed_over
        keep = np.ones(len(lines), bool)
        keep[bad_rows] = False
        columns = tuple(replace(column, values=column.values[keep]) for column in columns)
    dialect = Dialect(
        plan.form.delimiter,
        content.encoding,
        plan.header,
        plan.first_line,
        plan.form.space_after,
        plan.form.quote,
        plan.form.escape,
    )
    columns, notes = _without_empty(columns)
    notes = [*content.notes, *_about_format(plan, records), *plan.notes, *notes]
    notes += [note for one in found for note in one.notes]
    notes += _about_missing(found)
    if left_out:
        notes.append(f"{_count(left_out, 'row was', 'rows were')} left out because of problems.")
    table = Table(
        name=_stem(content.path),
        columns=columns,
        path=str(content.path),
        dialect=dialect,
        problems=tuple(problems[:MOST_PROBLEMS]),
        notes=tuple(notes),
        size=content.size,
        sha256=content.sha256,
        rows_left_out=left_out,
    )
    _refuse(table, content.path.name, plan, asked, len(problems), records.number - 1)
    return table


def _footnotes(columns: tuple[Column, ...], lines: NDArray[np.int64]) -> list[tuple[int, Problem]]:
    """The last rows with one cell only, where other rows are well filled."""
    found: list[tuple[int, Problem]] = []
    if len(columns) < 3 or len(lines) < 3:
        return found
    filled = np.count_nonzero([~column.empty[-FOOTNOTES:] for column in columns], axis=0)
    if np.median(filled) <= len(columns) / 2:
        return found
    for row in range(len(lines) - 1, len(lines) - len(filled) - 1, -1):
        if filled[row - len(lines)] != 1:
            break
        place, text = next((at, one.text(row)) for at, one in enumerate(columns, 1) if one.text(row))
        found.append((row, Problem(int(lines[row]), place, "footnote", text[:EXCERPT])))
    return found


def _as_footnote(problem: Problem) -> Problem:
    return replace(problem, kind="footnote") if problem.kind.endswith("cells") else problem


def _refuse(table: Table, name: str, plan: _Plan, asked: _Asked, problems: int, last_line: int) -> None:
    """Raise TableError if the table should not be learned from."""

    def refusal(sentence: str) -> TableError:
        return TableError(sentence, table.problems, table.notes, table)

    if problems and (not asked.drop_bad_rows or any(one.kind != "title" for one in plan.problems)):
        raise refusal(_sentence(name, plan, table.problems, problems, last_line))
    if table.rows_left_out > table.rows:
        raise refusal(f"More than half of {name} would be left out: {table.rows_left_out} rows")
    if table.rows == 0:
        raise refusal(f"{name} has a header and no rows below it")
    if table.rows == 1:
        raise refusal(f"{name} has only one row: nothing can be learned from that")
    if len(table.columns) < 2:
        separated = NAMES.get(plan.form.delimiter, repr(plan.form.delimiter))
        raise refusal(
            f"{name} has only one column when its cells are separated by {separated}:"
            " name another delimiter if there are more"
        )


def _sentence(name: str, plan: _Plan, problems: Sequence[Problem], count: int, last_line: int) -> str:
    """The first problem in words, with what to do about it."""
    first = problems[0]
    where = f"{name}, line {first.line}"
    more = " There is one more problem." if count == 2 else f" There are {count - 1} more problems."
    if count > MOST_PROBLEMS:
        more = f" There are more than {MOST_PROBLEMS} problems."
    elif count == 1:
        more = ""
    if first.kind == "title":
        return f"{where}: a title stands above the table. Start at line {plan.first_line}." + more
    if first.kind == "footnote":
        below = _count(last_line - first.line + 1, "line", "lines")
        return f"{where}: a footnote stands below the table; leave out {below} at the end." + more
    what = EXPLAINED[first.kind].format(width=plan.width, column=first.column, cell=first.excerpt)
    return f"{where}: {what}" + ("" if what.endswith("?") else ".") + more


EXPLAINED = {
    "missing cells": "the record has fewer than {width} cells: mend it, or leave bad rows out",
    "extra cells": "the record has more than {width} cells: mend it, or leave bad rows out",
    "delimiter": "the cells are separated by something else than in the other lines",
    "quote": "a quote stands inside the cell in column {column}: double it, or take it away",
    "unclosed quote": "the quote that opens the cell in column {column} is never closed",
    "escaped quote": "a quote in column {column} is escaped with a backslash: double it instead",
    "long cell": "the cell in column {column} is longer than 128 kB: is a quote missing?",
    "header": "these are neither {width} names nor a record: mend the line, or start below it",
    "repeated header": "the header stands here again: does another table begin?",
    "text in numbers": "{cell!r} stands in column {column} among numbers: mend it, or name it as missing",
    "too large a number": "{cell!r} in column {column} is too large a number",
    "encoding": "the line holds bytes that are not UTF-8, as the rest of the file is",
    "spaces": "every cell begins with a space, unlike in the other lines",
    "strange quotes": "the cells stand in other quotes than in the other lines",
}


def _without_empty(columns: tuple[Column, ...]) -> tuple[tuple[Column, ...], list[str]]:
    """Leave out the nameless, empty columns that delimiters at the ends of lines make."""
    if len(columns) < 2 or not columns[0].values.size:
        return columns, []
    kept = tuple(
        column
        for place, column in enumerate(columns, 1)
        if column.name != f"column {place}" or column.missing < len(column.values)
    )
    gone = len(columns) - len(kept)
    return (
        (kept, [f"{_count(gone, 'column', 'columns')} without name or cells left out."])
        if gone
        else (columns, [])
    )


def _about_format(plan: _Plan, records: Records) -> list[str]:
    notes: list[str] = []
    if plan.form.quote != '"':
        notes.append("Cells are quoted with single quotes.")
    if plan.form.escape:
        notes.append("A quote inside a cell is escaped with a backslash.")
    if plan.form.space_after:
        notes.append("Spaces after each delimiter are no part of the cells.")
    if records.blank:
        skipped = _count(records.blank, "blank line", "blank lines")
        notes.append(f"{skipped} skipped, from line {records.first_blank} on.")
    if plan.first_line > 1:
        notes.append(f"The table begins at line {plan.first_line}.")
    return notes


def _about_missing(found: list[Found]) -> list[str]:
    tokens: Counter[str] = Counter()
    for one in found:
        tokens.update(one.tokens)
    if not tokens:
        return []
    shown = ", ".join(f"{token.strip()} ({count})" for token, count in tokens.most_common(10))
    return [f"Taken as missing: {shown}."]


def _stem(path: Path) -> str:
    name = path.name
    for ending in (".gz", ".zip"):
        name = name.removesuffix(ending)
    return Path(name).stem or path.name


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
