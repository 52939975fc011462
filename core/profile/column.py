"""One column's profile: its distribution, what it says about the target, and what is suspicious about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from epochal.core.findings.finding import Finding
from epochal.core.profile.association import (
    auc_of_categories,
    auc_of_numbers,
    correlation_ratio,
    pearson,
    spearman,
)
from epochal.core.profile.distribution import (
    FAR_OUT,
    Histogram,
    Quartiles,
    category_histogram,
    number_histogram,
    outliers,
    quartiles,
)
from epochal.core.profile.information import Information, binned, coarsely_binned, information
from epochal.core.profile.suspicions import Answers, of_feature, of_target
from epochal.core.profile.variables import Codes, Groups, Variable
from epochal.core.rows.examples import Floats, Rows

# Standard deviations of a rank correlation that chance alone would reach once in 370 columns.
LARGE_Z = 3.0


@dataclass(frozen=True)
class Association:
    """What a column alone says about the target, over so many rows; None: not made for their kinds."""

    rows: int
    information: Information
    auc: float | None = None
    pearson: float | None = None
    spearman: float | None = None
    correlation_ratio: float | None = None

    @property
    def share(self) -> float:
        """The part of the target's entropy that it explains beyond chance."""
        return self.information.share

    @property
    def beyond_chance(self) -> bool:
        """Whether it says more than any shuffle of the target came to, or its ranks follow the target's.

        For numbers the ranks are a sharper test than bins.
        """
        by_ranks = self.spearman is not None and abs(self.spearman) * (self.rows - 1) ** 0.5 > LARGE_Z
        return self.information.beyond_chance or by_ranks

    @property
    def strength(self) -> float:
        """How closely it goes with the target as one rises with the other, from 0 to 1."""
        if self.auc is not None:
            return 2 * self.auc - 1
        return max(abs(one) for one in (self.spearman or 0.0, self.correlation_ratio or 0.0))


@dataclass(frozen=True, eq=False)
class ColumnProfile:
    """One column. `missing` is counted in all rows, the rest in the rows looked at.

    `by_group` and `missing_by_group` go with the groups of the target. A column that names each row, or
    holds dates or free text, has no histogram.
    """

    variable: Variable
    values: Floats
    missing: int
    missing_by_group: tuple[float, ...]
    distinct: int
    box: Quartiles | None
    by_group: tuple[Quartiles | None, ...]
    mean: float | None
    deviation: float | None
    outliers: int
    far_out: int
    histogram: Histogram | None
    association: Association | None
    findings: tuple[Finding, ...]

    @property
    def name(self) -> str:
        """The column's name."""
        return self.variable.name

    @property
    def share(self) -> float:
        """The part of the target's entropy that it explains beyond chance; 0 where that is not known."""
        return self.association.share if self.association else 0.0

    @property
    def importance(self) -> tuple[float, float]:
        """By what columns are sorted: what is said about the target, then how closely it goes with it."""
        return self.share, self.association.strength if self.association else 0.0


def column_profile(
    variable: Variable,
    rows: Rows,
    groups: Groups,
    answers: Answers | None,
    *,
    is_target: bool = False,
    seed: int = 0,
) -> ColumnProfile:
    """Look at one column in these rows: at the target itself, or at a column against it."""
    values = variable.at(rows)
    filled = ~np.isnan(values)
    is_number = variable.numeric and variable.kind == "number"
    box = quartiles(values) if is_number else None
    count = len(groups.names)
    histogram = None
    if box is not None:
        histogram = number_histogram(values, groups.codes, count)
    elif variable.kind == "category" and filled.any():
        histogram = category_histogram(values, variable.categories, groups.codes, count)
    empty = np.bincount(groups.codes[~filled & (groups.codes >= 0)], minlength=count)
    mean, deviation = _moments(values[filled]) if is_number else (None, None)
    said = of_target(variable, values, box) if is_target else of_feature(variable, values, box, answers)
    return ColumnProfile(
        variable=variable,
        values=values,
        missing=int(len(variable.values) - np.count_nonzero(variable.filled)),
        missing_by_group=tuple((empty / np.maximum(groups.sizes(), 1)).tolist()),
        distinct=len(np.unique(values[filled])),
        box=box,
        by_group=tuple(quartiles(values[groups.codes == group]) for group in range(count)) if box else (),
        mean=mean,
        deviation=deviation,
        outliers=outliers(values, box),
        far_out=outliers(values, box, FAR_OUT),
        histogram=histogram,
        association=None if is_target else _association(variable, values, answers, seed),
        findings=tuple(said),
    )


def _moments(values: Floats) -> tuple[float, float] | tuple[None, None]:
    """The mean and the standard deviation (divided by n), without an overflow on the way."""
    if not values.size:
        return None, None
    size = max(float(np.abs(values).max()), np.finfo(np.float64).tiny)
    return float((values / size).mean() * size), float((values / size).std() * size)


def _association(
    variable: Variable, values: Floats, answers: Answers | None, seed: int
) -> Association | None:
    if answers is None or not variable.measured:
        return None
    both = ~np.isnan(values) & ~np.isnan(answers.values)
    rows = int(both.sum())
    if rows < 2:
        return None
    column, wanted, classes = values[both], answers.values[both], answers.classes
    # Of its own for each column, so that one more of them does not change what is said of the others.
    rng = np.random.default_rng([seed, 1])
    target = target_codes(wanted, classes)
    codes = coarsely_binned(column) if variable.numeric else column.astype(np.intp)
    said = information(codes, target, rng)
    if variable.numeric:
        # Few bins suit a plain difference, more of them a ring or a wave: what says more is taken.
        said = max(said, information(binned(column), target, rng), key=lambda one: one.share)
    if classes:
        answered = wanted.astype(np.intp)
        if variable.numeric:
            return Association(rows, said, auc=auc_of_numbers(column, answered))
        return Association(rows, said, auc=auc_of_categories(codes, answered, rng))
    if variable.numeric:
        return Association(rows, said, pearson=pearson(column, wanted), spearman=spearman(column, wanted))
    return Association(rows, said, correlation_ratio=correlation_ratio(codes, wanted))


def target_codes(answers: Floats, classes: tuple[str, ...]) -> Codes:
    """Classes as they are, numbers in bins; -1 where missing."""
    filled = ~np.isnan(answers)
    codes = np.full(len(answers), -1)
    codes[filled] = answers[filled].astype(np.intp) if classes else coarsely_binned(answers[filled])
    return codes
