"""Steering: settings changed while a run trains, and the same run again from the list of its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import floor, isclose, log10
from typing import TYPE_CHECKING

from epochal.core.settings import Settings
from epochal.core.training.history import Epoch

if TYPE_CHECKING:
    from epochal.core.training.training import Training

STEERABLE = ("learning_rate", "l2", "l1", "clip")
"""Settings that are read anew in each epoch."""


@dataclass(frozen=True)
class Change:
    """A setting's new value, and the first epoch that was trained with it."""

    epoch: int
    setting: str
    value: float


def steered(settings: Settings, changes: Iterable[Change], epoch: int) -> Settings:
    """The settings that an epoch was trained with, whose changes are in the order in which they were made."""
    made = {change.setting: change.value for change in changes if change.epoch <= epoch}
    return settings.model_copy(update=made)


def next_rate(rate: float, by: int) -> float:
    """The first rate above this one, or below it for `by` below 0, among 1, 2 and 5 times powers of ten."""
    power = floor(log10(rate))
    steps = [float(f"{digit}e{power + more}") for more in (-1, 0, 1) for digit in (1, 2, 5)]
    near = [step for step in steps if not isclose(step, rate, rel_tol=1e-9)]
    return min(step for step in near if step > rate) if by > 0 else max(step for step in near if step < rate)


def replayed(training: Training, changes: Iterable[Change]) -> Iterator[Epoch]:
    """The epochs of a training that is steered as another one of the same settings was: to the same bytes."""
    waiting = sorted(changes, key=lambda change: change.epoch)
    while True:
        while waiting and waiting[0].epoch <= training.history.length + 1:
            change = waiting.pop(0)
            training.steer(change.setting, change.value)
        epoch = next(training, None)
        if epoch is None:
            return
        yield epoch
