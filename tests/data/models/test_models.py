"""Model files: the same bytes back, whole or not at all, and a sentence for whatever a stranger made."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import resource
import stat
import struct
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.core.evaluation.judgement import decision_threshold, evaluate
from epochal.core.network.predictor import Predictor
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.atomic_write import whole_file
from epochal.data.models.description import VERSION
from epochal.data.models.model import ClassScores, Model, ModelError, RegressionScores, model_of
from epochal.data.models.model_arrays import MEMBERS
from epochal.data.models.model_file import load_model, model_digest, save_model
from epochal.data.models.npz_arrays import read_arrays, write_arrays
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Table

HERE = Path(__file__).parents[3]

Changed = dict[str, NDArray[np.generic]]


def trained(dataset: Dataset, **settings: object) -> tuple[Training, Model]:
    training = Training(dataset.examples, Settings.model_validate({"epochs": 3, **settings}))
    list(training)
    return training, model_of(dataset, outcome_of(training))


def made(features: tuple[Feature, ...], inputs: NDArray[np.float64], classes: tuple[str, ...]) -> Dataset:
    targets = np.arange(len(inputs)) % len(classes)
    examples = Examples(features, inputs, targets, classes, ("kind",))
    return Dataset(Table("made", ()), examples, "kind", "classification", np.arange(len(inputs)))


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return dataset_from(open_table("penguins"))


@pytest.fixture(scope="module")
def saved(penguins: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, Dataset]:
    """A model file with categories, missing cells and three classes; what it answers; its table."""
    path = tmp_path_factory.mktemp("saved") / "model.npz"
    training, model = trained(penguins, hidden="4")
    save_model(path, model)
    return path, training.outputs(penguins.examples.inputs).tobytes(), penguins


@pytest.mark.parametrize(("precision", "scaling"), [("float64", "standard"), ("float32", "smooth-clip")])
@pytest.mark.parametrize("table", ["column_2C_weka", "column_3C_weka", "penguins", "auto_mpg", "xor"])
def test_a_loaded_model_answers_with_the_bytes_of_its_training(
    table: str, precision: str, scaling: str, tmp_path: Path
) -> None:
    dataset = dataset_from(open_table(table))
    settings = {"precision": precision, "scaling": scaling, "threshold": "balanced"}
    training, model = trained(dataset, hidden="5,3", **settings)
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
    training, model = trained(spine)
    worth, evaluation = model.evaluation, evaluate(training)
    assert isinstance(worth, ClassScores)
    assert (worth.correct, worth.rows, worth.interval) == (
        evaluation.correct,
        evaluation.rows,
        evaluation.interval,
    )
    numbers = dataset_from(open_table("auto_mpg"))
    assert isinstance(trained(numbers)[1].evaluation, RegressionScores)


@pytest.mark.parametrize("table", ["penguins", "auto_mpg"])
@pytest.mark.parametrize("hidden", ["4", "5,3"])
def test_an_ensemble_and_a_temperature_travel(table: str, hidden: str, tmp_path: Path) -> None:
    dataset = dataset_from(open_table(table))
    asked = {"temperature": 2.0} if dataset.examples.classes else {}
    training, model = trained(dataset, hidden=hidden, networks=3, **asked)
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
        training, model = trained(spine, hidden="none", activation=activation)
        path = tmp_path / f"{activation}.npz"
        save_model(path, model)
        inputs = spine.examples.inputs
        assert load_model(path).outputs(inputs).tobytes() == training.outputs(inputs).tobytes()


def test_minus_zero_denormals_and_extremes_keep_their_bits(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained(spine)
    odd = np.array([-0.0, 5e-324, -2.2e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1 / 3])
    training.network.parameters[: len(odd)] = odd
    save_model(tmp_path / "odd.npz", replace(model, predictor=training.predictor))
    loaded = load_model(tmp_path / "odd.npz").predictor.network.parameters
    assert loaded.tobytes() == training.network.parameters.tobytes()


def test_arrays_that_do_not_lie_in_one_piece_keep_their_order(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained(spine)
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
    training, model = trained(dataset)
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
        save_model(tmp_path / name, trained(spine)[1])
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.npz") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}


def test_numpy_reads_the_file_without_pickle(saved: tuple[Path, bytes, Dataset]) -> None:
    with np.load(saved[0], allow_pickle=False) as arrays:
        assert set(arrays) == {*MEMBERS, "sha256"}
        assert json.loads(arrays["description"].tobytes())["format"] == "epochal model"


# Writing.


def test_what_is_there_is_not_replaced_unasked(spine: Dataset, tmp_path: Path) -> None:
    _, model = trained(spine)
    path = tmp_path / "model.npz"
    path.write_text("precious")
    with pytest.raises(FileExistsError):
        save_model(path, model)
    assert path.read_text() == "precious"
    save_model(path, model, force=True)
    assert model_digest(load_model(path)) == model_digest(model)
    dangling = tmp_path / "link.npz"
    dangling.symlink_to(tmp_path / "nowhere.npz")
    with pytest.raises(FileExistsError):
        save_model(dangling, model)
    assert os.listdir(tmp_path).count("nowhere.npz") == 0


def write_while_another_comes(path: Path) -> None:
    with whole_file(path) as file:
        file.write(b"ours")
        path.write_bytes(b"theirs")


def test_a_file_that_comes_while_another_is_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with pytest.raises(FileExistsError):
        write_while_another_comes(path)
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["model.npz"]


def test_without_links_a_file_that_comes_meanwhile_stays_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "model.npz"
    with whole_file(path) as file:
        file.write(b"ours")
    assert path.read_bytes() == b"ours"
    with pytest.raises(FileExistsError):
        write_while_another_comes(tmp_path / "other.npz")
    assert (tmp_path / "other.npz").read_bytes() == b"theirs"
    assert sorted(os.listdir(tmp_path)) == ["model.npz", "other.npz"]


@pytest.mark.parametrize("call", ["fsync", "link", "replace"])
@pytest.mark.parametrize("force", [False, True])
def test_a_disk_that_fails_leaves_nothing_behind(
    call: str, force: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spine: Dataset
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    _, model = trained(spine)
    path = tmp_path / "model.npz"
    if force:
        path.write_text("precious")
    monkeypatch.setattr(os, call, fails)
    if call == "link":  # for want of links, or of a need for one, another way is found
        save_model(path, model, force=force)
        monkeypatch.undo()
        assert model_digest(load_model(path)) == model_digest(model)
    elif call == "replace" and not force:
        save_model(path, model)
    else:
        with pytest.raises(OSError, match="No space"):
            save_model(path, model, force=force)
        assert not force or path.read_text() == "precious"
        assert os.listdir(tmp_path) == (["model.npz"] if force else [])


def test_a_disk_that_is_full_after_any_number_of_bytes_leaves_nothing_behind(
    saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    model, path = load_model(saved[0]), tmp_path / "m.npz"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in range(0, saved[0].stat().st_size, 512):
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            with pytest.raises(OSError, match="File too large"):
                save_model(path, model)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert os.listdir(tmp_path) == []


SAVING = """
from typing import Any
import sys
from epochal.data.models.model_file import load_model, save_model
models = [load_model(path) for path in sys.argv[2:]]
print("ready", flush=True)
while True:
    for model in models:
        save_model(sys.argv[1], model, force=True)
