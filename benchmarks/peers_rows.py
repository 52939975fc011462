"""What benchmarks/peers.py measures: the lines of its table, and the tables of data they are trained on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from epochal.core.rows.examples import Examples, Feature, split
from epochal.core.rows.preparation import prepare
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from

HELD_OUT = 0.2
PRECISIONS = ("float64", "float32")
PEERS = ("scikit-learn", "pytorch", "C")


@dataclass(frozen=True)
class Row:
    """One line of the table: a network on a table, who does it, and how much faster we mean to be."""

    words: str
    table: str
    epochs: int
    network: dict[str, Any]
    peers: tuple[str, ...] = PEERS[:2]
    bars: dict[str, float] = field(default_factory=dict)
    measure: str = "time"
    precisions: tuple[str, ...] = PRECISIONS
    kind: str = ""


def small(batch_size: int | str, optimizer: str, rate: float) -> dict[str, Any]:
    return {
        "hidden": [10],
        "activation": "tanh",
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": rate,
    }


DIGITS = {
    "hidden": [128],
    "activation": "relu",
    "batch_size": 32,
    "optimizer": "adam",
    "learning_rate": 0.001,
}
LARGE = {**DIGITS, "hidden": [256], "batch_size": 128}
SEARCH = {"rates": [0.003, 0.01, 0.03, 0.1], "l2s": [0.0, 0.001, 0.01, 0.1], "seeds": 4, "jobs": 2}
FOLDS = {"folds": 10, "repeats": 5, "jobs": 2}

ROWS = {
    "batch-1": Row(
        "248x6, 6-10-1 tanh, batch 1, sgd",
        "spine",
        30,
        small(1, "sgd", 0.01),
        PEERS,
        {"scikit-learn": 20, "pytorch": 30},
    ),
    "batch-32": Row(
        "248x6, 6-10-1 tanh, batch 32, sgd",
        "spine",
        500,
        small(32, "sgd", 0.1),
        PEERS,
        {"scikit-learn": 15, "pytorch": 20},
    ),
    "full-batch": Row(
        "248x6, 6-10-1 tanh, full batch, sgd",
        "spine",
        3000,
        small("full", "sgd", 0.3),
        PEERS,
        {"scikit-learn": 10, "pytorch": 12, "C": 1},
    ),
    "adam": Row(
        "248x6, 6-10-1 tanh, batch 32, adam",
        "spine",
        500,
        small(32, "adam", 0.003),
        PEERS,
        {"scikit-learn": 12, "pytorch": 18},
    ),
    "digits": Row(
        "1437x64, 64-128-10 relu softmax, batch 32, adam",
        "digits",
        25,
        DIGITS,
        bars={"scikit-learn": 5, "pytorch": 8},
    ),
    "large": Row(
        "20000x784, 784-256-10, batch 128, adam",
        "large",
        4,
        LARGE,
        bars={"scikit-learn": 2, "pytorch": 1.5},
        measure="rate",
    ),
    "settings": Row(
        "64 settings (4 rates x 4 seeds x 4 L2) of the batch-32 network, 200 epochs",
        "spine",
        200,
        {**small(32, "sgd", 0.1), **SEARCH},
        PEERS[:1],
        {"scikit-learn": 25},
        precisions=PRECISIONS[:1],
        kind=" settings",
    ),
    "folds": Row(
        "10 folds x 5 repeats of the batch-32 network, 200 epochs",
        "spine",
        200,
        {**small(32, "sgd", 0.1), **FOLDS},
        PEERS[:1],
        {"scikit-learn": 25},
        precisions=PRECISIONS[:1],
        kind=" folds",
    ),
    "memory": Row("memory of a run on 20000x784", "large", 2, LARGE, measure="memory"),
}


def examples_of(table: str) -> Examples:
    """The tutorial's table, the digits, or classes around ten points, made from a seed."""
    draw = np.random.default_rng(0)
    if table == "spine":
        return dataset_from(open_table("column_2C_weka")).examples
    if table == "digits":
        found = dataset_from(open_table("digits")).examples
        # All 8 x 8 pixels again, with noise below one step of grey: some are constant, and were left out.
        inputs = draw.random((len(found), 64))
        inputs[:, : found.inputs.shape[1]] += found.inputs
        pixels = tuple(Feature(f"x{pixel}") for pixel in range(64))
        return Examples(pixels, inputs, found.targets, found.classes)
    rows, columns, classes = 25_000, 784, 10
    targets = draw.integers(0, classes, rows)
    inputs = draw.normal(size=(classes, columns))[targets] + draw.normal(0.0, 6.0, (rows, columns))
    features = tuple(Feature(f"x{column}") for column in range(columns))
    return Examples(features, inputs, targets, tuple(map(str, range(classes))))


def write_table(table: str, folder: Path) -> dict[str, Any]:
    """Save a table for all sides: as it is, and its training rows as our preparation scales them."""
    examples = examples_of(table)
    train = split(examples, HELD_OUT, seed=0).train
    inputs = prepare(examples, train, "standard").inputs(examples.inputs[train])
    targets = examples.targets[train].astype(np.int64)
    folder.mkdir()
    arrays = {"inputs": examples.inputs, "targets": examples.targets.astype(np.int64)}
    arrays |= {"train_inputs": inputs, "train_targets": targets}
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    np.column_stack([inputs, targets]).astype(np.float64).tofile(folder / "train.bin")
    classes = len(examples.classes)
    return {
        "data": str(folder),
        "rows": len(train),
        "held out": len(examples) - len(train),
        "columns": inputs.shape[1],
        "outputs": 1 if classes == 2 else classes,
    }
