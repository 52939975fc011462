"""Saved models: they travel, and answer with the bytes of their training."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.core.evaluation.judgement import decision_threshold, evaluate
from epochal.core.network.predictor import Predictor
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model import ClassScores, RegressionScores, model_of
from epochal.data.models.model_arrays import MEMBERS
from epochal.data.models.model_file import load_model, model_digest, save_model
from epochal.data.models.npz_arrays import read_arrays, write_arrays
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Table
from tests.runs import trained_model

HERE = Path(__file__).parents[3]

Changed = dict[str, NDArray[np.generic]]


def made(features: tuple[Feature, ...], inputs: NDArray[np.float64], classes: tuple[str, ...]) -> Dataset:
    targets = np.arange(len(inputs)) % len(classes)
    examples = Examples(features, inputs, targets, classes, ("kind",))
    return Dataset(Table("made", ()), examples, "kind", "classification", np.arange(len(inputs)))


@pytest.mark.parametrize(("precision", "scaling"), [("float64", "standard"), ("float32", "smooth-clip")])
@pytest.mark.parametrize("table", ["column_2C_weka", "column_3C_weka", "penguins", "auto_mpg", "xor"])
def test_a_loaded_model_answers_with_the_bytes_of_its_training(
    table: str, precision: str, scaling: str, tmp_path: Path
) -> None:
    dataset = dataset_from(open_table(table))
    settings = {"precision": precision, "scaling": scaling, "threshold": "balanced"}
    training, model = trained_model(dataset, hidden="5,3", **settings)
    save_model(tmp_path / "model.npz", model)
    loaded = load_model(tmp_path / "model.npz")
    inputs = dataset.examples.inputs
    assert loaded.outputs(inputs).tobytes() == training.outputs(inputs).tobytes()
    assert loaded.outputs(inputs[:1]).tobytes() == training.outputs(inputs[:1]).tobytes()
    parameters = loaded.predictor.network.parameters
    assert parameters.tobytes() == training.network.parameters.tobytes()
    assert parameters.dtype == np.dtype(precision)
    assert loaded.settings == training.settings
    assert loaded.threshold == decision_threshold(training)
    assert (loaded.target, loaded.classes) == (dataset.target, dataset.examples.classes)
    assert loaded.features == dataset.examples.features
    assert (loaded.table.name, loaded.table.rows) == (dataset.table.name, dataset.table.rows)
    assert (loaded.table.sha256, loaded.table.size) == (dataset.table.sha256, dataset.table.size)
    assert loaded.epochs == 3
    assert model_digest(loaded) == model_digest(model)


def test_a_model_says_what_its_held_out_rows_said(spine: Dataset) -> None:
    training, model = trained_model(spine)
    worth, evaluation = model.evaluation, evaluate(training)
    assert isinstance(worth, ClassScores)
    assert (worth.correct, worth.rows, worth.interval) == (
        evaluation.correct,
        evaluation.rows,
        evaluation.interval,
    )
    numbers = dataset_from(open_table("auto_mpg"))
    assert isinstance(trained_model(numbers)[1].evaluation, RegressionScores)


@pytest.mark.parametrize("table", ["penguins", "auto_mpg"])
@pytest.mark.parametrize("hidden", ["4", "5,3"])
def test_an_ensemble_and_a_temperature_travel(table: str, hidden: str, tmp_path: Path) -> None:
    dataset = dataset_from(open_table(table))
    asked = {"temperature": 2.0} if dataset.examples.classes else {}
    training, model = trained_model(dataset, hidden=hidden, networks=3, **asked)
    save_model(path := tmp_path / "m.npz", model)
    loaded, inputs = load_model(path), dataset.examples.inputs
    assert loaded.outputs(inputs).tobytes() == model.outputs(inputs).tobytes()
    assert (loaded.temperature, len(loaded.members)) == (asked.get("temperature", 1.0), 3)
    outputs = model.outputs(inputs)
    spread = loaded.spread(inputs, outputs)
    assert spread is not None
    each = [Predictor(training.preparation, one).outputs(inputs) for one in outcome_of(training).members]
    expected = np.std(each, axis=0)
    if dataset.examples.classes:
        expected = np.take_along_axis(expected, outputs.argmax(axis=1)[:, None], axis=1)
    np.testing.assert_allclose(spread, expected, rtol=1e-6, atol=1e-9)
    assert spread.max() > 0.0
    save_model(again := tmp_path / "again.npz", loaded)
    assert load_model(again).outputs(inputs).tobytes() == model.outputs(inputs).tobytes()


def test_a_perceptron_and_a_network_without_hidden_layers_travel(spine: Dataset, tmp_path: Path) -> None:
    for activation in ("tanh", "step"):
        training, model = trained_model(spine, hidden="none", activation=activation)
        path = tmp_path / f"{activation}.npz"
        save_model(path, model)
        inputs = spine.examples.inputs
        assert load_model(path).outputs(inputs).tobytes() == training.outputs(inputs).tobytes()


def test_minus_zero_denormals_and_extremes_keep_their_bits(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained_model(spine)
    odd = np.array([-0.0, 5e-324, -2.2e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1 / 3])
    training.network.parameters[: len(odd)] = odd
    save_model(tmp_path / "odd.npz", replace(model, predictor=training.predictor))
    loaded = load_model(tmp_path / "odd.npz").predictor.network.parameters
    assert loaded.tobytes() == training.network.parameters.tobytes()


def test_arrays_that_do_not_lie_in_one_piece_keep_their_order(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained_model(spine)
    spread_out = np.zeros((81, 2))
    spread_out[:, 1] = training.network.parameters
    scattered = spread_out[:, 1]
    assert not scattered.flags.c_contiguous
    object.__setattr__(training.network, "parameters", scattered)
    save_model(tmp_path / "scattered.npz", replace(model, predictor=training.predictor))
    object.__setattr__(model.predictor.network, "parameters", scattered)
    save_model(tmp_path / "model.npz", model)
    for name in ("scattered.npz", "model.npz"):
        loaded = load_model(tmp_path / name).predictor.network.parameters
        assert loaded.tobytes() == np.ascontiguousarray(scattered).tobytes()


def test_every_bit_of_every_number_comes_back_however_the_array_lies() -> None:
    wide = np.array(
        [
            *(0x8000000000000000, 0x0000000000000001, 0x7FF0000000000000, 0x7FF8000000000000),
            *(0x7FF4DEADBEEF0001, 0xFFF8000000000007, 0x7FEFFFFFFFFFFFFF, 0x3FD5555555555555),
        ],
        np.uint64,
    ).view(np.float64)
    narrow = np.array([0x80000000, 1, 0x7FC00000, 0x7FA00001, 0xFFC00007, 0x3EAAAAAB], np.uint32)
    narrow = narrow.view(np.float32)
    arrays: Changed = {
        "wide": wide,
        "narrow": narrow,
        "backwards": wide[::-1],
        "column": np.column_stack([wide, wide])[:, 1],
        "transposed": np.ascontiguousarray(np.column_stack([wide, wide])).T[0],
        "otherwise": wide.astype(">f8"),
        "none": np.empty((0,)),
        "no_rows": np.empty((0, 4), np.float32)[:, 2],
        "whole": np.array([-(1 << 63), (1 << 63) - 1]),
    }
    file = io.BytesIO()
    write_arrays(file, arrays)
    back = read_arrays(io.BytesIO(file.getvalue()))
    assert set(back) == set(arrays)
    for name, values in arrays.items():
        little = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<"))
        assert back[name].tobytes() == little.tobytes(), name
        assert back[name].dtype == little.dtype
        assert back[name].shape == values.shape


def test_a_model_of_any_words_travels(tmp_path: Path) -> None:
    names = ('quote "\n', "[link](x)\x1b[31m", "колонка 🐧", "")
    features = tuple(Feature(name, ("a\0b", "\u202e", "1")) for name in names)
    chance = np.random.default_rng(1)
    dataset = made(features, chance.integers(0, 3, (40, 4)).astype(float), ("no\t", "\x00", "=1+1"))
    training, model = trained_model(dataset)
    save_model(tmp_path / "words 🧠.npz", model)
    loaded = load_model(tmp_path / "words 🧠.npz")
    assert loaded.features == features
    assert loaded.classes == dataset.examples.classes
    inputs = np.vstack([dataset.examples.inputs, [[np.nan, 3.0, 0.0, 2.0]]])
    assert loaded.outputs(inputs).tobytes() == training.outputs(inputs).tobytes()
    assert loaded.outputs(np.empty((0, 4))).shape == (0, 3)


def test_going_on_with_the_training_changes_nothing_in_the_model(spine: Dataset) -> None:
    training = Training(spine.examples, Settings(epochs=4))
    next(training)
    model = model_of(spine, outcome_of(training))
    before = model.outputs(spine.examples.inputs)
    next(training)
    assert np.array_equal(model.outputs(spine.examples.inputs), before)
    assert not np.array_equal(training.outputs(spine.examples.inputs), before)


def test_equal_models_are_equal_files_whenever_they_are_written(spine: Dataset, tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        save_model(tmp_path / name, trained_model(spine)[1])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_numpy_reads_the_file_without_pickle(saved: tuple[Path, bytes, Dataset]) -> None:
    with np.load(saved[0], allow_pickle=False) as arrays:
        assert set(arrays) == {*MEMBERS, "sha256"}
        assert json.loads(arrays["description"].tobytes())["format"] == "epochal model"
