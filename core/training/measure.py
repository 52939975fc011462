"""Measuring: the errors of a network on tables of rows, many rows at a time and nearly for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps
from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.propagation import Pass

Array = NDArray[np.floating]
Measured = tuple[list[float], float]
"""The mean error of each table, NaN of an empty one, and the share of the second's rows that are answered
rightly, NaN for numbers."""

# Numbers a layer has at a time, and rows: what a core's own cache holds. Tables that fit go together.
CHUNK, CHUNK_ROWS = 1 << 17, 4096


class Measure:
    """Takes rows through a network: several tables' one below the other, as many of each as `sizes` says.

    With `shared`, a pass over exactly these rows, that one is used, and left filled with their values.
    Weighted rows give a weighted mean of errors; the share counts rows.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: EncodedRows,
        sizes: Sequence[int],
        shared: Pass | None = None,
    ) -> None:
        self._errors = np.empty(len(rows), rows.inputs.dtype)
        starts = np.cumsum([0, *sizes])
        self._filled = [place for place, size in enumerate(sizes) if size]
        self._starts = starts[self._filled]
        ones = np.ones(len(rows)) if rows.weights is None else rows.weights
        self._totals = np.add.reduceat(ones, self._starts).tolist()
        self._sizes = sizes
        judged = slice(*starts[1:3].tolist()) if len(sizes) > 1 else slice(0, 0)
        self._answers = RunningAccuracy(network.kind, rows.targets[judged].T)
        size = len(rows) if shared else min(max(256, CHUNK // max(network.layers[1:])), CHUNK_ROWS)
        self._calls: BoundOps = []
        through = shared
        for start in range(0, len(rows), max(size, 1)):
            part = rows[start : start + size]
            if through is None or through.rows != len(part):
                through = Pass(network, loss, len(part))
            stop = start + len(part)
            self._calls += through.forward(part.input_columns)
            self._calls += loss.bind_errors(through.logits, part.target_columns, self._errors[start:stop])
            low, high = max(start, judged.start), min(stop, judged.stop)
            if low < high:
                places = slice(low - judged.start, high - judged.start)
                self._calls += self._answers.read(through.logits[:, low - start : high - start], places)
        if rows.weights is not None:
            self._calls.append(partial(np.multiply, self._errors, rows.weights, self._errors))

    def __call__(self) -> Measured:
        """The errors with the network's present weights."""
        for call in self._calls:
            call()
        errors = [float("nan")] * len(self._sizes)
        sums = np.add.reduceat(self._errors, self._starts).tolist()
        for place, error, total in zip(self._filled, sums, self._totals, strict=True):
            errors[place] = error / total
        return errors, self._answers.shares_right()[0]


class RunningAccuracy:
    """What networks answer to rows whose true answers are known, and the share of it that is right.

    `targets` are coded as the losses like them, outputs x rows, of a stack outputs x members x rows.
    """

    def __init__(self, kind: OutputKind, targets: Array) -> None:
        self._kind = kind
        self._truth = kind.true_answers(targets)
        self._answered, self._right = np.zeros_like(self._truth), np.empty(self._truth.shape, np.bool_)
        self._compare = partial(np.equal, self._answered, self._truth, self._right)

    def read(self, logits: Array, places: slice) -> BoundOps:
        """The calls that note the answers of these rows: a class's number, or whether it is the second."""
        return self._kind.bind_answers(logits, self._answered[..., places])

    def shares_right(self) -> list[float]:
        """Of the rows of each member; NaN where there are none, or numbers are predicted."""
        *members, rows = self._truth.shape
        if not self._kind.has_classes or not rows:
            return [float("nan")] * (members[0] if members else 1)
        self._compare()
        if not members:
            return [int(np.count_nonzero(self._right)) / rows]
        return [int(np.count_nonzero(right)) / rows for right in self._right]
