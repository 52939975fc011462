"""Model files that are damaged or made by somebody who wishes ill: refused in a sentence."""

from __future__ import annotations

import io
import json
import os
import pickle
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.data.models.description import VERSION
from epochal.data.models.model import ModelError
from epochal.data.models.model_file import load_model, save_model
from epochal.data.models.npz_arrays import read_arrays, write_arrays
from epochal.data.tables.dataset import Dataset
from tests.runs import trained_model

HERE = Path(__file__).parents[3]

Changed = dict[str, NDArray[np.generic]]


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
    _, model = trained_model(penguins, hidden="4", networks=3)
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
