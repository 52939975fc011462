"""The training loop, as an iterator: whoever asks for the next epoch gets it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import isfinite
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.network import Network, layer_views, new_network, parameter_count
from epochal.core.network.output_kind import kind_for
from epochal.core.network.predictor import Predictor
from epochal.core.network.row_weights import row_weights
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.optimizers.schedules import SCHEDULE_CHOICES, Plateau, after_epoch, warm_up
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.rows.examples import Examples, Rows, Split, generator, split, with_validation
from epochal.core.rows.preparation import prepare
from epochal.core.settings import DECLARATIONS, Settings, read_settings
from epochal.core.training.full_batch import MEMORY_ROWS, FullBatchDescent
from epochal.core.training.history import Epoch, History
from epochal.core.training.measure import Measure, Measured
from epochal.core.training.state import Ending, TrainingState, generator_state, restored_generator
from epochal.core.training.steering import STEERABLE, Change, steered
from epochal.core.training.step import Descent, OpenGate, Regularization, StepGate
from epochal.core.training.weight_history import Weights

Array = NDArray[np.floating]
Floats = NDArray[np.float64]

# Rows that are brought from the table's units to the network's at a time.
PREPARED_AT_ONCE = 4096

# An error this many times the one at the start is no learning curve any more.
RUNAWAY = 1000.0


@dataclass(frozen=True)
class LayerNorms:
    """The lengths of one layer's weights and of its part of the last step's gradient, biases included."""

    weights: float
    gradient: float


class Training:
    """One run: it owns the network, the generators and the optimizer's memory; iterate for Epochs.

    Rows are split, and the preparation learned from the training rows, before anything else; a given
    `split_rows` is used as it is. After the last epoch, when patience is at its end, or when the error
    runs away, iteration ends and `ending` says why; L-BFGS ends early where there is no lower error.
    A diverged run has the weights of its last sane epoch; one with patience those of `kept_epoch`, the best
    by its validation rows.
    """

    def __init__(
        self,
        examples: Examples,
        settings: Settings,
        *,
        split_rows: Split | None = None,
        gate: StepGate | None = None,
    ) -> None:
        self.examples, self.settings = examples, settings
        self.split = split_rows or split(examples, settings.held_out, settings.seed)
        if settings.patience and not len(self.split.validation):
            self.split = with_validation(examples, self.split, settings.validation, settings.seed)
        self.preparation = prepare(examples, self.split.train, settings.scaling)
        self.gate = gate or OpenGate()
        self.history = History(min(settings.epochs, 4096))
        self.ending: Ending = "running"
        kind = kind_for(examples, settings.activation)
        self.loss_name, loss = kind.loss_named(settings.loss)
        nodes = kind.nodes(len(examples.classes), len(examples.outputs))
        layers = (len(self.preparation.kept), *settings.hidden, nodes)
        optimizer = OPTIMIZERS[settings.optimizer].value
        self._vectors = np.zeros((1 + optimizer.memory, parameter_count(layers)), settings.precision)
        self._last_sane = self._vectors.copy()
        self.network = new_network(
            layers,
            settings.activation,
            kind.output_activation,
            settings.initial_weights,
            generator(settings.seed, "weights"),
            self._vectors[0],
        )
        self._best, self._best_error, self._best_epoch = self._vectors[0].copy(), float("inf"), 0
        self._order = generator(settings.seed, "order")
        self._dropout = generator(settings.seed, "dropout")
        parts = [self.split.train, self.split.held_out]
        if settings.patience:
            parts.append(self.split.validation)
        self._sizes = [len(part) for part in parts]
        self._rows = rows = self.encoded(np.concatenate(parts))
        training_rows = self._sizes[0]
        regularization = Regularization(settings.l2, settings.l1, settings.clip, settings.dropout)
        self._descent = (
            FullBatchDescent(self.network, loss, rows, regularization, training_rows)
            if optimizer.rule is None
            else Descent(
                self.network,
                loss,
                rows,
                optimizer,
                self._vectors[1:],
                training_rows if settings.batch_size == "full" else settings.batch_size,
                regularization,
                self._dropout,
                training_rows,
            )
        )
        self._plateau, self._follow = Plateau(), SCHEDULE_CHOICES[settings.schedule].value
        self.learning_rate = settings.learning_rate
        self._changes: list[Change] = []
        shared = self._descent.shared_pass
        self._measure = Measure(self.network, loss, rows, self._sizes, shared)
        self._shares_pass = shared is not None
        with np.errstate(all="ignore"):
            (self.error_before, *_), _ = self._measure()
        self._seconds, self._rate = 0.0, float("nan")

    def encoded(self, rows: Rows) -> EncodedRows:
        """These rows as the network takes them, in its own precision."""
        weights = row_weights(self.examples, self.split.train, self.settings.class_weights)
        inputs, *_, outputs = self.network.layers
        encoded = EncodedRows.empty(
            len(rows), inputs, outputs, self.settings.precision, weighted=weights is not None
        )
        for start in range(0, len(rows), PREPARED_AT_ONCE):
            part = rows[start : start + PREPARED_AT_ONCE]
            room = encoded[start : start + len(part)]
            room.inputs[:, :-1] = self.preparation.inputs(self.examples.inputs[part])
            targets = self.examples.targets[part]
            room.targets[...] = self.network.kind.encode(targets, outputs, self.preparation)
            if weights is not None and room.weights is not None:
                room.weights[...] = weights[part]
        return encoded

    def table(self, rows: Rows) -> Array:
        """The same side by side: inputs, a one for the bias, coded targets and, if they differ, weights."""
        encoded = self.encoded(rows)
        weights = [] if encoded.weights is None else [encoded.weights[:, None]]
        return np.hstack([encoded.inputs, encoded.targets, *weights])

    @property
    def learning_rate(self) -> float:
        """How far a step goes, before its schedule; a new one counts from the next epoch on."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not (isfinite(rate) and rate > 0.0):
            raise ValueError(f"A learning rate is a number above 0, not {rate}.")
        self._learning_rate = rate

    @property
    def changes(self) -> tuple[Change, ...]:
        """How the run has been steered, in the order of the epochs."""
        return tuple(self._changes)

    def steer(self, setting: str, value: float) -> None:
        """Use another value of one of `STEERABLE` from the next epoch on, and write that down.

        ValueError, as `steerable` raises it.
        """
        checked = self.steerable(setting, value)
        number = self.history.length + 1
        made = [one for one in self._changes if (one.epoch, one.setting) != (number, setting)]
        self._changes = [*made, Change(number, setting, checked)]
        self._regularize_anew()
        if setting == "learning_rate":
            self.learning_rate = checked

    def steerable(self, setting: str, value: object) -> float:
        """The value as a number, if the run can be steered to it.

        ValueError, or SettingError with a sentence, when the value is not allowed, or nothing can be
        steered: the run has ended, or finds its own steps.
        """
        if setting not in STEERABLE:
            raise ValueError(f"{DECLARATIONS[setting].title} cannot be changed while a run trains.")
        if self.ending != "running":
            raise ValueError("The run has ended: there is nothing to steer.")
        if isinstance(self._descent, FullBatchDescent):
            raise ValueError("L-BFGS finds its own steps on one error surface: there is nothing to steer.")
        checked: float = getattr(read_settings({setting: value}, self.settings), setting)
        return checked

    def _regularize_anew(self) -> None:
        """Hold the weights back as the changes say."""
        now = steered(self.settings, self._changes, self.history.length + 1)
        if isinstance(self._descent, Descent):
            self._descent.set_regularization(Regularization(now.l2, now.l1, now.clip, now.dropout))

    def _scheduled_rate(self, number: int) -> float:
        """The learning rate of an epoch, counted from 1."""
        settings, follow = self.settings, self._follow
        factor = self._plateau.factor if follow is None else follow(number, settings.epochs)
        return self._learning_rate * factor * warm_up(number, settings.warm_up)

    def __iter__(self) -> Iterator[Epoch]:
        return self

    def __next__(self) -> Epoch:
        """Train for one epoch. StopIteration when the run has ended."""
        started = perf_counter()
        if not self.begin_epoch():
            raise StopIteration
        with np.errstate(all="ignore"):  # a diverging run overflows; that is noticed and said below
            self._descent.epoch(self._order, self.gate)
            measured = self._measure()
            self._descent.is_forward = self._shares_pass
            gradient_norm = self._descent.gradient_norm()
        epoch = self.end_epoch(measured, gradient_norm, perf_counter() - started)
        if epoch is None:
            raise StopIteration
        return epoch

    def begin_epoch(self) -> bool:
        """Get ready for the steps of another epoch; False when the run has ended.

        This and `end_epoch` are for whoever takes the steps between them: iteration, or a stack.
        """
        if self.history.length >= self.settings.epochs and self.ending == "running":
            self._end("finished")
        if self.ending != "running":
            return False
        np.copyto(self._last_sane, self._vectors)
        if (rate := self._scheduled_rate(self.history.length + 1)) != self._rate:
            self._rate = rate
            self._descent.set_rate(rate)
        return True

    def end_epoch(self, measured: Measured, gradient_norm: float, seconds: float) -> Epoch | None:
        """Write down what the steps came to; None when the error has run away, which ends the run."""
        (training_error, held_out_error, *rest), accuracy = measured
        sane = training_error <= RUNAWAY * max(self.error_before, 1.0)
        if not (sane and isfinite(training_error) and isfinite(held_out_error)):
            np.copyto(self._vectors, self._last_sane)
            self._descent.is_forward = False
            self._end("diverged")
            return None
        self._seconds += seconds
        number = self.history.length + 1
        validation_error = rest[0] if rest else float("nan")
        epoch = Epoch(
            number, training_error, held_out_error, accuracy, gradient_norm, self._seconds, validation_error
        )
        self.history.append(epoch)
        if self._follow is None:
            self._plateau = after_epoch(self._plateau, training_error)
        if rest:
            self._watch(number, validation_error)
        if isinstance(self._descent, FullBatchDescent) and self._descent.arrived and self.ending == "running":
            self._end("early")
        return epoch

    def _watch(self, number: int, validation_error: float) -> None:
        """Keep the best weights so far; end when there has been no better epoch for too long."""
        if validation_error < self._best_error:
            self._best_error, self._best_epoch = validation_error, number
            np.copyto(self._best, self._vectors[0])
        elif number - self._best_epoch >= self.settings.patience:
            self._end("early")

    def _end(self, ending: Ending) -> None:
        self.ending = ending
        np.copyto(self._last_sane, self._vectors)
        if self.settings.patience and self._best_epoch:
            np.copyto(self._vectors[0], self._best)
            self._descent.is_forward = False

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights are kept: the last, or with patience that of least validation error."""
        return self._best_epoch if self.settings.patience else self.history.length

    @property
    def kept_network(self) -> Network:
        """The network with a copy of the parameters of `kept_epoch`; the run itself may go on from others."""
        is_best = self.settings.patience and self._best_epoch
        parameters = (self._best if is_best else self._vectors[0]).copy()
        parameters.flags.writeable = False
        return self.network.with_parameters(parameters)

    @property
    def last_parameters(self) -> Array:
        """The parameters after the last epoch, also where those of `kept_epoch` have taken their place."""
        vectors = self._vectors if self.ending == "running" else self._last_sane
        parameters: Array = vectors[0]
        return parameters

    @property
    def diverged_at(self) -> int | None:
        """The epoch in which the error ran away; the epochs before it are kept."""
        return self.history.length + 1 if self.ending == "diverged" else None

    def layer_norms(self) -> list[LayerNorms]:
        """For each layer, the lengths of its weights and of its part of the last step's gradient."""
        gradients = layer_views(self._descent.gradient, self.network.layers)
        return [
            LayerNorms(
                float(np.linalg.norm(weights)), float(np.linalg.norm(gradient)) / self._descent.gradient_rate
            )
            for weights, gradient in zip(self.network.weights, gradients, strict=True)
        ]

    def state(self) -> TrainingState:
        """Everything that is needed to go on, to the bit; taken between two epochs."""
        vectors, numbers = (
            (self._vectors if self.ending == "running" else self._last_sane).copy(),
            np.empty(0),
        )
        if isinstance(self._descent, FullBatchDescent):
            memory, numbers = self._descent.memory()
            vectors = np.vstack([vectors, memory])
        return TrainingState(
            vectors=vectors,
            numbers=numbers,
            plateau=self._plateau,
            gradient=self._descent.gradient.copy(),
            best=self._best.copy(),
            best_error=self._best_error,
            best_epoch=self._best_epoch,
            steps=self._descent.steps,
            learning_rate=self._learning_rate,
            seconds=self._seconds,
            ending=self.ending,
            history=self.history.rows().copy(),
            order=generator_state(self._order),
            dropout=generator_state(self._dropout),
            changes=self.changes,
        )

    @classmethod
    def resume(
        cls,
        examples: Examples,
        settings: Settings,
        state: TrainingState,
        *,
        split_rows: Split | None = None,
        gate: StepGate | None = None,
    ) -> Training:
        """A run that goes on where the state was taken, as if it had never been interrupted.

        `examples`, `settings` and `split_rows` are those of the run that gave the state; more epochs may
        be asked for. ValueError when the state belongs to another network.
        """
        training = cls(examples, settings, split_rows=split_rows, gate=gate)
        descent, own = training._descent, len(training._vectors)
        rows = own + (MEMORY_ROWS if isinstance(descent, FullBatchDescent) else 0)
        if (
            state.vectors.shape != (rows, training._vectors.shape[1])
            or state.vectors.dtype != training._vectors.dtype
        ):
            raise ValueError("The state belongs to another network, optimizer or precision.")
        np.copyto(training._vectors, state.vectors[:own])
        np.copyto(descent.gradient, state.gradient)
        np.copyto(training._best, state.best)
        training._best_error, training._best_epoch = state.best_error, state.best_epoch
        if isinstance(descent, FullBatchDescent):
            descent.remember(state.vectors[own:], state.numbers)
        else:
            descent.steps = state.steps
        training._plateau = state.plateau
        training.learning_rate = state.learning_rate
        training._seconds = state.seconds
        training.history = History.of(state.history)
        if state.changes:
            training._changes = list(state.changes)
            training._regularize_anew()
        restored_generator(training._order, state.order)
        restored_generator(training._dropout, state.dropout)
        goes_on = state.ending == "finished" and training.history.length < settings.epochs
        if state.ending != "running" and not goes_on:
            training._end(state.ending)
        return training

    @classmethod
    def fork(
        cls,
        examples: Examples,
        settings: Settings,
        weights: Weights,
        history: Floats,
        *,
        state: TrainingState | None = None,
        split_rows: Split | None = None,
        gate: StepGate | None = None,
    ) -> Training:
        """A branch: on from another run's parameters after an epoch, with settings of its own.

        `history` has the other run's epochs up to that one, epochs x the fields of `Epoch`; the settings may
        differ in how it learns, not in its rows or its network. The order of the rows goes on as if one had
        been drawn for each epoch before. What the optimizer remembers, the number of its steps and what
        dropout draws begin afresh, unless `state` is the other run's after that very epoch and the optimizer
        is the same. A plateau and patience always do, and so does the list of changes.
        ValueError when the parameters are another network's or the epochs too few or too many.
        """
        epoch = weights.epoch
        if len(history) != epoch:
            raise ValueError(f"A branch from epoch {epoch} needs the epochs up to it, not {len(history)}.")
        training = cls(examples, settings, split_rows=split_rows, gate=gate)
        own = training._vectors[0]
        if (weights.parameters.shape, weights.parameters.dtype) != (own.shape, own.dtype):
            raise ValueError("A branch keeps the network that it leaves, and its precision.")
        if state is not None:
            afresh = replace(
                state, ending="running", learning_rate=settings.learning_rate, plateau=Plateau(), changes=()
            )
            training = cls.resume(examples, settings, afresh, split_rows=split_rows, gate=gate)
        else:
            for _ in range(epoch):
                training._order.permutation(training._sizes[0])
            training.history = History.of(history)
            training._seconds = float(history[-1, Epoch._fields.index("seconds")]) if epoch else 0.0
        np.copyto(training._vectors[0], weights.parameters)
        np.copyto(training._best, weights.parameters)
        validation = training.history[-1].validation_error if epoch else float("nan")
        training._best_error = validation if isfinite(validation) else float("inf")
        training._best_epoch = epoch
        return training

    @property
    def predictor(self) -> Predictor:
        """The preparation and the network; its weights go on changing while the run goes on."""
        return Predictor(self.preparation, self.network)

    def outputs(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows x classes of probabilities, or rows x numbers in the target's units, for raw inputs."""
        return self.predictor.outputs(inputs)
