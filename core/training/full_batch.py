"""Epochs of L-BFGS: all training rows at once, one iteration each, with the surface of a descent by steps."""

from __future__ import annotations

from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, run
from epochal.core.network.losses import Loss
from epochal.core.network.network import Network, layer_views
from epochal.core.optimizers.lbfgs import LBFGS, LBFGSState
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.gate import StepGate
from epochal.core.training.propagation import Pass
from epochal.core.training.regularization import Regularization
from epochal.core.training.state import EngineState

Array = NDArray[np.floating]


class FullBatchDescent:
    """Goes to a lower error each epoch, until there is none to be found: then it has `arrived`.

    The first `training_rows` rows are trained on, all unless said otherwise; the others are carried along
    forward, for whoever measures them by the `shared_pass`.

    The error is the mean over the rows, weighted where they have weights, and l2 / 2 times the squares
    and l1 times the sizes of all weights but biases. ValueError for what leaves the error to chance, or
    takes the length of a step out of its hands.
    """

    gradient_rate = 1.0
    is_steerable, stackable = False, None

    def __init__(
        self,
        network: Network,
        loss: Loss,
        rows: EncodedRows,
        regularization: Regularization,
        training_rows: int | None = None,
    ) -> None:
        if regularization.dropout or regularization.clip:
            raise ValueError("L-BFGS finds its own steps: Dropout and Clipping must be 0.")
        self.parameters = network.parameters
        self.gradient = np.zeros_like(self.parameters)
        learned = rows[:training_rows]
        count = len(learned)
        self.shared_pass = through = Pass(network, loss, len(rows), self.gradient, training_rows=count)
        through.set_scale(loss.gain / count)
        self.is_forward = self.arrived = False
        self._errors = errors = np.empty(count, self.parameters.dtype)
        self._calls: BoundOps = [
            *through.forward(rows.input_columns),
            *loss.bind_errors(through.logits[:, :count], learned.target_columns, errors),
        ]
        if learned.weights is not None:
            self._calls.append(partial(np.multiply, errors, learned.weights, errors))
        self._calls += through.backward(learned)
        self._regularization = regularization
        self._weights_only = np.zeros_like(self.parameters)
        for layer in layer_views(self._weights_only, network.layers):
            layer[:, :-1] = 1.0
        self._search = LBFGS(self.parameters, self.gradient, self._error_and_gradient)

    def set_rate(self, rate: float) -> None:
        """There is none: a line search finds the length of each step."""

    def set_regularization(self, regularization: Regularization) -> None:
        """Refused, as what has been learned of the error's curvature would no longer hold."""
        raise ValueError("L-BFGS finds its own steps on one error surface: there is nothing to steer.")

    @property
    def steps(self) -> int:
        """Passes over the rows so far; a line search may take several in an epoch."""
        return self._search.evaluations

    def epoch(self, rng: np.random.Generator, gate: StepGate) -> None:
        """One iteration, unless it has arrived."""
        self._gate = gate
        self.arrived = self.arrived or not self._search.iterate()

    def gradient_norm(self) -> float:
        """Length of the mean gradient, penalties included."""
        return sqrt(np.dot(self.gradient, self.gradient))

    def state(self) -> EngineState:
        """What the next iteration depends on besides the parameters."""
        state = self._search.state()
        return EngineState(self.gradient.copy(), self.steps, state.vectors[2:], state.numbers)

    def restore(self, state: EngineState) -> None:
        """Go on from there, with the parameters already in place."""
        vectors = np.vstack([self.parameters, state.gradient, state.vectors])
        self._search.restore(LBFGSState(vectors, state.numbers))

    def _error_and_gradient(self, parameters: Array) -> float:
        if self._gate.closed:
            self._gate.wait()
        run(self._calls)
        error = float(np.add.reduce(self._errors)) / len(self._errors)
        weights = parameters * self._weights_only
        if self._regularization.l2:
            error += 0.5 * self._regularization.l2 * float(np.dot(weights, weights))
            self.gradient += self._regularization.l2 * weights
        if self._regularization.l1:
            error += self._regularization.l1 * float(np.abs(weights).sum())
            self.gradient += self._regularization.l1 * np.sign(weights)
        return error
