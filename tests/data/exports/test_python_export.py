"""The exported program: read as Python, run without us, the same answers."""

from __future__ import annotations

import ast
import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

import epochal.data as data_rooms
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.scaling import SCALINGS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.exports.python import python_source
from epochal.data.models.model import Model, model_of
from epochal.data.models.model_file import save_model
from epochal.data.models.predictions import Predictions
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.rows import open_rows
from epochal.data.tables.table import Table
from epochal.tui.cli.export import export
from tests.exports import cells, mixed
from tests.runs import GIVE_UP, epochal

BUNDLED = Path(data_rooms.__file__).parent


def trained(dataset: Dataset, **settings: object) -> Model:
    training = Training(dataset.examples, Settings.model_validate({"epochs": 3, **settings}))
    list(training)
    return model_of(dataset, outcome_of(training))


def run(source: str, table: Path, folder: Path) -> list[dict[str, str]]:
    """What the program prints for a table, run apart from everything of ours."""
    program = folder / "program.py"
    program.write_text(source, encoding="ascii")
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(program), str(table)],
        capture_output=True,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        timeout=GIVE_UP,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return list(csv.DictReader(io.StringIO(done.stdout.decode())))


def outputs_of(model: Model, table: str) -> NDArray[np.float64]:
    return np.vstack([batch.outputs for batch in Predictions(model, open_rows(table)).batches()])


def answers(source: str, rows: list[dict[str, str]]) -> NDArray[np.float64]:
    """What the program's own `predict` answers."""
    names: dict[str, object] = {"__name__": "program"}
    exec(compile(source, "program.py", "exec"), names)
    outputs = names["predict"](rows)  # type: ignore[operator]
    assert isinstance(outputs, np.ndarray)
    return outputs


@pytest.mark.parametrize("table", ["column_2C_weka", "penguins", "auto_mpg"])
def test_the_program_answers_as_the_model_does(table: str, tmp_path: Path) -> None:
    model = trained(dataset_from(open_table(table)), hidden="6,4", precision="float32", threshold="balanced")
    rows = run(python_source(model), BUNDLED / f"{table}.csv", tmp_path)
    expected = outputs_of(model, table)
    if not model.classes:
        assert np.allclose([float(row["predicted"]) for row in rows], expected[:, 0], rtol=1e-12, atol=0)
        return
    found = np.array([[float(row[f"probability_{name}"]) for name in model.classes] for row in rows])
    assert np.abs(found - expected).max() < 1e-12
    second = [model.classes[int(p[1] >= model.threshold)] for p in expected]
    most = [model.classes[index] for index in expected.argmax(axis=1)]
    assert [row["predicted"] for row in rows] == (second if len(model.classes) == 2 else most)


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "step"])
def test_every_activation_is_written_right(activation: str, iris: Dataset) -> None:
    model = trained(iris, activation=activation, hidden="7,3", scaling="none", initial_weights="normal")
    names = [feature.name for feature in model.features]
    inputs = np.vstack([iris.examples.inputs, -10 * iris.examples.inputs])
    found = answers(python_source(model), [dict(zip(names, map(str, row), strict=True)) for row in inputs])
    assert np.abs(found - model.outputs(inputs)).max() < 1e-12


@pytest.mark.parametrize("scaling", SCALINGS)
def test_every_scaling_is_written_right(scaling: str, iris: Dataset) -> None:
    model = trained(iris, scaling=scaling, hidden="5")
    names = [feature.name for feature in model.features]
    inputs = np.vstack([iris.examples.inputs, -100 * iris.examples.inputs])
    found = answers(python_source(model), [dict(zip(names, map(str, row), strict=True)) for row in inputs])
    assert np.abs(found - model.outputs(inputs)).max() < 1e-12


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_deviance_is_written_with_its_power(loss: str) -> None:
    dataset = dataset_from(open_table("diabetes"))
    model = trained(dataset, loss=loss)
    names = [feature.name for feature in model.features]
    rows = [dict(zip(names, map(repr, row.tolist()), strict=True)) for row in dataset.examples.inputs]
    found, expected = answers(python_source(model), rows), model.outputs(dataset.examples.inputs)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("hidden", ["5", "4,3"])
def test_an_ensemble_with_a_temperature_is_written_right(hidden: str, iris: Dataset) -> None:
    model = trained(iris, hidden=hidden, networks=3, temperature=0.5)
    names = [feature.name for feature in model.features]
    rows = [dict(zip(names, map(repr, row.tolist()), strict=True)) for row in iris.examples.inputs]
    assert np.abs(answers(python_source(model), rows) - model.outputs(iris.examples.inputs)).max() < 1e-12


def test_a_category_that_reads_like_a_missing_cell_is_a_category() -> None:
    dataset = mixed()
    model = trained(dataset)
    names = [feature.name for feature in model.features]
    rows = [
        {name: cell or "" for name, cell in zip(names, row, strict=True)}
        for row in cells(model, dataset.examples.inputs)
    ]
    found = answers(python_source(model), rows)
    assert np.abs(found - model.outputs(dataset.examples.inputs)).max() < 1e-12


@pytest.mark.parametrize("activation", ["tanh", "step"])
def test_a_network_without_hidden_layers_has_no_loop(activation: str, spine: Dataset) -> None:
    model = trained(spine, activation=activation, hidden="none")
    source = python_source(model)
    assert "def activation" not in source
    names = [feature.name for feature in model.features]
    rows = [dict(zip(names, map(repr, row.tolist()), strict=True)) for row in spine.examples.inputs]
    assert np.abs(answers(source, rows) - model.outputs(spine.examples.inputs)).max() < 1e-12


