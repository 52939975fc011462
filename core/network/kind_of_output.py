"""What every kind of output answers to: targets encoded, sums turned into answers, answers named."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from epochal.core.bound_ops import BoundOps
from epochal.core.costs import NONE
from epochal.core.network.decision import Classes
from epochal.core.network.losses import BY_TASK, LOSSES, Loss, OutputActivation
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
    asking_losses: ClassVar[tuple[str, ...]] = ()
    """The losses that ask for this kind."""
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

    def scale(self, preparation: Preparation) -> tuple[Floats, Floats] | None:
        """What answers are multiplied by, and what is then added; None of probabilities."""
        return None

    def in_units(self, answers: Floats, preparation: Preparation) -> Floats:
        """Answers in the target's own units; probabilities have none."""
        if (scale := self.scale(preparation)) is None:
            return answers
        factor, offset = scale
        return np.asarray(answers * factor + offset)

    def unit(self, output: int, preparation: Preparation) -> float:
        """How many of the target's units one of an output is."""
        scale = self.scale(preparation)
        return 1.0 if scale is None else float(scale[0][output])

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
