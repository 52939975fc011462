"""Data and small runs that many tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from epochal.core.rows.examples import Examples, Feature
from epochal.data.crash_log import NAME
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from


def pytest_collection_finish() -> None:
    """What is imported and collected stays: to look through it for garbage took a third of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing a test remembers is seen by the next, or by whoever runs the tests; and nothing has crashed.

    A test that lets something crash removes the log once it has read it.
    """
    home = tmp_path / "home"
    monkeypatch.setenv("EPOCHAL_HOME", str(home))
    # Tests of the search for settings say so: a fixed preset trains at once.
    monkeypatch.setenv("EPOCHAL_PRESET", "sensible")
    yield home
    log = home / NAME
    assert not log.is_file(), log.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of the suite."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def spine() -> Dataset:
    """The tutorial's table."""
    return dataset_from(open_table("column_2C_weka"))


@pytest.fixture(scope="session")
def iris() -> Dataset:
    """Three species."""
    return dataset_from(open_table("iris"))


@pytest.fixture(scope="session")
def line() -> Examples:
    """Numbers to predict: two outputs, linear in three inputs, with noise."""
    chance = np.random.default_rng(7)
    inputs = chance.normal(5.0, [1.0, 10.0, 0.1], (90, 3))
    targets = inputs @ chance.normal(size=(3, 2)) + chance.normal(scale=0.1, size=(90, 2))
    return Examples(tuple(map(Feature, "abc")), inputs, targets, outputs=("u", "v"))
