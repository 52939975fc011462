"""Kinds of output: what a network predicts, one object for each of two classes, many classes and numbers.

A kind encodes targets, makes answers of the output layer's sums, decides, and names what it answers; it is
found by its output activation, the name that a model file stores. Another kind is another entry in
`OUTPUT_KINDS`, its losses in `losses.LOSSES` and its measures in `evaluation.scoring`.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, constant
from epochal.core.network.decision import Classes, decide
from epochal.core.network.deviances import limited_power
from epochal.core.network.kind_of_output import OutputKind, Target, Targets
from epochal.core.network.losses import OutputActivation, softmax
from epochal.core.rows.examples import Examples, Floats, Rows
from epochal.core.rows.preparation import Preparation

Array = NDArray[np.floating]


class _OfClasses(OutputKind):
    has_classes = True
    has_probabilities = True
    what = "classes"

    def decide(self, outputs: Floats, threshold: float = 0.5) -> Classes:
        return decide(outputs, threshold)

    def wrong(self, outputs: Floats, targets: Targets, threshold: float = 0.5) -> NDArray[np.bool_]:
        return np.asarray(decide(outputs, threshold) != targets)

    def class_balance(self, examples: Examples, train: Rows) -> Floats:
        """Rows / (classes x rows of the class), by G. King and L. Zeng 2001."""
        targets, classes = examples.targets.astype(np.intp), len(examples.classes)
        counts = np.bincount(targets[train], minlength=classes)
        of_class = len(train) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        return np.asarray(of_class[targets])

    def target_name(self, target: Target, classes: tuple[str, ...]) -> str:
        return classes[int(np.ravel(target)[0])]


class TwoClasses(_OfClasses):
    """One sigmoid: the probability of the second class."""

    output_activation: ClassVar[OutputActivation] = "sigmoid"
    has_threshold = True

    def suits(self, classes: int) -> bool:
        return classes == 2

    def nodes(self, classes: int, numbers: int) -> int:
        return 1

    def encode(self, targets: Targets, outputs: int, preparation: Preparation) -> Floats:
        return np.where(targets == 1, 1.0, -1.0)[:, None]

    def plain_targets(self, encoded: Floats) -> Floats:
        return (encoded + 1.0) / 2.0

    def answers(self, logits: Array) -> Array:
        second = self.activate(logits).T
        return np.hstack([1.0 - second, second])

    def slope(self, logits: Floats, output: int) -> Floats:
        share = float(self.activate(logits)[0])
        return np.array([share * (1.0 - share) * (1.0 if output else -1.0)])

    def bind_answers(self, logits: Array, out: NDArray[np.generic]) -> BoundOps:
        return [partial(np.greater_equal, logits[0], constant(0.0, logits), out)]

    def node_names(self, classes: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[str, ...]:
        return (classes[1],)


class Perceptron(TwoClasses):
    """Two classes by a threshold unit: on which side of a line a row lies."""

    output_activation = "step"
    activation = "step"
    has_probabilities = False

    def plain_targets(self, encoded: Floats) -> Floats:
        return encoded

    def slope(self, logits: Floats, output: int) -> Floats:
        return np.zeros(1)


class ManyClasses(_OfClasses):
    """A softmax over one node for each class."""

    output_activation = "softmax"

    def suits(self, classes: int) -> bool:
        return classes not in (0, 2)

    def nodes(self, classes: int, numbers: int) -> int:
        return classes

    def encode(self, targets: Targets, outputs: int, preparation: Preparation) -> Floats:
        return np.asarray(targets[:, None] == np.arange(outputs), np.float64)

    def slope(self, logits: Floats, output: int) -> Floats:
        shares = softmax(logits[:, None])[:, 0]
        return np.asarray(shares[output] * ((np.arange(len(shares)) == output) - shares))

    def bind_answers(self, logits: Array, out: NDArray[np.generic]) -> BoundOps:
        return [partial(logits.argmax, 0, out)]

    def true_answers(self, targets: Array) -> NDArray[np.generic]:
        return np.asarray(targets.argmax(0))

    def node_names(self, classes: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[str, ...]:
        return classes


class Numbers(OutputKind):
    """The sums themselves, one node for each number, scaled as the preparation scales the targets."""

    output_activation: ClassVar[OutputActivation] = "identity"
    has_classes = False
    has_probabilities = False
    what = "numbers"

    def suits(self, classes: int) -> bool:
        return classes == 0

    def nodes(self, classes: int, numbers: int) -> int:
        return numbers

    def encode(self, targets: Targets, outputs: int, preparation: Preparation) -> Floats:
        numbers = targets.reshape(len(targets), -1)
        return np.asarray((numbers - preparation.target_centre) / preparation.target_spread)

    def scale(self, preparation: Preparation) -> tuple[Floats, Floats]:
        return preparation.target_spread, preparation.target_centre

    def slope(self, logits: Floats, output: int) -> Floats:
        return np.asarray(np.arange(len(logits)) == output, dtype=np.float64)

    def bind_answers(self, logits: Array, out: NDArray[np.generic]) -> BoundOps:
        return []

    def decide(self, outputs: Floats, threshold: float = 0.5) -> Floats:
        return outputs

    def node_names(self, classes: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[str, ...]:
        return outputs

    def target_name(self, target: Target, classes: tuple[str, ...]) -> str:
        return f"{float(np.ravel(target)[0]):.6g}"


class PositiveNumbers(Numbers):
    """Numbers from 0 on, such as counts and prices: powers of e of the sums, times the mean of training.

    The logarithm links them to the sums, and the loss is a deviance (P. McCullagh and J. Nelder 1989); so no
    answer is below 0, and none needs a correction for a logarithm taken of the targets.
    """

    output_activation = "exponential"
    asking_losses = ("poisson", "gamma")
    what = "numbers from 0 on"

    def encode(self, targets: Targets, outputs: int, preparation: Preparation) -> Floats:
        numbers = targets.reshape(len(targets), -1).astype(np.float64)
        if len(numbers) and float(numbers.min()) < 0.0:
            raise ValueError(
                "The losses poisson and gamma are for numbers from 0 on, such as counts and prices; "
                f"here is {numbers.min():.6g}."
            )
        if float(preparation.target_centre.min()) <= 0.0:
            raise ValueError("Every number to be learned is 0: the losses poisson and gamma need others.")
        return np.asarray(numbers / preparation.target_centre)

    def scale(self, preparation: Preparation) -> tuple[Floats, Floats]:
        return preparation.target_centre, np.zeros_like(preparation.target_centre)

    def slope(self, logits: Floats, output: int) -> Floats:
        return np.asarray(
            limited_power(logits[output]) * (np.arange(len(logits)) == output), dtype=np.float64
        )


OUTPUT_KINDS: dict[OutputActivation, OutputKind] = {
    kind.output_activation: kind
    for kind in (TwoClasses(), ManyClasses(), Numbers(), Perceptron(), PositiveNumbers())
}


def kind_for(examples: Examples, activation: str = "", loss: str = "") -> OutputKind:
    """The kind that the targets ask for, or the one that the hidden activation or the loss does.

    ValueError when a perceptron is asked for anything but two classes.
    """
    classes = len(examples.classes)
    fitting = [kind for kind in OUTPUT_KINDS.values() if kind.suits(classes)]
    usual = next(kind for kind in fitting if not (kind.activation or kind.asking_losses))
    by_loss = (kind for kind in fitting if loss in kind.asking_losses)
    asked = (kind for kind in OUTPUT_KINDS.values() if activation and kind.activation == activation)
    kind = next(asked, None) or next(by_loss, usual)
    if not kind.suits(classes):
        counted = f"{classes} {usual.what}" if classes else usual.what
        raise ValueError(f"A perceptron tells two classes apart; here are {counted}.")
    return kind
