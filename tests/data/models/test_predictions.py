"""Predictions for whole tables: cells given back as they were, numbers read by the model's types."""

from __future__ import annotations

import csv
import io
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Floats
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.atomic_write import whole_file
from epochal.data.models.model import Model, model_of
from epochal.data.models.model_file import load_model, save_model
from epochal.data.models.prediction_files import (
    free_name,
    layout_for,
    prediction_lines,
    write_held_out,
    write_predictions,
)
from epochal.data.models.predictions import Predictions
from epochal.data.models.table_columns import wanted_names
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.rows import open_rows
from epochal.data.tables.table import Table, TableError
from tests.lab import lab
from tests.runs import GIVE_UP, HERE

ANIMALS = "size,colour,wild,kind\n" + "".join(
    f"{i / 7:.3f},{('red', 'green', 'blue')[i % 3]},{i % 2},{('cat', 'dog')[i % 3 == 0]}\n" for i in range(60)
)


def table_of(folder: Path, text: str, name: str = "new.csv") -> Table:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_table(path)


def trained(dataset: Dataset, **settings: object) -> Model:
    training = Training(dataset.examples, Settings.model_validate({"epochs": 5, **settings}))
    list(training)
    return model_of(dataset, outcome_of(training))


def predicted(model: Model, path: Path | str, **reading: object) -> Predictions:
    return Predictions(model, open_rows(str(path), wanted_names(model), **reading))  # type: ignore[arg-type]


def outputs_of(predictions: Predictions) -> Floats:
    return np.vstack([batch.outputs for batch in predictions.batches()])