"""


def test_a_process_killed_while_saving_leaves_a_whole_model(spine: Dataset, tmp_path: Path) -> None:
    models = [trained(spine, seed=seed)[1] for seed in (1, 2)]
    names = [str(tmp_path / f"{seed}.npz") for seed in (1, 2)]
    for name, model in zip(names, models, strict=True):
        save_model(name, model)
    target = tmp_path / "target.npz"
    save_model(target, models[0])
    chance = np.random.default_rng(8)
    found = set()
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", SAVING, str(target), *names],
            cwd=HERE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(HERE)},
        ) as process:
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(float(chance.uniform(0.0, 0.05)))
            process.kill()
        found.add(model_digest(load_model(target)))
    assert found <= {model_digest(model) for model in models}
    for part in tmp_path.glob(".target.npz.*"):
        os.utime(part, (1, 1))
    save_model(target, models[0], force=True)
    assert sorted(os.listdir(tmp_path)) == ["1.npz", "2.npz", "target.npz"]


def test_parts_left_over_by_killed_processes_are_swept(spine: Dataset, tmp_path: Path) -> None:
    old, fresh, other = (
        tmp_path / name for name in (".m.npz.0a.part", ".m.npz.0b.part", ".other.npz.0a.part")
    )
    for part in (old, fresh, other):
        part.write_bytes(b"half")
    os.utime(old, (1, 1))
    os.utime(other, (1, 1))
    save_model(tmp_path / "m.npz", trained(spine)[1])
    assert (old.exists(), fresh.exists(), other.exists()) == (False, True, True)


def test_a_model_may_be_read_by_whom_the_umask_lets_read(spine: Dataset, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save_model(tmp_path / "m.npz", trained(spine)[1])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.npz").stat().st_mode) == 0o640


def test_weights_that_are_no_numbers_are_not_written(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained(spine)
    training.network.parameters[3] = np.nan
    with pytest.raises(ModelError, match="parameters that are not finite numbers"):
        save_model(tmp_path / "m.npz", replace(model, predictor=training.predictor))
    assert os.listdir(tmp_path) == []


# Damage.


def outcome(path: Path, content: bytes, dataset: Dataset) -> bytes | str:
    """What the file answers, or the sentence that refuses it; anything else is raised."""
    path.write_bytes(content)
    try:
        model = load_model(path)
    except ModelError as error:
        text = str(error)
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) < 400
        return text
    return model.outputs(dataset.examples.inputs).tobytes()


def test_a_flipped_bit_or_byte_is_noticed_or_changes_no_prediction(
    saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    path, answers, dataset = saved
    sound = path.read_bytes()
    chance = np.random.default_rng(4)
    refused = 0
    for turn in range(1200):
        spoiled = bytearray(sound)
        # Half of the flips in the zip archive's own structures, where most can go wrong.
        ends = (len(sound) - 1100, len(sound)) if turn % 2 else (0, len(sound))
        at = int(chance.integers(*ends))
        spoiled[at] ^= int(chance.integers(1, 256)) if turn % 3 else 1 << int(chance.integers(8))
        found = outcome(tmp_path / "m.npz", bytes(spoiled), dataset)
        assert isinstance(found, str) or found == answers, f"byte {at}"
        refused += isinstance(found, str)
    assert refused > 600


def test_several_flips_at_once_are_noticed_too(saved: tuple[Path, bytes, Dataset], tmp_path: Path) -> None:
    path, answers, dataset = saved
    sound = np.frombuffer(path.read_bytes(), np.uint8)
    chance = np.random.default_rng(5)
    for _ in range(300):
        spoiled = sound.copy()
        places = chance.integers(0, len(sound), int(chance.integers(2, 40)))
        spoiled[places] = chance.integers(0, 256, len(places))
        found = outcome(tmp_path / "m.npz", spoiled.tobytes(), dataset)
        assert isinstance(found, str) or found == answers


def test_a_file_cut_off_anywhere_is_refused(saved: tuple[Path, bytes, Dataset], tmp_path: Path) -> None:
    path, _, dataset = saved
    sound = path.read_bytes()
    for length in {*range(0, len(sound), 64), *range(len(sound) - 40, len(sound)), 1, 2, 3, 4, 21, 22, 23}:
        assert isinstance(outcome(tmp_path / "m.npz", sound[:length], dataset), str), length
        assert isinstance(outcome(tmp_path / "m.npz", sound[length:] if length else b"", dataset), str)
    assert "cut off" in str(outcome(tmp_path / "m.npz", sound[:2000], dataset))


def test_a_file_with_more_before_or_behind_it_is_refused(
    saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    path, _, dataset = saved
    sound = path.read_bytes()
    for spoiled in (b"#!/bin/sh\n" + sound, sound + b"\0", sound + sound, sound[:4] + sound):
        assert isinstance(outcome(tmp_path / "m.npz", spoiled, dataset), str)


# Hostile files.


def written(path: Path, arrays: Changed) -> Path:
    with path.open("wb") as file:
        write_arrays(file, arrays)
    return path


def parts(path: Path) -> Changed:
    with path.open("rb") as file:
        return dict(read_arrays(file))


def retold(**changes: object) -> Callable[[Changed], Changed]:
    def change(arrays: Changed) -> Changed:
        told = json.loads(arrays["description"].tobytes())
        for name, value in changes.items():
            place, *rest = name.split("__")
            if rest:
                told[place][rest[0]] = value
            else:
                told[place] = value
        return {**arrays, "description": np.frombuffer(json.dumps(told).encode(), np.uint8)}

    return change


def put(name: str, at: int, value: float) -> Callable[[Changed], Changed]:
    def change(arrays: Changed) -> Changed:
        values = arrays[name].copy()
        values[at] = value
        return {**arrays, name: values}

    return change


def replaced(name: str, make: Callable[[NDArray[np.generic]], NDArray[np.generic]]) -> object:
    return lambda arrays: {**arrays, name: make(arrays[name])}


UNFIT = {
    "NaN weights": (put("parameters", 5, np.nan), "parameters that are not finite"),
    "infinite weights": (put("parameters", 5, np.inf), "parameters that are not finite"),
    "NaN centre": (put("centre", 0, np.nan), "centre that are not finite"),
    "no spread": (put("spread", 0, 0.0), "spread that is not above 0"),
    "negative target spread": (put("target_spread", 0, -1.0), "spread that is not above 0"),
    "a weight too few": (
        replaced("parameters", lambda a: a[:-1]),
        "has 78 weights, where its layers have 79",
    ),
    "no weights": (replaced("parameters", lambda a: a[:0]), "has 0 weights"),
    "float32 weights": (replaced("parameters", lambda a: a.astype(np.float32)), "another precision"),
    "whole weights": (replaced("parameters", lambda a: a.astype(np.int64)), "another kind of number"),
    "kept as floats": (replaced("kept", lambda a: a.astype(np.float64)), "another kind of number"),
    "a column kept too few": (replaced("kept", lambda a: a[:-1]), "shape that does not fit"),
    "a column that is not there": (put("kept", -1, 99), "columns that are not there"),
    "a negative column": (put("kept", 0, -1), "columns that are not there"),
    "columns twice": (put("kept", 1, 0), "columns that are not there"),
    "an indicator that is not there": (put("indicators", -1, 99), "columns that are not there"),
    "a level that is not there": (put("levels", 0, 99), "none of its categories"),
    "a level below 0": (put("levels", 0, -1), "none of its categories"),
    "huge counts": (put("level_counts", 0, 1 << 62), "shape that does not fit"),
    "negative counts": (put("level_counts", 0, -1), "shape that does not fit"),
    "a filling that is no category": (put("filled", 0, 77.0), "fills 'island'"),
    "a filling between categories": (put("filled", 0, 0.5), "fills 'island'"),
    "no fillings": (replaced("filled", lambda a: a[:0]), "shape that does not fit"),
    "a missing array": (
        lambda arrays: {name: values for name, values in arrays.items() if name != "kept"},
        "lacks or adds kept",
    ),
    "an extra array": (lambda arrays: {**arrays, "code": np.zeros(3)}, "lacks or adds code"),
    "no description": (
        lambda arrays: {name: values for name, values in arrays.items() if name != "description"},
        "no model that Epochal wrote",
    ),
    "a description that is no JSON": (
        replaced("description", lambda _: np.frombuffer(b"{", np.uint8)),
        "no model that Epochal wrote",
    ),
    "a description nested without end": (
        replaced("description", lambda _: np.frombuffer(b"[" * 200_000, np.uint8)),
        "no model that Epochal wrote",
    ),
    "a description that is no text": (
        replaced("description", lambda _: np.arange(200, dtype=np.uint8)),
        "no model that Epochal wrote",
    ),
    "a newer version": (retold(version=VERSION + 1, more="?"), "written by a newer Epochal"),
    "version 0": (retold(version=0), "no model"),
    "an endless version": (retold(version=10**400), "no model"),
    "another format": (retold(format="another"), "no model"),
    "a word too many": (retold(run="rm -rf"), "wrong description: run"),
    "other layers": (retold(layers=[9, 4, 3]), "shape that does not fit|weights, where"),
    "endless layers": (retold(layers=[1 << 30, 4, 1 << 30]), "layers that do not fit"),
    "layers beyond counting": (retold(layers=[10**4000, 4, 3]), "wrong description: layers"),
    "no layers": (retold(layers=[]), "layers that do not fit"),
    "another activation": (retold(activation="relu"), "layers that do not fit its settings"),
    "an unknown activation": (
        retold(settings__activation="__import__"),
        "layers that do not fit its settings",
    ),
    "another link": (retold(link="sigmoid"), "does not suit"),
    "an unknown link": (retold(link="exec"), "wrong description: link"),
    "fewer classes": (retold(classes=["a"]), "layers that do not fit"),
    "two classes": (retold(classes=["a", "b"]), "output activation softmax, which does not suit"),
    "no classes": (retold(classes=[]), "output activation softmax, which does not suit"),
    "no classes and no names": (retold(classes=[], names=[], link="identity"), "layers that do not fit"),
    "no features": (retold(features=[]), "shape that does not fit"),
    "words for numbers": (retold(features=[{"name": 1, "categories": []}]), "wrong description: features"),
    "a threshold beyond": (retold(threshold=1.5), "wrong description: threshold"),
    "a threshold in words": (retold(threshold="0.5"), "wrong description: threshold"),
    "no settings": (retold(settings=[]), "wrong description: settings"),
    "NaN in words": (retold(threshold=float("nan")), "wrong description: threshold"),
    "wrong worth": (retold(evaluation={"rows": -1}), "wrong description: evaluation"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_file_with_a_right_checksum_is_refused_in_a_sentence(
    case: str, saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    change, words = UNFIT[case]
    path = written(tmp_path / "m.npz", change(parts(saved[0])))  # type: ignore[operator]
    with pytest.raises(ModelError, match=words) as refused:
        load_model(path)
    assert str(refused.value).startswith("m.npz cannot be used as a model: it ")


ENSEMBLE_UNFIT = {
    "a bias too few": replaced("biases", lambda a: a[:-1]),
    "a member too few": replaced("biases", lambda a: a[:-3]),
    "one member": replaced("biases", lambda a: a[:3]),
    "no biases": replaced("biases", lambda a: a[:0]),
    "infinite biases": put("biases", 0, np.inf),
    "biases of another precision": replaced("biases", lambda a: a.astype(np.float32)),
    "biases in whole numbers": replaced("biases", lambda a: a.astype(np.int64)),
    "no biases at all": lambda arrays: {name: each for name, each in arrays.items() if name != "biases"},
    "no layers": retold(layers=[]),
    "a temperature below 0": retold(temperature=-1.0),
}


@pytest.mark.parametrize("case", ENSEMBLE_UNFIT)
def test_an_unfit_ensemble_is_refused_in_a_sentence(case: str, penguins: Dataset, tmp_path: Path) -> None:
    _, model = trained(penguins, hidden="4", networks=3)
    save_model(tmp_path / "whole.npz", model)
    path = written(tmp_path / "m.npz", ENSEMBLE_UNFIT[case](parts(tmp_path / "whole.npz")))
    with pytest.raises(ModelError, match=r"^m\.npz cannot be used as a model: it "):
        load_model(path)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def npy(header: str, numbers: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode() + b" " * (-(len(header) + 11) % 64) + b"\n"
    size = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + size + text + numbers


class Explosive:
    """Unpickling one would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


