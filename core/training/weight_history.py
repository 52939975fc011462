"""The timeline of a run: its parameters after every epoch, as many of them as a budget of memory holds.

Rows lie in blocks that are never written again once they are full. When the budget is spent, two
neighbouring blocks become one of every second row: two that are equally dense, the densest of such pairs,
the oldest of equals. So the newest block always has every epoch, and the others thin out evenly.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Epochs = NDArray[np.int64]

BUDGET = 64 << 20
"""Bytes of parameters that a timeline keeps."""

BLOCKS = 64


@dataclass(frozen=True, eq=False)
class Weights:
    """A network's parameters as they were after an epoch, 0 for those it began with; read-only."""

    epoch: int
    parameters: Array


class _Block:
    """Epochs, ascending, with a row of parameters for each; the block after it begins at `end`."""

    __slots__ = ("end", "epochs", "first", "gap", "rows")

    def __init__(self, epochs: Epochs, rows: Array, end: int) -> None:
        self.epochs, self.rows, self.end = epochs, rows, end
        self.first = int(epochs[0])
        # The longest way from one epoch to the next.
        self.gap = int(np.diff(epochs, append=end).max())


class WeightHistory:
    """Epochs from `first` to `last`, as they end. One thread appends; any thread may read.

    Always kept are the first, the last, and `best`, the one of least error among those appended, the
    earliest of equals (None where there is none); these too where they alone exceed the budget. A row is
    written before `last` admits to it.
    """

    def __init__(self, parameters: Array, first: int = 0, budget: int = BUDGET) -> None:
        self.first = self.last = first
        self.best: int | None = None
        self._least_error = float("inf")
        self._pinned: Weights | None = None
        affordable = budget // (parameters.nbytes + np.dtype(np.int64).itemsize)
        self._block_rows = max(affordable // BLOCKS, 1)
        self._most_blocks = max(affordable // self._block_rows, 3)
        self._rows = np.empty((0, len(parameters)), parameters.dtype)
        self._blocks: tuple[_Block, ...] = ()
        self._add_block(first)
        self._rows[0], self._filled = parameters, 1

    def append(self, parameters: Array, error: float) -> None:
        """Add the next epoch: a copy of its parameters, and the error that `best` goes by."""
        epoch = self.last + 1
        if self._filled == self._block_rows:
            self._add_block(epoch)
        self._rows[self._filled] = parameters
        self._filled += 1
        if error < self._least_error:
            self._least_error, self.best = error, epoch
        self.last = epoch

    def _add_block(self, epoch: int) -> None:
        if len(self._blocks) == self._most_blocks:
            self._thin()
        end = epoch + self._block_rows
        self._rows = np.empty((self._block_rows, self._rows.shape[1]), self._rows.dtype)
        self._filled = 0
        self._blocks = (*self._blocks, _Block(np.arange(epoch, end), self._rows, end))

    def _thin(self) -> None:
        """Make one block of two, without every second epoch; the best is put aside if it is among those."""
        blocks = self._blocks
        # The newest is spared: it has the epoch that a reader may just now be told is the last.
        gaps = [block.gap for block in blocks[:-1]]
        costs = [(gap != next_gap, max(gap, next_gap)) for gap, next_gap in pairwise(gaps)]
        place = costs.index(min(costs))
        one, next_one = blocks[place : place + 2]
        if self.best is not None and one.first <= self.best < next_one.end:
            # Not a view, which would hold on to its whole block.
            self._pinned = Weights(self.best, _read_only(self.at(self.best).parameters.copy()))
        epochs = np.concatenate([one.epochs, next_one.epochs])[::2]
        rows = one.rows
        if len(rows) > 1:
            rows = np.concatenate([rows[::2], next_one.rows[len(rows) % 2 :: 2]])
        self._blocks = (*blocks[:place], _Block(epochs, rows, next_one.end), *blocks[place + 2 :])

    @property
    def every(self) -> int:
        """Of so many epochs in a row, at least one is kept: 1 when nothing has been left out."""
        return max(block.gap for block in self._blocks)

    def kept(self) -> Epochs:
        """The epochs that are kept, ascending."""
        # In this order, so that what `last` admits to is in the blocks.
        last, blocks, pinned = self.last, self._blocks, self._pinned
        epochs = np.concatenate([block.epochs for block in blocks])
        epochs = epochs[: np.searchsorted(epochs, last, side="right")]
        return np.union1d(epochs, [pinned.epoch]) if pinned else epochs

    def at(self, epoch: int) -> Weights:
        """The nearest kept epoch, the earlier of two as near, with its parameters."""
        before, after = self._around(epoch)
        return before if epoch - before.epoch <= after.epoch - epoch else after

    def moved(self, epoch: int, by: int) -> int:
        """The kept epoch nearest to so many epochs later, or earlier below 0; another one if there is one."""
        near = self.at(epoch + by).epoch
        if by > 0:
            return max(near, self._around(epoch + 1)[1].epoch)
        return min(near, self._around(epoch - 1)[0].epoch)

    def _around(self, epoch: int) -> tuple[Weights, Weights]:
        """The last kept epoch up to this one and the first from it on, as far as there are any."""
        last, blocks, pinned = self.last, self._blocks, self._pinned
        epoch = min(max(epoch, self.first), last)
        index = bisect_right(blocks, epoch, key=lambda block: block.first) - 1
        block = blocks[index]
        place = int(np.searchsorted(block.epochs, epoch, side="right")) - 1
        before = after = Weights(int(block.epochs[place]), _read_only(block.rows[place]))
        if before.epoch < epoch:
            is_within = place + 1 < len(block.epochs)
            block, place = (block, place + 1) if is_within else (blocks[index + 1], 0)
            after = Weights(int(block.epochs[place]), _read_only(block.rows[place]))
        if pinned and before.epoch < pinned.epoch <= epoch:
            before = pinned
        if pinned and epoch <= pinned.epoch < after.epoch:
            after = pinned
        return before, after


def _read_only(row: Array) -> Array:
    view = row.view()
    view.flags.writeable = False
    return view