def lines_of(predictions: Predictions) -> list[list[str]]:
    text = "".join(prediction_lines(predictions, layout_for(predictions)))
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def new(folder: Path, text: str, name: str = "new.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return dataset_from(table_of(tmp_path_factory.mktemp("animals"), ANIMALS, "animals.csv"))


@pytest.fixture(scope="module")
def model(animals: Dataset) -> Model:
    return trained(animals)


def test_columns_are_found_by_name_in_any_order(model: Model, animals: Dataset, tmp_path: Path) -> None:
    lines = [line.split(",") for line in ANIMALS.splitlines()]
    shuffled = "\n".join(
        ",".join(["x" if i == 0 else "7.5", wild, colour, size])
        for i, (size, colour, wild, _) in enumerate(lines)
    )
    found = predicted(model, new(tmp_path, shuffled + "\n"))
    assert outputs_of(found).tobytes() == model.outputs(animals.examples.inputs).tobytes()
    assert found.notes == ["x is not used: it was not learned from."]
    assert found.cells == []


@pytest.mark.parametrize("table", ["penguins", "auto_mpg", "column_2C_weka", "xor", "moons:rows=90"])
def test_the_outputs_are_the_bytes_of_the_training(table: str) -> None:
    dataset = dataset_from(open_table(table))
    learned = trained(dataset)
    outputs = outputs_of(predicted(learned, table))
    assert outputs[dataset.rows].tobytes() == learned.outputs(dataset.examples.inputs).tobytes()


def test_a_category_never_seen_counts_as_none_and_is_said(model: Model, tmp_path: Path) -> None:
    found = predicted(model, new(tmp_path, "size,colour,wild\n1.5,red,0\n2.5,mauve,1\n3.5,green,1\n"))
    none = np.array([[2.5, len(model.features[1].categories), 1.0]])
    assert outputs_of(found)[1].tobytes() == model.outputs(none)[0].tobytes()
    assert found.notes == [
        "colour: 1 cell holds what was not in training, such as 'mauve' in line 3: none of the known "
        "categories."
    ]


def test_missing_cells_are_filled_and_said(model: Model, tmp_path: Path) -> None:
    found = predicted(model, new(tmp_path, "size,colour,wild\n1.5,,0\nNA,red,1\n,green,1\n"))
    assert np.isfinite(outputs_of(found)).all()
    assert found.notes == [
        "size: 2 missing cells (NA 1) were filled in (imputation), as in training.",
        "colour: 1 missing cell was filled in (imputation), as in training.",
    ]


def test_what_cannot_be_used_is_counted_for_each_column(tmp_path: Path) -> None:
    towns = [f"town{i % 20}" if i % 11 else f"rare{i}" for i in range(900)]
    rows = "".join(f"{i % 50},{town},{'ab'[i % 2]}\n" for i, town in enumerate(towns))
    learned = trained(dataset_from(table_of(tmp_path, f"size,city,class\n{rows}")))
    own = learned.predictor.preparation.levels[1].tolist()
    rare = [name for at, name in enumerate(learned.features[1].categories) if at not in own]
    text = f"size,city\n50,town1\n,{rare[0]}\n-1,Ur\n7,{rare[1]}\n?,\n49,{rare[0]}\n"
    found = predicted(learned, new(tmp_path, text, "a.csv"))
    outputs_of(found)
    assert found.cells == [
        {"column": "size", "missing": 2, "unknown": 0, "out_of_range": 2, "pooled": 0},
        {"column": "city", "missing": 1, "unknown": 1, "out_of_range": 0, "pooled": 3},
    ]
    said = " ".join(found.notes)
    assert "2 cells lie outside 0 to 49, the range in the table learned from, such as 50 in line 2" in said
    assert "3 cells hold a category too rare in training" in said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sizes,colour,wild\n1,red,0\n2,red,0\n", "no column size (is sizes meant?)"),
        ("size,wild\n1,0\n2,1\n", "no column colour"),
        ("size,colour,wild\nbig,red,0\nsmall,red,1\nbig,green,0\n", "words such as 'big' in line 2"),
        ("size,colour,wild\n1,red,0\n2,red,1\nx,green,0\n3,red,0\n", "line 4: 'x' stands in column 1"),
        ("size,colour,wild\n1,red,0\n1e999,red,1\n1,green,0\n3,red,0\n", "line 3: '1e999'"),
        ("size,colour,wild\n1,red,0\n1,red\n1,red,0\n", "line 3: the record has fewer than 3 cells"),
        ("size,colour,wild\n", "no rows below it"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_a_sentence(
    model: Model, tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(TableError) as refused:
        predicted(model, new(tmp_path, text))
    assert words in str(refused.value)


def test_rows_that_cannot_be_read_may_be_left_out(model: Model, tmp_path: Path) -> None:
    text = "size,colour,wild\n1,red,0\nx,red,1\n2,green\n3,blue,1\nthe end\n"
    found = predicted(model, new(tmp_path, text), drop_bad_rows=True)
    assert [row[:3] for row in lines_of(found)[1:]] == [["1", "red", "0"], ["3", "blue", "1"]]
    assert (found.rows, found.rows_left_out) == (2, 3)
    assert "3 rows were left out because of problems." in found.notes


# The user's own cells.

CELLS = (
    *("1.10", "967057325871040576", "9007199254740993", "NA", "", " padded ", "007", "1e5", "-0.0", "+5"),
    *('quo"te', '""', "a,b", "a;b", "a\tb", "a|b", "=1+1", "-cmd", "@x", "two\nlines", "back\rhome", "'x'"),
    *(
        "1,5",
        "1.234,5",
        "$1,234",
        "ümlaut",
        "naïve",
        "€",
        "日本語",
        "e\u0301",
        "x" * 300,
        "12 %",
        "2024-01-31",
        "None",
    ),
)


def odd_table(chance: random.Random, folder: Path, encoding: str) -> tuple[Path, list[list[str]]]:
    """A file in a random dialect, and its cells: two that the model needs, among others of any kind."""
    cells = [cell for cell in CELLS if encoding != "windows-1252" or _fits(cell)]
    extra = chance.randint(0, 4)
    names = ["size", "colour", "wild", *(f"my {n}" for n in range(extra))]
    chance.shuffle(names)
    if extra and chance.random() < 0.3:
        names[names.index("my 0")] = chance.choice(["predicted", "probability_cat", "row"])
    rows = [names]
    for number in range(chance.choice([1, 2, 3, 40])):
        known = {
            "size": chance.choice(["1.10", "2", ".5", "1e0", "+3.0", "", "NA", "9007199254740993"]),
            "colour": chance.choice(["red", "green", "blue", "NA", "mauve", "007"]),
            "wild": chance.choice(["0", "1", "1.0", "001"]),
        }
        rows.append([known[name] if name in known else chance.choice(cells) for name in names])
        if number == 0:
            rows[-1][names.index("colour")] = "red"
    delimiter = chance.choice(",;\t|")
    file = io.StringIO(newline="")
    # Without quotes, Python's writer leaves a bare carriage return as it is, which ends the line.
    if any("\r" in cell for row in rows for cell in row) or chance.random() < 0.5:
        rules: dict[str, Any] = {"quoting": csv.QUOTE_ALL}
    else:
        rules = {"quoting": csv.QUOTE_MINIMAL}
    writer = csv.writer(file, delimiter=delimiter, lineterminator=chance.choice(["\n", "\r\n"]), **rules)
    writer.writerows(rows)
    path = folder / "odd.csv"
    path.write_bytes(file.getvalue().encode(encoding))
    return path, rows


def _fits(cell: str) -> bool:
    try:
        return cell.isascii() or bool(cell.encode("windows-1252"))
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_the_users_own_cells_come_out_as_they_went_in(encoding: str, model: Model, tmp_path: Path) -> None:
    taken = 0
    for seed in range(60):
        path, rows = odd_table(random.Random(f"{encoding}{seed}"), tmp_path, encoding)
        try:
            found = predicted(model, path)
        except TableError:
            continue  # a quote or a bare carriage return that no dialect explains
        taken += 1
        written = lines_of(found)
        assert [row[: len(rows[0])] for row in written] == rows, (seed, path.read_bytes())
        assert len({len(row) for row in written}) == 1
        header = written[0]
        assert len(set(header)) == len(header)
    assert taken >= 50


ARFF = """@relation animals
@attribute size numeric
@attribute colour {red,green,'blue'}
@attribute wild numeric
@attribute note string
@data
% the first
1.10,red,0,'a, b'
?,blue,1,"967057325871040576"
{0 2.50, 1 green, 3 x}
"""


def test_the_cells_of_an_arff_file_come_out_as_they_went_in(model: Model, tmp_path: Path) -> None:
    found = predicted(model, new(tmp_path, ARFF, "animals.arff"))
    assert [row[:4] for row in lines_of(found)] == [
        ["size", "colour", "wild", "note"],
        ["1.10", "red", "0", "a, b"],
        ["?", "blue", "1", "967057325871040576"],
        ["2.50", "green", "0", "x"],
    ]
    assert [one for one in found.cells if one["missing"]] == found.cells != []
    with pytest.raises(TableError, match="line 8"):
        predicted(model, new(tmp_path, ARFF.replace("1.10", "big"), "animals.arff"))
    found = predicted(model, new(tmp_path, ARFF.replace("1.10", "big"), "animals.arff"), drop_bad_rows=True)
    assert len(lines_of(found)) == 3
    assert found.rows_left_out == 1


@pytest.mark.parametrize("sized", ["1,5", "1.234,5", "1 234,5", "1'234.5", "1.5", "1e3"])
def test_numbers_are_read_as_the_file_writes_them_and_given_back(
    sized: str, model: Model, tmp_path: Path
) -> None:
    found = predicted(model, new(tmp_path, f"size;colour;wild\n{sized};red;1\n"))
    worth = float(
        sized.replace("'", "").replace(" ", "").replace(".", "" if "," in sized else ".").replace(",", ".")
    )
    expected = model.outputs(np.array([[worth, model.features[1].categories.index("red"), 1.0]]))
    assert outputs_of(found).tobytes() == expected.tobytes()
    assert lines_of(found)[1][0] == sized


@pytest.mark.parametrize(
    "text",
    [
        "colour\nred\n",
        "colour\nred\nred\n",
        "colour,x\nred,1\n",
        "x;colour\n1;red\n",
        "colour\tcolours\nred\ta,b\n",
    ],
)
def test_one_row_and_one_column_are_enough(text: str, tmp_path: Path) -> None:
    rows = "".join(f"{('red', 'green', 'blue')[i % 3]},{'ab'[i % 3 == 0]}\n" for i in range(30))
    learned = trained(dataset_from(table_of(tmp_path, f"colour,class\n{rows}")))
    found = predicted(learned, new(tmp_path, text, "one.csv"))
    assert np.allclose(outputs_of(found), learned.outputs(np.zeros((1, 1))), rtol=1e-12)


def test_numbers_that_were_learned_as_categories_stay_some(tmp_path: Path) -> None:
    """`007` in one row of the new table would be a number to the reader, and so would `12`."""
    codes = ("007", "012", "120")
    rows = "".join(f"{codes[i % 3]},{i / 7:.2f},{'ab'[i % 3 == 0]}\n" for i in range(60))
    learned = trained(dataset_from(table_of(tmp_path, f"code,size,class\n{rows}")))
    assert learned.features[0].categories == codes
    for code, known in (("007", 0), ("120", 2), ("7", 3), ("12", 3)):
        found = predicted(learned, new(tmp_path, f"code,size\n{code},1\n", "one.csv"))
        assert outputs_of(found).tobytes() == learned.outputs(np.array([[known, 1.0]])).tobytes()
        assert [one["unknown"] for one in found.cells] == [1] * (known == 3)


@pytest.mark.parametrize("order", ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d %B %Y", "%Y-%m-%dT%H:%M"])
def test_dates_are_read_in_the_order_that_was_learned(order: str, tmp_path: Path) -> None:
    """One row says nothing of which number is the day: the model knows it."""
    begin = datetime(2023, 1, 1, 7)
    days = [begin + timedelta(days=i, hours=i % 9) for i in range(200)]
    rows = "".join(f"{day.strftime(order)},{i % 7},{'ab'[i % 2]}\n" for i, day in enumerate(days))
    dataset = dataset_from(table_of(tmp_path, f"day,size,class\n{rows}", "days.csv"))
    learned = trained(dataset)
    assert len(learned.features) > 5
    save_model(tmp_path / "m.npz", learned)
    loaded = load_model(tmp_path / "m.npz")
    found = predicted(loaded, tmp_path / "days.csv")
    assert outputs_of(found).tobytes() == learned.outputs(dataset.examples.inputs).tobytes()
    assert (found.notes, found.cells, found.left_out) == ([], [], [])
    one = predicted(loaded, new(tmp_path, f"day,size\n{days[60].strftime(order)},{60 % 7}\n", "one.csv"))
    assert np.allclose(outputs_of(one), learned.outputs(dataset.examples.inputs[60:61]), rtol=1e-12)
    odd = new(tmp_path, "day,size\n,1\n31/02/2024,1\n1 May 1999,1\n2031-05-07,2\nsoon,3\n", "odd.csv")
    outputs_of(found := predicted(loaded, odd))
    (told,) = found.cells
    assert told["column"] == "day"
    assert told["missing"] == 1
    assert told["unknown"] == 2
    assert told["out_of_range"] == 2
    assert "'31/02/2024' in line 3" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("{} kg", "size,class"),
        ("${}", "size,class"),
        ("{} %", "size,class"),
        ("({})", "size,class"),
        ("\u2212{}", "size,class"),
    ],
)
def test_amounts_are_read_as_in_training_even_one_of_them(written: str, made: str, tmp_path: Path) -> None:
    amounts = [written.format(f"{i % 40 + 1}.5") for i in range(80)]
    rows = "".join(f"{one},{'ab'[i % 2]}\n" for i, one in enumerate(amounts))
    dataset = dataset_from(table_of(tmp_path, f"{made}\n{rows}", "amounts.csv"))
    learned = trained(dataset)
    assert learned.features[0].categories == ()
    found = predicted(learned, tmp_path / "amounts.csv")
    assert outputs_of(found).tobytes() == learned.outputs(dataset.examples.inputs).tobytes()
    one = predicted(learned, new(tmp_path, f"size\n{amounts[3]}\n", "one.csv"))
    assert np.allclose(outputs_of(one), learned.outputs(dataset.examples.inputs[3:4]), rtol=1e-12)
    assert lines_of(one)[1][0] == amounts[3]


def test_a_number_that_may_be_read_in_two_ways_is_settled_by_the_range_learned_or_asked_about(
    model: Model, tmp_path: Path
) -> None:
    """Sizes are below 9 in training: 5.123 is one, and 5,123 is none."""
    path = new(tmp_path, "size;colour;wild\n5.123;red;1\n")
    found = predicted(model, path)
    assert np.allclose(outputs_of(found), model.outputs(np.array([[5.123, 0.0, 1.0]])), rtol=1e-12)
    assert found.notes == ["size was read with a decimal point: only so it lies in the range learned from."]
    path = new(tmp_path, "size;colour;wild\n15.123;red;1\n")
    with pytest.raises(TableError, match="--decimal"):
        predicted(model, path)
    for mark, worth in ((".", 15.123), (",", 15123.0)):
        outputs = outputs_of(predicted(model, path, decimal=mark))
        assert np.allclose(outputs, model.outputs(np.array([[worth, 0.0, 1.0]])), rtol=1e-12)


# Files.


def test_the_file_has_the_tables_columns_the_answer_and_its_probabilities(
    model: Model, animals: Dataset, tmp_path: Path
) -> None:
    found = predicted(replace(model, threshold=0.3), animals.table.path)
    outputs = outputs_of(found)
    path = tmp_path / "out.csv"
    write_predictions(path, found)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    first, second = model.classes
    assert header == [*animals.table.names, "predicted", f"probability_{first}", f"probability_{second}"]
    assert len(rows) == 60
    for row, (_, share) in zip(rows, outputs, strict=True):
        assert row[4] == (second if share >= 0.3 else first)
        assert float(row[6]) == pytest.approx(share, abs=1e-6)
    assert ANIMALS.splitlines()[1:] == [",".join(row[:4]) for row in rows]


def test_what_is_made_is_no_formula_and_what_was_there_stays(tmp_path: Path) -> None:
    rows = "".join(f"{i},=A{i % 3},{('=HYPERLINK(1)', '-1', '@x')[i % 3]}\n" for i in range(30))
    learned = trained(dataset_from(table_of(tmp_path, f"size,cell,class\n{rows}")))
    header, *lines = lines_of(predicted(learned, tmp_path / "new.csv"))
    assert header[-3:] == ["probability_=HYPERLINK(1)", "probability_-1", "probability_@x"]
    assert [line[:3] for line in lines] == [line.split(",") for line in rows.splitlines()]
    assert {line[3] for line in lines} <= {"'=HYPERLINK(1)", "-1", "'@x"}


def test_names_that_the_table_has_already_get_a_number_and_that_is_said(model: Model, tmp_path: Path) -> None:
    text = "predicted,size,colour,wild,predicted_2,probability_cat\nyes,1,red,0,x,.5\n"
    found = predicted(model, new(tmp_path, text))
    shape = layout_for(found)
    assert shape.added == ("predicted_3", "probability_dog", "probability_cat_2")
    assert shape.notes == (
        "The table has a column predicted already: the new one is called predicted_3.",
        "The table has a column probability_cat already: the new one is called probability_cat_2.",
    )
    assert lines_of(found)[1][:6] == text.splitlines()[1].split(",")


def test_only_the_columns_kept_are_written(model: Model, tmp_path: Path) -> None:
    found = predicted(model, new(tmp_path, "my id,size,colour,wild\n1.10,1,red,0\n"))
    assert layout_for(found, ()).header == ()
    assert layout_for(found, ("wild", "my id"), probabilities=False).header == ("my id", "wild")
    assert layout_for(found, (), probabilities=False).added == ("predicted",)
    with pytest.raises(TableError, match="There is no column id to keep"):
        layout_for(found, ("id",))


def test_the_held_out_rows_are_written_with_their_numbers(animals: Dataset, tmp_path: Path) -> None:
    training = Training(animals.examples, Settings(epochs=5))
    list(training)
    path = tmp_path / "held-out.csv"
    write_held_out(path, animals, outcome_of(training))
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) - 1 for row in rows] == training.split.held_out.tolist()
    own = list(csv.DictReader(ANIMALS.splitlines()))
    assert [{name: row[name] for name in own[0]} for row in rows] == [
        own[place] for place in training.split.held_out
    ]
    # Of a table that is another one by now, the cells are those that were learned from.
    new(Path(animals.table.path).parent, ANIMALS.replace("0.", "7."), "animals.csv")
    write_held_out(path, animals, outcome_of(training), force=True)
    new(Path(animals.table.path).parent, ANIMALS, "animals.csv")
    with path.open(newline="", encoding="utf-8") as file:
        again = list(csv.DictReader(file))
    assert [float(row["size"]) for row in again] == [float(row["size"]) for row in rows]


