"""Painted points are rows of the table besides its own, and nothing of the file is said of them."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.painted import MOST, Point, with_points
from epochal.data.tables.table import TableError


@pytest.mark.parametrize("table", ["moons", "iris", "penguins", "column_2C_weka"])
def test_a_point_is_a_row_with_its_two_numbers_and_its_class(table: str) -> None:
    before = open_table(table)
    dataset = dataset_from(before)
    numbers = [f.name for f in dataset.examples.features if not f.categories][:2]
    label = dataset.examples.classes[-1]
    painted = with_points(before, [Point({numbers[0]: 1.5, numbers[1]: -2.0}, label)] * 3, dataset.target)
    assert painted.rows == before.rows + 3
    after = dataset_from(painted, target=dataset.target)
    row = dict(zip(after.features, after.examples.inputs[-1], strict=True))
    assert (row[numbers[0]], row[numbers[1]]) == (1.5, -2.0)
    assert after.examples.classes[int(after.examples.targets[-1])] == label
    others = set(after.features) - set(numbers)
    for name in others:
        column = dataset.examples.inputs[:, dataset.features.index(name)]
        present = column[~np.isnan(column)]
        assert row[name] == np.median(present) or before.column(name).categories
    assert (painted.path, painted.sha256) == ("", "")
    assert not dataset.is_equal(after)


def test_no_points_change_nothing() -> None:
    table = open_table("moons")
    assert with_points(table, [], "class") is table


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([Point({"x": 0.0, "z": 0.0}, "upper")], "no column z"),
        ([Point({"x": 0.0, "y": 0.0}, "middle")], "no class middle"),
        ([Point({"x": 0.0, "y": 0.0}, "upper")] * (MOST + 1), "too many"),
    ],
)
def test_a_point_that_the_table_has_no_room_for_is_refused(points: list[Point], said: str) -> None:
    with pytest.raises(TableError, match=said):
        with_points(open_table("moons"), points, "class")
