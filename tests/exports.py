"""Models to be written out in other languages, and rows to try them with."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.scaling import SCALINGS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model import Model, model_of
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import Table

HOSTILE = (
    '*/ int main(void) {} "',
    "a'); DROP TABLE x; --",
    "@WEIGHTS@ %s ??/",
    "\\n\n#",
    "\u202e\x1b[31m",
    "🐧",
)

# Every activation and every scaling, in both precisions, and what changes the last layer.
HIDDEN: dict[str, object] = {"hidden": "7,3", "initial_weights": "normal"}
VARIANTS: list[dict[str, object]] = [
    *({**HIDDEN, "activation": one} for one in ACTIVATIONS if one != "step"),
    *({**HIDDEN, "scaling": one, "precision": kind} for one in SCALINGS for kind in ("float32", "float64")),
    {"networks": 3, "temperature": 0.5, "hidden": "4,3"},
    {"hidden": "none"},
]


def named(variant: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in variant.items())


def trained(dataset: Dataset, **settings: object) -> Model:
    training = Training(dataset.examples, Settings.model_validate({"epochs": 3, **settings}))
    list(training)
    return model_of(dataset, outcome_of(training))


def tolerance(model: Model, usual: float) -> float:
    """How far answers may be from the lab's, which computes in the network's own precision."""
    return usual if model.settings.precision == "float64" else 1e-6


def mixed(classes: int = 3) -> Dataset:
    """Words of every kind, seventy categories of which some share an input, missing cells in all of them."""
    chance = np.random.default_rng(1)
    features = (
        Feature(HOSTILE[0], HOSTILE),
        Feature("many", tuple(f"w{i}" for i in range(70))),
        Feature("na", ("none", "NA", "some")),
        Feature(HOSTILE[1]),
    )
    inputs = np.column_stack([chance.integers(0, len(one.categories) or 9, 210) for one in features]).astype(
        float
    )
    inputs[:, 3] += chance.normal(size=210)
    for column in range(4):
        inputs[column :: 7 + column, column] = np.nan
    if classes:
        names = HOSTILE[3:] if classes == 3 else ("no", HOSTILE[1])
        examples = Examples(features, inputs, np.arange(210) % classes, names, ("kind",))
    else:
        examples = Examples(features, inputs, chance.normal(50, 9, (210, 1)), (), ("kind",))
    task = "classification" if classes else "regression"
    return Dataset(Table(HOSTILE[1], ()), examples, "kind", task, np.arange(210))  # type: ignore[arg-type]


def cells(model: Model, inputs: NDArray[np.float64]) -> list[list[str | None]]:
    """Rows as a file, or a database, has them: None where missing, and words never seen."""
    rows: list[list[str | None]] = []
    for row in inputs.tolist():
        words = [
            None
            if value != value
            else [*feature.categories, "never seen"][int(value)]
            if feature.categories
            else repr(value)
            for feature, value in zip(model.features, row, strict=True)
        ]
        rows.append(words)
    return rows


def write_csv(path: Path, model: Model, inputs: NDArray[np.float64]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([feature.name for feature in model.features])
        writer.writerows([["" if cell is None else cell for cell in row] for row in cells(model, inputs)])
    return path
