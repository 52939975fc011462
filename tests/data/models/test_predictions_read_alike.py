"""A model remembers how its table was to be read: so are a new table's cells, without a word."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from epochal.core.outcome import outcome_of
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model import Model, model_of
from epochal.data.models.model_file import load_model, save_model
from epochal.data.models.predictions import Predictions
from epochal.data.models.table_columns import wanted_names
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.rows import open_rows

READINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "a word for all": {"missing": ("unbekannt",)},
    "a word of one column": {"missing": ("size=unbekannt", "colour=grau")},
    "a number": {"missing": ("-999", "9999")},
    "no words": {"missing": ("colour=none",)},
    "merged labels": {"merge_labels": ("colour",)},
    "all of it": {"missing": ("unbekannt", "-999", "colour=none"), "merge_labels": ("colour",)},
}


def trained(dataset: Dataset, folder: Path) -> Model:
    training = Training(dataset.examples, Settings(epochs=3))
    list(training)
    save_model(folder / "m.npz", model_of(dataset, outcome_of(training)), force=True)
    return load_model(folder / "m.npz")


def table_for(reading: dict[str, tuple[str, ...]], folder: Path, seed: int) -> Path:
    rng = random.Random(seed)
    said = reading.get("missing", ())
    odd_sizes = [word.removeprefix("size=") for word in said if "=" not in word or word.startswith("size=")]
    odd_colours = ["grau", "unbekannt"] if "colour=grau" in said else []
    odd_colours += ["NA", "n/a"] if "colour=none" in said else []
    odd_colours += ["Red ", "red", "RED"] if "merge_labels" in reading else []
    lines = ["size,colour,day,kind"]
    for i in range(80):
        size = rng.choice(odd_sizes) if odd_sizes and i % 9 == 4 else f"{rng.gauss(5, 2):.2f}"
        colour = rng.choice(odd_colours) if odd_colours and i % 5 == 3 else rng.choice(["blue", "green"])
        day = "unbekannt" if "unbekannt" in said and i % 11 == 3 else f"2024-0{rng.randint(1, 9)}-1{i % 9}"
        lines.append(f"{size},{colour},{day},{'ab'[i % 2]}")
    path = folder / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", READINGS)
def test_cells_are_read_as_in_training(kind: str, seed: int, tmp_path: Path) -> None:
    reading = READINGS[kind]
    path = table_for(reading, tmp_path, seed)
    dataset = dataset_from(read_table(path, **reading), "kind")  # type: ignore[arg-type]
    model = trained(dataset, tmp_path)
    again = Predictions(model, open_rows(str(path), wanted_names(model)))
    outputs = np.vstack([batch.outputs for batch in again.batches()])
    assert np.array_equal(outputs[dataset.rows], model.outputs(dataset.examples.inputs))
    assert not [note for note in again.notes if "not in training" in note or "outside" in note]
