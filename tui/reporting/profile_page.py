"""The profile of a table on one page: what tells most, each column with its picture, what goes together."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.profile import Profile
from epochal.data.exports.pages import Block, Chart, Code, Grid, Heading, Paragraph
from epochal.data.exports.profile_pictures import correlation_picture, histogram_picture, scatter_picture
from epochal.tui.reporting.profile_words import (
    ALL_ROWS,
    AUC,
    CATEGORY_AUC,
    CORRELATION,
    EXPLAINS,
    all_findings,
    by_group_lines,
    explains,
    gravest_first,
    looked_at,
    pairs_in_words,
    percent,
    short,
    strength,
)
from epochal.tui.widgets.spark import spark

# A page of more columns than these says of the others what the table above says.
MOST_PICTURES = 40


def profile_page(profile: Profile, name: str) -> list[Block]:
    """The page, of the table of that name."""
    target = profile.target
    of_classes = profile.groups.task == "classification"
    measures = [EXPLAINS, f"{AUC} {CATEGORY_AUC}" if of_classes else CORRELATION] if target else []
    about = f"From {looked_at(profile)}, before anything is trained."
    return [
        Heading(f"{name}: what each column says" + (f" about {target.name}" if target else "")),
        Paragraph(f"{about} {ALL_ROWS}" if target else about),
        Heading("Findings"),
        *(Paragraph(line) for line in gravest_first(all_findings(profile)) or ["No findings."]),
        Heading("The columns, what tells most first"),
        _columns(profile),
        *map(Paragraph, measures),
        *_together(profile),
        *_pictures(profile),
        Heading("How to reproduce it"),
        Code(f"epochal inspect {shlex.quote(name)} --profile --report FILE.html"),
    ]


def _columns(profile: Profile) -> Grid:
    names = ("column", "holds", "explains", "AUC or correlation", "missing", "distinct", "quartiles")
    rows = [_row(column) for column in profile.columns]
    if profile.target:
        rows.append(_row(profile.target, "the target"))
    return Grid(names, rows)


def _row(column: ColumnProfile, role: str = "") -> list[str]:
    measure, value = strength(column)
    box = column.box
    if column.variable.left_out:
        role = f"left out: it {column.variable.left_out}"
    cells = len(column.variable.values)
    return [
        column.name,
        column.variable.kind,
        role or explains(column),
        "-" if value is None else f"{measure} {value:.2f}",
        f"{column.missing:,} ({percent(column.missing / max(cells, 1))})" if column.missing else "-",
        f"{column.distinct:,}",
        " | ".join(map(short, (box.lowest, box.first, box.median, box.third, box.highest))) if box else "-",
    ]


def _together(profile: Profile) -> Iterator[Block]:
    lines, picture = pairs_in_words(profile), correlation_picture(profile.correlations)
    if not lines and picture is None:
        return
    yield Heading("What goes together")
    yield from (Paragraph(line) for line in lines)
    if picture:
        yield Chart(picture, "\n".join(_correlations(profile)))
    for pair in profile.pairs[:1]:
        x, y = profile.column(pair.first), profile.column(pair.second)
        if points := scatter_picture(x, y, profile.groups):
            yield Chart(points, f"{y.name} against {x.name}: in the page of HTML")


def _correlations(profile: Profile) -> Iterator[str]:
    """The map for a page that can show nothing else."""
    found = profile.correlations
    yield " " * 30 + "".join(f"{place + 1:>6}" for place in range(len(found.names)))
    for place, name in enumerate(found.names):
        values = "".join(f"{value:>6.2f}" if value == value else "     -" for value in found.spearman[place])
        yield f"{place + 1:>3} {name[:25]:<26}{values}"


def _pictures(profile: Profile) -> Iterator[Block]:
    target = [profile.target] if profile.target else []
    used = [column for column in profile.columns if not column.variable.left_out]
    for column in [*used[:MOST_PICTURES], *target]:
        picture = histogram_picture(column, profile.groups)
        if picture is None:
            continue
        yield Heading(column.name)
        yield Chart(picture, _in_characters(column))
        yield from (Paragraph(line) for line in gravest_first(column.findings))
        if column is not profile.target:
            yield Grid(("rows", "missing", "holds"), list(by_group_lines(profile, column)))
    if len(used) > MOST_PICTURES:
        yield Paragraph(f"{len(used) - MOST_PICTURES:,} more columns are in the table above.")


def _in_characters(column: ColumnProfile) -> str:
    return spark(column.histogram.counts.sum(axis=0), 40) if column.histogram else ""
