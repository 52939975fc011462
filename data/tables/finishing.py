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
from epochal.data.tables.notations import is_number
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.records import EXCERPT, Records
from epochal.data.tables.refusal import refuse
from epochal.data.tables.table import Column, Dialect, Offer, Problem, Table
from epochal.data.tables.wording import counted


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
    strays = _second_headers(columns, strays)
    strays += _footnotes(columns, lines, read.last_cells)
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
        target=plan.above.target if plan.above else "",
        offers=_offers(plan, found, doubts, problems, records.number - 1),
    )
    refuse(table, content.path.name, plan, asked, len(problems), records.number - 1)
    return table


def _offers(
    plan: Plan, found: list[Found], doubts: list[Problem], problems: list[Problem], last_line: int
) -> tuple[Offer, ...]:
    """The repairs a person may accept, those of the first problem first."""
    below = [one.line for one in problems if one.kind == "footnote"]
    count = last_line - min(below, default=last_line) + 1
    footnotes = [Offer(f"Leave out {counted(count, 'line', 'lines')} at the end", {"skip_last": count})]
    columns = [offer for one in found for offer in one.offers]
    numbers = sum(one.column.numeric for one in found)
    if numbers and sum(bool(one.strays) and one.strays[0].row == 0 for one in found) == numbers:
        begins = problems[0].line
        return (Offer(f"Begin at line {begins}, which names the columns", {"first_line": begins}), *columns)
    return (*plan.offers, *offers_for(doubts), *(footnotes if below else ()), *columns)


def faults_located(plan: Plan, records: Records, last: int) -> list[Problem]:
    """The faults of the records; below the `last` good line a short one is a footnote, or a file cut off."""
    located: list[Problem] = []
    for problem, cells in records.faults:
        if problem.line < plan.first_line:
            continue
        kind = problem.kind
        if problem.line > last:
            if records.ends_open and problem.line >= records.number - 1 and _is_cut_off(plan, problem, cells):
                kind = "cut off"
            elif cells < 3 <= plan.width and kind.endswith("cells"):
                kind = "footnote"
        located.append(replace(problem, kind=kind))
    return located


def _is_cut_off(plan: Plan, problem: Problem, cells: int) -> bool:
    """Whether a last line without an end begins like the records and lacks their end."""
    if problem.kind == "unclosed quote":
        return True
    if problem.kind != "missing cells" or not plan.sample:
        return False
    first = problem.excerpt.split(plan.form.delimiter)[0]
    numbers = sum(is_number(row[0]) for row in plan.sample)
    return is_number(first) if 2 * numbers > len(plan.sample) else cells > 1


def _second_headers(
    columns: tuple[Column, ...], strays: list[tuple[int, Problem]]
) -> list[tuple[int, Problem]]:
    """The strays, those of a row of words in all columns of numbers as one: another table begins there."""
    numbers = sum(column.numeric for column in columns)
    per_row = Counter(row for row, _ in strays)
    found: list[tuple[int, Problem]] = []
    for row, problem in strays:
        if (
            row == 0
            or numbers < 2
            or per_row[row] < numbers
            or any(one.isdecimal() for one in problem.excerpt)
        ):
            found.append((row, problem))
        elif not any(known == row for known, _ in found):
            found.append((row, replace(problem, kind="second header")))
    return found


def _footnotes(
    columns: tuple[Column, ...], lines: NDArray[np.int64], cells: tuple[int, ...]
) -> list[tuple[int, Problem]]:
    """The last rows with one cell only, where other rows are well filled."""
    found: list[tuple[int, Problem]] = []
    if len(columns) < 3 or len(lines) < 3:
        return found
    filled = np.array(cells)
    if np.median(filled) <= len(columns) / 2:
        return found
    for row in range(len(lines) - 1, len(lines) - len(filled) - 1, -1):
        if filled[row - len(lines)] != 1:
            break
        place, text = next(
            ((at, one.text(row)) for at, one in enumerate(columns, 1) if one.text(row)), (1, "")
        )
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
