"""What may be read in two ways, with nothing in the file to say which: a person is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.columns import Found
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.records import EXCERPT
from epochal.data.tables.table import Offer, Problem

DOUBTS = {
    "decimal or thousands": "{cell!r} in column {column} may have a decimal mark or one between thousands,"
    " and nothing in the file says which: say --decimal point or --decimal comma",
    "quotes or text": "the cell in column {column} stands in single quotes, which may be part of it:"
    " say --quote single or --quote double",
    "escape or text": "{cell!r} in column {column} may have escaped backslashes or double ones:"
    " say --escape backslash or --escape none",
}
BACKSLASHES = re.compile(r"(\\+)(['\"]?)")


def quotes_in_doubt(
    plan: Plan, asked: Reading, found: Sequence[Found], lines: NDArray[np.int64]
) -> list[Problem]:
    """The first cell in single quotes where quotes are double, and the first with backslashes in pairs."""
    problems: list[Problem] = []
    if plan.form.quote == '"' and asked["quote"] is None:
        problems += _first(plan, found, lines, "quotes or text", _is_enclosed)
    if not plan.form.escape and asked["escape"] is None and _all_in_pairs(plan, found):
        problems += _first(plan, found, lines, "escape or text", lambda text: "\\" in text)
    return problems


def _is_enclosed(text: str) -> bool:
    bare = text.strip()
    return len(bare) > 1 and bare[0] == bare[-1] == "'"


def _all_in_pairs(plan: Plan, found: Sequence[Found]) -> bool:
    """Whether backslashes stand in pairs or before quotes throughout, as in escaped text."""
    texts = [text for one in found for text in one.column.categories]
    runs = [run for text in (*plan.names, *texts) for run in BACKSLASHES.findall(text)]
    return bool(runs) and all(len(run) % 2 == 0 or quote for run, quote in runs)


def _first(
    plan: Plan,
    found: Sequence[Found],
    lines: NDArray[np.int64],
    kind: str,
    is_so: Callable[[str], bool],
) -> list[Problem]:
    """The first name or cell that is so, as a problem."""
    if plan.header:
        for place, name in enumerate(plan.names, 1):
            if is_so(name):
                return [Problem(plan.first_line, place, kind, name[:EXCERPT])]
    first: list[tuple[int, int, str]] = []
    for place, one in enumerate(found, 1):
        codes = [code for code, text in enumerate(one.column.categories) if is_so(text)]
        rows = np.flatnonzero(np.isin(one.column.values, codes)).tolist() if codes else []
        if rows:
            first.append((rows[0], place, one.column.text(rows[0])))
    return [Problem(int(lines[row]), place, kind, text[:EXCERPT]) for row, place, text in sorted(first)[:1]]


def offers_for(doubts: Sequence[Problem]) -> tuple[Offer, ...]:
    """Both ways of reading what is in doubt."""
    offers: list[Offer] = []
    for kind in dict.fromkeys(one.kind for one in doubts):
        if kind == "decimal or thousands":
            cell = next(one.excerpt for one in doubts if one.kind == kind)
            mark, other = (",", ".") if "," in cell else (".", ",")
            offers.append(Offer(f"Take the mark in {cell} for a decimal one", {"decimal": mark}))
            offers.append(Offer(f"Take the mark in {cell} to stand between thousands", {"decimal": other}))
        elif kind == "quotes or text":
            offers.append(Offer("Take single quotes off the cells", {"quote": "'"}))
            offers.append(Offer("Leave single quotes as part of the cells", {"quote": '"'}))
        else:
            offers.append(Offer("Take backslashes for escapes", {"escape": "\\"}))
            offers.append(Offer("Leave double backslashes as they are", {"escape": ""}))
    return tuple(offers)
