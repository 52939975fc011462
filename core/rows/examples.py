"""Examples: what a network learns from, and the rows kept back to check what it learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.raw_arrays import columns_of, labels_of

Task = Literal["classification", "regression"]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Feature:
    """One measurement a prediction is made from; a number unless it has categories."""

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
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
    unused: NDArray[np.float64] | NDArray[np.intp] | None = None
    """A number a row for all that the file says of it besides: equal ones where it says the same."""

    def __post_init__(self) -> None:
        self._check_shapes()
        if np.isinf(self.inputs).any():
            row, column = np.argwhere(np.isinf(self.inputs))[0].tolist()
            name = self.features[column].name
            raise ValueError(
                f"The input {name} of row {row + 1} is infinite: nothing can be learned from that."
            )
        if self.classes:
            self._check_labels()
        elif not np.isfinite(self.targets).all():
            row = int(np.argwhere(~np.isfinite(self.targets))[0][0])
            raise ValueError(f"The target of row {row + 1} is no finite number.")

    def _check_shapes(self) -> None:
        for what, array in (("inputs", self.inputs), ("targets", self.targets)):
            if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub":
                held = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
                raise ValueError(
                    f"{what} are an array of numbers, not {held}. Examples.from_arrays takes lists and words."
                )
        rows = len(self.inputs)
        if self.inputs.ndim != 2 or self.inputs.shape[1] != len(self.features):
            raise ValueError(f"inputs are rows x {len(self.features)} features, not {self.inputs.shape}")
        if len(self.targets) != rows:
            raise ValueError(f"{rows} rows of inputs, but {len(self.targets)} targets")
        if self.weights is not None and self.weights.shape != (rows,):
            raise ValueError(f"one weight a row: {rows}, not {self.weights.shape}")
        if self.unused is not None and self.unused.shape != (rows,):
            raise ValueError(f"one number a row for what is unused: {rows}, not {self.unused.shape}")
        width = 1 if self.targets.ndim == 1 else self.targets.shape[1]
        if not self.classes and (self.targets.ndim > 2 or width != len(self.outputs)):
            raise ValueError(f"targets are rows x {len(self.outputs)} outputs, not {self.targets.shape}")

    def _check_labels(self) -> None:
        if self.targets.ndim != 1:
            raise ValueError(f"with classes, targets are one index a row, not {self.targets.shape}")
        is_index = (self.targets >= 0) & (self.targets < len(self.classes)) & (self.targets % 1 == 0)
        if not is_index.all():
            row = int(np.argmin(is_index))
            raise ValueError(
                f"The label {self.targets[row]:g} of row {row + 1} is no index into {len(self.classes)} "
                f"classes, 0 to {len(self.classes) - 1}. Examples.from_arrays takes labels as they are."
            )

    @classmethod
    def from_arrays(
        cls,
        inputs: object,
        labels: object,
        *,
        names: Sequence[str] | None = None,
        outputs: Sequence[str] = ("target",),
        weights: object = None,
    ) -> Examples:
        """Examples from what people have: lists, arrays or frames, rows x features, and a label a row.

        Labels that are words, whole numbers, or True and False are classes; floats are numbers to be
        predicted, several a row if they are rows x `outputs`. Inputs may be words too, and None, NaN or an
        empty cell of a frame where one is missing. ValueError, in a sentence, for what cannot be meant.
        """
        columns = columns_of(inputs, names)
        features = tuple(Feature(name, categories) for name, _, categories in columns)
        if not columns:
            raise ValueError("There are no inputs: at least one feature is needed.")
        found = labels_of(labels)
        targets, classes = found if isinstance(found, tuple) else (found, ())
        if not classes and targets.shape[1] > 1 and len(outputs) == 1:
            outputs = [f"{outputs[0]} {place + 1}" for place in range(targets.shape[1])]
        return cls(
            features,
            np.column_stack([numbers for _, numbers, _ in columns]),
            targets,
            classes,
            tuple(outputs),
            None if weights is None else np.asarray(weights, np.float64),
        )

    def __len__(self) -> int:
        return len(self.inputs)

    def __repr__(self) -> str:
        what = f"{len(self.classes)} classes" if self.classes else ", ".join(self.outputs)
        return f"Examples({len(self)} rows x {len(self.features)} features; {what})"

    def take(self, rows: Rows) -> Examples:
        """These rows alone, in this order."""
        weights = None if self.weights is None else self.weights[rows]
        unused = None if self.unused is None else self.unused[rows]
        return replace(
            self, inputs=self.inputs[rows], targets=self.targets[rows], weights=weights, unused=unused
        )

    @property
    def task(self) -> Task:
        """Whether a class is to be predicted or a number."""
        return "classification" if self.classes else "regression"


@dataclass(frozen=True, eq=False)
class Split:
    """Row numbers of the training rows and of the held-out rows, each in ascending order.

    `validation` rows are taken from the training rows to say when to stop: nothing is fitted to them.
    """

    train: Rows
    held_out: Rows
    stratified: bool
    validation: Rows = field(default_factory=lambda: np.empty(0, dtype=np.intp))


PURPOSES = ("split", "weights", "order", "dropout", "search", "validation")


def generator(seed: int, purpose: str, *branch: int) -> np.random.Generator:
    """A generator of its own for each purpose, so that changing one leaves the others' numbers alone."""
    return np.random.default_rng([seed, PURPOSES.index(purpose), *branch])


def split(examples: Examples, held_out: float, seed: int) -> Split:
    """Keep back a share of the rows, chosen by the seed; with classes, the same share of each.

    Every class with two rows or more has one on either side. Raises ValueError when there are fewer
    than four rows, as nothing could be said of a network tested on less.
    """
    rows = len(examples)
    if rows < 4:
        raise ValueError(f"{rows} rows are too few to learn from and to check on: at least 4 are needed.")
    kept, held = _divided(examples, np.arange(rows), held_out, generator(seed, "split"))
    return Split(kept, held, stratified=bool(examples.classes))


def with_validation(examples: Examples, rows: Split, share: float, seed: int) -> Split:
    """The split with a share of its training rows set aside; with classes, the same share of each.

    Raises ValueError when there are fewer than four training rows.
    """
    if len(rows.train) < 4:
        raise ValueError(
            f"{len(rows.train)} training rows are too few to set some aside: at least 4 are needed."
        )
    train, validation = _divided(examples, rows.train, share, generator(seed, "validation"))
    return Split(train, rows.held_out, rows.stratified, validation)


def _divided(examples: Examples, rows: Rows, share: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """The rows without and with a share drawn from them, each in ascending order."""
    if not examples.classes:
        order = rows[rng.permutation(len(rows))]
        count = min(max(round(share * len(rows)), 1), len(rows) - 2)
        return np.sort(order[count:]), np.sort(order[:count])
    targets = examples.targets[rows]
    members = [rows[targets == index] for index in range(len(examples.classes))]
    counts = _shares([len(m) for m in members], share)
    drawn = np.sort(
        np.concatenate(
            [rng.permutation(of_class)[:count] for of_class, count in zip(members, counts, strict=True)]
        )
    )
    return np.setdiff1d(rows, drawn), drawn


def _shares(counts: list[int], share: float) -> list[int]:
    """Rows drawn per class: the exact shares rounded so that their sum is right, largest part first."""
    exact = np.array(counts) * share
    shares = np.floor(exact).astype(int)
    short = round(float(exact.sum())) - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:short]] += 1
    return [min(max(int(some), 1), n - 1) if n > 1 else 0 for some, n in zip(shares, counts, strict=True)]
