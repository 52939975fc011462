"""A model file of every released version still predicts what its version predicted.

The bytes are the same on one machine; another processor may round the last digit of a probability otherwise.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from epochal.data.models.model_file import load_model, save_model
from epochal.tui.cli.main import epochal

# A folder for each released version: models it has saved, and what it predicted of their own tables.
STORED = sorted(Path(__file__).parent.glob("stored_by_*/*.npz"))


def predicted(model: Path, table: str, output: Path) -> bytes:
    done = CliRunner().invoke(epochal, ["predict", str(model), table, "--output", str(output)])
    assert done.exit_code == 0, done.stderr
    return output.read_bytes()


def is_the_same(one: str, other: str) -> bool:
    if one == other:
        return True
    return "." in one and "." in other and float(one) == pytest.approx(float(other), rel=1e-6, abs=1e-12)


def test_there_are_models_of_the_first_version() -> None:
    names = {path.stem for path in STORED if path.parent.name == "stored_by_0.1.0"}
    assert names == {"iris", "column_2C_weka", "auto_mpg", "penguins"}


@pytest.mark.parametrize("model", STORED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_stored_model_predicts_the_same_bytes(model: Path, tmp_path: Path) -> None:
    now = predicted(model, model.stem, tmp_path / "predicted.csv")
    rows = [line.split(",") for line in now.decode().splitlines()]
    stored = [line.split(",") for line in model.with_suffix(".csv").read_text().splitlines()]
    own = rows[0].index("predicted")
    assert len(rows) == len(stored)
    for row, other in zip(rows, stored, strict=True):
        assert len(row) == len(other)
        assert all(map(is_the_same, row[own:], other[own:]))
        # 0.1.0 wrote the table's cells anew: missing ones empty, and 18.0 as 18.
        assert all(one in (other, f"{other}.0", "NA") for one, other in zip(row[:own], other, strict=False))
    saved_again = tmp_path / "again.npz"
    save_model(saved_again, load_model(model))
    assert predicted(saved_again, model.stem, tmp_path / "again.csv") == now