HOSTILE = ('""" + exit() + """', "{name} {0}", "'\\\"\n#", "__import__('os')", "\u202e\x1b[31m", "🐧")


def test_names_from_a_table_are_never_run(tmp_path: Path) -> None:
    chance = np.random.default_rng(3)
    features = (*(Feature(name, HOSTILE) for name in HOSTILE[:3]), Feature(HOSTILE[3]))
    inputs = np.column_stack([chance.integers(0, 6, (60, 3)), chance.normal(size=60)]).astype(float)
    inputs[::7, 0] = np.nan
    examples = Examples(features, inputs, np.arange(60) % 3, HOSTILE[3:], (HOSTILE[0],))
    dataset = Dataset(Table("made", ()), examples, HOSTILE[0], "classification", np.arange(60))
    model = trained(dataset)
    source = python_source(model)
    assert source.isascii()
    tree = ast.parse(source)
    kinds = (ast.Import, ast.Assign, ast.FunctionDef, ast.If, ast.Expr)
    assert all(isinstance(statement, kinds) for statement in tree.body)
    assert sum(isinstance(statement, ast.Expr) for statement in tree.body) == 1
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not calls & {"exit", "__import__"}
    with (tmp_path / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([feature.name for feature in features])
        for row in inputs:
            words = ["" if np.isnan(place) else HOSTILE[int(place)] for place in row[:3]]
            writer.writerow([*words, repr(float(row[3]))])
    rows = run(source, tmp_path / "table.csv", tmp_path)
    found = np.array([[float(row[f"probability_{name}"]) for name in model.classes] for row in rows])
    assert np.abs(found - model.outputs(inputs)).max() < 1e-12


def test_rare_unknown_and_missing_cells_count_as_in_the_lab(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    words = [f"w{int(place)}" for place in chance.zipf(1.3, 400).clip(max=60)]
    path = tmp_path / "words.csv"
    path.write_text(
        "word,size,kind\n"
        + "".join(f"{w},{'' if i % 9 == 0 else i / 3},{'ab'[i % 2]}\n" for i, w in enumerate(words)),
        encoding="utf-8",
    )
    model = trained(dataset_from(read_table(path)))
    assert len(model.features[0].categories) > 20
    new = tmp_path / "new.csv"
    new.write_text(
        "size,word,more\n1.5,w1,x\n2,w59,x\nNA,never,y\n,n/a,z\n7.25,?,z\n-3e2,w2,z\n", encoding="utf-8"
    )
    rows = run(python_source(model), new, tmp_path)
    found = np.array([[float(row["probability_a"]), float(row["probability_b"])] for row in rows])
    assert np.abs(found - outputs_of(model, str(new))).max() < 1e-12
    assert list(rows[0]) == ["size", "word", "more", "predicted", "probability_a", "probability_b"]


def test_blanks_around_names_and_cells_count_as_in_the_lab(tmp_path: Path) -> None:
    path = tmp_path / "blanks.csv"
    path.write_text(
        " size , word ,kind\n" + "".join(f" {i} , {'uvw'[i % 3]} , {'ab'[i % 2]}\n" for i in range(40)),
        encoding="utf-8",
    )
    model = trained(dataset_from(read_table(path)))
    rows = run(python_source(model), path, tmp_path)
    found = np.array([[float(row["probability_a"]), float(row["probability_b"])] for row in rows])
    assert np.abs(found - outputs_of(model, str(path))).max() < 1e-12
    assert list(rows[0])[:3] == [" size ", " word ", "kind"]


def test_the_command_writes_the_program_and_replaces_nothing_unasked(tmp_path: Path) -> None:
    done = epochal("train", "iris", "--epochs", "2", "--no-history", "--save", "m.npz", cwd=tmp_path)
    assert done.returncode == 0
    done = epochal("export", "m.npz", "--python", "m.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "The model was written to m.py. To run it: python m.py TABLE.csv\n"
    assert len(run((tmp_path / "m.py").read_text(encoding="ascii"), BUNDLED / "iris.csv", tmp_path)) == 150
    again = epochal("export", "m.npz", "--python", "m.py", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (
        1,
        "m.py is there already: name a new file, or replace it with --force.\n",
    )
    assert epochal("export", "m.npz", "--python", "m.py", "--force", cwd=tmp_path).returncode == 0
    assert epochal("export", "m.npz", cwd=tmp_path).returncode == 2
    assert "it is text" in epochal("export", "m.py", "--python", "n.py", cwd=tmp_path).stderr


def test_the_program_says_what_a_table_lacks(iris: Dataset, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(python_source(trained(iris)), encoding="ascii")
    (tmp_path / "new.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (tmp_path / "none.csv").write_text("a,b\n", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("")
    names = ",".join(feature.name for feature in iris.examples.features)
    (tmp_path / "short.csv").write_text(f"{names}\n1,2,3,4\n1,2\n", encoding="utf-8")
    for arguments, words in (
        (["new.csv"], "new.csv has no column"),
        (["none.csv"], "none.csv holds no rows."),
        (["empty.csv"], "empty.csv holds no rows."),
        (["short.csv"], "short.csv, row 2: 2 cells, but 4 columns."),
        ([], "Name one CSV file"),
    ):
        done = subprocess.run(
            [sys.executable, "-I", str(program), *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=GIVE_UP,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.startswith(words)


def test_a_package_that_is_missing_for_onnx_is_named(
    spine: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_model(tmp_path / "m.npz", trained(spine))
    for name in ("onnx", "epochal.data.exports.onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    done = CliRunner().invoke(export, [str(tmp_path / "m.npz"), "--onnx", str(tmp_path / "m.onnx")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "Writing ONNX needs a further package: install epochal[onnx].\n"
    assert not (tmp_path / "m.onnx").exists()
