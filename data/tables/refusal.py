"""Why a table should not be learned from: the first problem in a sentence, with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from epochal.data.tables.dialect import NAMES
from epochal.data.tables.doubts import DOUBTS
from epochal.data.tables.gathering import MOST_PROBLEMS
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.table import Problem, Table, TableError
from epochal.data.tables.wording import counted


def refuse(table: Table, name: str, plan: Plan, asked: Reading, problems: int, last_line: int) -> None:
    """Raise TableError if the table should not be learned from."""

    def refusal(sentence: str) -> TableError:
        return TableError(sentence, table.problems, table.notes, table, table.offers)

    undroppable = [
        *(one for one in plan.problems if one.kind != "title"),
        *(one for one in table.problems if one.kind in (*DOUBTS, "second header")),
    ]
    if problems and (undroppable or not asked["drop_bad_rows"]):
        raise refusal(problem_sentence(name, plan, table.problems, problems, last_line))
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


def problem_sentence(name: str, plan: Plan, problems: Sequence[Problem], count: int, last_line: int) -> str:
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
        below = counted(last_line - first.line + 1, "line", "lines")
        return f"{where}: a footnote stands below the table; leave out {below} at the end." + more
    what = EXPLAINED[first.kind].format(width=plan.width, column=first.column, cell=first.excerpt)
    return f"{where}: {what}" + ("" if what.endswith("?") else ".") + more


EXPLAINED = {
    **DOUBTS,
    "missing cells": "the record has fewer than {width} cells: mend it, or leave bad rows out",
    "extra cells": "the record has more than {width} cells: mend it, or leave bad rows out",
    "delimiter": "the cells are separated by something else than in the other lines",
    "quote": "a quote stands inside the cell in column {column}: double it, or take it away",
    "unclosed quote": "the quote that opens the cell in column {column} is never closed",
    "escaped quote": "a quote in column {column} is escaped with a backslash: double it instead",
    "long cell": "the cell in column {column} is longer than 128 kB: is a quote missing?",
    "cut off": "the file ends in the middle of this record, as if it were cut off: get the whole file,"
    " or leave bad rows out",
    "second header": "these are words in all columns of numbers: does another table begin here?"
    " Keep one table in the file",
    "header": "these are neither {width} names nor a record, or may be either: mend the line, start below it,"
    " or say --header or --no-header",
    "repeated header": "the header stands here again: does another table begin?",
    "text in numbers": "{cell!r} stands in column {column} among numbers: mend it, or name it as missing",
    "too large a number": "{cell!r} in column {column} is too large a number",
    "encoding": "the line holds bytes that are not UTF-8, as the rest of the file is",
    "spaces": "every cell begins with a space, unlike in the other lines",
    "strange quotes": "the cells stand in other quotes than in the other lines",
}
