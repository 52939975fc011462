"""The exported C program, compiled without a warning and run: the same answers."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.data.exports.c import c_source
from epochal.data.models.model import Model
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.exports import VARIANTS, mixed, named, tolerance, trained, write_csv
from tests.runs import GIVE_UP, sampled

COMPILER = shutil.which("cc")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler called cc")

CLOSE = 1e-12
STRICT = ("-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O1")


def compiled(model: Model, folder: Path, *options: str) -> Path:
    source = c_source(model)
    assert source.isascii()
    assert "@" not in source
    (folder / "network.c").write_text(source, encoding="ascii")
    command = [str(COMPILER), *STRICT, *options, "-o", "network", "network.c", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=GIVE_UP, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "network"


def run(program: Path, table: bytes) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(program)],
        input=table,
        capture_output=True,
        # What a program that ends still holds is no matter.
        env={"ASAN_OPTIONS": "detect_leaks=0"},
        timeout=GIVE_UP,
        check=False,
    )


def answers(program: Path, table: bytes, model: Model) -> tuple[list[str], NDArray[np.float64]]:
    done = run(program, table)
    assert (done.returncode, done.stderr) == (0, b"")
    rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    at = rows[0].index("predicted")
    if model.classes:
        assert rows[0][at + 1 :] == [f"probability_{name}" for name in model.classes]
    numbers = np.array([row[at + bool(model.classes) :] for row in rows[1:]], float)
    return [row[at] for row in rows[1:]], numbers


@pytest.mark.parametrize("variant", sampled(VARIANTS, 8, "C programs"), ids=named)
def test_the_program_answers_as_the_model_does(
    variant: dict[str, object], iris: Dataset, tmp_path: Path
) -> None:
    model = trained(iris, **variant)
    inputs = np.vstack([iris.examples.inputs, -30 * iris.examples.inputs, 1e4 * iris.examples.inputs])
    table = write_csv(tmp_path / "table.csv", model, inputs).read_bytes()
    _, found = answers(compiled(model, tmp_path), table, model)
    assert np.abs(found - model.outputs(inputs)).max() < tolerance(model, 1e-12)


@pytest.mark.parametrize("table", ["column_2C_weka", "penguins", "auto_mpg"])
def test_files_are_predicted(table: str, tmp_path: Path) -> None:
    dataset = dataset_from(open_table(table))
    model = trained(dataset, threshold="balanced")
    path = write_csv(tmp_path / "table.csv", model, dataset.examples.inputs)
    words, found = answers(compiled(model, tmp_path), path.read_bytes(), model)
    expected = model.outputs(dataset.examples.inputs)
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12)
    if model.classes:
        chosen = np.asarray(model.predictor.network.kind.decide(expected, model.threshold))
        assert words == [model.classes[place] for place in chosen.tolist()]


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_words_of_every_kind_missing_and_unknown_ones_are_as_in_the_lab(classes: int, tmp_path: Path) -> None:
    dataset = mixed(classes)
    model = trained(dataset)
    inputs = np.vstack([dataset.examples.inputs, [[6, 70, 3, 0.1], [np.nan] * 4]])
    table = write_csv(tmp_path / "table.csv", model, inputs).read_bytes()
    program = compiled(model, tmp_path, "-fsanitize=address,undefined", "-fno-sanitize-recover")
    expected = model.outputs(inputs)
    for written in (table, b"\xef\xbb\xbf" + table, table.rstrip(b"\r\n")):
        _, found = answers(program, written, model)
        assert np.abs(found - expected).max() < 1e-12 * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "There are no rows."),
        ("sepal_length,sepal_width,petal_length\n1,2,3\n", "There is no column petal_width."),
        ("sepal_length,sepal_width,petal_length,petal_width\n1,2,3\n", "Row 2 has 3 cells, but there are 4"),
        (
            "sepal_length,sepal_width,petal_length,petal_width\n1,2,3,4\n1,2,x,4\n",
            "Row 3 holds a cell that is no",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_in_a_sentence(
    table: str, said: str, iris: Dataset, tmp_path: Path
) -> None:
    done = run(compiled(trained(iris), tmp_path), table.encode())
    assert done.returncode == 1
    assert said in done.stderr.decode()


def test_a_program_of_ones_own_calls_it(iris: Dataset, tmp_path: Path) -> None:
    model = trained(iris)
    compiled(model, tmp_path)
    (tmp_path / "own.c").write_text(
        '#define NO_MAIN\n#include "network.c"\n'
        "int main(void) {\n"
        '    const char *cells[FEATURES] = {"5.1", "", "1.4", "0.2"};\n'
        "    double outputs[OUTPUTS];\n"
        "    int place = predict(cells, outputs);\n"
        '    printf("%d %.17g", place, outputs[0]);\n'
        "    return 0;\n}\n"
    )
    command = [str(COMPILER), *STRICT, "-o", "own", "own.c", "-lm"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=GIVE_UP)
    place, share = run(tmp_path / "own", b"").stdout.split()
    expected = model.outputs(np.array([[5.1, np.nan, 1.4, 0.2]]))[0]
    assert int(place) == expected.argmax()
    assert abs(float(share) - expected[0]) < 1e-12


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_logarithmic_link_is_compiled(loss: str, tmp_path: Path) -> None:
    dataset = dataset_from(open_table("auto_mpg"))
    model = trained(dataset, loss=loss)
    table = write_csv(tmp_path / "table.csv", model, dataset.examples.inputs).read_bytes()
    _, found = answers(compiled(model, tmp_path), table, model)
    expected = model.outputs(dataset.examples.inputs)
    assert np.allclose(found.ravel(), expected.ravel(), rtol=CLOSE, atol=0)
