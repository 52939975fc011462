"""Data and small runs that many tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from epochal.core.rows.examples import Examples, Feature
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing a test remembers is seen by the next, or by whoever runs the tests."""
    monkeypatch.setenv("EPOCHAL_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


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
