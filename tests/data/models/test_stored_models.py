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


def is_rounded_otherwise(one: str, other: str) -> bool:
    return "." in one and "." in other and float(one) == pytest.approx(float(other), rel=1e-6, abs=1e-12)


def test_there_are_models_of_the_first_version() -> None:
    names = {path.stem for path in STORED if path.parent.name == "stored_by_0.1.0"}
    assert names == {"iris", "column_2C_weka", "auto_mpg", "penguins"}


@pytest.mark.parametrize("model", STORED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_stored_model_predicts_the_same_bytes(model: Path, tmp_path: Path) -> None:
    now = predicted(model, model.stem, tmp_path / "predicted.csv")
    cells = [cell for line in now.decode().splitlines() for cell in line.split(",")]
    stored = [cell for line in model.with_suffix(".csv").read_text().splitlines() for cell in line.split(",")]
    assert len(cells) == len(stored)
    assert all(
        one == other or is_rounded_otherwise(one, other) for one, other in zip(cells, stored, strict=True)
    )
    saved_again = tmp_path / "again.npz"
    save_model(saved_again, load_model(model))
    assert predicted(saved_again, model.stem, tmp_path / "again.csv") == now
