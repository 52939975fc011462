"""Data frames of any library: the same columns by whatever way they are handed out, missing values kept."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epochal.core.rows.examples import Examples
from epochal.core.rows.frames import frame_columns
from tests.frames import ArrayOnly, ArrowTexts, Interchanged, NAType, PandasCategories, PandasLike

polars = pytest.importorskip("polars")


def cells(column: Any) -> list[Any]:
    """The values as Python's own, None where missing."""
    if column.categories is not None:
        return [column.categories[code] if code >= 0 else None for code in column.values.tolist()]
    return [None if one is None or one != one else one for one in column.values.tolist()]


texts = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
)
CELLS: dict[str, Any] = {
    "words": st.lists(texts, min_size=1, max_size=20),
    "flags": st.lists(st.one_of(st.none(), st.booleans()), min_size=1, max_size=20),
    "whole": st.lists(st.one_of(st.none(), st.integers(-(2**50), 2**50)), min_size=1, max_size=20),
    "numbers": st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), min_size=1, max_size=20),
    "days": st.lists(st.one_of(st.none(), st.dates()), min_size=1, max_size=20),
    "times": st.lists(
        st.one_of(st.none(), st.datetimes(min_value=datetime.datetime(1700, 1, 1))), min_size=1, max_size=20
    ),
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_polars_frame_has_the_cells_that_it_was_made_of(kind: str) -> None:
    @settings(max_examples=12, deadline=None)
    @given(CELLS[kind], st.integers(0, 3))
    def check(values: list[Any], start: int) -> None:
        frame = polars.DataFrame({"one": values}, strict=False)
        frame = polars.concat([frame, frame], rechunk=False)[start:]
        (column,) = frame_columns(frame) or []
        assert column.name == "one"
        assert cells(column) == (2 * values)[start:]

    check()


def test_categories_of_a_polars_frame_keep_their_order_and_those_that_never_occur() -> None:
    sizes = polars.Series(["large", None, "small"], dtype=polars.Enum(["small", "medium", "large"]))
    (column,) = frame_columns(polars.DataFrame({"size": sizes})) or []
    assert column.categories == ("small", "medium", "large")
    assert column.values.tolist() == [2, -1, 0]


def test_decimals_durations_and_columns_of_nothing_are_read_and_lists_are_refused_by_name() -> None:
    frame = polars.DataFrame(
        {
            "price": polars.Series(["1.25", None, "-3.50"]).cast(polars.Decimal(10, 2)),
            "waited": [datetime.timedelta(hours=1), None, datetime.timedelta(days=2)],
            "nothing": [None, None, None],
        }
    )
    price, waited, nothing = frame_columns(frame) or []
    assert cells(price) == [1.25, None, -3.5]
    assert cells(waited) == [datetime.timedelta(hours=1), None, datetime.timedelta(days=2)]
    assert cells(nothing) == [None, None, None]
    with pytest.raises(ValueError, match="The column parts holds what is neither"):
        frame_columns(polars.DataFrame({"parts": [[1], [2]]}))


@pytest.mark.parametrize("layout", ["u", "U", "dictionary"])
@settings(max_examples=12, deadline=None)
@given(values=st.lists(texts, min_size=1, max_size=12), offset=st.integers(0, 9), batches=st.integers(1, 3))
def test_every_arrow_layout_of_texts_is_read(
    layout: str, values: list[Any], offset: int, batches: int
) -> None:
    stream = ArrowTexts(values, layout, offset, batches)
    (column,) = frame_columns(stream) or []
    assert (column.name, cells(column)) == ("words", values)
    # The schema and each batch; what they are made of goes with them.
    assert stream.released == 1 + len(stream._batches)


@settings(max_examples=12, deadline=None)
@given(
    numbers=st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=2, max_size=12),
    offset=st.integers(0, 9),
    null=st.sampled_from(["bits", "bytes"]),
    chunks=st.integers(1, 3),
)
def test_the_interchange_protocol_hands_out_the_same_cells(
    numbers: list[Any], offset: int, null: str, chunks: int
) -> None:
    levels = ["low", "middle", "high"]
    given_cells = {
        "number": numbers,
        "share": [None if one is None else one / 7 for one in numbers],
        "flag": [None if one is None else one > 50 for one in numbers],
        "word": [None if one is None else f"wörd {one}" for one in numbers],
        "level": [None if one is None else (one % 3, levels) for one in numbers],
        "time": [None if one is None else np.datetime64(one * 1000, "ms") for one in numbers],
    }
    found = frame_columns(Interchanged(given_cells, offset, null, chunks)) or []
    assert [one.name for one in found] == list(given_cells)
    number, share, flag, word, level, time = map(cells, found)
    assert (number, share) == (numbers, given_cells["share"])
    assert (flag, word) == (given_cells["flag"], given_cells["word"])
    assert level == [None if one is None else levels[one % 3] for one in numbers]
    day = datetime.datetime(1970, 1, 1)
    assert time == [None if one is None else day + datetime.timedelta(seconds=one) for one in numbers]


def test_missing_numbers_may_be_marked_by_a_value() -> None:
    (column,) = frame_columns(Interchanged({"n": [3, None, 5]}, null="sentinel")) or []
    assert cells(column) == [3.0, None, 5.0]


def test_pandas_is_asked_for_arrays_and_categories_and_never_for_arrow() -> None:
    frame = PandasLike(
        {
            "whole": np.array([1, NAType(), 3], object),
            "size": PandasCategories([1, -1, 0], ["small", "large"]),
            "day": np.array(["2020-01-01", "NaT", "2021-02-03"], "M8[ns]"),
        }
    )
    examples = Examples.from_arrays(
        PandasLike({name: frame[name] for name in ("whole", "size")}), ["a", "b", "a"]
    )
    assert [one.name for one in examples.features] == ["whole", "size"]
    assert examples.features[1].categories == ("small", "large")
    assert np.array_equal(examples.inputs, np.array([[1, 1], [np.nan, np.nan], [3, 0]]), equal_nan=True)
    assert [one.name for one in frame_columns(frame) or []] == ["whole", "size", "day"]


def test_a_mapping_and_an_array_by_its_protocol_are_inputs_too() -> None:
    by_name = Examples.from_arrays({"a": [1, 2, None], "b": ["x", "y", None]}, [0.5, 1.5, 2.5])
    assert [one.name for one in by_name.features] == ["a", "b"]
    assert np.isnan(by_name.inputs[2]).all()
    by_place = Examples.from_arrays(ArrayOnly(np.arange(6.0).reshape(3, 2)), [0.5, 1.5, 2.5])
    assert by_place.inputs.tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"a": [1, 2], "b": [1]}, "The column a has 2 rows, but b has 1."),
        ({"a": "xy"}, "The column a is a value for each row, not str."),
        ({"a": np.zeros((2, 2))}, "The column a is a value a row, not an array of 2 dimensions."),
    ],
)
def test_columns_that_make_no_frame_are_refused_in_a_sentence(frame: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        frame_columns(frame)
