"""The table made of the columns that were gathered, with every problem and note of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.columns import Found
from epochal.data.tables.doubts import offers_for, quotes_in_doubt
from epochal.data.tables.files import Content
from epochal.data.tables.gathering import MOST_PROBLEMS, Gathered
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.records import EXCERPT, Records
from epochal.data.tables.refusal import refuse
from epochal.data.tables.table import Column, Dialect, Offer, Problem, Table
from epochal.data.tables.wording import counted

FOOTNOTES = 20


def finished(content: Content, asked: Reading, plan: Plan, read: Gathered) -> Table:
    """The table; TableError when it should not be learned from."""
    found, records = read.found, read.records
    lines = np.concatenate([np.asarray(part, np.int64) for part in read.lines] or [np.empty(0, np.int64)])
    last = int(lines[-1]) if len(lines) else plan.first_line
    faults = faults_located(plan, records, last)
    strays = [
        (stray.row, Problem(int(lines[stray.row]), place, stray.kind, stray.cell[:EXCERPT]))
        for place, one in enumerate(found, 1)
        for stray in one.strays
    ]
    columns = tuple(one.column for one in found)
    strays += _footnotes(columns, lines)
    doubts = [
        Problem(int(lines[one.doubt.row]), place, one.doubt.kind, one.doubt.cell[:EXCERPT])
        for place, one in enumerate(found, 1)
        if one.doubt
    ]
    doubts += quotes_in_doubt(plan, asked, found, lines)
    problems = sorted(
        [*plan.problems, *faults, *doubts, *(problem for _, problem in strays)],
        key=lambda one: (one.line, one.column),
    )
    bad_rows = sorted({row for row, _ in strays})
    left_out = 0
    if asked["drop_bad_rows"] and problems:
        left_out = len(faults) + len(bad_rows) + records.passed_over
        keep = np.ones(len(lines), bool)
        keep[bad_rows] = False
        columns = tuple(replace(column, values=column.values[keep]) for column in columns)
    dialect = Dialect(
        delimiter=plan.form.delimiter,
        encoding=content.encoding,
        header=plan.header,
        first_line=plan.first_line,
        space_after=plan.form.space_after,
        quote=plan.form.quote,
        escape=plan.form.escape,
    )
    columns, notes = _without_empty(columns)
    notes = [*content.notes, *about_format(plan, records), *plan.notes, *notes]
    notes += [note for one in found for note in one.notes]
    notes += _about_missing(found)
    if left_out:
        notes.append(f"{counted(left_out, 'row was', 'rows were')} left out because of problems.")
    table = Table(
        name=stem(content.path),
        columns=columns,
        path=str(content.path),
        dialect=dialect,
        problems=tuple(problems[:MOST_PROBLEMS]),
        notes=tuple(notes),
        size=content.size,
        sha256=content.sha256,
        rows_left_out=left_out,
        offers=_offers(found, doubts),
    )
    refuse(table, content.path.name, plan, asked, len(problems), records.number - 1)
    return table


def _offers(found: list[Found], doubts: list[Problem]) -> tuple[Offer, ...]:
    """The repairs a person may accept, the one that is needed first."""
    return (*offers_for(doubts), *(offer for one in found for offer in one.offers))


def faults_located(plan: Plan, records: Records, last: int) -> list[Problem]:
    """The faults of the records; those below the `last` good line are footnotes where they are short."""
    return [
        replace(problem, kind="footnote")
        if problem.line > last and cells < 3 <= plan.width and problem.kind.endswith("cells")
        else problem
        for problem, cells in records.faults
        if problem.line >= plan.first_line
    ]


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
        (kept, [f"{counted(gone, 'column', 'columns')} without name or cells left out."])
        if gone
        else (columns, [])
    )


def about_format(plan: Plan, records: Records) -> list[str]:
    """What should be said of how the text was taken apart."""
    notes: list[str] = []
    if plan.form.quote != '"':
        notes.append("Cells are quoted with single quotes.")
    if plan.form.escape:
        notes.append("A quote inside a cell is escaped with a backslash.")
    if plan.form.space_after:
        notes.append("Spaces after each delimiter are no part of the cells.")
    if records.blank:
        skipped = counted(records.blank, "blank line", "blank lines")
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


def stem(path: Path) -> str:
    """A file's name without its endings."""
    name = path.name
    for ending in (".gz", ".zip"):
        name = name.removesuffix(ending)
    return Path(name).stem or path.name
