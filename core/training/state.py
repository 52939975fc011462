"""The complete state of a training between two epochs: what is needed to go on to the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.network import Network
from epochal.core.optimizers.schedules import Plateau
from epochal.core.training.steering import Change

Ending = Literal["running", "finished", "early", "diverged"]
GeneratorState = dict[str, Any]
"""A NumPy bit generator's own state: its name, and plain integers."""


@dataclass(frozen=True, eq=False)
class Completion:
    """What a run that has ended has besides its own network: a temperature, and the ensemble's other members.

    `log_loss` is that of the rows which a fitted temperature was found on, before and after; `is_done` when
    nothing that the settings ask for is lacking any more.
    """

    temperature: float
    others: tuple[Network, ...] = ()
    log_loss: tuple[float, float] | None = None
    is_done: bool = False


@dataclass(frozen=True, eq=False)
class EngineState:
    """What an engine's next epoch depends on besides the run's own vectors; copies.

    `gradient` is the last step's; `vectors`, each as long as the parameters, and `numbers` are what an engine
    remembers of its own.
    """

    gradient: NDArray[np.floating]
    steps: int
    vectors: NDArray[np.floating]
    numbers: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainingState:
    """Copies; nothing in it changes as the training goes on.

    `vectors` are the parameters and, below them, what the optimizer remembers, as vectors and `numbers`;
    `history` is epochs x the fields of `Epoch`, `changes` how the run has been steered so far.
    """

    vectors: NDArray[np.floating]
    numbers: NDArray[np.float64]
    plateau: Plateau
    gradient: NDArray[np.floating]
    best: NDArray[np.floating]
    best_error: float
    best_epoch: int
    steps: int
    learning_rate: float
    seconds: float
    ending: Ending
    history: NDArray[np.float64]
    order: GeneratorState
    dropout: GeneratorState
    changes: tuple[Change, ...] = ()

    @property
    def has_weights_alone(self) -> bool:
        """Whether nothing of the optimizer's is in it, so that no further epoch can be trained from it."""
        return not len(self.gradient)

    def weights_alone(self) -> TrainingState:
        """What is to be kept of a run that has ended: its last parameters, and the best where it has some."""
        return replace(
            self,
            vectors=self.vectors[:1].copy(),
            numbers=self.numbers[:0].copy(),
            gradient=self.gradient[:0].copy(),
            best=self.best if self.best_epoch else self.best[:0].copy(),
        )


def generator_state(generator: np.random.Generator) -> GeneratorState:
    """What the generator will draw next, as plain values."""
    state: GeneratorState = generator.bit_generator.state  # type: ignore[assignment]
    return state


def restored_generator(generator: np.random.Generator, state: GeneratorState) -> None:
    """Make the generator draw what it was about to draw; ValueError when the state is another kind's."""
    generator.bit_generator.state = state
