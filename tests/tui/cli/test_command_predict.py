"""`train --save` and `predict` as other programs see them."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import decide
from epochal.core.evaluation.judgement import decision_threshold
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model_file import load_model
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.runs import GIVE_UP, HERE, epochal, written

pexpect = pytest.importorskip("pexpect")

ANIMALS = "size,colour,code,kind\n" + "".join(
    f"{i / 7:.3f},{('red', 'green', 'blue')[i % 3]},{i % 4}.0,{('cat', 'dog')[i % 3 == 0]}\n"
    for i in range(60)
)


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table, and a model that was trained on it by the command line."""
    folder = tmp_path_factory.mktemp("animals")
    written(folder, ANIMALS, "animals.csv")
    done = epochal(
        "train",
        "animals.csv",
        "--as-text",
        "code",
        "--epochs",
        "10",
        "--no-history",
        "--save",
        "m.npz",
        cwd=folder,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\nWrote the model to m.npz.\n")
    return folder


def trained_alike(table: str, **settings: object) -> tuple[Dataset, Training]:
    dataset = dataset_from(open_table(table))
    training = Training(dataset.examples, Settings.model_validate(settings))
    list(training)
    return dataset, training


@pytest.mark.parametrize("table", ["penguins", "auto_mpg"])
def test_predicting_gives_the_bytes_of_the_training(table: str, tmp_path: Path) -> None:
    path = str(tmp_path / "m.npz")
    done = epochal("train", table, "--epochs", "5", "--seed", "3", "--no-history", "--save", path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["epochs"] == 5
    dataset, training = trained_alike(table, epochs=5, seed=3)
    expected = training.outputs(dataset.examples.inputs)
    done = epochal("predict", path, table, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert list(told) == [
        *("rows", "target", "classes", "predicted", "probabilities", "notes", "left_out", "rows_left_out"),
        *("cells", "columns", "learned_from", "output"),
    ]
    assert (told["rows"], told["target"], told["output"]) == (len(expected), dataset.target, None)
    classes = list(dataset.examples.classes)
    assert told["classes"] == classes
    if classes:
        assert np.array(told["probabilities"]).tobytes() == expected.tobytes()
        assert told["predicted"] == [classes[answer] for answer in decide(expected)]
    else:
        assert told["probabilities"] == []
        assert np.array(told["predicted"]).tobytes() == expected[:, 0].tobytes()


def test_the_balanced_threshold_travels_with_the_model(tmp_path: Path) -> None:
    path = str(tmp_path / "m.npz")
    options = ("--epochs", "30", "--threshold", "balanced", "--no-history")
    assert epochal("train", "column_2C_weka", *options, "--save", path).returncode == 0
    dataset, training = trained_alike("column_2C_weka", epochs=30, threshold="balanced")
    threshold = decision_threshold(training)
    assert threshold != 0.5
    answers = decide(training.outputs(dataset.examples.inputs), threshold)
    told = json.loads(epochal("predict", path, "column_2C_weka", "--json").stdout)
    assert told["predicted"] == [dataset.examples.classes[answer] for answer in answers]
    assert load_model(path).threshold == threshold


def test_predictions_follow_the_tables_columns(animals: Path) -> None:
    done = epochal("predict", "m.npz", "animals.csv", cwd=animals)
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = csv.reader(io.StringIO(done.stdout))
    assert header == ["size", "colour", "code", "kind", "predicted", "probability_dog", "probability_cat"]
    assert len(rows) == 60
    for row in rows:
        assert float(row[5]) + float(row[6]) == pytest.approx(1, abs=2e-6)
        assert row[4] == ("cat" if float(row[6]) >= 0.5 else "dog")
    told = epochal("predict", "m.npz", "animals.csv", "--output", "out.csv", "--json", cwd=animals)
    assert json.loads(told.stdout)["output"] == "out.csv"
    assert (animals / "out.csv").read_text(encoding="utf-8") == done.stdout
    assert list(animals.glob(".*")) == []


def test_codes_learned_as_words_are_read_as_words(animals: Path) -> None:
    """`1.0` would be the number 1 to the reader, and the word 1 is none that was learned."""
    told = json.loads(epochal("predict", "m.npz", "animals.csv", "--json", cwd=animals).stdout)
    assert told["notes"] == []
    path = written(animals, ANIMALS.replace("1.0,", "1,"), "shorter.csv")
    told = json.loads(epochal("predict", "m.npz", path, "--json", cwd=animals).stdout)
    assert [note for note in told["notes"] if "code: 15 cells hold what was not in training" in note]


def test_columns_are_found_by_name_and_strangers_are_said(animals: Path) -> None:
    lines = [line.split(",") for line in ANIMALS.splitlines()]
    text = "".join(
        ";".join([code, "x" if n else "more", size, colour]) + "\n"
        for n, (size, colour, code, _) in enumerate(lines)
    )
    path = written(animals, text, "turned.csv")
    done = epochal("predict", "m.npz", path, "--delimiter", ";", cwd=animals)
    assert (done.returncode, done.stderr) == (0, "more is not used: it was not learned from.\n")
    sound = epochal("predict", "m.npz", "animals.csv", cwd=animals)
    assert [row[-3:] for row in csv.reader(io.StringIO(done.stdout))] == [
        row[-3:] for row in csv.reader(io.StringIO(sound.stdout))
    ]


def test_missing_columns_are_named(animals: Path) -> None:
    path = written(animals, "sizes,colors\n1,red\n2,green\n", "other.csv")
    done = epochal("predict", str(animals / "m.npz"), path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "other has no column size (is sizes meant?), nor colour, code, which the network learned from.\n"
    )


def test_words_where_numbers_were_learned_are_named(animals: Path) -> None:
    path = written(animals, "size,colour,code\nbig,red,1.0\nsmall,red,1.0\nbig,green,2.0\n", "words.csv")
    done = epochal("predict", str(animals / "m.npz"), path, "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "size holds words such as 'big' in line 2" in done.stderr


def test_files_that_are_there_are_replaced_only_by_force(animals: Path, tmp_path: Path) -> None:
    model, table = str(animals / "m.npz"), str(animals / "animals.csv")
    taken = tmp_path / "taken"
    taken.write_text("precious", encoding="utf-8")
    for command in (
        ("predict", model, table, "--output", str(taken)),
        ("train", table, "--epochs", "2", "--no-history", "--save", str(taken)),
    ):
        done = epochal(*command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"{taken} is there already: name a new file, or replace it with --force.\n"
        assert taken.read_text(encoding="utf-8") == "precious"
    assert epochal(*command, "--force").returncode == 0
    assert load_model(taken).epochs == 2
    assert epochal("predict", model, table, "--output", str(taken), "--force").returncode == 0
    assert taken.read_text(encoding="utf-8").startswith("size,colour")


def test_places_that_cannot_be_written_are_said_before_training(tmp_path: Path) -> None:
    for place, words in (
        (tmp_path, "is a folder"),
        (tmp_path / "absent" / "m.npz", "There is no folder"),
    ):
        done = epochal("train", "iris", "--epochs", "9999999", "--no-history", "--save", str(place))
        assert (done.returncode, done.stdout) == (1, "")
        assert words in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "it is text, such as a table."),
        (b"\x80\x04\x95", "it is a Python pickle, which could run any program when opened, so it was not."),
        (b"", "it is empty."),
        (b"PK\3\4 and so on", "it is cut off or damaged"),
    ],
)
def test_a_file_that_is_no_model_is_a_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    done = epochal("predict", str(path), "iris")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("m.npz cannot be used as a model: ")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_model_and_table_the_wrong_way_round_is_said(animals: Path) -> None:
    done = epochal("predict", "animals.csv", "m.npz", cwd=animals)
    assert done.returncode == 1
    assert done.stderr.endswith("it is text, such as a table. The model comes first, then the table.\n")
    assert epochal("predict", "m.npz", cwd=animals).returncode == 2


def test_numbers_beyond_all_reason_are_named(animals: Path) -> None:
    path = written(animals, "size,colour,code\n1,red,1.0\n1.7e308,red,1.0\n1,red,2.0\n", "far.csv")
    done = epochal("predict", str(animals / "m.npz"), path)
    if done.returncode:  # infinities may meet, or saturate
        assert "Row 2 holds numbers so far beyond" in done.stderr
    else:
        assert "nan" not in done.stdout
    assert "Warning" not in done.stderr


@pytest.mark.parametrize("warm_up", ["0", "40"])
def test_a_diverged_run_saves_the_weights_of_its_last_sane_epoch(warm_up: str, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    settings = ("--optimizer", "sgd", "--activation", "relu", "--learning-rate", "5", "--epochs", "60")
    done = epochal(
        "train", "auto_mpg", *settings, "--warm-up", warm_up, "--no-history", "--save", str(path), "--json"
    )
    assert done.returncode == 1
    *notes, sentence = done.stderr.splitlines()
    assert "Training diverged in epoch" in sentence
    epochs = json.loads(done.stdout)["epochs"]
    assert (epochs > 0) == (warm_up == "40")
    if epochs:
        assert notes == []
        assert load_model(path).epochs == epochs
        inputs = dataset_from(open_table("auto_mpg")).examples.inputs
        assert np.isfinite(load_model(path).outputs(inputs)).all()
    else:
        assert notes == [f"No epoch was trained to its end, so nothing was written to {path}."]
        assert not path.exists()


def test_nothing_in_a_cell_is_obeyed_by_a_terminal(tmp_path: Path) -> None:
    table = written(
        tmp_path,
        "size,word\x1b]0;owned\x07,kind\n"
        + "".join(f"{i},\x1b[31mred,{'ab'[i % 2]}\n{i},\x1b[32mgreen,{'ab'[i % 2]}\n" for i in range(20)),
    )
    model = str(tmp_path / "m.npz")
    assert epochal("train", table, "--epochs", "2", "--no-history", "--save", model).returncode == 0
    assert "\x1b[31mred" in epochal("predict", model, table).stdout
    shown = pexpect.run(
        f"{sys.executable} -m epochal predict '{model}' '{table}'", cwd=str(HERE), env=None, timeout=GIVE_UP
    )
    assert b"red" in shown
    assert b"\x1b[31m" not in shown
    assert b"\x07" not in shown


@pytest.mark.parametrize(("table", "asked"), [("iris", ["--temperature", "2"]), ("diabetes", [])])
def test_an_ensemble_says_how_far_apart_its_members_are(table: str, asked: list[str], tmp_path: Path) -> None:
    """In the file, as JSON and not at all of a single network."""
    model, alone = str(tmp_path / "m.npz"), str(tmp_path / "alone.npz")
    epochal("train", table, "--epochs", "9", "--networks", "4", "--save", model, *asked)
    epochal("train", table, "--epochs", "9", "--save", alone)
    told = json.loads(epochal("predict", model, table, "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(epochal("predict", model, table).stdout)))
    assert [float(row["spread"]) for row in rows] == pytest.approx(told["spread"], rel=1e-4)
    assert max(told["spread"]) > 0.0
    assert len(told["spread"]) == told["rows"]
    assert "spread" not in json.loads(epochal("predict", alone, table, "--json").stdout)
    assert "spread" not in epochal("predict", alone, table).stdout.splitlines()[0]
