"""The profile of a table in words: the same on the command line, on the screen and in the report."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from epochal.core.findings.finding import Finding, noticed
from epochal.core.numerals import rounded
from epochal.core.profile.column import ColumnProfile
from epochal.core.profile.distribution import Quartiles
from epochal.core.profile.profile import Profile
from epochal.tui.widgets.spark import spark
from epochal.tui.widgets.text import fit

WIDTH, NAME, BARS = 100, 26, 16
# So many columns are told about class by class, and so many pairs and correlations named.
DETAILED, NAMED = 6, 3
# A pair is worth a sentence from this gain on, and a correlation from this size.
GAIN, CLOSE = 0.05, 0.5

EXPLAINS = (
    "explains: the share of the target's entropy that the column alone gives away, by mutual information in "
    "bins, with what chance would give taken off."
)
AUC = "AUC: how often a row of one class has the larger value than a row of another; 0.5 is chance."
CATEGORY_AUC = "For categories, by the classes of other rows in the same category."
CORRELATION = "correlation: of the ranks (Spearman); of categories, the correlation ratio."
ALL_ROWS = (
    "All rows are used, also those to be held out: choosing columns by this makes the network look a little "
    "better than it is."
)


def short(value: float | None) -> str:
    """A number to four digits; a dash where there is none."""
    return "-" if value is None or np.isnan(value) else rounded(value)


def percent(share: float) -> str:
    """A share without decimals, but never 0 or 100 where it is not."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def looked_at(profile: Profile) -> str:
    """Which rows are meant."""
    if not profile.is_sampled:
        return f"all {profile.of_rows:,} rows"
    return f"{len(profile.rows):,} of {profile.of_rows:,} rows, drawn by seed {profile.seed}"


def strength(column: ColumnProfile) -> tuple[str, float | None]:
    """The measure that suits the column and the target, and its value: `AUC`, `correlation` or `ratio`."""
    found = column.association
    if found is None:
        return "", None
    if found.auc is not None:
        return "AUC", found.auc
    if found.spearman is not None:
        return "correlation", found.spearman
    return "ratio", found.correlation_ratio


def explains(column: ColumnProfile) -> str:
    """What the column alone explains of the target; `chance` where it is no more than that."""
    found = column.association
    if found is None:
        return "-"
    return percent(found.share) if found.beyond_chance else "chance"


def half_between(box: Quartiles | None) -> str:
    """`median 31.9, half between 7.26 and 55.4`."""
    if box is None:
        return "no value"
    return f"median {short(box.median)}, half between {short(box.first)} and {short(box.third)}"


def gravest_first(findings: Sequence[Finding]) -> list[str]:
    """Each finding with what can be done about it, the gravest first."""
    order = sorted(findings, key=lambda one: ("error", "warning", "note").index(one.severity))
    return noticed(order)


def all_findings(profile: Profile) -> list[Finding]:
    """Of the rows, then of each column."""
    columns = [*profile.columns, *([profile.target] if profile.target else [])]
    return [*profile.findings, *(finding for column in columns for finding in column.findings)]


def pairs_in_words(profile: Profile) -> list[str]:
    """Columns that say clearly more together than the better one alone, and columns that go together."""
    target = profile.target.name if profile.target else ""
    lines = [
        f"{pair.first} and {pair.second} together explain {percent(pair.together.share)} of {target}; "
        f"alone, {percent(pair.alone[0])} and {percent(pair.alone[1])}."
        for pair in profile.pairs
        if pair.gain >= GAIN
    ][:NAMED]
    found = profile.correlations
    for first, second in found.strongest(NAMED):
        value = found.spearman[first, second]
        if abs(value) >= CLOSE:
            lines.append(
                f"{found.names[first]} and {found.names[second]} go together: "
                f"{found.measure(first, second)} {value:.2f}."
            )
    return lines


def profile_lines(profile: Profile) -> Iterator[str]:
    """All of it, for a terminal of 100 columns or a pipe."""
    target = profile.target
    yield ""
    about = f" says about {target.name}, what tells most first" if target else " holds"
    yield f"What each column{about} ({looked_at(profile)}):"
    yield ""
    heading = _measure_name(profile)
    yield _row("column", ("explains", heading, "missing", "distinct", "median"), "distribution")
    yield from (_column_row(column) for column in profile.columns)
    if target:
        yield _column_row(target, "target")
    for column in profile.columns[:DETAILED]:
        if column.histogram is not None and target and len(profile.groups.names) > 1:
            yield from _by_group(profile, column)
    lines = pairs_in_words(profile)
    if lines:
        yield ""
        yield from lines
    said = gravest_first(all_findings(profile))
    if said:
        yield ""
        yield from said
    if target:
        yield ""
        measures = f"{AUC} {CATEGORY_AUC}" if heading == "AUC" else CORRELATION
        for sentence in (EXPLAINS, measures, ALL_ROWS):
            yield from textwrap.wrap(sentence, WIDTH)


def _measure_name(profile: Profile) -> str:
    return "AUC" if profile.groups.task == "classification" else "correlation"


def _row(name: str, cells: Sequence[str], bars: str) -> str:
    widths = (8, 11, 7, 8, 10)
    written = "  ".join(fit(cell, width, right=True) for cell, width in zip(cells, widths, strict=True))
    return f"  {fit(name, NAME)}  {written}  {bars}".rstrip()


def _column_row(column: ColumnProfile, role: str = "") -> str:
    variable, box = column.variable, column.box
    if variable.left_out:
        name = fit(f"{variable.name}", NAME)
        return f"  {name}  left out: it {variable.left_out}"
    _, value = strength(column)
    bars = spark(column.histogram.counts.sum(axis=0), BARS) if column.histogram else ""
    cells = (
        role or explains(column),
        "-" if value is None else f"{value:.2f}",
        f"{column.missing:,}" if column.missing else "-",
        f"{column.distinct:,}",
        short(box.median) if box else "-",
    )
    return _row(variable.name, cells, bars)


def _by_group(profile: Profile, column: ColumnProfile) -> Iterator[str]:
    if column.histogram is None:
        return
    yield ""
    yield column.name
    counts = column.histogram.counts
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for index, (name, _, said) in enumerate(by_group_lines(profile, column)):
        bars = spark(shares[index], BARS, float(shares.max(initial=0.0)))
        yield f"  {fit(name, 20)}  {fit(bars, BARS)}  {said}"


def by_group_lines(profile: Profile, column: ColumnProfile) -> Iterator[tuple[str, str, str]]:
    """For each group its name, the share of cells that are missing, and its quartiles or categories."""
    for index, name in enumerate(profile.groups.names):
        missing = column.missing_by_group[index]
        yield name, percent(missing) if missing else "-", _said_of_group(column, index)


def _said_of_group(column: ColumnProfile, group: int) -> str:
    histogram = column.histogram
    if histogram is None or not histogram.labels:
        return half_between(column.by_group[group]) if column.by_group else "-"
    counts = histogram.counts[group]
    largest = [at for at in np.argsort(-counts, kind="stable")[:3].tolist() if counts[at]]
    total = max(int(counts.sum()), 1)
    return (
        ", ".join(f"{histogram.labels[at]} {percent(int(counts[at]) / total)}" for at in largest)
        or "no value"
    )
