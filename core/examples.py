"""Examples: what a network learns from, and the rows kept back to check what it learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["classification", "regression"]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Feature:
    """One measurement a prediction is made from; a number unless it has categories."""

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to learn from, in the table's own units: nothing is scaled, filled in or encoded yet.

    `inputs` is rows x features, NaN where a cell is missing, a category as its index in
    `Feature.categories`. `targets` holds one class index a row when there are `classes`, else
    rows x outputs of numbers, named by `outputs`.
    """

    features: tuple[Feature, ...]
    inputs: Floats
    targets: NDArray[np.float64] | NDArray[np.intp]
    classes: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("target",)
    weights: Floats | None = None

    def __post_init__(self) -> None:
        rows = len(self.inputs)
        if self.inputs.ndim != 2 or self.inputs.shape[1] != len(self.features):
            raise ValueError(f"inputs are rows x {len(self.features)} features, not {self.inputs.shape}")
        if len(self.targets) != rows:
            raise ValueError(f"{rows} rows of inputs, but {len(self.targets)} targets")
        if self.weights is not None and self.weights.shape != (rows,):
            raise ValueError(f"one weight a row: {rows}, not {self.weights.shape}")

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def task(self) -> Task:
        """Whether a class is to be predicted or a number."""
        return "classification" if self.classes else "regression"


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the training rows and of the held-out rows, each in ascending order."""

    train: Rows
    held_out: Rows
    stratified: bool
