"""What must hold for any rows, any settings and any number of threads."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as some

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.examples import Examples, Feature, Split
from epochal.core.rows.scaling import SCALINGS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from tests.runs import GIVE_UP

QUICK = effort(max_examples=30, deadline=None, derandomize=True)
SEEDS = some.integers(0, 10_000)
INSIDE = [name for name in ACTIVATIONS if name != "step"]


def examples_of(kind: str, rows: int, seed: int) -> Examples:
    chance = np.random.default_rng(seed)
    inputs = chance.normal(3.0, [1.0, 20.0, 0.05], (rows, 3))
    features = tuple(map(Feature, "abc"))
    if kind == "numbers":
        return Examples(features, inputs, inputs @ chance.normal(size=(3, 2)), outputs=("u", "v"))
    classes = ("no", "yes") if kind == "two classes" else ("red", "green", "blue")
    return Examples(features, inputs, np.arange(rows) % len(classes), classes)


KINDS = some.sampled_from(["two classes", "three classes", "numbers"])
OPTIMIZER = some.sampled_from([name for name in OPTIMIZERS if name != "lbfgs"])


def trained(examples: Examples, rows: Split, **settings: object) -> Training:
    training = Training(
        examples,
        Settings.model_validate({"epochs": 5, "hidden": (4,), "batch_size": "full", **settings}),
        split_rows=rows,
    )
    list(training)
    return training


def close(first: Training, second: Training) -> None:
    np.testing.assert_allclose(first.network.parameters, second.network.parameters, rtol=1e-6, atol=1e-9)


@QUICK
@given(kind=KINDS, optimizer=OPTIMIZER, seed=SEEDS)
def test_the_order_of_rows_within_a_full_batch_changes_nothing(kind: str, optimizer: str, seed: int) -> None:
    examples = examples_of(kind, 30, seed)
    rows = np.arange(24)
    shuffled = np.random.default_rng(seed + 1).permutation(24)
    held = np.arange(24, 30)
    close(
        trained(examples, Split(rows, held, stratified=False), optimizer=optimizer),
        trained(examples, Split(shuffled, held, stratified=False), optimizer=optimizer),
    )


@QUICK
@given(
    kind=KINDS,
    scaling=some.sampled_from([name for name in SCALINGS if name not in ("none", "one-for-all")]),
    factor=some.floats(1e-3, 1e3),
    shift=some.floats(-100, 100),
    seed=SEEDS,
)
def test_the_unit_of_a_feature_is_its_scalers_affair(
    kind: str, scaling: str, factor: float, shift: float, seed: int
) -> None:
    examples = examples_of(kind, 30, seed)
    inputs = examples.inputs.copy()
    inputs[:, 1] = factor * inputs[:, 1] + shift
    rows = Split(np.arange(24), np.arange(24, 30), stratified=False)
    close(
        trained(examples, rows, scaling=scaling, optimizer="sgd"),
        trained(dataclasses.replace(examples, inputs=inputs), rows, scaling=scaling, optimizer="sgd"),
    )


@QUICK
@given(kind=KINDS, optimizer=OPTIMIZER, times=some.integers(2, 4), seed=SEEDS)
def test_repeating_every_row_changes_no_mean_gradient(
    kind: str, optimizer: str, times: int, seed: int
) -> None:
    examples = examples_of(kind, 30, seed)
    held = np.arange(24, 30)
    close(
        trained(examples, Split(np.arange(24), held, stratified=False), optimizer=optimizer),
        trained(examples, Split(np.tile(np.arange(24), times), held, stratified=False), optimizer=optimizer),
    )


@effort(max_examples=150, deadline=None, derandomize=True)
@given(
    kind=KINDS,
    optimizer=some.sampled_from(list(OPTIMIZERS)),
    activation=some.sampled_from(INSIDE),
    initial_weights=some.sampled_from(list(INITIAL_WEIGHTS)),
    scaling=some.sampled_from(list(SCALINGS)),
    learning_rate=some.floats(-12, 12).map(lambda power: 10.0**power),
    batch_size=some.sampled_from([1, 7, "full"]),
    precision=some.sampled_from(["float32", "float64"]),
    dropout=some.sampled_from([0.0, 0.9]),
    clip=some.sampled_from([0.0, 1.0]),
    l2=some.sampled_from([0.0, 1e6]),
    size=some.floats(-30, 30).map(lambda power: 10.0**power),
    seed=SEEDS,
)
def test_weights_stay_finite_or_the_run_says_that_it_diverged(
    kind: str, size: float, seed: int, **chosen: object
) -> None:
    examples = examples_of(kind, 20, seed)
    examples = dataclasses.replace(examples, inputs=size * examples.inputs)
    if chosen["optimizer"] == "lbfgs":
        chosen = {**chosen, "dropout": 0.0, "clip": 0.0}
    settings = Settings.model_validate({"epochs": 6, "hidden": (5, 3), **chosen})
    try:
        training = Training(examples, settings)
    except ValueError as error:
        # A row that the precision cannot compute with is named before anything is trained.
        assert "cannot compute" in str(error)  # noqa: PT017
        assert size > 1e7
        return
    list(training)
    assert training.ending in ("finished", "early", "diverged")
    assert (training.ending == "diverged") == (training.diverged_at is not None)
    assert np.isfinite(training.network.parameters).all()
    assert np.isfinite(training.history.column("training_error")).all()
    assert np.isfinite(training.outputs(examples.inputs)).all()


@pytest.mark.parametrize(("table", "hidden"), [("column_2C_weka", "10"), ("digits", "600,300")])
def test_the_bytes_do_not_depend_on_the_number_of_threads_allowed(table: str, hidden: str) -> None:
    def digest(threads: int) -> object:
        told = subprocess.run(
            [sys.executable, "-m", "epochal", "train", table, "--epochs", "1", "--hidden", hidden, "--json"],
            env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=GIVE_UP,
            check=True,
        )
        return json.loads(told.stdout)["weights_sha256"]

    assert digest(1) == digest(2)
