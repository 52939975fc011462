"""One pass over the records of a file, each cell into its column."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from epochal.data.tables.building import Building
from epochal.data.tables.columns import Found, Texts, of_texts
from epochal.data.tables.notations import Convention
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.records import EXCERPT, Batch, Lines, Records
from epochal.data.tables.rules import Rules, rules_for
from epochal.data.tables.table import Column, Offer, Problem

MOST_PROBLEMS = 100
THREE_DIGITS = re.compile(r"[+-]?(?:\d{1,3}|[1-9]\d{0,2}\.\d{3})", re.ASCII)
CELLS_AT_ONCE = 1 << 19
FOOTNOTES = 20


@dataclass(frozen=True)
class Gathered:
    """What one pass over the text found, and the line of each row.

    `last_cells` says how many cells each of the last rows has that are not blank.
    When columns of numbers have `turned_to_text` nothing is found yet: their first cells are needed once
    more as text, with those of the other columns in `as_text`.
    """

    found: list[Found]
    records: Records
    lines: list[Sequence[int]]
    as_text: frozenset[int]
    turned_to_text: bool
    last_cells: tuple[int, ...] = ()


def take_apart(text: Lines, plan: Plan, asked: Reading, as_text: frozenset[int]) -> Gathered:
    """Read every record once; the columns at the places `as_text` keep the text of all their cells."""
    most = None if asked["drop_bad_rows"] else MOST_PROBLEMS
    # Where a convention was asked for, plain numbers may be written in it too.
    all_text = asked["decimal"] == "," or asked["thousands"] in (",", ".")
    building = [
        Building(rules, as_text=all_text or place in as_text)
        for place, rules in enumerate(rules_for(plan.names, _with_declared(plan, asked)))
    ]
    lines: list[Sequence[int]] = []
    last: deque[int] = deque(maxlen=FOOTNOTES)
    header: list[str] | None = None
    records = Records(
        text,
        plan.form,
        plan.width,
        first_line=plan.records_from,
        skip_last=asked["skip_last"],
        most=most,
        takes_numbers=lambda: bool(lines) and not any(one.as_text for one in building),
        damaged=plan.damaged,
    )
    at_once = max(CELLS_AT_ONCE // max(plan.width, 1), 1)
    for batch in records.batches():
        if plan.header_is_a_record and header is None:
            header = batch.rows[0]
            batch = Batch(batch.rows[1:], batch.lines[1:])
        if batch.numbers is not None:
            lines.append(batch.lines)
            for one, values in zip(building, batch.numbers.T, strict=True):
                one.add_numbers(values)
            last.extend(np.count_nonzero(~np.isnan(batch.numbers[-FOOTNOTES:]), axis=1).tolist())
            continue
        if header is not None and header in batch.rows:
            batch = without_repeats(records, batch, header)
        lines.append(batch.lines)
        last.extend(sum(1 for cell in row if cell.strip()) for row in batch.rows[-FOOTNOTES:])
        for begin in range(0, len(batch.rows), at_once):
            for one, cells in zip(
                building, zip(*batch.rows[begin : begin + at_once], strict=True), strict=True
            ):
                one.add(cells)
    text_places = frozenset(place for place, one in enumerate(building) if one.as_text or one.reread)
    if any(one.reread for one in building):
        return Gathered([], records, lines, text_places, True)
    rows = sum(map(len, lines))
    columns = [one.finish(name, rows) for one, name in zip(building, plan.names, strict=True)]
    convention = _convention(columns, plan, asked)
    doubtful = _in_doubt(columns, plan, convention)
    if doubtful:
        return Gathered([], records, lines, text_places | doubtful, True)
    found = [of_texts(one, convention) if isinstance(one, Texts) else one for one in columns]
    found = [_about_points(one, place, plan, convention) for place, one in enumerate(found)]
    found = [_with_rules(one, built.rules) for one, built in zip(found, building, strict=True)]
    return Gathered(found, records, lines, text_places, False, tuple(last))


def _with_rules(found: Found, rules: Rules) -> Found:
    """The column, which says how a person wanted its cells to be read."""
    if not rules.missing and rules.usual and not rules.merge:
        return found
    told = replace(
        found.column,
        missing_words=tuple(sorted(rules.missing)),
        usual_missing=rules.usual,
        is_merged=rules.merge,
    )
    return replace(found, column=told)


def _with_declared(plan: Plan, asked: Reading) -> Reading:
    """The reading, with columns as categories that the file itself declares to be some."""
    if plan.above is None or not plan.above.categories:
        return asked
    return {**asked, "as_category": (*asked["as_category"], *plan.above.categories)}


def _convention(columns: Sequence[Found | Texts], plan: Plan, asked: Reading) -> Convention:
    """What all columns together say of decimals, thousands and words for a missing cell."""
    votes = Counter(one.votes() for one in columns if isinstance(one, Texts))
    for place, one in enumerate(columns):
        if isinstance(one, Found) and one.column.numeric and not _may_be_thousands(one.column, place, plan):
            values = one.column.values
            votes["."] += bool((values[~np.isnan(values)] % 1).any())
    words = [token.strip() for one in columns if isinstance(one, Found) for token in one.tokens]
    return Convention(
        plan.form.delimiter, asked["decimal"], asked["thousands"], votes[","], votes["."], frozenset(words)
    )


def _in_doubt(columns: Sequence[Found | Texts], plan: Plan, convention: Convention) -> frozenset[int]:
    """The columns of plain numbers that may have points between thousands, so that their text is needed."""
    if convention.decimal is not None:
        return frozenset()
    is_likely = convention.comma > 0 or plan.form.delimiter == ";"
    return frozenset(
        place
        for place, one in enumerate(columns)
        if isinstance(one, Found)
        and one.column.numeric
        and _may_be_thousands(one.column, place, plan)
        and (is_likely or (not convention.point and bool((one.column.values % 1 == 0).any())))
    )


def _may_be_thousands(column: Column, place: int, plan: Plan) -> bool:
    """Whether numbers of three decimals, none below 1 or from 1000 on, may be whole thousands."""
    if not all(THREE_DIGITS.fullmatch(row[place].strip()) for row in plan.sample if row[place].strip()):
        return False
    values = column.values
    filled = values[~np.isnan(values)]
    parts = filled[filled % 1 != 0]
    return bool(
        parts.size
        and np.all((np.abs(filled) < 1000) & ((np.abs(filled) >= 1) | (filled % 1 == 0)))
        and np.all(np.abs(parts * 1000 - np.round(parts * 1000)) < 1e-6)
    )


def _about_points(one: Found, place: int, plan: Plan, convention: Convention) -> Found:
    """The column, with a note where only the rule says that its points are no marks between thousands."""
    if (
        one.doubt is not None
        or not one.column.numeric
        or convention.point
        or convention.decimal is not None
        or convention.thousands is not None
        or not _may_be_thousands(one.column, place, plan)
    ):
        return one
    name, values = one.column.name, one.column.values
    first = values[~np.isnan(values) & (values % 1 != 0)][0]
    note = (
        f"{name} has three digits after every point, as in {first:.3f}, and nothing in the file says what"
        " its points are: they were read as decimal points. --decimal comma takes them between thousands."
    )
    offer = Offer(f"Take the points in {name} to stand between thousands", {"decimal": ","})
    return replace(one, notes=(*one.notes, note), offers=(*one.offers, offer))


def without_repeats(records: Records, batch: Batch, header: list[str]) -> Batch:
    """The batch without records that repeat the header, each of which is a fault."""
    for place in [place for place, row in enumerate(batch.rows) if row == header]:
        excerpt = records.form.delimiter.join(header)[:EXCERPT]
        records.faults.append((Problem(batch.lines[place], 1, "repeated header", excerpt), len(header)))
    keep = [place for place, row in enumerate(batch.rows) if row != header]
    return Batch([batch.rows[place] for place in keep], [batch.lines[place] for place in keep])
