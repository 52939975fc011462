"""One training step as values: its batch, its layers there and back, its gradient and its update."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.textbook import Loss, Quantities
from epochal.core.network.kind_of_output import OutputKind
from epochal.core.rows.examples import Rows
from epochal.core.settings import Settings

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Batch:
    """The rows of a step: which of the examples, in the table's own units, prepared, and what is right.

    `raw` is rows x features as in `Examples.inputs`, `inputs` rows x prepared columns, `targets` rows x
    outputs as `explain.textbook.Loss` takes them; `weights`, one a row, where rows do not count the same.
    """

    rows: Rows
    raw: Floats
    inputs: Floats
    targets: Floats
    weights: Floats | None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer on the way there and back; all but the weights are rows x nodes.

    `weights` are nodes x (inputs + 1), the bias last, before the step; `arriving` is rows x inputs. The
    output layer's `values` are what the network answers, and it has no slopes. `mask` is what dropout
    multiplies values by: 0, or a little more than 1. `back` is the sum of the next layer's deltas times the
    weights to them; `deltas` are the derivative of each row's own error by each sum.
    """

    weights: Floats
    arriving: Floats
    sums: Floats
    values: Floats
    slopes: Floats | None
    mask: Floats | None
    back: Floats | None
    deltas: Floats

    @property
    def leaving(self) -> Floats:
        """What goes to the next layer."""
        return self.values if self.mask is None else self.values * self.mask


@dataclass(frozen=True, eq=False)
class Gradient:
    """How the error changes with each parameter; flat vectors, like `Network.parameters`.

    `whole` is `of_error` plus `of_l2` plus `of_l1`, times `kept`: the share that clipping leaves of its
    `length`. Decoupled, L2 is no part of it.
    """

    of_error: Floats
    of_l2: Floats
    of_l1: Floats
    length: float
    kept: float
    whole: Floats


@dataclass(frozen=True, eq=False)
class Update:
    """What the optimizer makes of a gradient; flat vectors.

    `shrunk` are the parameters `before`, less what a decoupled L2 takes; from these the last of
    `worked_out` is taken. `remembered` are the first of these as they were before. `steps` counts those of
    the run, this one included.
    """

    rate: float
    steps: int
    remembered: tuple[Floats, ...]
    before: Floats
    shrunk: Floats
    worked_out: Quantities
    after: Floats


@dataclass(frozen=True, eq=False)
class OneStep:
    """A step: its batch, its layers from the first hidden one to the output, its errors, and its update.

    `error` is the mean of the rows' `errors`, weighted if the rows are; `penalty` is what L2 and L1 add.
    `number` counts the steps of the `epoch`, `of` is how many these are.
    """

    settings: Settings
    shape: tuple[int, ...]
    epoch: int
    number: int
    of: int
    batch: Batch
    layers: tuple[Layer, ...]
    kind: OutputKind
    loss: Loss
    errors: Floats
    error: float
    penalty: float
    gradient: Gradient
    update: Update
