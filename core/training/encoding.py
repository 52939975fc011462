"""Encoding: rows in the table's units become rows in the network's, in its own precision."""

from __future__ import annotations

from epochal.core.network.network import Network
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.rows.examples import Examples, Floats, Rows
from epochal.core.rows.preparation import Preparation

# Rows that are brought from the table's units to the network's at a time.
PREPARED_AT_ONCE = 4096


def encoded_rows(
    examples: Examples, rows: Rows, preparation: Preparation, network: Network, weights: Floats | None
) -> EncodedRows:
    """These rows as the network takes them; `weights` has one for every row of the examples."""
    inputs, *_, outputs = network.layers
    dtype = network.parameters.dtype.name
    encoded = EncodedRows.empty(len(rows), inputs, outputs, dtype, weighted=weights is not None)
    for start in range(0, len(rows), PREPARED_AT_ONCE):
        part = rows[start : start + PREPARED_AT_ONCE]
        room = encoded[start : start + len(part)]
        room.inputs[:, :-1] = preparation.inputs(examples.inputs[part])
        room.targets[...] = network.kind.encode(examples.targets[part], outputs, preparation)
        if weights is not None and room.weights is not None:
            room.weights[...] = weights[part]
    return encoded
