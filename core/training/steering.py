"""Steering: settings changed while a run trains, and the list of its changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor, isclose, log10

from epochal.core.settings import DECLARATIONS, Settings, read_settings

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


def with_change(changes: Iterable[Change], change: Change) -> tuple[Change, ...]:
    """The changes and this one, which takes the place of one of the same setting before the same epoch."""
    key = (change.epoch, change.setting)
    return (*(made for made in changes if (made.epoch, made.setting) != key), change)


def checked_value(setting: str, value: object, settings: Settings) -> float:
    """The value as a number. ValueError, or SettingError with a sentence, when it is not allowed."""
    if setting not in STEERABLE:
        raise ValueError(f"{DECLARATIONS[setting].title} cannot be changed while a run trains.")
    checked: float = getattr(read_settings({setting: value}, settings), setting)
    return checked


def next_rate(rate: float, by: int) -> float:
    """The first rate above this one, or below it for `by` below 0, among 1, 2 and 5 times powers of ten."""
    power = floor(log10(rate))
    steps = [float(f"{digit}e{power + more}") for more in (-1, 0, 1) for digit in (1, 2, 5)]
    near = [step for step in steps if not isclose(step, rate, rel_tol=1e-9)]
    return min(step for step in near if step > rate) if by > 0 else max(step for step in near if step < rate)
