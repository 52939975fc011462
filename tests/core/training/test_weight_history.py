"""The timeline: every epoch of a run stays in reach, as far as the memory for it goes."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epochal.core.presets import PRESETS
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory
from epochal.data.tables.dataset import Dataset

BYTES = 8
"""Of one parameter, and of an epoch's number."""


def numbered(epochs: int, *, budget: int, width: int = 3, first: int = 0) -> WeightHistory:
    """Parameters that tell their epoch; no epoch better than another."""
    weight_history = WeightHistory(np.full(width, float(first)), first, budget)
    for epoch in range(first + 1, first + epochs + 1):
        weight_history.append(np.full(width, float(epoch)), 1.0)
    return weight_history


@pytest.mark.parametrize(
    "settings",
    [
        PRESETS["the tutorial's"].model_copy(update={"epochs": 6}),
        Settings(epochs=6, batch_size="full", precision="float32", hidden=(4, 3)),
        Settings(epochs=6, optimizer="lbfgs"),
        Settings(epochs=400, dropout=0.3, patience=3, learning_rate=0.1),
    ],
    ids=["tutorial", "float32", "l-bfgs", "dropout"],
)
def test_the_parameters_at_an_epoch_are_those_of_a_fresh_run_stopped_there(
    spine: Dataset, settings: Settings
) -> None:
    training = Training(spine.examples, settings)
    weight_history = WeightHistory(training.network.parameters)
    for epoch in training:
        weight_history.append(training.last_parameters, epoch.validation_error)
    assert (training.kept_epoch < weight_history.last) == bool(settings.patience)
    assert weight_history.best == (training.kept_epoch if settings.patience else None)
    for stopped in range(training.history.length + 1):
        fresh = Training(
            spine.examples, settings.model_copy(update={"patience": 0}), split_rows=training.split
        )
        for _ in zip(range(stopped), fresh, strict=False):
            pass
        kept = weight_history.at(stopped)
        assert kept.epoch == stopped
        assert kept.parameters.dtype == settings.precision
        assert kept.parameters.tobytes() == fresh.network.parameters.tobytes()


def test_nothing_is_left_out_within_the_budget() -> None:
    weight_history = numbered(1000, budget=1001 * 4 * BYTES * 2)
    assert weight_history.kept().tolist() == list(range(1001))
    assert weight_history.every == 1


def test_a_timeline_is_read_and_not_written() -> None:
    row = numbered(3, budget=10_000).at(2).parameters
    with pytest.raises(ValueError, match="read-only"):
        row[0] = 7.0


@given(
    width=st.integers(1, 4),
    affordable=st.integers(1, 300),
    first=st.sampled_from([0, 17]),
    errors=st.lists(st.floats(0, 9) | st.just(float("nan")), max_size=700),
)
def test_first_best_and_last_are_always_kept_and_what_is_kept_is_right(
    width: int, affordable: int, first: int, errors: list[float]
) -> None:
    weight_history = WeightHistory(np.full(width, float(first)), first, affordable * BYTES * (width + 1))
    for epoch, error in enumerate(errors, first + 1):
        weight_history.append(np.full(width, float(epoch)), error)
    kept = weight_history.kept()
    last = first + len(errors)
    assert np.all(np.diff(kept) > 0)
    assert (kept[0], kept[-1]) == (first, last) == (weight_history.first, weight_history.last)
    if any(np.isfinite(errors)):
        assert weight_history.best == first + 1 + int(np.nanargmin(errors))
        assert weight_history.best in kept
    else:
        assert weight_history.best is None
    assert np.diff(kept).max(initial=1) <= weight_history.every
    assert len(kept) <= max(affordable, 3) + 1
    for asked in range(first - 2, last + 3):
        found = weight_history.at(asked)
        assert (found.parameters == found.epoch).all()
        assert found.epoch in kept
        assert abs(found.epoch - asked) == np.abs(kept - asked).min()


@pytest.mark.parametrize("epochs", [100, 999, 5000, 30_000])
def test_a_long_run_thins_out_evenly_and_its_newest_epochs_stay(epochs: int) -> None:
    weight_history = numbered(epochs, budget=1280 * 4 * BYTES)
    kept = weight_history.kept()
    assert len(kept) <= 1280 + 1  # the best may be put aside
    assert weight_history.every <= max(1, 4 * epochs / 1280)
    assert kept[-10:].tolist() == list(range(epochs - 9, epochs + 1))


def test_the_memory_held_is_the_budget_at_most() -> None:
    budget = 1280 * 4 * BYTES
    weight_history = numbered(20_000, budget=budget)
    held = sum(block.rows.nbytes + block.epochs.nbytes for block in weight_history._blocks)
    assert 0.8 * budget < held <= budget
    assert all(block.rows.base is None for block in weight_history._blocks)


def test_a_network_too_large_for_the_budget_has_its_first_its_best_and_its_last() -> None:
    weight_history = numbered(50, budget=1)
    kept = weight_history.kept().tolist()
    assert {0, 1, 50} <= set(kept)
    assert len(kept) <= 4


def test_a_timeline_that_begins_later_begins_there() -> None:
    weight_history = numbered(5, budget=10_000, first=40)
    assert weight_history.kept().tolist() == [40, 41, 42, 43, 44, 45]
    assert weight_history.at(3).epoch == 40


def test_moving_goes_at_least_to_the_next_kept_epoch() -> None:
    weight_history = numbered(2000, budget=640 * 4 * BYTES)
    kept = weight_history.kept().tolist()
    at, seen = 0, [0]
    while at < weight_history.last:
        at = weight_history.moved(at, 1)
        seen.append(at)
    assert seen == kept
    back = [weight_history.last]
    while back[-1] > 0:
        back.append(weight_history.moved(back[-1], -1))
    assert back[::-1] == kept
    assert weight_history.moved(0, -1) == 0
    assert weight_history.moved(weight_history.last, 1) == weight_history.last
    assert abs(weight_history.moved(0, 1000) - 1000) <= weight_history.every
    assert weight_history.moved(500, 10_000) == 2000


def test_a_reader_never_sees_a_row_that_is_not_its_epochs() -> None:
    weight_history, wrong, done = WeightHistory(np.zeros(3), budget=640 * 4 * BYTES), [], threading.Event()

    def read() -> None:
        chance = np.random.default_rng(0)
        while not done.is_set():
            asked = int(chance.integers(weight_history.last + 2))
            found = [weight_history.at(asked), weight_history.at(weight_history.last)]
            wrong.extend(one for one in found if not (one.parameters == one.epoch).all())
            if weight_history.kept()[0] != 0:
                wrong.append(weight_history.at(0))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for epoch in range(1, 10_001):
            weight_history.append(np.full(3, float(epoch)), -float(epoch))
    finally:
        done.set()
        reader.join()
    assert wrong == []
