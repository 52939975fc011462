"""One training step under the microscope: every number of it, in the order in which they come about.

A plain derivation of what `training.step` does on its buffers, by `explain.textbook`, from the state of a run
between two epochs: the batches are those that the run takes next, as its generators are copied, and the run
is not disturbed. All of it is in float64, whatever the precision of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.textbook import (
    ACTIVATIONS,
    ANSWERS,
    LOSSES,
    OPTIMIZERS,
    Answer,
    Loss,
    Quantities,
    Quantity,
)
from epochal.core.network.network import layer_views, parameter_count
from epochal.core.optimizers.lbfgs import HISTORY
from epochal.core.optimizers.schedules import SCHEDULE_CHOICES, warm_up
from epochal.core.rows.examples import Rows, generator
from epochal.core.settings import Settings
from epochal.core.training.history import Epoch
from epochal.core.training.resume import resumed
from epochal.core.training.state import GeneratorState, TrainingState, restored_generator
from epochal.core.training.training import Training

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
    answer: Answer
    loss: Loss
    errors: Floats
    error: float
    penalty: float
    gradient: Gradient
    update: Update


def coming_steps(training: Training, state: TrainingState, epoch: int) -> Iterator[OneStep]:
    """The steps of the epoch after `epoch`, of a run that was in this state when it had done so many.

    Nothing that changes as the training goes on is read from it. L-BFGS takes one step an epoch, of a
    length that only a search can find: that one is taken by a copy of the run.
    """
    settings, shape = training.settings, training.network.layers
    rate = _rate(settings, state, epoch + 1)
    optimizer = OPTIMIZERS.get(settings.optimizer)
    scales = optimizer.scales if optimizer else ()
    parameters, *memory = state.vectors[: 1 + len(scales)].astype(np.float64)
    remembered = [scale * kept for scale, kept in zip(scales, memory, strict=True)]
    rng = _copied(settings, "dropout", state.dropout)
    batches = _batches(training, _copied(settings, "order", state.order))
    kind = training.network.kind
    loss, answer = LOSSES[kind.output_activation, training.loss_name], ANSWERS[kind.output_activation]
    for number, rows in enumerate(batches, 1):
        batch, masks = _batch(training, rows), _masks(settings, len(rows), rng)
        # Of a run that goes astray numbers become infinite, and are shown as they are.
        with np.errstate(all="ignore"):
            passes = forward(parameters, shape, settings.activation, batch.inputs, masks)
            error, errors = mean_error(loss, answer, batch, passes[-1][1])
            weights = layer_views(parameters, shape)
            layers = _layers(settings.activation, weights, passes, masks, batch, loss, answer)
            cost = penalty(settings, parameters, shape)
            share = rate * settings.l2 if is_decoupled(settings) else 0.0
            shrunk = parameters - share * weights_only(shape) * parameters
            gradient = _gradient(settings, layers, batch, shrunk * weights_only(shape))
            if optimizer is None:
                worked_out, after = _by_search(training, state, gradient, parameters)
            else:
                worked_out = optimizer.rule(gradient.whole, remembered, rate, state.steps + number)
                after = shrunk - worked_out[-1].values
        known = tuple(remembered)
        update = Update(rate, state.steps + number, known, parameters, shrunk, worked_out, after)
        yield OneStep(
            settings,
            shape,
            epoch + 1,
            number,
            len(batches),
            batch,
            layers,
            answer,
            loss,
            errors,
            error,
            cost,
            gradient,
            update,
        )
        parameters, remembered = after, [quantity.values for quantity in worked_out[: len(scales)]]


def is_decoupled(settings: Settings) -> bool:
    """Whether L2 is kept out of the gradient, and shrinks the weights by itself."""
    return settings.optimizer == "adamw"


def _rate(settings: Settings, state: TrainingState, number: int) -> float:
    follow = SCHEDULE_CHOICES[settings.schedule].value
    factor = state.plateau.factor if follow is None else follow(number, settings.epochs)
    return state.learning_rate * factor * warm_up(number, settings.warm_up)


def _copied(settings: Settings, purpose: str, state: GeneratorState) -> np.random.Generator:
    rng = generator(settings.seed, purpose)
    restored_generator(rng, state)
    return rng


def _batches(training: Training, order: np.random.Generator) -> list[Rows]:
    """The examples of each batch of an epoch, in the order drawn."""
    rows, size = training.split.train, training.settings.batch_size
    if size == "full" or size >= len(rows) or training.settings.optimizer not in OPTIMIZERS:
        return [rows]
    shuffled = rows[order.permutation(len(rows))]
    return [shuffled[start : start + size] for start in range(0, len(rows), size)]


def _batch(training: Training, rows: Rows) -> Batch:
    encoded = training.encoded(rows)
    targets = training.network.kind.plain_targets(encoded.targets.astype(np.float64))
    weights = None if encoded.weights is None else encoded.weights.astype(np.float64)
    return Batch(
        rows, training.examples.inputs[rows], encoded.inputs[:, :-1].astype(np.float64), targets, weights
    )


def _masks(settings: Settings, rows: int, rng: np.random.Generator) -> list[Floats | None]:
    """What the values of each hidden layer are multiplied by, drawn as the run will draw it."""
    if not settings.dropout:
        return [None] * len(settings.hidden)
    kept = 1.0 - settings.dropout
    precision = np.float32 if settings.precision == "float32" else np.float64
    # Nodes x rows, in the run's own precision: other shapes or types would draw other numbers.
    draws = [rng.random((nodes, rows), precision) for nodes in settings.hidden]
    return [(np.floor(draw + precision(kept)) / kept).T.astype(np.float64) for draw in draws]


def forward(
    vector: Floats, shape: tuple[int, ...], activation: str, inputs: Floats, masks: Sequence[Floats | None]
) -> list[tuple[Floats, Floats, Floats]]:
    """What arrives at each layer, its sums, and its values; of the output layer, the sums in their place."""
    passed, known = inputs, ACTIVATIONS[activation]
    layers = []
    *hidden, last = layer_views(vector, shape)
    for weights, mask in zip(hidden, masks, strict=True):
        sums = passed @ weights[:, :-1].T + weights[:, -1]
        values = known.value_of(sums)
        layers.append((passed, sums, values))
        passed = values if mask is None else values * mask
    logits = passed @ last[:, :-1].T + last[:, -1]
    return [*layers, (passed, logits, logits)]


def mean_error(loss: Loss, answer: Answer, batch: Batch, logits: Floats) -> tuple[float, Floats]:
    """The error to be made small, without penalties, and that of each row."""
    errors = loss.errors(logits, answer.of(logits), batch.targets)
    counted = errors if batch.weights is None else errors * batch.weights
    return float(counted.mean()), errors


def penalty(settings: Settings, parameters: Floats, shape: tuple[int, ...]) -> float:
    """What L2, unless decoupled, and L1 add to the error for weights; biases cost nothing."""
    weights = parameters * weights_only(shape)
    squares = 0.0 if is_decoupled(settings) else 0.5 * settings.l2 * float(weights @ weights)
    return squares + settings.l1 * float(np.abs(weights).sum())


def weights_only(shape: tuple[int, ...]) -> Floats:
    """1 for each weight, 0 for each bias."""
    every = np.ones(parameter_count(shape))
    for layer in layer_views(every, shape):
        layer[:, -1] = 0.0
    return every


def _layers(
    activation: str,
    weights: Sequence[NDArray[np.floating]],
    passes: list[tuple[Floats, Floats, Floats]],
    masks: list[Floats | None],
    batch: Batch,
    loss: Loss,
    answer: Answer,
) -> tuple[Layer, ...]:
    """The way back: from the output's deltas to those of the first layer."""
    arriving, logits, _ = passes[-1]
    values = answer.of(logits)
    deltas = loss.deltas(logits, values, batch.targets)
    layers = [Layer(np.array(weights[-1], np.float64), arriving, logits, values, None, None, None, deltas)]
    for place in reversed(range(len(masks))):
        arriving, sums, values = passes[place]
        mask, slopes = masks[place], ACTIVATIONS[activation].slope_of(sums, values)
        back = deltas @ weights[place + 1][:, :-1]
        deltas = back * slopes if mask is None else back * mask * slopes
        layers.append(
            Layer(np.array(weights[place], np.float64), arriving, sums, values, slopes, mask, back, deltas)
        )
    return tuple(reversed(layers))


