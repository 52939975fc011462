"""The fast room: forward and backward propagation on preallocated buffers.

A network of ten nodes takes about fourteen NumPy calls a step, and each call costs more than its
arithmetic. So everything that can be done before the first step is: every buffer exists, every view and
transpose is made, every call is bound to its arrays (see `bound_ops`), and a step walks a list. Three
habits look odd elsewhere and pay here:

* Rows stand in columns (nodes x rows), each layer's values end in a row of ones, and each layer's bias is
  the last column of its weights: a layer is one product, contiguous for any number of rows.
* `a.dot(b, out)` instead of `a @ b`: half the overhead on small operands.
* No array is written while it is read: NumPy checks for overlap the long way when it holds one number.

What a step computes is plain, and its plain twin is in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOp, BoundOps, constant
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network, layer_views
from epochal.core.rows.encoded_rows import EncodedRows

Array = NDArray[np.floating]


class Pass:
    """Buffers for taking `rows` rows forward through a network and, given a `gradient`, back.

    Only the first `training_rows` rows, all unless said otherwise, go back. With a `dropout` share, hidden
    values are dropped by `rngs`, one a network, and the others enlarged to make up for it
    (N. Srivastava and others 2014, scaled in training).

    A network whose parameters are members x parameters is a stack of networks, each with rows of its
    own. Values are then nodes x members x rows, which are members x nodes x rows to the products.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: int,
        gradient: Array | None = None,
        *,
        dropout: float = 0.0,
        rngs: Sequence[np.random.Generator] = (),
        training_rows: int | None = None,
    ) -> None:
        dtype, layers = network.parameters.dtype, network.layers
        bind = ACTIVATIONS[network.activation].value.bind
        stack = network.parameters.shape[:-1]
        self._weights, self._loss = network.weights, loss
        self.rows, self.training_rows = rows, rows if training_rows is None else training_rows

        def room(nodes: int, columns: int) -> Array:
            return np.empty((nodes, *stack, columns), dtype)

        sums = [room(nodes, rows) for nodes in layers[1:]]
        values = [np.ones((nodes + 1, *stack, rows), dtype) for nodes in layers[1:-1]]
        # As wide as the values, so that both are one long stretch of memory.
        slopes = [room(nodes, rows) if gradient is not None else None for nodes in layers[1:-1]]
        self._first_sums, self.logits = _by_member(sums[0]), sums[-1]
        self._inward: BoundOps = []
        for layer, value in enumerate(values):
            self._inward += bind(sums[layer], value[:-1], slopes[layer])
            if dropout and rngs:
                self._inward += _dropping(rngs, dropout, value[:-1], slopes[layer])
            self._inward.append(
                _product(self._weights[layer + 1], _by_member(value), _by_member(sums[layer + 1]))
            )
        self.scale = np.ones((*stack, 1) if stack else (), dtype)
        if gradient is None:
            return
        gradients = layer_views(gradient, layers)
        deltas = [room(nodes, self.training_rows) for nodes in layers[1:]]
        self._unscaled, self._output_deltas = room(layers[-1], self.training_rows), deltas[-1]
        self._first_deltas, self._first_gradient = _by_member(deltas[0]), gradients[0]
        self._outward: BoundOps = []
        learned = slice(self.training_rows)
        for layer, slope in reversed(list(enumerate(slopes))):
            assert slope is not None
            # The bias's row of what flows back is of no use, but without it the weights were copied.
            back = room(layers[layer + 1] + 1, self.training_rows)
            turned_values = np.swapaxes(_by_member(values[layer][..., learned]), -1, -2)
            turned_weights = np.swapaxes(self._weights[layer + 1], -1, -2)
            delta = _by_member(deltas[layer + 1])
            self._outward += [
                _product(delta, turned_values, gradients[layer + 1]),
                # Products with a single term: of a stack, numbers are quicker multiplied than matrices.
                partial(np.multiply, turned_weights, delta, _by_member(back))
                if stack and layers[layer + 2] == 1
                else _product(turned_weights, delta, _by_member(back)),
                partial(np.multiply, back[:-1], slope[..., learned], deltas[layer]),
            ]

    def set_scale(self, scale: float | Array) -> None:
        """Multiply every delta, and so the gradient, by this; of a stack, by one for each member."""
        self.scale[...] = scale
        self._single_scale = self.scale.item(0)

    def forward(self, inputs: Array) -> BoundOps:
        """The calls that fill `logits` for inputs as columns, a row of ones last."""
        return [_product(self._weights[0], inputs, self._first_sums), *self._inward]

    def backward(self, rows: EncodedRows) -> BoundOps:
        """The calls that fill the gradient, times the scale, after `forward`: of the training rows."""
        calls = self._output_delta_calls(rows.target_columns, rows.weights)
        return [*calls, *self._outward, _product(self._first_deltas, rows.inputs, self._first_gradient)]

    def _output_delta_calls(self, targets: Array, row_weights: Array | None) -> BoundOps:
        logits, single_delta = self.logits[..., : self.training_rows], self._loss.single_delta
        if single_delta is not None and logits.shape == (1, 1) and row_weights is None:
            logit, target, fill = logits.item, targets.item, self._output_deltas.fill
            # One number is quicker outside of arrays.
            return [lambda: fill(self._single_scale * single_delta(logit(), target()))]
        calls = self._loss.bind_deltas(logits, targets, self._unscaled)
        if row_weights is not None:
            calls.append(partial(np.multiply, self._unscaled, row_weights, self._unscaled))
        return [*calls, partial(np.multiply, self._unscaled, self.scale, self._output_deltas)]


def _product(left: Array, right: Array, out: Array) -> BoundOp:
    """The product of two matrices, or of each member's two."""
    in_one_stretch = all(each.flags.c_contiguous or each.flags.f_contiguous for each in (left, right))
    if left.ndim == 2 and in_one_stretch:
        return partial(left.dot, right, out)
    return partial(np.matmul, left, right, out)  # `dot` would copy what is scattered


def _by_member(values: Array) -> Array:
    """Nodes x members x rows as members x nodes x rows; nodes x rows as they are."""
    return values if values.ndim == 2 else values.transpose(1, 0, 2)


def _dropping(
    rngs: Sequence[np.random.Generator], share: float, values: Array, slopes: Array | None
) -> BoundOps:
    masks = np.empty((len(rngs), len(values), values.shape[-1]), values.dtype)
    mask = masks[0] if values.ndim == 2 else masks.swapaxes(0, 1)
    kept, enlarged = constant(1.0 - share, values), constant(1.0 / (1.0 - share), values)
    calls: BoundOps = [
        partial(rng.random, None, values.dtype, each) for rng, each in zip(rngs, masks, strict=True)
    ]
    calls += [
        partial(np.add, mask, kept, mask),
        partial(np.floor, mask, mask),
        partial(np.multiply, mask, enlarged, mask),
        partial(np.multiply, values, mask, values),
    ]
    return calls if slopes is None else [*calls, partial(np.multiply, slopes, mask, slopes)]
