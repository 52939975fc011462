"""What tests of models share: a table with words and missing cells, and a model saved of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from epochal.data.models.model_file import save_model
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from tests.runs import trained_model

HERE = Path(__file__).parents[3]

Changed = dict[str, NDArray[np.generic]]


@pytest.fixture(scope="module")
def penguins() -> Dataset:
    return dataset_from(open_table("penguins"))


@pytest.fixture(scope="module")
def saved(penguins: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, Dataset]:
    """A model file with categories, missing cells and three classes; what it answers; its table."""
    path = tmp_path_factory.mktemp("saved") / "model.npz"
    training, model = trained_model(penguins, hidden="4")
    save_model(path, model)
    return path, training.outputs(penguins.examples.inputs).tobytes(), penguins
