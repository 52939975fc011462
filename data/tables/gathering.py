"""One pass over the records of a file, each cell into its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from epochal.data.tables.building import Building
from epochal.data.tables.columns import Found
from epochal.data.tables.options import Reading
from epochal.data.tables.plan import Plan
from epochal.data.tables.records import EXCERPT, Batch, Lines, Records
from epochal.data.tables.table import Problem

MOST_PROBLEMS = 100
CELLS_AT_ONCE = 1 << 19


@dataclass(frozen=True)
class Gathered:
    """What one pass over the text found, and the line of each row.

    When columns of numbers have `turned_to_text` nothing is found yet: their first cells are needed once
    more as text, with those of the other columns in `as_text`.
    """

    found: list[Found]
    records: Records
    lines: list[Sequence[int]]
    as_text: frozenset[int]
    turned_to_text: bool


def take_apart(text: Lines, plan: Plan, asked: Reading, as_text: frozenset[int]) -> Gathered:
    """Read every record once; the columns at the places `as_text` keep the text of all their cells."""
    most = None if asked["drop_bad_rows"] else MOST_PROBLEMS
    kept = [name in asked["as_text"] for name in plan.names]
    building = [
        Building(frozenset(asked["missing"]), as_text=keep or place in as_text)
        for place, keep in enumerate(kept)
    ]
    lines: list[Sequence[int]] = []
    header: list[str] | None = None
    records = Records(
        text,
        plan.form,
        plan.width,
        first_line=plan.first_line,
        skip_last=asked["skip_last"],
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
        return Gathered([], records, lines, text_places, True)
    rows = sum(map(len, lines))
    decimal_comma = plan.form.delimiter != ","
    found = [
        one.finish(name, rows, keep_text=keep, decimal_comma=decimal_comma)
        for one, name, keep in zip(building, plan.names, kept, strict=True)
    ]
    return Gathered(found, records, lines, text_places, False)


def _without_repeats(records: Records, batch: Batch, header: list[str]) -> Batch:
    """The batch without records that repeat the header, each of which is a fault."""
    for place in [place for place, row in enumerate(batch.rows) if row == header]:
        excerpt = records.form.delimiter.join(header)[:EXCERPT]
        records.faults.append((Problem(batch.lines[place], 1, "repeated header", excerpt), len(header)))
    keep = [place for place, row in enumerate(batch.rows) if row != header]
    return Batch([batch.rows[place] for place in keep], [batch.lines[place] for place in keep])