def _gradient(settings: Settings, layers: Sequence[Layer], batch: Batch, weights: Floats) -> Gradient:
    """The mean over the rows of deltas times what arrived; what pulls at weights; what clipping leaves."""
    counted = np.ones((len(batch), 1)) if batch.weights is None else batch.weights[:, None]
    of_error = np.concatenate(
        [
            np.hstack(
                [(counted * each.deltas).T @ each.arriving, (counted * each.deltas).sum(axis=0)[:, None]]
            ).ravel()
            for each in layers
        ]
    ) / len(batch)
    of_l2 = (0.0 if is_decoupled(settings) else settings.l2) * weights
    of_l1 = settings.l1 * np.sign(weights)
    whole = of_error + of_l2 + of_l1
    length = float(np.sqrt(whole @ whole))
    kept = settings.clip / length if settings.clip and length > settings.clip else 1.0
    return Gradient(of_error, of_l2, of_l1, length, kept, kept * whole)


def _by_search(
    training: Training, state: TrainingState, gradient: Gradient, before: Floats
) -> tuple[Quantities, Floats]:
    """The direction that L-BFGS looks in, the length that a copy of the run finds along it, and the step."""
    copy = resumed(
        training.examples,
        training.settings,
        replace(state, ending="running", history=np.empty((0, len(Epoch._fields)))),
        split_rows=training.split,
    )
    next(copy, None)
    after = copy.state().vectors[0].astype(np.float64)
    step = before - after
    direction = _direction(state, gradient.whole)
    length = float(step @ direction) / float(direction @ direction) if direction.any() else 0.0
    if not np.allclose(length * direction, step, rtol=1e-3, atol=1e-3 * np.abs(step).max()):
        direction = gradient.whole  # what was remembered misled
        length = float(step @ direction) / float(direction @ direction)
    return (
        Quantity("d", "the gradient times the inverse curvature", direction),
        Quantity("step", f"{length:.4g} * d", step),
    ), after


def _direction(state: TrainingState, gradient: Floats) -> Floats:
    """The inverse curvature times the gradient, by the BFGS formula itself instead of its two loops.

    Nocedal and Wright 2006, equation 6.17, from a multiple of the identity, equation 7.20.
    """
    pairs = state.numbers[1:2].astype(np.intp).item()
    steps, changes = np.split(state.vectors[1:].astype(np.float64), 2)
    rows = [pair % HISTORY for pair in range(max(0, pairs - HISTORY), pairs)]
    if not rows:
        return gradient
    step, change = steps[rows[-1]], changes[rows[-1]]
    size = float(step @ change) / float(change @ change)
    return _curved([(steps[row], changes[row]) for row in rows], gradient, size)


def _curved(pairs: list[tuple[Floats, Floats]], vector: Floats, size: float) -> Floats:
    """(I - s y' / s'y) H (I - y s' / s'y) v + s s'v / s'y, where H is the same with a pair less."""
    if not pairs:
        return size * vector
    *older, (step, change) = pairs
    product = float(step @ change)
    share = float(step @ vector) / product
    inner = _curved(older, vector - share * change, size)
    return inner + (share - float(change @ inner) / product) * step