def test_a_file_that_is_there_is_never_replaced(model: Model, animals: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_predictions(path, predicted(model, animals.table.path))
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_table_that_changes_while_it_is_predicted_leaves_nothing_behind(
    model: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    path = new(tmp_path, ANIMALS)
    found = predicted(model, path)
    path.write_text(ANIMALS + ANIMALS, encoding="utf-8")
    with pytest.raises(TableError, match="was changed while it was read"):
        write_predictions(folder / "out.csv", found)
    assert list(folder.iterdir()) == []


MEMORY = """
import sys
from epochal.tui.cli.main import epochal
epochal(sys.argv[1:], standalone_mode=False)
status = open("/proc/self/status").read()
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")
def test_two_hundred_thousand_rows_take_no_more_memory_than_a_few(model: Model, tmp_path: Path) -> None:
    """Written to a file and as one JSON object too."""
    saved = tmp_path / "model.npz"
    save_model(saved, model)
    peaks = []
    for rows in (70_000, 200_000):
        path, out = tmp_path / f"{rows}.csv", tmp_path / f"{rows}-out.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write("id,size,colour,wild\n")
            file.writelines(f"row {i},{i % 997 / 7:.3f},red,{i % 2}\n" for i in range(rows))
        with (tmp_path / "printed").open("w+", encoding="utf-8") as printed:
            done = subprocess.run(
                [
                    sys.executable,
                    "-c",
                    MEMORY,
                    "predict",
                    str(saved),
                    str(path),
                    "--output",
                    str(out),
                    "--json",
                ],
                stdout=printed,
                cwd=HERE,
                timeout=GIVE_UP,
                check=True,
            )
            assert done.returncode == 0
            printed.seek(0)
            peaks.append(int(printed.read().split("\n")[-2]))
        with out.open(encoding="utf-8") as file:
            assert sum(1 for _ in file) == rows + 1
    assert peaks[1] - peaks[0] < 8 << 10, peaks  # kB; the cells of 130,000 rows would take 40 MB


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


# In the lab.


async def test_a_whole_file_is_predicted_from_the_lab(animals: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "new ones.csv"
    path.write_text("wild,colour,size\n0,red,1.50\n1,mauve,2.5\n1,blue,NA\n", encoding="utf-8")
    async with lab(animals, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("p")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: "3 rows of new ones" in person.dialog())
        said = person.dialog()
        assert "predicted probability_d… probability_c… wild colour size" in said
        assert "0 red 1.50" in said
        await person.press("enter")
        await person.until_shown("3 predictions were written")
        assert "such as 'mauve' in line 3" in person.dialog()
    with (tmp_path / "new ones-predicted.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["size"] for row in rows] == ["1.50", "2.5", "NA"]
    run = person.app.run_shown
    assert run is not None
    learned = model_of(animals, run.outcome_now())
    expected = outputs_of(predicted(learned, path))
    assert [float(row["probability_dog"]) for row in rows] == pytest.approx(
        expected[:, animals.examples.classes.index("dog")], abs=1e-6
    )


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        ("a,b\n1,2\n2,3\n", lambda said: "has no column size" in said),
        (
            "size,colour,wild\n1,red,0\nx,red,0\n2,red,0\n",
            lambda said: "line 3" in said and "Go on without" in said,
        ),
    ],
)
async def test_a_file_that_does_not_fit_is_a_sentence_in_the_lab(
    text: str, shows: Callable[[str], bool], animals: Dataset, tmp_path: Path
) -> None:
    path = new(tmp_path, text, "other.csv")
    async with lab(animals, Settings(epochs=5)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("p")
        await person.type(str(path))
        await person.press("enter")
        await person.until(lambda: shows(person.dialog()))
        if "Go on" in person.dialog():
            await person.press("enter")
            await person.until(lambda: "of other; the first predictions" in person.dialog())


async def test_nothing_is_predicted_before_something_was_learned(animals: Dataset) -> None:
    async with lab(animals) as person:
        await person.press("p")
        await person.until_shown("Nothing has been learned")
