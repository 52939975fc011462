"""Suspicious signs in a table that nobody has trained on yet, in the words of the findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from epochal.core.findings import signs
from epochal.core.findings.finding import Finding
from epochal.core.profile.correlations import Correlations
from epochal.core.profile.distribution import FAR_OUT, Quartiles
from epochal.core.profile.duplicates import Duplicates
from epochal.core.profile.variables import Groups, Variable
from epochal.core.rows.examples import Floats

# Two columns that follow each other so closely are one, up to rounding.
ONE_LINE = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Answers:
    """What is to be predicted, in the rows looked at: class indices or numbers, NaN where missing."""

    values: Floats
    classes: tuple[str, ...]
    groups: Groups


def of_feature(
    variable: Variable, values: Floats, box: Quartiles | None, answers: Answers | None
) -> Iterator[Finding]:
    """What is suspicious about a column that something is to be predicted from, or that is left out."""
    filled = values[~np.isnan(values)]
    if variable.measured and not variable.filled.any():
        yield signs.empty_column(variable.name)
        return
    if variable.measured and filled.size and _is_constant(variable):
        yield from signs.constant_columns([variable.name], "row")
        return
    if variable.left_out and not variable.measured:
        yield signs.not_measured(variable.name, variable.kind, variable.left_out)
    if variable.numeric:
        yield from signs.row_numbers(variable.name, np.asarray(variable.values, np.float64))
    if answers is not None:
        known = ~np.isnan(answers.values)
        if variable.measured:
            yield from signs.leak(
                variable.name,
                values[known],
                answers.values[known],
                is_category=not variable.numeric,
                classes=answers.classes,
            )
        yield from _missing(variable, values, answers.groups if answers.classes else None)
    if variable.kind == "category":
        yield from signs.many_categories(variable.name, len(np.unique(filled)), filled.size)
    yield from of_target(variable, values, box)


def of_target(variable: Variable, values: Floats, box: Quartiles | None) -> Iterator[Finding]:
    """What may be suspicious about any column, the target's too: cells that do not belong there."""
    if box is not None:
        yield from signs.far_out(variable.name, values, *box.fences(FAR_OUT))
    if not variable.numeric and variable.kind in ("category", "text"):
        codes = values[~np.isnan(values)].astype(np.intp)
        counts = np.bincount(codes, minlength=len(variable.categories))
        texts = {text: int(count) for text, count in zip(variable.categories, counts, strict=True) if count}
        yield from signs.numbers_as_text(variable.name, texts)


def of_table(twice: Duplicates, groups: Groups | None, rows: int) -> Iterator[Finding]:
    """What is suspicious about the rows: some are there twice, or nearly all are of one class."""
    if twice.contradicted:
        yield signs.contradictions(twice.contradicted, rows)
    if twice.repeated:
        yield signs.repeated_rows(twice.repeated, rows)
    if groups is not None and (sizes := groups.sizes()).sum():
        yield from signs.imbalance(groups.names[int(sizes.argmax())], float(sizes.max() / sizes.sum()))


def same_columns(
    variables: Sequence[Variable], sampled: Sequence[Floats], found: Correlations
) -> Iterator[Finding]:
    """Columns that are the same cell by cell, and columns of numbers that lie on one line.

    `sampled` are their values in the rows looked at: only those that agree there are compared in all.
    """
    seen: dict[tuple[bytes, tuple[str, ...]], Variable] = {}
    for variable, values in zip(variables, sampled, strict=True):
        first = seen.setdefault((values.tobytes(), variable.categories), variable)
        if first is not variable and np.array_equal(first.values, variable.values, equal_nan=True):
            yield signs.same_columns(first.name, variable.name, in_every_row=True)
    close = np.triu(np.abs(np.nan_to_num(found.pearson)) > ONE_LINE, 1)
    is_number = np.array(found.is_number, bool)
    for place, other in np.argwhere(close & np.outer(is_number, is_number)).tolist():
        names = [found.names[place], found.names[other]]
        one, two = (next(one for one in variables if one.name == name) for name in names)
        if not np.array_equal(one.values, two.values, equal_nan=True):
            yield signs.same_columns(one.name, two.name, in_every_row=False)


def _is_constant(variable: Variable) -> bool:
    return bool((variable.values == variable.values[0]).all())


def _missing(variable: Variable, values: Floats, groups: Groups | None) -> Iterator[Finding]:
    empty = np.isnan(values)
    shares: dict[str, float] = {}
    rows_of: dict[str, int] = {}
    for index, name in enumerate(groups.names if groups else ()):
        of_group = groups.codes == index if groups else empty
        if of_group.any():
            shares[name], rows_of[name] = float(empty[of_group].mean()), int(of_group.sum())
    yield from signs.missing_cells(variable.name, float(empty.mean()), shares, rows_of)
