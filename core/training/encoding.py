"""Encoding: rows in the table's units become rows in the network's, in its own precision."""

from __future__ import annotations

import numpy as np

from epochal.core.network.network import Network
from epochal.core.numerals import figure
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.rows.examples import Examples, Floats, Rows
from epochal.core.rows.extremes import beyond_precision
from epochal.core.rows.preparation import Preparation

# Rows that are brought from the table's units to the network's at a time.
PREPARED_AT_ONCE = 4096


def encoded_rows(
    examples: Examples, rows: Rows, preparation: Preparation, network: Network, weights: Floats | None
) -> EncodedRows:
    """These rows as the network takes them; `weights` has one for every row of the examples.

    ValueError, which names the column and a row, where the network's precision cannot hold what scaling
    leaves.
    """
    inputs, *_, outputs = network.layers
    dtype = network.parameters.dtype.name
    encoded = EncodedRows.empty(len(rows), inputs, outputs, dtype, weighted=weights is not None)
    for start in range(0, len(rows), PREPARED_AT_ONCE):
        part = rows[start : start + PREPARED_AT_ONCE]
        room = encoded[start : start + len(part)]
        with np.errstate(over="ignore", invalid="ignore"):  # noticed and said below
            room.inputs[:, :-1] = preparation.inputs(examples.inputs[part])
            room.targets[...] = network.kind.encode(examples.targets[part], outputs, preparation)
        _refuse(beyond_precision(room.inputs[:, :-1], preparation.names, part), dtype)
        if not examples.classes:
            _refuse(beyond_precision(room.targets, examples.outputs, part), dtype)
        if weights is not None and room.weights is not None:
            room.weights[...] = weights[part]
    return encoded


def _refuse(beyond: tuple[str, int, float] | None, precision: str) -> None:
    if beyond:
        name, row, value = beyond
        raise ValueError(
            f"{name} is {figure(value)} in example {row + 1:,} once scaled, and {precision} cannot compute"
            " with that: choose another scaling or precision, or leave the column out."
        )
