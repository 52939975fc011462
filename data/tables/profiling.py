"""A table's profile: its columns as variables, what was made of dates, the target and what is left out."""

from __future__ import annotations

from collections.abc import Iterator

from epochal.core.profile.profile import Profile, profile
from epochal.core.profile.variables import Variable
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.date_features import features_of
from epochal.data.tables.distributions import variable_of, variable_of_target
from epochal.data.tables.table import Column, Table

MADE_FEATURES = "holds dates, of which features were made"


def profile_of(read: Dataset | Table, *, seed: int = 0) -> Profile:
    """The profile of a dataset; of a table alone where nothing can be learned from it."""
    if isinstance(read, Table):
        return profile([variable_of(column) for column in read.columns], seed=seed)
    variables = [
        one for column in read.table.columns if column.name != read.target for one in _variables(column, read)
    ]
    return profile(variables, variable_of_target(read), read.examples.classes, seed=seed)


def _variables(column: Column, read: Dataset) -> Iterator[Variable]:
    """The column; of dates that something is learned from, the features that were made of them too."""
    reasons = {one.name: one.reason for one in read.left_out}
    used = set(read.features)
    made = [one for one in features_of(column) if one.name in used]
    yield variable_of(column, MADE_FEATURES if made else reasons.get(column.name, ""))
    yield from map(variable_of, made)
