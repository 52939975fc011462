"""Random search: what is drawn lies in its range and is spread as was asked; the seed says what."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import pytest
from scipy import stats

from epochal.core.settings import SettingError, Settings
from epochal.core.studies.sampling import Range, range_in, sampled

RATES = Range(1e-4, 1e-1, is_log=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e-4..1e-1 log", RATES),
        ("0..0.5", Range(0.0, 0.5, is_log=False)),
        (" .5 .. 1.5 ", Range(0.5, 1.5, is_log=False)),
        ("1...5e1", Range(1.0, 5.0, is_log=False)),
        ("0.1,0.2", None),
    ],
)
def test_a_range_is_read(text: str, expected: Range | None) -> None:
    assert range_in(text) == expected


@pytest.mark.parametrize(
    "text", ["1..0", "a..b", "1..", "..1", "1..1", "0..inf", "0..nan", "0.1 0.2..0.3", "1..2 lag"]
)
def test_what_is_no_range_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"A range is two numbers, the lower first, as in 1e-4\.\.1e-1 log"):
        range_in(text)


def test_a_logarithm_begins_above_0() -> None:
    with pytest.raises(ValueError, match="begins above 0, not at 0"):
        range_in("0..1 log")


@pytest.mark.parametrize("spread", [RATES, Range(0.001, 0.9, is_log=False)])
def test_numbers_are_spread_as_was_asked(spread: Range) -> None:
    drawn = [one.learning_rate for one in sampled(Settings(), {"learning_rate": spread}, 400)]
    assert len(set(drawn)) == 400
    assert spread.low <= min(drawn) <= max(drawn) <= spread.high
    scaled = np.log(drawn) if spread.is_log else np.array(drawn)
    low, high = (log(end) if spread.is_log else end for end in (spread.low, spread.high))
    assert stats.kstest((scaled - low) / (high - low), "uniform").pvalue > 0.001


def test_whole_numbers_are_whole_and_every_one_is_as_likely() -> None:
    drawn = sampled(
        Settings(), {"hidden": Range(2, 5, is_log=False), "l2": Range(0.0, 1.0, is_log=False)}, 400
    )
    counts = np.bincount([one.hidden[0] for one in drawn], minlength=6)[2:]
    assert stats.chisquare(counts).pvalue > 0.001
    assert len({one.l2 for one in drawn}) > 300


def test_the_seed_says_what_is_drawn() -> None:
    vary: dict[str, Range | Sequence[object]] = {"learning_rate": RATES, "activation": ["tanh", "relu"]}
    first, again = (sampled(Settings(seed=3), vary, 9) for _ in range(2))
    assert first == again
    assert first != sampled(Settings(seed=4), vary, 9)
    assert {one.activation for one in first} == {"tanh", "relu"}


def test_there_may_be_fewer_than_asked_for() -> None:
    drawn = sampled(Settings(), {"epochs": Range(3, 5, is_log=False)}, 50)
    assert sorted(one.epochs for one in drawn) == [3, 4, 5]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("learning_rate", "Learning rate is above 0"),
        ("seed", "which rows are held out"),
        ("activation", "Activation is no number: name the values"),
        ("sed", "There is no setting sed"),
    ],
)
def test_what_cannot_be_drawn_is_said(name: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        sampled(Settings(), {name: Range(-1.0, 1.0, is_log=False)})
