"""One training step under the microscope: every number of it, in the order in which they come about.

A plain derivation of what `training.step` does on its buffers, by `explain.textbook`, from the state of a run
between two epochs: the batches are those that the run takes next, as its generators are copied, and the run
is not disturbed. All of it is in float64, whatever the precision of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.one_step import Batch, Gradient, Layer, OneStep, Update
from epochal.core.explain.textbook import LOSSES, Loss
from epochal.core.explain.textbook import OPTIMIZERS as RULES
from epochal.core.explain.textbook_lbfgs import found_by_search
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.network import layer_views, parameter_count
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.optimizers.schedules import SCHEDULE_CHOICES, warm_up
from epochal.core.rows.examples import Rows, generator
from epochal.core.settings import Settings
from epochal.core.training.state import GeneratorState, TrainingState, restored_generator
from epochal.core.training.training import Training

Floats = NDArray[np.float64]


def coming_steps(training: Training, state: TrainingState, epoch: int) -> Iterator[OneStep]:
    """The steps of the epoch after `epoch`, of a run that was in this state when it had done so many.

    Nothing that changes as the training goes on is read from it. L-BFGS takes one step an epoch, of a
    length that only a search can find: that one is taken by a copy of the run.
    """
    settings, shape = training.settings, training.network.layers
    rate = _rate(settings, state, epoch + 1)
    optimizer = RULES.get(settings.optimizer)
    scales = optimizer.scales if optimizer else ()
    parameters, *memory = state.vectors[: 1 + len(scales)].astype(np.float64)
    remembered = [scale * kept for scale, kept in zip(scales, memory, strict=True)]
    rng = _copied(settings, "dropout", state.dropout)
    batches = _batches(training, _copied(settings, "order", state.order))
    kind = training.network.kind
    loss = LOSSES[kind.output_activation, training.loss_name]
    for number, rows in enumerate(batches, 1):
        batch, masks = _batch(training, rows), _masks(settings, len(rows), rng)
        # Of a run that goes astray numbers become infinite, and are shown as they are.
        with np.errstate(all="ignore"):
            passes = forward(parameters, shape, settings.activation, batch.inputs, masks)
            error, errors = mean_error(loss, kind, batch, passes[-1][1])
            weights = layer_views(parameters, shape)
            logits = passes[-1][1]
            answers = _answers(kind, logits)
            deltas = loss.deltas(logits, answers, batch.targets)
            layers = _layers(settings.activation, weights, passes, masks, answers, deltas)
            cost = penalty(settings, parameters, shape)
            share = rate * settings.l2 if is_decoupled(settings) else 0.0
            shrunk = parameters - share * weights_only(shape) * parameters
            gradient = _gradient(settings, layers, batch, shrunk * weights_only(shape))
            if optimizer is None:
                worked_out, after = found_by_search(training, state, gradient, parameters)
            else:
                worked_out = optimizer.rule(gradient.whole, remembered, rate, state.steps + number)
                after = shrunk - worked_out[-1].values
        known = tuple(remembered)
        update = Update(
            rate=rate,
            steps=state.steps + number,
            remembered=known,
            before=parameters,
            shrunk=shrunk,
            worked_out=worked_out,
            after=after,
        )
        yield OneStep(
            settings=settings,
            shape=shape,
            epoch=epoch + 1,
            number=number,
            of=len(batches),
            batch=batch,
            layers=layers,
            kind=kind,
            loss=loss,
            errors=errors,
            error=error,
            penalty=cost,
            gradient=gradient,
            update=update,
        )
        parameters, remembered = after, [quantity.values for quantity in worked_out[: len(scales)]]


def is_decoupled(settings: Settings) -> bool:
    """Whether L2 is kept out of the gradient, and shrinks the weights by itself."""
    return OPTIMIZERS[settings.optimizer].value.decoupled


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
    if size == "full" or size >= len(rows) or training.settings.optimizer not in RULES:
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
    passed, known = inputs, ACTIVATIONS[activation].value
    layers = []
    *hidden, last = layer_views(vector, shape)
    for weights, mask in zip(hidden, masks, strict=True):
        sums = passed @ weights[:, :-1].T + weights[:, -1]
        values = known.value_of(sums)
        layers.append((passed, sums, values))
        passed = values if mask is None else values * mask
    logits = passed @ last[:, :-1].T + last[:, -1]
    return [*layers, (passed, logits, logits)]


def mean_error(loss: Loss, kind: OutputKind, batch: Batch, logits: Floats) -> tuple[float, Floats]:
    """The error to be made small, without penalties, and that of each row."""
    errors = loss.errors(logits, _answers(kind, logits), batch.targets)
    counted = errors if batch.weights is None else errors * batch.weights
    return float(counted.mean()), errors


def _answers(kind: OutputKind, logits: Floats) -> Floats:
    """The output activation's values, rows x outputs like the logits."""
    return np.asarray(kind.activate(logits.T).T, np.float64)


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
    values: Floats,
    deltas: Floats,
) -> tuple[Layer, ...]:
    """The way back: from the answers and the output's deltas to those of the first layer."""
    arriving, logits, _ = passes[-1]
    layers = [
        Layer(
            weights=np.array(weights[-1], np.float64),
            arriving=arriving,
            sums=logits,
            values=values,
            slopes=None,
            mask=None,
            back=None,
            deltas=deltas,
        )
    ]
    for place in reversed(range(len(masks))):
        arriving, sums, values = passes[place]
        mask, slopes = masks[place], ACTIVATIONS[activation].value.slope_of(sums)
        back = deltas @ weights[place + 1][:, :-1]
        deltas = back * slopes if mask is None else back * mask * slopes
        layers.append(
            Layer(
                weights=np.array(weights[place], np.float64),
                arriving=arriving,
                sums=sums,
                values=values,
                slopes=slopes,
                mask=mask,
                back=back,
                deltas=deltas,
            )
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
