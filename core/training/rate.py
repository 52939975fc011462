"""The learning rate of each epoch: what was set, times what the schedule and the warm-up make of it."""

from __future__ import annotations

from math import isfinite

from epochal.core.optimizers.schedules import SCHEDULE_CHOICES, Plateau, after_epoch, warm_up
from epochal.core.settings import Settings


class ScheduledRate:
    """`base` is the rate that was set, and may be another from the next epoch on; ValueError for none."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._follow = SCHEDULE_CHOICES[settings.schedule].value
        self.plateau = Plateau()
        self.base = settings.learning_rate

    @property
    def base(self) -> float:
        """How far a step goes, before the schedule."""
        return self._base

    @base.setter
    def base(self, rate: float) -> None:
        if not (isfinite(rate) and rate > 0.0):
            raise ValueError(f"A learning rate is a number above 0, not {rate}.")
        self._base = rate

    def of(self, number: int) -> float:
        """The learning rate of an epoch, counted from 1."""
        settings, follow = self._settings, self._follow
        factor = self.plateau.factor if follow is None else follow(number, settings.epochs)
        return self._base * factor * warm_up(number, settings.warm_up)

    def after(self, training_error: float) -> None:
        """Note the error of an epoch, which a plateau goes by."""
        if self._follow is None:
            self.plateau = after_epoch(self.plateau, training_error)
