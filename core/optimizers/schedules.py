"""Schedules: how the learning rate changes over a run, as factors of the rate that was set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, inf, pi

from epochal.core.registry import Registry

Schedule = Callable[[int, int], float]

SCHEDULES: Registry[Schedule] = Registry()

# When the error stands still: PyTorch's patience and threshold, its tenth made a gentler half. Ten
# halvings later a step is a thousandth of the first, and further ones would only seem to train.
PATIENCE = 10
IMPROVEMENT = 1e-4
HALVING = 0.5
LEAST = HALVING**10


def schedule(name: str, sentence: str) -> Callable[[Schedule], Schedule]:
    """Register the decorated function of an epoch, counted from 1, and the planned number of epochs."""

    def register(function: Schedule) -> Schedule:
        SCHEDULES.add(name, sentence, function)
        return function

    return register


def _progress(epoch: int, epochs: int) -> float:
    """The share of the run that lies before this epoch; 1 for what is trained beyond the plan."""
    return min(1.0, (epoch - 1) / epochs)


@schedule("constant", "The same rate from the first epoch to the last.")
def constant(epoch: int, epochs: int) -> float:  # noqa: ARG001
    """Always 1."""
    return 1.0


@schedule("step", "A tenth of the rate from half of the epochs on, a hundredth from three quarters on.")
def step(epoch: int, epochs: int) -> float:
    """The milestones of He et al. 2016, section 4.2."""
    progress = _progress(epoch, epochs)
    return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01


@schedule("inverse-time", "Falls quickly, then ever slower, towards a tenth of the rate.")
def inverse_time(epoch: int, epochs: int) -> float:
    """1 / (1 + 9 progress): the decay under which stochastic descent converges (Robbins and Monro 1951)."""
    return 1.0 / (1.0 + 9.0 * _progress(epoch, epochs))


@schedule("exponential", "Falls by the same share each epoch, towards a hundredth of the rate.")
def exponential(epoch: int, epochs: int) -> float:
    """0.01 to the power of the progress."""
    return float(0.01 ** _progress(epoch, epochs))


@schedule("cosine", "Falls slowly, then quickly, then slowly, towards 0.")
def cosine(epoch: int, epochs: int) -> float:
    """Half of 1 + cos(pi progress): Loshchilov and Hutter 2017, without restarts."""
    return 0.5 * (1.0 + cos(pi * _progress(epoch, epochs)))


def warm_up(epoch: int, warm_up_epochs: int) -> float:
    """A further factor, which climbs in equal steps to 1 in the epoch after the first `warm_up_epochs`.

    Goyal et al. 2017, section 2.2.
    """
    return min(1.0, epoch / (warm_up_epochs + 1))


PLATEAU = "plateau"
SCHEDULE_CHOICES: Registry[Schedule | None] = Registry()
for _schedule in SCHEDULES.values():
    SCHEDULE_CHOICES.add(_schedule.name, _schedule.sentence, _schedule.value)
SCHEDULE_CHOICES.add(PLATEAU, "Halved whenever the training error has stood still for ten epochs.", None)


@dataclass(frozen=True)
class Plateau:
    """The lowest training error so far, the epochs since it was clearly undercut, and the rate's factor."""

    lowest: float = inf
    waited: int = 0
    factor: float = 1.0


def after_epoch(plateau: Plateau, error: float) -> Plateau:
    """The factor halved when ten epochs have not brought the error down by a ten-thousandth of itself.

    An error that is not a number counts as no improvement.
    """
    if error < plateau.lowest * (1.0 - IMPROVEMENT):
        return Plateau(error, 0, plateau.factor)
    if plateau.waited + 1 < PATIENCE:
        return Plateau(plateau.lowest, plateau.waited + 1, plateau.factor)
    return Plateau(plateau.lowest, 0, max(LEAST, plateau.factor * HALVING))
