"""A run of the tutorial's method, as published or with some of its defects repaired.

The rows stand in the file's order, sorted by class. 7-10-1 nodes with a tanh at both layers, a column of
ones for a bias, weights drawn from the standard normal distribution, 1000 epochs of gradient descent with
a learning rate of 0.001 and batches of one row.

As published a run is 248,000 steps on 124 rows each, on average. The step takes nodes as rows, buffers and
views made beforehand, and half the time of the literal twin in the tests. The growing batches make rounding
differences grow, but not far: the two agree to 1e-15 over 50 epochs and to 1e-13 in the ten printed lines.

Two repairs leave a choice. Here the missing slope is that of the squared error which is reported, and the
labels move to -1 and 1 while the output stays a tanh, so that either changes one thing. With such labels
the delta without slope is that of the cross-entropy of (1 + output) / 2: leaving only that defect in is
the other reading of its repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from epochal.core.article.defects import chosen
from epochal.core.article.replay import Replay
from epochal.core.evaluation.distributions import binomial_tail
from epochal.core.evaluation.intervals import wilson
from epochal.core.rows.examples import Examples, Floats, Rows, generator, split

HIDDEN_NODES = 10
LEARNING_RATE = 0.001
BATCH_SIZE = 1
EPOCHS = 1000
TRAINING_SHARE = 0.8
PRINTED_EVERY = 100


@dataclass(frozen=True)
class ArticleEpoch:
    """One pass over the training rows, counted from 0 as the tutorial counts, and the error it reports."""

    number: int
    error: float


class ArticleTraining:
    """One run of the tutorial's method; iterate for its epochs, ask for its `replay` at any time.

    `examples` have numbers for features and two classes; the first class is labelled 1, the second 0.
    The seed draws the starting weights, the shuffle and, once repaired, the split each from a generator
    of its own, so that a repair changes nothing but what it repairs. Raises ValueError for examples that
    cannot be used and for a repair that does not exist.
    """

    def __init__(
        self, examples: Examples, repairs: Iterable[str] = (), seed: int = 0, epochs: int = EPOCHS
    ) -> None:
        _check(examples)
        self.repairs, self.seed, self.epochs = chosen(repairs), seed, epochs
        self.curve: list[float] = []
        self._classes = examples.classes
        low = -1.0 if self._repaired("tanh-against-01") else 0.0
        labels = np.where(examples.targets == 0, 1.0, low)
        self._middle = (low + 1.0) / 2

        train, self._held_out = self._split(examples)
        inputs = self._scaled(examples.inputs, train)
        self._held_out_inputs, self._held_out_labels = inputs[self._held_out], labels[self._held_out]
        self._training_labels = labels[train]
        order = generator(seed, "order").permutation(len(train))
        self._rows = np.ascontiguousarray(inputs[train][order])
        self._labels = labels[train][order] if self._repaired("shuffled-features-only") else labels[train]

        draws = generator(seed, "weights")
        width = inputs.shape[1]
        self._weights = np.empty(HIDDEN_NODES * (width + 1))
        self._first, self._second = _layers(self._weights, width)
        self._first[...] = draws.standard_normal((width, HIDDEN_NODES)).T
        self._second[...] = draws.standard_normal(HIDDEN_NODES)

    def _repaired(self, name: str) -> bool:
        return name in self.repairs

    def _split(self, examples: Examples) -> tuple[Rows, Rows]:
        if self._repaired("sorted-split"):
            drawn = split(examples, 1 - TRAINING_SHARE, self.seed)
            return drawn.train, drawn.held_out
        rows = np.arange(len(examples))
        return rows[: int(TRAINING_SHARE * len(rows))], rows[int(TRAINING_SHARE * len(rows)) :]

    def _scaled(self, inputs: Floats, train: Rows) -> Floats:
        """All rows, scaled, with a last column of ones."""
        seen = inputs[train] if self._repaired("scaled-on-held-out") else inputs
        axis = 0 if self._repaired("one-scale-for-all") else None
        spread = seen.std(axis=axis)
        scaled = (inputs - seen.mean(axis=axis)) / np.where(spread > 0, spread, 1.0)
        return np.hstack([scaled, np.ones((len(inputs), 1))])

    def __iter__(self) -> Iterator[ArticleEpoch]:
        """Go on from where it stands, to the last epoch."""
        weights, first, second = self._weights, self._first, self._second
        second_as_column = second[:, None]
        gradient = np.empty_like(weights)
        first_gradient, second_gradient = _layers(gradient, self._rows.shape[1])
        with_slope = self._repaired("missing-output-slope")
        batches = self._batches()
        one = np.ones(())
        dot, tanh, multiply, subtract, square = np.dot, np.tanh, np.multiply, np.subtract, np.square
        while len(self.curve) < self.epochs:
            for columns, inputs, labels, hidden, outputs, deltas, signal, step_size in batches:
                dot(first, columns, hidden)
                tanh(hidden, hidden)
                dot(second, hidden, outputs)
                tanh(outputs, outputs)
                subtract(outputs, labels, deltas)
                if with_slope:
                    square(outputs, signal)
                    subtract(one, signal, signal)
                    multiply(signal, deltas, signal)
                dot(hidden, signal, second_gradient)
                square(hidden, hidden)
                subtract(one, hidden, hidden)
                multiply(hidden, signal, hidden)
                dot(hidden, inputs, first_gradient)
                multiply(first_gradient, second_as_column, first_gradient)
                multiply(gradient, step_size, gradient)
                subtract(weights, gradient, weights)
            if self._repaired("last-batch-error"):
                error = float(np.square(self._outputs(self._rows) - self._labels).mean() / 2)
            else:
                error = float(np.dot(deltas, deltas) / 2 / BATCH_SIZE)
            self.curve.append(error)
            yield ArticleEpoch(len(self.curve) - 1, error)

    def _batches(self) -> list[tuple[Floats, ...]]:
        """For every step of an epoch its views of the training rows and of buffers, and its step size."""
        rows = len(self._rows)
        hidden, outputs, deltas, slopes = (np.empty(size * rows) for size in (HIDDEN_NODES, 1, 1, 1))
        signals = slopes if self._repaired("missing-output-slope") else deltas
        batches: list[tuple[Floats, ...]] = []
        for first in range(0, rows, BATCH_SIZE):
            start = first if self._repaired("growing-prefix-batches") else 0
            inputs = self._rows[start : first + BATCH_SIZE]
            count = len(inputs)
            divisor = count if self._repaired("batch-size-ignored") else BATCH_SIZE
            batches.append(
                (
                    inputs.T,
                    inputs,
                    self._labels[start : first + BATCH_SIZE],
                    hidden[: HIDDEN_NODES * count].reshape(HIDDEN_NODES, count),
                    outputs[:count],
                    deltas[:count],
                    signals[:count],
                    np.array(LEARNING_RATE / divisor),
                )
            )
        return batches

    def _outputs(self, inputs: Floats) -> Floats:
        return np.asarray(np.tanh(self._second @ np.tanh(self._first @ inputs.T)), dtype=np.float64)

    def replay(self) -> Replay:
        """What the weights as they are now print, and what they are worth."""
        outputs, labels = self._outputs(self._held_out_inputs), self._held_out_labels
        rows = len(labels)
        right = int(np.count_nonzero((outputs > self._middle) == (labels > self._middle)))
        if self._repaired("argmax-of-one-column"):
            printed = 100 * right / rows
        else:
            outputs_column, labels_column = outputs[:, None], labels[:, None]
            counted = np.count_nonzero(outputs_column.argmax(axis=1) == labels_column.argmax(axis=1))
            printed = float(counted / len(labels_column[0]))
        usual = float(np.mean(self._training_labels > self._middle)) >= 0.5
        baseline = float(np.mean((labels > self._middle) == usual))
        ones = int(np.count_nonzero(labels > self._middle))
        at = range(PRINTED_EVERY, len(self.curve), PRINTED_EVERY)
        return Replay(
            repairs=self.repairs,
            seed=self.seed,
            printed_accuracy=printed,
            printed_lines=(
                *(f"Epoch : {number} , error : {self.curve[number]}" for number in at),
                f"Accuracy: {printed:.2f}%",
            ),
            held_out_rows=rows,
            held_out_right=right,
            held_out_classes=dict(zip(self._classes, (ones, rows - ones), strict=True)),
            true_accuracy=right / rows,
            interval=wilson(right, rows),
            baseline=baseline,
            baseline_class=self._classes[0 if usual else 1],
            p_value=binomial_tail(right, rows, baseline),
            errors=tuple(self.curve[number] for number in at),
            curve=tuple(self.curve),
        )


def replay(examples: Examples, repairs: Iterable[str] = (), seed: int = 0, epochs: int = EPOCHS) -> Replay:
    """A whole run of the tutorial's method; see ArticleTraining."""
    training = ArticleTraining(examples, repairs, seed, epochs)
    for _ in training:
        pass
    return training.replay()


def _check(examples: Examples) -> None:
    if len(examples) < 5:
        raise ValueError(f"{len(examples)} rows are too few to hold out a fifth: at least 5 are needed.")
    if len(examples.classes) != 2:
        raise ValueError(f"The tutorial's network tells two classes apart; here are {len(examples.classes)}.")
    if any(feature.categories for feature in examples.features) or not np.isfinite(examples.inputs).all():
        raise ValueError("The tutorial's method takes numbers only, and a number in every cell.")


def _layers(vector: Floats, width: int) -> tuple[Floats, Floats]:
    """The first layer, hidden nodes x inputs, and the second, hidden nodes, as views of one vector."""
    first = vector[: HIDDEN_NODES * width].reshape(HIDDEN_NODES, width)
    return first, vector[HIDDEN_NODES * width :]
