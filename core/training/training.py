"""The training loop, as an iterator: whoever asks for the next epoch gets it."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.ensemble import check_members
from epochal.core.network.network import Network, new_network, parameter_count
from epochal.core.network.output_kind import kind_for
from epochal.core.network.predictor import Predictor
from epochal.core.network.row_weights import row_weights
from epochal.core.network.temperature import first_temperature, tempered
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.rows.examples import Examples, Rows, Split, generator, split, with_validation
from epochal.core.rows.preparation import Preparation, prepare
from epochal.core.settings import Settings
from epochal.core.training.early_stopping import EarlyStopping
from epochal.core.training.encoding import encoded_rows
from epochal.core.training.engine import engine_for, regularization_of
from epochal.core.training.gate import OpenGate, StepGate
from epochal.core.training.history import Epoch, History
from epochal.core.training.measure import Measure, Measured
from epochal.core.training.rate import ScheduledRate
from epochal.core.training.state import Completion, Ending, TrainingState, generator_state
from epochal.core.training.steering import Change, checked_value, steered, with_change

Array = NDArray[np.floating]

# An error this many times the one at the start is no learning curve any more.
RUNAWAY = 1000.0


class Training:
    """One run: it owns the network, the generators and the optimizer's memory; iterate for Epochs.

    Rows are split, and the preparation learned from the training rows, before anything else; a given
    `split_rows` is used as it is. After the last epoch, when patience is at its end, or when the error
    runs away, iteration ends and `ending` says why; L-BFGS ends early where there is no lower error.
    A diverged run has the weights of its last sane epoch; one with patience those of `kept_epoch`, the best
    by its validation rows. With `alike`, a training on the same examples and split, it shares encoded rows.
    """

    preparation: Preparation
    rows: EncodedRows
    has_optimizer_memory = True  # but of a run restored from its weights alone

    def __init__(
        self,
        examples: Examples,
        settings: Settings,
        *,
        split_rows: Split | None = None,
        gate: StepGate | None = None,
        alike: Training | None = None,
    ) -> None:
        self.examples, self.settings = examples, settings
        self.split = split_rows or split(examples, settings.held_out, settings.seed)
        if settings.patience and not len(self.split.validation):
            self.split = with_validation(examples, self.split, settings.validation, settings.seed)
        shares = alike is not None and self._has_rows_of(alike)
        own = None if alike is None or not shares else alike.preparation
        self.preparation = own or prepare(examples, self.split.train, settings.scaling)
        self.gate = gate or OpenGate()
        self.history = History(min(settings.epochs, 4096))
        self.ending: Ending = "running"
        kind = kind_for(examples, settings.activation, settings.loss)
        self.loss_name, loss = kind.loss_named(settings.loss)
        kind.check_cost(settings.cost, len(examples.classes))
        self.completion = Completion(first_temperature(kind, settings.temperature))
        nodes = kind.nodes(len(examples.classes), len(examples.outputs))
        layers = (len(self.preparation.kept), *settings.hidden, nodes)
        check_members(layers, settings.networks)
        memory = OPTIMIZERS[settings.optimizer].value.memory
        self.vectors: Array = np.zeros((1 + memory, parameter_count(layers)), settings.precision)
        self._last_sane = self.vectors.copy()
        self.network = new_network(
            layers,
            settings.activation,
            kind.output_activation,
            settings.initial_weights,
            generator(settings.seed, "weights"),
            self.vectors[0],
        )
        self.early_stopping = EarlyStopping(self.vectors[0], settings.patience)
        self.order_rng = generator(settings.seed, "order")
        self.dropout_rng = generator(settings.seed, "dropout")
        parts = [self.split.train, self.split.held_out]
        if settings.patience:
            parts.append(self.split.validation)
        self.sizes = [len(part) for part in parts]
        self.rows = alike.rows if alike is not None and shares else self.encoded(np.concatenate(parts))
        self.engine = engine_for(
            self.network,
            loss,
            self.rows,
            self.vectors[1:],
            settings,
            training_rows=self.sizes[0],
            rng=self.dropout_rng,
        )
        self.rate = ScheduledRate(settings)
        self.changes: tuple[Change, ...] = ()
        shared = self.engine.shared_pass
        self._measure = Measure(self.network, loss, self.rows, self.sizes, shared)
        self._shares_pass = shared is not None
        with np.errstate(all="ignore"):
            (self.error_before, *_), _ = self._measure()
        self.seconds, self._rate_now = 0.0, float("nan")

    def __repr__(self) -> str:
        layers = "-".join(map(str, self.network.layers))
        trained = f"{self.history.length} of {self.settings.epochs} epochs"
        return f"Training({layers} on {self.sizes[0]} rows: {trained}, {self.ending})"

    def _has_rows_of(self, other: Training) -> bool:
        """Whether its rows, encoded for this one, would be the same."""
        names = ("scaling", "precision", "class_weights", "loss", "patience")
        same_settings = all(getattr(self.settings, name) == getattr(other.settings, name) for name in names)
        same_rows = self.examples is other.examples and self.split is other.split
        is_perceptron = (self.settings.activation == "step", other.settings.activation == "step")
        return same_rows and same_settings and is_perceptron in ((True, True), (False, False))

    def encoded(self, rows: Rows) -> EncodedRows:
        """These rows as the network takes them, in its own precision."""
        weights = row_weights(self.examples, self.split.train, self.settings.class_weights)
        return encoded_rows(self.examples, rows, self.preparation, self.network, weights)

    @property
    def learning_rate(self) -> float:
        """How far a step goes, before its schedule; a new one counts from the next epoch on."""
        return self.rate.base

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        self.rate.base = rate

    def steer(self, setting: str, value: float) -> None:
        """Use another value of one of `STEERABLE` from the next epoch on, and write that down.

        ValueError, as `steerable` raises it.
        """
        checked = self.steerable(setting, value)
        self.changes = with_change(self.changes, Change(self.history.length + 1, setting, checked))
        self.regularize_anew()
        if setting == "learning_rate":
            self.learning_rate = checked

    def steerable(self, setting: str, value: object) -> float:
        """The value as a number, if the run can be steered to it.

        ValueError, or SettingError with a sentence, when the value is not allowed, or nothing can be
        steered: the run has ended, or finds its own steps.
        """
        if self.ending != "running":
            raise ValueError("The run has ended: there is nothing to steer.")
        if not self.engine.is_steerable:
            raise ValueError("L-BFGS finds its own steps on one error surface: there is nothing to steer.")
        return checked_value(setting, value, self.settings)

    def regularize_anew(self) -> None:
        """Hold the weights back as the changes say."""
        now = steered(self.settings, self.changes, self.history.length + 1)
        self.engine.set_regularization(regularization_of(now))

    def __iter__(self) -> Iterator[Epoch]:
        return self

    def __next__(self) -> Epoch:
        """Train for one epoch. StopIteration when the run has ended."""
        started = perf_counter()
        if not self.begin_epoch():
            raise StopIteration
        with np.errstate(all="ignore"):  # a diverging run overflows; that is noticed and said below
            self.engine.epoch(self.order_rng, self.gate)
            measured = self._measure()
            self.engine.is_forward = self._shares_pass
            gradient_norm = self.engine.gradient_norm()
        epoch = self.end_epoch(measured, gradient_norm, perf_counter() - started)
        if epoch is None:
            raise StopIteration
        return epoch

    def begin_epoch(self) -> bool:
        """Get ready for the steps of another epoch; False when the run has ended.

        This and `end_epoch` are for whoever takes the steps between them: iteration, or a stack.
        """
        if self.history.length >= self.settings.epochs and self.ending == "running":
            self.end("finished")
        if self.ending != "running":
            return False
        np.copyto(self._last_sane, self.vectors)
        if (rate := self.rate.of(self.history.length + 1)) != self._rate_now:
            self._rate_now = rate
            with np.errstate(all="ignore"):  # a rate beyond the precision diverges, which is said below
                self.engine.set_rate(rate)
        return True

    def end_epoch(self, measured: Measured, gradient_norm: float, seconds: float) -> Epoch | None:
        """Record the epoch's measures; None when training has diverged, which ends the run."""
        (training_error, held_out_error, *rest), accuracy = measured
        sane = training_error <= RUNAWAY * max(self.error_before, 1.0)
        if not (sane and isfinite(training_error) and isfinite(held_out_error)):
            np.copyto(self.vectors, self._last_sane)
            self.engine.is_forward = False
            self.end("diverged")
            return None
        self.seconds += seconds
        number = self.history.length + 1
        validation_error = rest[0] if rest else float("nan")
        epoch = Epoch(
            number,
            training_error,
            held_out_error,
            accuracy,
            gradient_norm,
            self.seconds,
            validation_error=validation_error,
        )
        self.history.append(epoch)
        self.rate.after(training_error)
        if rest and self.early_stopping.is_over(number, validation_error, self.vectors[0]):
            self.end("early")
        if self.engine.arrived and self.ending == "running":
            self.end("early")
        return epoch

    def end(self, ending: Ending) -> None:
        """End the run, with the weights that it keeps."""
        self.ending = ending
        np.copyto(self._last_sane, self.vectors)
        if self.early_stopping.has_best:
            np.copyto(self.vectors[0], self.early_stopping.parameters)
            self.engine.is_forward = False

    @property
    def kept_epoch(self) -> int:
        """The epoch whose weights are kept: the last, or with patience that of least validation error."""
        return self.early_stopping.epoch if self.settings.patience else self.history.length

    @property
    def kept_parameters(self) -> Array:
        """A copy of the parameters of `kept_epoch`; the run itself may go on from others."""
        return self.early_stopping.kept(self.vectors[0])

    @property
    def kept_network(self) -> Network:
        """The network with the parameters of `kept_epoch`, its logits divided by the temperature."""
        return tempered(self.network.with_parameters(self.kept_parameters), self.completion.temperature)

    @property
    def last_parameters(self) -> Array:
        """The parameters after the last epoch, also where those of `kept_epoch` have taken their place."""
        last: Array = (self.vectors if self.ending == "running" else self._last_sane)[0]
        return last

    @property
    def diverged_at(self) -> int | None:
        """The epoch in which training diverged; the epochs before it are kept."""
        return self.history.length + 1 if self.ending == "diverged" else None

    def state(self) -> TrainingState:
        """Everything that is needed to go on, to the bit; taken between two epochs."""
        of_engine, best = self.engine.state(), self.early_stopping
        vectors = self.vectors if self.ending == "running" else self._last_sane
        return TrainingState(
            vectors=np.vstack([vectors, of_engine.vectors]),
            numbers=of_engine.numbers,
            plateau=self.rate.plateau,
            gradient=of_engine.gradient,
            best=best.parameters.copy(),
            best_error=best.error,
            best_epoch=best.epoch,
            steps=of_engine.steps,
            learning_rate=self.rate.base,
            seconds=self.seconds,
            ending=self.ending,
            history=self.history.rows().copy(),
            order=generator_state(self.order_rng),
            dropout=generator_state(self.dropout_rng),
            changes=self.changes,
        )

    @property
    def predictor(self) -> Predictor:
        """The preparation and the network; its weights go on changing while the run goes on."""
        return Predictor(self.preparation, self.network)

    def outputs(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows x classes of probabilities, or rows x numbers in the target's units, for raw inputs."""
        return self.predictor.outputs(inputs)
