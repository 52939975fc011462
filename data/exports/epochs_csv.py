"""The epochs of a run as a table: a row each, as other programs read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from epochal.core.training.history import Epoch


def epochs_csv(rows: NDArray[np.float64]) -> str:
    """Epochs x the fields of `Epoch`, below their names; a cell is empty where there is no number."""
    return "".join(epochs_lines(rows))


def epochs_lines(rows: NDArray[np.float64]) -> Iterator[str]:
    """The same, line by line; numbers are written so that they are read again to the last bit."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(("epoch", *Epoch._fields[1:]))
    yield line.getvalue()
    for row in rows:
        measures = ("" if value != value else repr(value) for value in row[1:].tolist())
        yield f"{int(row[0])},{','.join(measures)}\n"
