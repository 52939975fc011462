"""The profile of a table: each column by itself, against the target, and against the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from epochal.core.findings.finding import Finding
from epochal.core.profile.column import ColumnProfile, column_profile, target_codes
from epochal.core.profile.correlations import Correlations, Pair, correlations, pairs
from epochal.core.profile.duplicates import Duplicates, duplicates
from epochal.core.profile.suspicions import Answers, of_table, same_columns
from epochal.core.profile.variables import Groups, Variable, groups_of, no_groups, sample_rows
from epochal.core.rows.examples import Rows

# So many columns fit a map of correlations, and of so many every pair is tried together.
MOST_MAPPED, MOST_PAIRED = 40, 14


@dataclass(frozen=True, eq=False)
class Profile:
    """A table's portrait. `columns` are what a prediction may be made from, what tells most first.

    Then come the columns that are left out. `rows` are those looked at, of `of_rows` in the table.
    """

    columns: tuple[ColumnProfile, ...]
    target: ColumnProfile | None
    groups: Groups
    rows: Rows
    of_rows: int
    seed: int
    correlations: Correlations
    pairs: tuple[Pair, ...]
    duplicates: Duplicates
    findings: tuple[Finding, ...]

    @property
    def is_sampled(self) -> bool:
        """Whether not all rows were looked at."""
        return len(self.rows) < self.of_rows

    def column(self, name: str) -> ColumnProfile:
        """The profile of the column of that name; KeyError if there is none."""
        if self.target and self.target.name == name:
            return self.target
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def profile(
    variables: Sequence[Variable],
    target: Variable | None = None,
    classes: tuple[str, ...] = (),
    *,
    seed: int = 0,
) -> Profile:
    """Look at each column, before anything is trained on it.

    `variables` are all columns but the target's. With `classes`, the target's values are their indices;
    without, they are numbers. The same seed looks at the same rows.
    """
    every = [*variables, target] if target else list(variables)
    of_rows = len(every[0].values) if every else 0
    rows = sample_rows(of_rows, len(every), seed)
    answers = None
    groups = no_groups(len(rows))
    if target:
        wanted = target.at(rows)
        groups = groups_of(wanted, classes)
        answers = Answers(wanted, classes, groups)
    found = [column_profile(one, rows, groups, answers, seed=seed) for one in variables]
    found.sort(key=_place)
    used = [one for one in found if one.variable.measured and not one.variable.left_out]
    mapped = used[:MOST_MAPPED]
    map_of = correlations(
        [one.name for one in mapped],
        [one.values for one in mapped],
        [one.variable.numeric for one in mapped],
    )
    together: list[Pair] = []
    if answers:
        codes, rng = target_codes(answers.values, classes), np.random.default_rng([seed, 2])
        paired = used[:MOST_PAIRED]
        together = pairs(
            [(one.name, one.values) for one in paired],
            [one.variable.numeric for one in paired],
            [one.share for one in paired],
            codes,
            rng,
        )
    twice = duplicates([one for one in variables if one.kind != "identifier"], target, classes=bool(classes))
    said = [
        *of_table(twice, groups if classes else None, of_rows),
        *same_columns([one.variable for one in used], [one.values for one in used], map_of),
    ]
    return Profile(
        columns=tuple(found),
        target=column_profile(target, rows, groups, None, is_target=True) if target else None,
        groups=groups,
        rows=rows,
        of_rows=of_rows,
        seed=seed,
        correlations=map_of,
        pairs=tuple(together),
        duplicates=twice,
        findings=tuple(said),
    )


def _place(column: ColumnProfile) -> tuple[bool, float, float]:
    share, strength = column.importance
    return bool(column.variable.left_out), -share, -strength
