"""The engine: what takes a network's steps, epoch after epoch, whichever way it finds them."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.losses import Loss
from epochal.core.network.network import Network
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.settings import Settings
from epochal.core.training.full_batch import FullBatchDescent
from epochal.core.training.gate import StepGate
from epochal.core.training.propagation import Pass
from epochal.core.training.regularization import Regularization
from epochal.core.training.state import EngineState
from epochal.core.training.step import Descent

Array = NDArray[np.floating]


class Engine(Protocol):
    """Moves one network's parameters, in place, down the error of its training rows.

    Whoever moves the parameters besides says so by `is_forward = False`.
    """

    is_forward: bool
    """Whether `shared_pass` holds the values that the present parameters give."""

    @property
    def shared_pass(self) -> Pass | None:
        """The pass over all rows, for whoever measures them; None where rows go by in batches."""

    @property
    def gradient(self) -> Array:
        """The last step's, times `gradient_rate`."""

    @property
    def gradient_rate(self) -> float:
        """What the gradient is a multiple of: the learning rate where the optimizer likes it so, else 1."""

    @property
    def steps(self) -> int:
        """Passes over a batch so far."""

    @property
    def is_steerable(self) -> bool:
        """Whether rate and regularization may change between epochs."""

    @property
    def arrived(self) -> bool:
        """Whether there is no lower error to be found."""

    @property
    def stackable(self) -> Descent | None:
        """The descent that a stack of networks can take in step with others, if this is one."""

    def set_rate(self, rate: float) -> None:
        """Use this learning rate from the next step on."""

    def set_regularization(self, regularization: Regularization) -> None:
        """Hold the weights back by these from the next step on."""

    def epoch(self, rng: np.random.Generator, gate: StepGate) -> None:
        """Take every training row once, in an order drawn by `rng` where that matters."""

    def gradient_norm(self) -> float:
        """Length of the last step's mean gradient, penalties included."""

    def state(self) -> EngineState:
        """What the next epoch depends on besides the parameters and the optimizer's memory."""

    def restore(self, state: EngineState) -> None:
        """Go on from there, with parameters and memory already in place."""


def engine_for(
    network: Network,
    loss: Loss,
    rows: EncodedRows,
    memory: Array,
    settings: Settings,
    *,
    training_rows: int,
    rng: np.random.Generator,
) -> Engine:
    """The engine that the settings ask for. ValueError, in a sentence, where it cannot do what they ask.

    The first `training_rows` rows are trained on; `memory` is what the optimizer remembers, and `rng` draws
    what is dropped out.
    """
    optimizer = OPTIMIZERS[settings.optimizer].value
    regularization = regularization_of(settings)
    if optimizer.rule is None:
        return FullBatchDescent(network, loss, rows, regularization, training_rows)
    batch_size = training_rows if settings.batch_size == "full" else settings.batch_size
    return Descent(
        network,
        loss,
        rows,
        optimizer,
        memory,
        batch_size,
        regularization=regularization,
        rng=rng,
        training_rows=training_rows,
    )


def regularization_of(settings: Settings) -> Regularization:
    """What holds the weights back, as the settings say."""
    return Regularization(settings.l2, settings.l1, settings.clip, settings.dropout)
