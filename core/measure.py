"""Measuring: the errors of a network on tables of rows, many rows at a time and nearly for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.losses import Loss
from core.network import Network
from core.step import Pass

Array = NDArray[np.floating]
Measured = tuple[float, float]
"""The mean error of a table's rows, and the share of them whose class is the likeliest; NaN for numbers."""

# Rows measured at a time, which bounds the memory of a pass; tables that fit into one together share it.
CHUNK = 4096


class Measure:
    """Takes tables of rows x (inputs, a one, targets, perhaps a weight) through a network.

    With `shared`, a pass over exactly the rows of the first table, that one is used for it, and is left
    filled with their values. Weighted rows give a weighted mean of errors; the share counts rows.
    """

    def __init__(
        self, network: Network, loss: Loss, tables: Sequence[Array], shared: Pass | None = None
    ) -> None:
        self.link, self.errors_of = network.link, loss.errors
        self.tables = len(tables)
        width, end = network.layers[0] + 1, network.layers[0] + 1 + network.layers[-1]
        passes: dict[int, Pass] = {}
        self.weights = [table[:, end].sum() if table.shape[1] > end else len(table) for table in tables]
        self.rows = [len(table) for table in tables]
        self.chunks: list[tuple[Pass, Array, Array, Array | None, list[tuple[int, slice]]]] = []

        def add(through: Pass, part: Array, slices: list[tuple[int, slice]]) -> None:
            weights = part[:, end] if part.shape[1] > end else None
            self.chunks.append((through, part[:, :width].T, part[:, width:end].T, weights, slices))

        first = 0
        if shared is not None and shared.rows <= CHUNK:
            add(shared, tables[0], [(0, slice(None))])
            first = 1
        together = sum(map(len, tables[first:]))
        if together <= CHUNK:
            ends = np.cumsum([0, *map(len, tables[first:])]).tolist()
            slices = [
                (place, slice(start, stop)) for place, (start, stop) in enumerate(pairwise(ends), first)
            ]
            if together:
                add(Pass(network, loss, together), np.concatenate(tables[first:]), slices)
            return
        for place, table in enumerate(tables[first:], first):
            for start in range(0, len(table), CHUNK):
                part = table[start : start + CHUNK]
                through = passes.setdefault(len(part), Pass(network, loss, len(part)))
                add(through, part, [(place, slice(None))])

    def __call__(self) -> list[Measured]:
        """One measurement for each table, with the network's present weights."""
        errors, right = [0.0] * self.tables, [0] * self.tables
        for through, inputs, targets, weights, slices in self.chunks:
            through.forward(inputs)
            of_rows = self.errors_of(through.logits, targets)
            if weights is not None:
                of_rows = of_rows * weights
            hits = self._hits(through.logits, targets)
            for place, rows in slices:
                errors[place] += float(np.add.reduce(of_rows[rows]))
                if hits is not None:
                    right[place] += int(np.count_nonzero(hits[rows]))
        nothing = float("nan")
        return [
            (error / weight if rows else nothing, hit / rows if rows and self.link != "identity" else nothing)
            for error, hit, weight, rows in zip(errors, right, self.weights, self.rows, strict=True)
        ]

    def _hits(self, logits: Array, targets: Array) -> NDArray[np.bool_] | None:
        if self.link == "identity":
            return None
        if self.link == "softmax":
            return np.asarray(logits.argmax(0) == targets.argmax(0))
        return np.asarray((logits >= 0) == (targets > 0))[0]  # type: ignore[no-any-return]
