"""The training loop, as an iterator: whoever asks for the next epoch gets it."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.examples import Examples, Rows, Split, generator, split
from core.history import Epoch, History
from core.losses import LOSSES, Link
from core.network import new_network, parameter_count
from core.optimizers import OPTIMIZERS
from core.preparation import prepare
from core.settings import Settings
from core.step import Descent, Floor, Measure, OpenFloor

Array = NDArray[np.floating]
Ending = Literal["running", "finished", "diverged"]

# An error this many times the one at the start is no learning curve any more.
RUNAWAY = 1000.0


class Training:
    """One run: it owns the network, the generator and the optimizer's memory; iterate for Epochs.

    Rows are split, and the preparation learned from the training rows, before anything else; a given
    `split` is used as it is. After the last epoch, or when the error runs away, iteration ends and
    `ending` says why; a diverged run has the weights of its last sane epoch.
    """

    def __init__(
        self,
        examples: Examples,
        settings: Settings,
        *,
        split_rows: Split | None = None,
        floor: Floor | None = None,
    ) -> None:
        self.examples, self.settings = examples, settings
        self.split = split_rows or split(examples, settings.held_out, settings.seed)
        self.preparation = prepare(examples, self.split.train, settings.scaling)
        self.floor = floor or OpenFloor()
        self.history = History(min(settings.epochs, 4096))
        self.ending: Ending = "running"
        link = link_for(examples)
        outputs = output_nodes(examples)
        layers = (len(self.preparation.kept), *settings.hidden, outputs)
        optimizer = OPTIMIZERS[settings.optimizer].value
        self._vectors = np.zeros((1 + optimizer.memory, parameter_count(layers)))
        self._last_sane = self._vectors.copy()
        self.network = new_network(
            layers,
            settings.activation,
            link,
            settings.initial_weights,
            generator(settings.seed, "weights"),
            self._vectors[0],
        )
        self.loss_name = next(iter(LOSSES[link]))
        loss = LOSSES[link][self.loss_name].value
        train, held_out = (self._rows(rows) for rows in (self.split.train, self.split.held_out))
        batch_size = len(train) if settings.batch_size == "full" else settings.batch_size
        self._descent = Descent(
            self.network, loss, train, optimizer, self._vectors[1:], batch_size, settings.l2
        )
        self._descent.set_rate(settings.learning_rate)
        self._order = generator(settings.seed, "order")
        self._on_train = Measure(self.network, loss, train)
        self._on_held_out = Measure(self.network, loss, held_out)
        self.error_before = self._on_train()[0]
        self._seconds = 0.0

    def _rows(self, rows: Rows) -> Array:
        """Prepared inputs, a one for the bias, and coded targets, side by side."""
        inputs = self.preparation.inputs(self.examples.inputs[rows])
        targets = self.examples.targets[rows]
        if self.network.link == "sigmoid":
            coded = np.where(targets == 1, 1.0, -1.0)[:, None]
        elif self.network.link == "softmax":
            coded = (targets[:, None] == np.arange(len(self.examples.classes))).astype(np.float64)
        else:
            numbers = targets.reshape(len(targets), -1)
            coded = (numbers - self.preparation.target_centre) / self.preparation.target_spread
        return np.hstack([inputs, np.ones((len(rows), 1)), coded])

    def __iter__(self) -> Iterator[Epoch]:
        return self

    def __next__(self) -> Epoch:
        """Train for one epoch. StopIteration when the run has ended."""
        if self.history.length >= self.settings.epochs and self.ending == "running":
            self.ending = "finished"
        if self.ending != "running":
            raise StopIteration
        started = perf_counter()
        np.copyto(self._last_sane, self._vectors)
        with np.errstate(all="ignore"):  # a diverging run overflows; that is noticed and said below
            self._descent.epoch(self._order, self.floor)
            training_error, _ = self._on_train()
            held_out_error, accuracy = self._on_held_out()
            gradient_norm = self._descent.gradient_norm()
        if not training_error <= RUNAWAY * max(self.error_before, 1.0) or not np.isfinite(held_out_error):
            np.copyto(self._vectors, self._last_sane)
            self.ending = "diverged"
            raise StopIteration
        self._seconds += perf_counter() - started
        epoch = Epoch(
            self.history.length + 1, training_error, held_out_error, accuracy, gradient_norm, self._seconds
        )
        self.history.append(epoch)
        return epoch

    @property
    def diverged_at(self) -> int | None:
        """The epoch in which the error ran away; the epochs before it are kept."""
        return self.history.length + 1 if self.ending == "diverged" else None

    def outputs(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows x classes of probabilities, or rows x numbers in the target's units, for raw inputs."""
        answers = self.network.outputs(self.preparation.inputs(inputs))
        if self.network.link == "identity":
            return self.preparation.numbers(np.asarray(answers, dtype=np.float64))
        return np.asarray(answers, dtype=np.float64)


def link_for(examples: Examples) -> Link:
    """A sigmoid for two classes, a softmax for more, the sums themselves for numbers."""
    if not examples.classes:
        return "identity"
    return "sigmoid" if len(examples.classes) == 2 else "softmax"


def output_nodes(examples: Examples) -> int:
    """One node for two classes, else one for each class or number."""
    if not examples.classes:
        return len(examples.outputs)
    return 1 if len(examples.classes) == 2 else len(examples.classes)
