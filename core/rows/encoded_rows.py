"""Rows as a network takes them: inputs with a one for the bias, coded targets, and perhaps weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps

Array = NDArray[np.floating]

# Bytes up to which inputs are copied to stand in columns, in which a product reads them quicker.
SMALL = 1 << 20


@dataclass(frozen=True, eq=False)
class EncodedRows:
    """Three arrays of one length, each in one stretch of memory, as products like it.

    `inputs`, rows x (features, a one); `targets`, rows x outputs, coded as the losses like them; `weights`,
    one a row, where rows do not count the same. Stacked, all have a first axis of members.
    """

    inputs: Array
    targets: Array
    weights: Array | None = None

    @classmethod
    def empty(cls, rows: int, features: int, outputs: int, dtype: str, *, weighted: bool) -> EncodedRows:
        """Room for so many rows, the ones in place."""
        inputs = np.empty((rows, features + 1), dtype)
        inputs[:, -1] = 1.0
        return cls(inputs, np.empty((rows, outputs), dtype), np.empty(rows, dtype) if weighted else None)

    def __len__(self) -> int:
        """Rows, of a stack those of each member."""
        return int(self.inputs.shape[-2])

    def __getitem__(self, part: slice) -> EncodedRows:
        """These rows, as a view."""
        weights = None if self.weights is None else self.weights[..., part]
        return EncodedRows(self.inputs[..., part, :], self.targets[..., part, :], weights)

    @property
    def nbytes(self) -> int:
        """Bytes of all three."""
        return sum(each.nbytes for each in self.arrays())

    @property
    def columns(self) -> int:
        """Numbers a row."""
        return int(self.inputs.shape[-1] + self.targets.shape[-1]) + (self.weights is not None)

    @property
    def table(self) -> Array:
        """The same side by side: inputs, a one for the bias, coded targets and, if they differ, weights."""
        weights = [] if self.weights is None else [self.weights[:, None]]
        return np.hstack([self.inputs, self.targets, *weights])

    @property
    def input_columns(self) -> Array:
        """(features, a one) x rows: turned, and copied where that costs next to nothing."""
        turned = self.inputs.swapaxes(-1, -2)
        return np.ascontiguousarray(turned) if turned.nbytes <= SMALL else turned

    @property
    def target_columns(self) -> Array:
        """Outputs x rows, of a stack outputs x members x rows."""
        return np.moveaxis(self.targets, -1, 0)

    def gather(self, order: NDArray[np.intp], out: EncodedRows) -> BoundOps:
        """The calls that copy the rows of these numbers into the first of `out`.

        Of a stack, members x numbers, counted as if the members' rows stood below one another.
        """
        calls: BoundOps = []
        for source, room in zip(self.arrays(), out.arrays(), strict=True):
            part, below = room[: len(order)], source
            if order.ndim > 1:
                part, below = room[:, : order.shape[1]], source.reshape(-1, *source.shape[2:])
            if part.flags.c_contiguous:
                calls.append(partial(below.take, order, 0, part, "clip"))
            else:
                calls.append(partial(_take_scattered, below, order, part))
        return calls

    def like(self, rows: int) -> EncodedRows:
        """Room for so many rows of this kind, of a stack so many of each member."""
        stack = self.inputs.shape[:-2]
        beyond = len(stack) + 1
        return EncodedRows(
            *(np.empty((*stack, rows, *each.shape[beyond:]), each.dtype) for each in self.arrays())
        )

    def arrays(self) -> tuple[Array, ...]:
        """The two or three of them."""
        arrays = (self.inputs, self.targets)
        return arrays if self.weights is None else (*arrays, self.weights)


def _take_scattered(source: Array, order: NDArray[np.intp], out: Array) -> None:
    out[...] = source.take(order, 0)


def stacked(members: list[EncodedRows]) -> EncodedRows:
    """The rows of each, members first, as a copy."""
    return EncodedRows(
        *(np.stack(arrays) for arrays in zip(*(each.arrays() for each in members), strict=True))
    )
