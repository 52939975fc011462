"""Writing a model: nothing is replaced unasked, and whatever fails leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import resource
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.data.atomic_write import whole_file
from epochal.data.models.model import ModelError
from epochal.data.models.model_file import load_model, model_digest, save_model
from epochal.data.tables.dataset import Dataset
from tests.runs import trained_model

HERE = Path(__file__).parents[3]

Changed = dict[str, NDArray[np.generic]]


def test_what_is_there_is_not_replaced_unasked(spine: Dataset, tmp_path: Path) -> None:
    _, model = trained_model(spine)
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

    _, model = trained_model(spine)
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
    models = [trained_model(spine, seed=seed)[1] for seed in (1, 2)]
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
    save_model(tmp_path / "m.npz", trained_model(spine)[1])
    assert (old.exists(), fresh.exists(), other.exists()) == (False, True, True)


def test_a_model_may_be_read_by_whom_the_umask_lets_read(spine: Dataset, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save_model(tmp_path / "m.npz", trained_model(spine)[1])
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "m.npz").stat().st_mode) == 0o640


def test_weights_that_are_no_numbers_are_not_written(spine: Dataset, tmp_path: Path) -> None:
    training, model = trained_model(spine)
    training.network.parameters[3] = np.nan
    with pytest.raises(ModelError, match="parameters that are not finite numbers"):
        save_model(tmp_path / "m.npz", replace(model, predictor=training.predictor))
    assert os.listdir(tmp_path) == []
