"""Predictions for whole tables: columns found by name, strangers said, files never half or overwritten."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.atomic_write import whole_file
from epochal.data.models.predictions import free_name, inputs_from, write_predictions
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError
from tests.lab import lab

ANIMALS = "size,colour,wild,kind\n" + "".join(
    f"{i / 7:.3f},{('red', 'green', 'blue')[i % 3]},{i % 2},{('cat', 'dog')[i % 3 == 0]}\n" for i in range(60)
)


def table_of(folder: Path, text: str, name: str = "new.csv") -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_table(path)


@pytest.fixture
def animals(tmp_path: Path) -> Dataset:
    return dataset_from(table_of(tmp_path, ANIMALS, "animals.csv"))


def test_columns_are_found_by_name_in_any_order(animals: Dataset, tmp_path: Path) -> None:
    lines = [line.split(",") for line in ANIMALS.splitlines()]
    shuffled = "\n".join(
        ",".join(["x" if i == 0 else "7.5", wild, colour, size])
        for i, (size, colour, wild, _) in enumerate(lines)
    )
    inputs, notes = inputs_from(table_of(tmp_path, shuffled + "\n"), animals.examples.features)
    assert np.array_equal(inputs, animals.examples.inputs)
    assert notes == []


def test_a_category_never_seen_counts_as_none_and_is_said(animals: Dataset, tmp_path: Path) -> None:
    table = table_of(tmp_path, "size,colour,wild\n1.5,red,0\n2.5,mauve,1\n3.5,green,1\n")
    inputs, notes = inputs_from(table, animals.examples.features)
    assert notes == [
        "colour: 1 cells hold what was not in training, such as 'mauve'; they count as none of the known "
        "categories."
    ]
    prepared = Training(animals.examples, Settings(scaling="none", epochs=1)).preparation
    encoded = dict(zip(prepared.names, prepared.inputs(inputs)[1], strict=True))
    assert [encoded[f"colour = {name}"] for name in ("red", "green", "blue")] == [0, 0, 0]


def test_missing_cells_are_filled_and_said(animals: Dataset, tmp_path: Path) -> None:
    table = table_of(tmp_path, "size,colour,wild\n1.5,,0\n,red,1\n3.5,green,1\n")
    inputs, notes = inputs_from(table, animals.examples.features)
    assert [note.split(":")[0] for note in notes] == ["size", "colour"]
    assert np.isfinite(Training(animals.examples, Settings(epochs=1)).outputs(inputs)).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sizes,colour,wild\n1,red,0\n2,red,0\n", "no column size (is sizes meant?)"),
        ("size,wild\n1,0\n2,1\n", "no column colour"),
        ("size,colour,wild\nbig,red,0\nsmall,red,1\nbig,green,0\n", "words such as 'big' in row 1"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_a_sentence(
    animals: Dataset, tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(TableError) as refused:
        inputs_from(table_of(tmp_path, text), animals.examples.features)
    assert words in str(refused.value)


def test_the_file_has_the_tables_columns_the_answer_and_its_probabilities(
    animals: Dataset, tmp_path: Path
) -> None:
    training = Training(animals.examples, Settings(epochs=5))
    list(training)
    outputs = training.outputs(animals.examples.inputs)
    path = tmp_path / "out.csv"
    write_predictions(path, animals.table, outputs, animals.examples.classes, 0.3)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    cat, dog = animals.examples.classes
    assert header == [
        "size",
        "colour",
        "wild",
        "kind",
        "predicted",
        f"probability_{cat}",
        f"probability_{dog}",
    ]
    assert len(rows) == 60
    for row, (_, second) in zip(rows, outputs, strict=True):
        assert row[4] == (dog if second >= 0.3 else cat)
        assert float(row[6]) == pytest.approx(second, abs=1e-6)
    assert [row[1] for row in rows] == [animals.table.column("colour").text(i) for i in range(60)]


def test_a_file_that_is_there_is_never_replaced(animals: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_predictions(path, animals.table, np.zeros((60, 2)), animals.examples.classes)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_failure_leaves_nothing_behind(animals: Dataset, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(IndexError):
        write_predictions(folder / "out.csv", animals.table, np.zeros((3, 2)), animals.examples.classes)
    assert list(folder.iterdir()) == []


def test_a_free_name_is_beside_the_table_and_new(tmp_path: Path) -> None:
    assert free_name(tmp_path / "a.csv.gz").name == "a-predicted.csv"
    (tmp_path / "a-predicted.csv").touch()
    assert free_name(tmp_path / "a.csv").name == "a-predicted-2.csv"


@pytest.mark.parametrize(
    "name", ["\n", "a\x1b[31m\u202eb", "🧠" * 60, "ü" * 120, "\udc80", " ", "-rf", ".csv"]
)
def test_a_name_made_of_any_name_can_be_seen_and_written(name: str, tmp_path: Path) -> None:
    path = free_name(tmp_path / f"{name}.csv", "report", ".html")
    assert path.parent == tmp_path
    assert path.name.isprintable()
    with whole_file(path) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


async def test_a_whole_file_is_predicted_from_the_lab(animals: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "new ones.csv"
    path.write_text("wild,colour,size\n0,red,1.5\n1,green,2.5\n1,blue,0.5\n", encoding="utf-8")
    async with lab(animals, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("p")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: "3 rows of new ones" in person.dialog())
        await person.press("enter")
        await person.until_shown("3 predictions were written")
    with (tmp_path / "new ones-predicted.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    run = person.app.run_shown
    assert run is not None
    assert run.training is not None
    inputs, _ = inputs_from(read_table(path), animals.examples.features)
    expected = run.training.outputs(inputs)
    assert [float(row["probability_dog"]) for row in rows] == pytest.approx(
        expected[:, animals.examples.classes.index("dog")], abs=1e-6
    )


async def test_a_file_that_does_not_fit_is_a_sentence_in_the_lab(animals: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n2,3\n", encoding="utf-8")
    async with lab(animals, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("p")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: "has no column size" in person.dialog())


async def test_nothing_is_predicted_before_something_was_learned(animals: Dataset) -> None:
    async with lab(animals) as person:
        await person.press("p")
        await person.until_shown("Nothing has been learned")
