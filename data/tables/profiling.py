"""A table's profile: its columns as variables, the dataset's target and what it leaves out."""

from __future__ import annotations

import numpy as np

from epochal.core.profile.profile import Profile, profile
from epochal.core.profile.variables import Variable
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import Column, Table


def profile_of(read: Dataset | Table, *, seed: int = 0) -> Profile:
    """The profile of a dataset; of a table alone where nothing can be learned from it."""
    if isinstance(read, Table):
        return profile([_variable(column) for column in read.columns], seed=seed)
    reasons = {one.name: one.reason for one in read.left_out}
    variables = [
        _variable(column, reasons.get(column.name, ""))
        for column in read.table.columns
        if column.name != read.target
    ]
    target = read.table.column(read.target)
    classes = read.examples.classes
    if classes:
        codes = np.full(read.table.rows, -1, np.int32)
        codes[read.rows] = read.examples.targets
        wanted = Variable(target.name, "category", codes, classes)
    else:
        wanted = Variable(target.name, "number", target.values)
    return profile(variables, wanted, classes, seed=seed)


def _variable(column: Column, left_out: str = "") -> Variable:
    return Variable(column.name, column.kind, column.values, column.categories, left_out)
