"""Kinds of output: what a network predicts, one object for each of two classes, many classes and numbers.

A kind encodes targets, makes answers of the output layer's sums, decides, and names what it answers; it is
found by its output activation, the name that a model file stores. Another kind is another entry in
`OUTPUT_KINDS`, its losses in `losses.LOSSES` and its measures in `evaluation.scoring`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps, constant
from epochal.core.costs import NONE
from epochal.core.network.decision import Classes, decide
from epochal.core.network.losses import BY_TASK, LOSSES, Loss, OutputActivation, softmax
from epochal.core.network.output_activations import OUTPUT_ACTIVATIONS, OutputFunction
from epochal.core.registry import Registry
from epochal.core.rows.examples import Examples, Floats, Rows
from epochal.core.rows.preparation import Preparation

Array = NDArray[np.floating]
Targets = Floats | Classes
Target = float | np.float64 | np.intp | Floats | Classes


class OutputKind(ABC):
    """What every kind answers to: `logits` are output nodes x rows, `outputs` rows x classes or numbers.

    Targets are as in `Examples.targets`, encoded ones rows x output nodes as the losses take them.
    """

    output_activation: ClassVar[OutputActivation]
    has_classes: ClassVar[bool]
    has_threshold: ClassVar[bool] = False
    """Whether a threshold decides between the answers."""
    has_probabilities: ClassVar[bool]
    """Whether the outputs are probabilities of any value."""
    activation: ClassVar[str] = ""
    """The hidden activation that asks for this kind; empty for one that the targets ask for."""
    what: ClassVar[str]
    """What is predicted, in the plural."""

    @property
    def losses(self) -> Registry[Loss]:
        """The losses that suit it, the usual one first."""
        return LOSSES[self.output_activation]

    def loss_named(self, name: str) -> tuple[str, Loss]:
        """The loss of that name, or the usual one; with its own name.

        ValueError, naming those that there are, when it is not for such outputs.
        """
        losses = self.losses
        if name == BY_TASK:
            name = next(iter(losses))
        if name not in losses:
            raise ValueError(
                f"The loss {name} cannot be used for {self.what}: there is {' or '.join(losses)}."
            )
        return name, losses[name].value

    def check_cost(self, cost: str, classes: int) -> None:
        """ValueError when a cost of errors is given and there are no two classes."""
        if cost != NONE and not self.has_threshold:
            counted = f"{classes} {self.what}" if classes else self.what
            raise ValueError(f"A cost of misses and false alarms is for two classes; here are {counted}.")

    @abstractmethod
    def suits(self, classes: int) -> bool:
        """Whether it is for targets of so many classes, 0 for numbers."""

    @abstractmethod
    def nodes(self, classes: int, numbers: int) -> int:
        """How many output nodes so many classes, or numbers a row, take."""

    @abstractmethod
    def encode(self, targets: Targets, outputs: int, preparation: Preparation) -> Floats:
        """Targets as the losses take them, rows x output nodes."""

    def plain_targets(self, encoded: Floats) -> Floats:
        """Encoded targets as a textbook writes them."""
        return encoded

    @property
    def output(self) -> OutputFunction:
        """The output activation, in all its forms."""
        return OUTPUT_ACTIVATIONS[self.output_activation]

    def activate(self, logits: Array) -> Array:
        """The output activation's values, outputs x rows."""
        return self.output.function(logits)

    def answers(self, logits: Array) -> Array:
        """Rows x classes of probabilities, or rows x numbers as the preparation scales them."""
        return self.activate(logits).T

    def in_units(self, answers: Floats, preparation: Preparation) -> Floats:
        """Answers in the target's own units; probabilities have none."""
        return answers

    def unit(self, output: int, preparation: Preparation) -> float:
        """How many of the target's units one of an output is."""
        return 1.0

    @abstractmethod
    def slope(self, logits: Floats, output: int) -> Floats:
        """The derivative of one of `answers` by each logit of one row."""

    @abstractmethod
    def bind_answers(self, logits: Array, out: NDArray[np.generic]) -> BoundOps:
        """The calls that fill each row's class, or whether it is the second; none for numbers."""

    def true_answers(self, targets: Array) -> NDArray[np.generic]:
        """The same of encoded targets, outputs x rows."""
        return np.asarray(targets[0] > 0)

    @abstractmethod
    def decide(self, outputs: Floats, threshold: float = 0.5) -> Targets:
        """What is answered for each row: a class index, or the numbers themselves."""

    def wrong(self, outputs: Floats, targets: Targets, threshold: float = 0.5) -> NDArray[np.bool_]:
        """Which rows are answered with another class; of numbers none."""
        return np.zeros(len(targets), np.bool_)

    def class_balance(self, examples: Examples, train: Rows) -> Floats | None:
        """Weights of rows by which every class counts the same; None for numbers."""
        return None

    @abstractmethod
    def node_names(self, classes: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[str, ...]:
        """What each output node answers."""

    @abstractmethod
    def target_name(self, target: Target, classes: tuple[str, ...]) -> str:
        """One row's target: its class, or its (first) number."""


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

    output_activation = "identity"
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

    def in_units(self, answers: Floats, preparation: Preparation) -> Floats:
        return preparation.numbers(answers)

    def unit(self, output: int, preparation: Preparation) -> float:
        return float(preparation.target_spread[output])

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


OUTPUT_KINDS: dict[OutputActivation, OutputKind] = {
    kind.output_activation: kind for kind in (TwoClasses(), ManyClasses(), Numbers(), Perceptron())
}


def kind_for(examples: Examples, activation: str = "") -> OutputKind:
    """The kind that the targets ask for, or the one that the hidden activation does.

    ValueError when a perceptron is asked for anything but two classes.
    """
    classes = len(examples.classes)
    usual = next(kind for kind in OUTPUT_KINDS.values() if kind.suits(classes) and not kind.activation)
    asked = (kind for kind in OUTPUT_KINDS.values() if activation and kind.activation == activation)
    kind = next(asked, usual)
    if not kind.suits(classes):
        counted = f"{classes} {usual.what}" if classes else usual.what
        raise ValueError(f"A perceptron tells two classes apart; here are {counted}.")
    return kind
