"""A data frame as a table: read as a file of the same cells is, but that its own types are believed."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.frames import table_from
from epochal.data.tables.table import TableError
from tests.frames import ArrayOnly, PandasCategories, PandasLike

polars = pytest.importorskip("polars")


def frame_of(name: str) -> Any:
    """A bundled table as polars has it."""
    table = open_table(name)
    return polars.DataFrame(
        {
            column.name: polars.Series(column.values).fill_nan(None)
            if column.numeric
            else [column.text(row) or None for row in range(table.rows)]
            for column in table.columns
        }
    )


@pytest.mark.parametrize("name", ["penguins", "auto_mpg", "iris"])
def test_the_examples_of_a_frame_are_those_of_the_file(name: str) -> None:
    from_file = dataset_from(open_table(name))
    from_frame = dataset_from(table_from(frame_of(name)), from_file.target)
    assert from_frame.examples.features == from_file.examples.features
    assert from_frame.examples.classes == from_file.examples.classes
    assert np.array_equal(from_frame.examples.inputs, from_file.examples.inputs, equal_nan=True)
    assert [one.name for one in from_frame.left_out] == [one.name for one in from_file.left_out]


def test_a_word_that_files_use_for_missing_cells_stays_a_word() -> None:
    table = table_from({"continent": ["NA", "EU", "NA", None], "x": [1.0, 2.0, None, 4.0]})
    continent, x = table.columns
    assert continent.categories == ("NA", "EU")
    assert (continent.missing, x.missing) == (1, 1)


def test_types_of_a_frame_are_believed() -> None:
    table = table_from(
        polars.DataFrame(
            {
                "flag": [True, None, False, True],
                "size": polars.Series(
                    ["big", "tiny", None, "big"], dtype=polars.Enum(["tiny", "mid", "big"])
                ),
                "day": [
                    datetime.date(2024, 3, 1),
                    None,
                    datetime.date(2024, 4, 2),
                    datetime.date(2024, 5, 3),
                ],
                "at": [datetime.datetime(2024, 3, 1, 5, 30), None, None, datetime.datetime(2024, 4, 2)],
                "waited": [datetime.timedelta(minutes=1), None, None, datetime.timedelta(seconds=5)],
            }
        )
    )
    flag, size, day, at, waited = table.columns
    assert [one.kind for one in table.columns] == ["category", "category", "date", "date", "number"]
    assert (flag.categories, size.categories) == (("False", "True"), ("tiny", "mid", "big"))
    assert [day.text(row) for row in range(4)] == ["2024-03-01", "", "2024-04-02", "2024-05-03"]
    assert at.text(0) == "2024-03-01T05:30:00"
    assert (day.date_order, waited.text(0)) == ("year-first", "60")


def test_pandas_an_array_and_records_are_tables() -> None:
    by_pandas = table_from(
        PandasLike({"a": np.arange(4.0), "c": PandasCategories([0, 1, -1, 0], ["x", "y"])})
    )
    assert [by_pandas.column("c").text(row) for row in range(4)] == ["x", "y", "", "x"]
    by_array = table_from(ArrayOnly(np.arange(8.0).reshape(4, 2)))
    assert by_array.names == ("column 1", "column 2")
    by_records = table_from(np.array([(1, "x"), (2, "y")], [("n", "i4"), ("w", "U3")]))
    assert by_records.names == ("n", "w")


def test_equal_frames_are_known_by_their_checksum() -> None:
    one, same, other = ({"a": [1, 2, value], "b": ["x", "y", "x"]} for value in (3, 3, 4))
    assert table_from(one).sha256 == table_from(same).sha256 != table_from(other).sha256


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (3, "A table is a path, a name or a data frame, not int"),
        ({"a": [1, 2]}, "The frame has 2 rows and 1 columns: too few to learn from"),
        ({"a": [1.0, np.inf], "b": [1, 2]}, "The column a is infinite in row 2"),
        ({"a": [1, 2], "b": [1]}, "The column a has 2 rows, but b has 1"),
        ({"a": np.array([1j, 2]), "b": [1, 2]}, "The column a holds complex128"),
        (np.zeros(3), "this array has 1 dimensions"),
        (PandasLike({"e\u0301": np.zeros(2), "\xe9": np.zeros(2)}), "Two columns are called \xe9"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(frame: Any, said: str) -> None:
    with pytest.raises(TableError, match=said):
        table_from(frame)
