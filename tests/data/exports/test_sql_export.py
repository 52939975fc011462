"""The exported SELECT, run by SQLite: the same answers, and names that are never run."""

from __future__ import annotations

import sqlite3

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.core.rows.examples import Examples, Feature
from epochal.data.exports.sql import sql_source
from epochal.data.models.model import Model, ModelError
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.exports import VARIANTS, cells, mixed, named, tolerance, trained

CLOSE = 1e-9


def selected(
    model: Model, rows: list[list[str | None]], kind: str = ""
) -> tuple[list[str], NDArray[np.float64]]:
    """What the statement answers for a table of these rows: the predictions, and the numbers beside them."""
    database = sqlite3.connect(":memory:")
    try:
        database.execute("SELECT EXP(1.0), LN(1.0), SQRT(1.0)")
    except sqlite3.OperationalError:
        pytest.skip("this SQLite has no mathematical functions")
    quoted = ['"' + feature.name.replace('"', '""') + '"' for feature in model.features]
    name = '"' + (model.table.name or "rows").replace('"', '""') + '"'
    database.execute(f"CREATE TABLE {name} ({', '.join(f'{one} {kind}' for one in quoted)})")
    database.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(quoted))})", rows)
    found = database.execute(sql_source(model)).fetchall()
    assert [row[0] for row in database.execute("SELECT name FROM sqlite_master").fetchall()]
    answers = [row[len(quoted)] for row in found]
    numbers = np.array([row[len(quoted) + bool(model.classes) :] for row in found], float)
    return list(map(str, answers)), numbers


def expected_words(model: Model, outputs: NDArray[np.float64]) -> list[str]:
    chosen = np.asarray(model.predictor.network.kind.decide(outputs, model.threshold))
    return [model.classes[place] for place in chosen.tolist()]


@pytest.mark.parametrize("variant", VARIANTS, ids=named)
def test_the_statement_answers_as_the_model_does(variant: dict[str, object], iris: Dataset) -> None:
    model = trained(iris, **variant)
    inputs = np.vstack([iris.examples.inputs, -30 * iris.examples.inputs, 1e4 * iris.examples.inputs])
    words, found = selected(model, cells(model, inputs), "DOUBLE")
    expected = model.outputs(inputs)
    assert np.abs(found - expected).max() < tolerance(model, CLOSE)
    if model.settings.precision == "float64":
        assert words == expected_words(model, expected)


@pytest.mark.parametrize("table", ["column_2C_weka", "penguins", "auto_mpg", "digits"])
def test_tables_are_predicted_in_a_database(table: str) -> None:
    dataset = dataset_from(open_table(table))
    model = trained(dataset, threshold="balanced")
    words, found = selected(model, cells(model, dataset.examples.inputs))
    expected = model.outputs(dataset.examples.inputs)
    assert np.allclose(found, expected, rtol=CLOSE, atol=CLOSE)
    if model.classes:
        assert words == expected_words(model, expected)


def test_a_perceptron_is_a_statement_too(spine: Dataset) -> None:
    model = trained(spine, activation="step", hidden="none")
    _, found = selected(model, cells(model, spine.examples.inputs))
    assert np.array_equal(found, model.outputs(spine.examples.inputs))


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_words_of_every_kind_missing_and_unknown_ones_are_as_in_the_lab(classes: int) -> None:
    dataset = mixed(classes)
    model = trained(dataset)
    inputs = np.vstack([dataset.examples.inputs, [[6, 70, 3, 0.1], [np.nan] * 4]])
    words, found = selected(model, cells(model, inputs))
    expected = model.outputs(inputs)
    assert np.abs(found - expected).max() < CLOSE * max(1.0, np.abs(expected).max())
    if classes:
        assert words == expected_words(model, expected)


@pytest.mark.parametrize("word", ["", " ", "NA", " n/a "])
def test_words_for_missing_cells_are_missing_in_columns_of_texts(word: str, iris: Dataset) -> None:
    model = trained(iris)
    rows = cells(model, iris.examples.inputs[:3])
    inputs = iris.examples.inputs[:3].copy()
    rows[1][2], inputs[1, 2] = word, np.nan
    assert np.abs(selected(model, rows, "TEXT")[1] - model.outputs(inputs)).max() < CLOSE


def test_a_column_that_is_not_there_is_no_text_of_its_name(iris: Dataset) -> None:
    model = trained(iris)
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE iris (sepal_length, sepal_width, petal_length)")
    with pytest.raises(sqlite3.OperationalError, match="petal_width"):
        database.execute(sql_source(model))


def test_columns_that_a_database_takes_for_one_are_refused() -> None:
    dataset = mixed(2)
    examples = dataset.examples
    for names, said in ((("a", "A", "b", "c"), "for one"), (("", "a", "b", "c"), "cannot be a column")):
        features = tuple(
            Feature(name, one.categories) for name, one in zip(names, examples.features, strict=True)
        )
        renamed = Examples(features, examples.inputs, examples.targets, examples.classes)
        model = trained(Dataset(dataset.table, renamed, "kind", "classification", dataset.rows))
        with pytest.raises(ModelError, match=said):
            sql_source(model)


def test_a_network_with_more_nodes_than_a_statement_has_columns_is_refused(iris: Dataset) -> None:
    with pytest.raises(ModelError, match="2,000 columns"):
        sql_source(trained(iris, hidden="1200", epochs=1))


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_logarithmic_link_is_written(loss: str) -> None:
    dataset = dataset_from(open_table("auto_mpg"))
    model = trained(dataset, loss=loss)
    _, found = selected(model, cells(model, dataset.examples.inputs))
    expected = model.outputs(dataset.examples.inputs)
    assert np.allclose(found.ravel(), expected.ravel(), rtol=CLOSE, atol=0)