def test_nothing_in_a_pickle_named_npz_is_run(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    path = tmp_path / "m.npz"
    path.write_bytes(pickle.dumps(Explosive(trap)))
    with pytest.raises(ModelError, match="Python pickle"):
        load_model(path)
    for name in ("parameters.npy", "description.npy"):
        objects = io.BytesIO()
        np.save(objects, np.array([Explosive(trap)], dtype=object), allow_pickle=True)
        path.write_bytes(zipped({name: objects.getvalue()}))
        with pytest.raises(ModelError, match="holds Python objects"):
            load_model(path)
    assert not trap.exists()


HEADERS = {
    "a terabyte": "{'descr': '<f8', 'fortran_order': False, 'shape': (137438953472,), }",
    "a billion": "{'descr': '<f8', 'fortran_order': False, 'shape': (999999999,), }",
    "a negative shape": "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }",
    "two dimensions": "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 2), }",
    "no dimension": "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
    "records": "{'descr': [('a', '<f8'), ('b', '|O')], 'fortran_order': False, 'shape': (1,), }",
    "text": "{'descr': '<U8', 'fortran_order': False, 'shape': (1,), }",
    "complex": "{'descr': '<c16', 'fortran_order': False, 'shape': (1,), }",
    "an expression": "{'descr': '<f8', 'fortran_order': False, 'shape': (9**9**9,), }",
    "a call": "{'descr': '<f8', 'fortran_order': False, 'shape': (exit(),), }",
    "brackets": "(" * 5000,
    "an oversized header": "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }" + " " * 60_000,
    "nothing": "",
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_that_claims_what_is_not_there_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    tracemalloc.start()
    for version in (b"\x01\x00", b"\x02\x00"):
        path.write_bytes(zipped({"description.npy": npy(HEADERS[case], b"\0" * 8, version)}))
        with pytest.raises(ModelError):
            load_model(path)
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_zip_bombs_are_refused_before_they_expand(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    zeros = io.BytesIO()
    np.save(zeros, np.zeros(5_000_000))
    flat = zipped({"parameters.npy": zeros.getvalue()}, zipfile.ZIP_DEFLATED)
    assert len(flat) < 100_000
    claiming = bytearray(zipped({"parameters.npy": b"x" * 100}))
    at = claiming.rindex(b"PK\1\2")
    claiming[at + 20 : at + 28] = struct.pack("<2L", 0x7FFFFFF0, 0x7FFFFFF0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of equal names
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for _ in range(2):
                archive.writestr("parameters.npy", zeros.getvalue()[:1000])
    for content, words in (
        (flat, "compressed"),
        (zipped({"a.npy": flat}, zipfile.ZIP_LZMA), "compressed"),
        (bytes(claiming), "more than its own size"),
        (zipped({f"a{n}.npy": b"" for n in range(5000)}), "archive of 5,000 entries"),
        (held.getvalue(), "none that Epochal wrote"),
    ):
        path.write_bytes(content)
        tracemalloc.start()
        with pytest.raises(ModelError, match=words):
            load_model(path)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()


def test_members_that_share_their_bytes_are_refused(
    saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    content = bytearray(saved[0].read_bytes())
    first = content.index(b"PK\1\2")
    second = content.index(b"PK\1\2", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    assert isinstance(outcome(tmp_path / "m.npz", bytes(content), saved[2]), str)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a,b\n1,2\n", "it is text, such as a table"),
        (b"", "it is empty"),
        (b"\x89PNG\r\n\x1a\n", "it is a file of another kind"),
        (b"\x93NUMPY\x01\x00", "it is a single NumPy array"),
        (b"PK", "it is cut off"),
        (b"PK\5\6" + b"\0" * 18, "none that Epochal wrote"),
        (b"PK\5\6" + b"\xff" * 18, "is wrong"),
        (zipped({"word/document.xml": b"x"}), "an entry 'word/document.xml'"),
        (zipped({"../../etc/passwd.npy": b"x"}), "an entry '../../etc"),
        (zipped({"\x1b[31m.npy": b"x"}), "an entry"),
    ],
)
def test_files_of_another_kind_are_named(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError) as refused:
        load_model(path)
    assert words in str(refused.value)


def test_somebody_elses_npz_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", weights=np.zeros(3))
    np.savez_compressed(tmp_path / "b.npz", weights=np.zeros(3))
    np.savez(tmp_path / "c.npz", weights=np.zeros((3, 3)))
    for name, words in (
        ("a", "none that Epochal wrote"),
        ("b", "compressed"),
        ("c", "holds weights in a form"),
    ):
        with pytest.raises(ModelError, match=words):
            load_model(tmp_path / f"{name}.npz")


def test_places_without_a_file_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place, words in (
        (tmp_path / "absent.npz", "There is no file"),
        (tmp_path, "is not a file"),
        (tmp_path / "pipe", "is not a file"),
        (tmp_path / ("x" * 300), "the name is longer than a name can be"),
        ("/dev/null", "is not a file"),
        ("a\0b", "no name a file can have"),
    ):
        with pytest.raises(ModelError, match=words):
            load_model(place)


def test_a_hostile_checksum_is_refused(saved: tuple[Path, bytes, Dataset], tmp_path: Path) -> None:
    content = saved[0].read_bytes()
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as sound, zipfile.ZipFile(held, "w") as archive:
        for entry in sound.infolist():
            raw = sound.read(entry)
            if entry.filename == "centre.npy":
                raw = raw[:-1] + bytes([raw[-1] ^ 1])
            archive.writestr(entry.filename, raw)
    assert "does not fit its checksum" in str(outcome(tmp_path / "m.npz", held.getvalue(), saved[2]))


def test_values_far_beyond_the_table_warn_of_nothing(saved: tuple[Path, bytes, Dataset]) -> None:
    model = load_model(saved[0])
    huge = np.where([feature.categories == () for feature in model.features], 1e308, 0.0)
    outputs = model.outputs(np.vstack([huge, -huge]))
    assert outputs.shape == (2, 3)


UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "a setting this version does not know": ({"settings__speed": 9}, "does not know: speed"),
    "many that it does not know": ({f"settings__s{i}": i for i in range(9)}, "s5 and 3 more"),
    "a value that it does not allow": ({"settings__learning_rate": -1}, "Learning rate is above 0, not -1"),
    "a choice that it does not have": ({"settings__optimizer": "adam2"}, "Optimizer is one of"),
    "a setting in another shape": ({"settings__epochs": {"from": 1}}, "does not allow"),
}


@pytest.mark.parametrize("case", UNKNOWN)
def test_settings_of_another_version_do_not_refuse_sound_weights(
    case: str, saved: tuple[Path, bytes, Dataset], tmp_path: Path
) -> None:
    changes, words = UNKNOWN[case]
    path, _, dataset = saved
    model = load_model(written(tmp_path / "m.npz", retold(**changes)(parts(path))))
    inputs = dataset.examples.inputs
    assert model.outputs(inputs).tobytes() == load_model(path).outputs(inputs).tobytes()
    with pytest.raises(ModelError, match=words) as refused:
        _ = model.settings
    assert str(refused.value).startswith("The model was trained by Epochal ")
