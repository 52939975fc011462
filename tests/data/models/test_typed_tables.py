"""A table in memory is read column by column as it would be cell by cell."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import epochal
from epochal.data.models.predictions import Predictions
from epochal.data.models.typed_tables import typed_inputs
from epochal.data.tables.frames import table_from
from epochal.data.tables.rows import TableRows
from epochal.data.tables.table import TableError


def training(rows: int = 60) -> dict[str, Any]:
    day = datetime.date(2024, 1, 1)
    return {
        "size": [None if i % 9 == 0 else i / 7 for i in range(rows)],
        "grade": [i % 3 + 1 if i % 5 else None for i in range(rows)],
        "region": ["NA", "EU", "none", None] * (rows // 4),
        "day": np.array([day + datetime.timedelta(days=11 * i) for i in range(rows)], "M8[D]"),
        "flag": [i % 7 < 3 for i in range(rows)],
        "class": ["u", "v", "w"] * (rows // 3),
    }


@pytest.fixture(scope="module")
def model() -> epochal.Model:
    return epochal.train(training(), settings="sensible", epochs=5).model


def new_rows() -> dict[str, Any]:
    return {
        "flag": [True, None, False, True, True, False],
        "region": ["EU", "NA", "Mars", None, "?", ""],
        "size": [1.5, None, -3.0, 100.0, 2.0, 3.0],
        "day": np.array(
            ["2024-02-03", "NaT", "2030-01-01", "2024-01-05", "2024-02-29", "2023-01-01"], "M8[D]"
        ),
        "grade": [1, 2, None, 3, 2, 1],
        "more": ["x"] * 6,
    }


def test_columns_give_what_cells_give(model: epochal.Model) -> None:
    for rows in (training(), new_rows()):
        table = table_from(rows)
        inputs = typed_inputs(model, table)
        assert inputs is not None
        cell_by_cell = np.vstack([batch.outputs for batch in Predictions(model, TableRows(table)).batches()])
        assert np.allclose(model.outputs(inputs), cell_by_cell, rtol=1e-12, atol=0)
        assert np.allclose(model.predict_proba(rows), cell_by_cell, rtol=1e-12, atol=0)


def test_numbers_that_are_texts_are_read_cell_by_cell(model: epochal.Model) -> None:
    rows = new_rows()
    texts = {**rows, "size": [None if one is None else str(one) for one in rows["size"]]}
    assert typed_inputs(model, table_from(texts)) is None
    assert np.allclose(model.predict_proba(texts), model.predict_proba(rows), rtol=1e-12, atol=0)


def test_numbers_stand_for_categories_that_are_written_like_them() -> None:
    rows = {"code": ["1", "2", "3"] * 20, "x": [i / 9 for i in range(60)], "class": ["u", "v", "v"] * 20}
    trained = epochal.train(rows, settings="sensible", epochs=5).model
    assert trained.features[0].categories == ("1", "2", "3")
    as_numbers = {**rows, "code": [1, 2, 3] * 20}
    assert np.array_equal(trained.predict_proba(as_numbers), trained.predict_proba(rows))


def test_a_column_that_is_not_there_is_named(model: epochal.Model) -> None:
    rows = new_rows()
    rows["regoin"] = rows.pop("region")
    with pytest.raises(TableError, match=r"has no column region \(is regoin meant\?\)"):
        model.predict(rows)
