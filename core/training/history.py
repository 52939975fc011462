"""The history of a run: one row of measures an epoch, safe to read while another thread adds to it."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Epoch(NamedTuple):
    """The measures of one epoch.

    Both errors are means over all rows of their side, measured with the weights at the end of the
    epoch; without the L2 penalty. `held_out_accuracy` is NaN where numbers are predicted.
    `validation_error` is NaN where no rows are set aside to stop by.
    `gradient_norm` is that of the last step's mean gradient. `seconds` counts from the start of the
    run and leaves out the time between epochs, when the caller had the floor.
    """

    number: int
    training_error: float
    held_out_error: float
    held_out_accuracy: float
    gradient_norm: float
    seconds: float
    validation_error: float = float("nan")


# NumPy takes twice the time to make an array of a tuple first.
_ROW = Struct(f"{len(Epoch._fields)}d")


class History:
    """Epochs in the order in which they ended. One thread appends; any thread may read.

    The row is written before `length` admits to it, so that a reader never sees half of one.
    """

    def __init__(self, capacity: int = 1024) -> None:
        self.length = 0
        self._rows = np.empty((max(capacity, 1), len(Epoch._fields)))

    @classmethod
    def of(cls, rows: Floats) -> History:
        """A history with these rows, epochs x the fields of `Epoch`."""
        history = cls(2 * len(rows))
        history._rows[: len(rows)] = rows
        history.length = len(rows)
        return history

    def rows(self) -> Floats:
        """Epochs x the fields of `Epoch`, as a view that later epochs leave alone."""
        return self._rows[: self.length]

    def append(self, epoch: Epoch) -> None:
        """Add one epoch."""
        if self.length == len(self._rows):
            results = np.empty((2 * self.length, len(Epoch._fields)))
            results[: self.length] = self._rows
            self._rows = results
        _ROW.pack_into(self._rows.data, self.length * _ROW.size, *epoch)
        self.length += 1

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Epoch:
        length = self.length
        if not -length <= index < length:
            raise IndexError(f"epoch {index} of {length}")
        number, *measures = self._rows[index % length].tolist()
        return Epoch(int(number), *measures)

    def column(self, name: str) -> Floats:
        """All values of one field of `Epoch` so far, as a view that later epochs leave alone."""
        length = self.length
        return self._rows[:length, Epoch._fields.index(name)]
