"""The distributions of a dataset's columns, by the groups of its target, each made when it is first seen."""

from __future__ import annotations

import numpy as np

from epochal.core.profile.distribution import Histogram, category_histogram, number_histogram
from epochal.core.profile.variables import Groups, Variable, groups_of
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import Column

# For a bar one cell high more rows make no difference that can be seen.
MOST_ROWS = 2_000


class Distributions:
    """Of rows spread evenly over the table; asking for one costs about a millisecond."""

    def __init__(self, dataset: Dataset) -> None:
        table = dataset.table
        self._table = table
        self._rows = np.linspace(0, table.rows - 1, min(table.rows, MOST_ROWS)).astype(np.intp)
        self._found: dict[str, Histogram | None] = {}
        self._target = variable_of_target(dataset)
        self._groups = groups_of(self._target.at(self._rows), dataset.examples.classes)

    @property
    def groups(self) -> Groups:
        """The groups that the rows of a histogram are counted by."""
        return self._groups

    def of(self, name: str) -> Histogram | None:
        """The histogram of a column; None for dates, free text, names of rows, and what holds nothing."""
        if name not in self._found:
            target = self._target
            variable = target if name == target.name else variable_of(self._table.column(name))
            self._found[name] = self._made(variable)
        return self._found[name]

    def _made(self, variable: Variable) -> Histogram | None:
        values, groups = variable.at(self._rows), self._groups
        if not variable.measured or np.isnan(values).all():
            return None
        if variable.numeric:
            return number_histogram(values, groups.codes, len(groups.names))
        return category_histogram(values, variable.categories, groups.codes, len(groups.names))


def variable_of(column: Column, left_out: str = "") -> Variable:
    """A column as statistics takes it."""
    return Variable(column.name, column.kind, column.values, column.categories, left_out)


def variable_of_target(dataset: Dataset) -> Variable:
    """The target: indices of its classes, or numbers."""
    column, classes = dataset.table.column(dataset.target), dataset.examples.classes
    if not classes:
        return Variable(column.name, "number", column.values)
    codes = np.full(dataset.table.rows, -1, np.int32)
    codes[dataset.rows] = dataset.examples.targets
    return Variable(column.name, "category", codes, classes)
