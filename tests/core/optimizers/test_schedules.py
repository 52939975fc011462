"""Schedules: the factors are PyTorch's, and behave at the edges."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.optimizers.schedules import LEAST, SCHEDULES, Plateau, after_epoch, warm_up
from tests.core.optimizers.trajectories_by_pytorch import EPOCHS, ERRORS, FIGURES

PYTORCH = json.loads(FIGURES.read_text())


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_pytorchs_factors(name: str) -> None:
    factors = [SCHEDULES[name].value(epoch, EPOCHS) for epoch in range(1, EPOCHS + 1)]
    assert factors == pytest.approx(PYTORCH["schedules"][name], rel=1e-12)


@pytest.mark.parametrize("name", SCHEDULES)
@given(epochs=st.integers(1, 10_000_000), epoch=st.integers(1, 20_000_000))
def test_a_factor_starts_at_one_and_never_rises_even_beyond_the_plan(
    name: str, epochs: int, epoch: int
) -> None:
    factor = SCHEDULES[name].value
    assert factor(1, epochs) == 1.0
    assert 0.0 <= factor(epoch + 1, epochs) <= factor(epoch, epochs) <= 1.0


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_has_a_sentence(name: str) -> None:
    assert SCHEDULES[name].sentence.endswith(".")


def test_a_warm_up_of_five_epochs_is_pytorchs() -> None:
    factors = [warm_up(epoch, 5) for epoch in range(1, EPOCHS + 1)]
    assert factors == pytest.approx(PYTORCH["warm-up of 5"], rel=1e-12)


def test_no_warm_up_is_no_factor() -> None:
    assert {warm_up(epoch, 0) for epoch in range(1, 10)} == {1.0}


def test_the_factor_is_pytorchs_on_a_plateau() -> None:
    plateau, factors = Plateau(), []
    for error in ERRORS:
        factors.append(plateau.factor)
        plateau = after_epoch(plateau, error)
    assert factors == PYTORCH["plateau"]
    assert min(factors) < 0.2


def test_the_tenth_epoch_without_improvement_halves_the_rate() -> None:
    plateau = after_epoch(Plateau(), 1.0)
    factors = []
    for _ in range(20):
        plateau = after_epoch(plateau, 0.99995)
        factors.append(plateau.factor)
    assert factors == [1.0] * 9 + [0.5] * 10 + [0.25]


def test_an_error_that_keeps_falling_keeps_the_rate() -> None:
    plateau = Plateau()
    for epoch in range(200):
        plateau = after_epoch(plateau, 0.999**epoch)
    assert plateau.factor == 1.0


@pytest.mark.parametrize("error", [math.nan, math.inf, 0.0])
def test_an_error_that_cannot_improve_ends_at_the_least_factor(error: float) -> None:
    plateau = Plateau()
    for _ in range(1000):
        plateau = after_epoch(plateau, error)
    assert plateau.factor == LEAST
