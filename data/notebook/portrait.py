"""The portrait of a table: its columns, what they hold, and a picture of each."""

from __future__ import annotations

from collections.abc import Iterator

from epochal.core.numerals import figure
from epochal.core.profile.column import ColumnProfile
from epochal.data.exports.pages import Block, Chart, Grid, Heading, Paragraph
from epochal.data.exports.profile_pictures import histogram_picture
from epochal.data.tables.profiling import profile_of
from epochal.data.tables.table import Table

MOST_COLUMNS = 60
MOST_PICTURES = 12


def portrait(table: Table) -> list[Block]:
    """What stands in the table, for a page."""
    return [
        Heading(table.name),
        Paragraph(f"{table.rows:,} rows, {len(table.columns):,} columns."),
        *_columns(table),
        *map(Paragraph, table.notes),
    ]


def _columns(table: Table) -> Iterator[Block]:
    shown = Table(table.name, table.columns[:MOST_COLUMNS])
    if not shown.rows:
        return
    found = profile_of(shown)
    columns = [found.column(name) for name in shown.names]
    yield Grid(("column", "holds", "missing", "distinct", "values"), [list(_row(one)) for one in columns])
    if more := len(table.columns) - len(columns):
        yield Paragraph(f"And {more:,} more columns.")
    for one in columns[:MOST_PICTURES]:
        if picture := histogram_picture(one, found.groups):
            yield Paragraph(one.name)
            yield Chart(picture, one.name)


def _row(column: ColumnProfile) -> Iterator[str]:
    yield column.name
    yield column.variable.kind
    yield f"{column.missing:,}" if column.missing else ""
    yield f"{column.distinct:,}"
    if column.variable.categories:
        names = column.histogram.labels if column.histogram else column.variable.categories
        yield ", ".join(names[:6]) + (" ..." if column.distinct > 6 else "")
    elif box := column.box:
        yield f"{figure(box.lowest)} to {figure(box.highest)}, median {figure(box.median)}"
    else:
        yield ""
