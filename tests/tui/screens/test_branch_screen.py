"""Branches and steering in the lab: k leaves a run from any epoch, plus and minus change its rate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from epochal.core.settings import Settings
from epochal.core.training.gate import OpenGate
from epochal.core.training.resume import branched, replayed
from epochal.core.training.steering import next_rate
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights
from epochal.data.runs.queries import recorded_runs
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.resume import training_of
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.run import Branch, Run
from tests.lab import SIZES, Person, lab, part, run_of
from tests.runs import GIVE_UP, sampled

SOME = Settings(epochs=40)


def parameters(run: Run) -> bytes:
    assert run.training is not None
    return run.training.network.parameters.tobytes()


async def branch_off(person: Person, *, rate: str) -> Run:
    """Press k, type another learning rate, and branch off."""
    before = run_of(person)
    await person.press("k")
    await person.until_shown("Go on after epoch")
    await person.press("enter", "ctrl+u")
    await person.type(rate)
    await person.press("enter", "k")
    await person.until(lambda: run_of(person) is not before)
    return run_of(person)


@pytest.mark.parametrize("size", sampled(SIZES, 1, "a branch is drawn beside"))
async def test_a_branch_is_drawn_beside_the_run_it_leaves(spine: Dataset, size: str) -> None:
    async with lab(spine, SOME, SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "home", *["right"] * 3)
        first = run_of(person)
        second = await branch_off(person, rate="0.05")
        await person.wait_for_the_end()
        assert second.branch is not None
        assert (second.branch.run, second.branch.weights.epoch) == (first, 3)
        assert second.branch.changed == {"learning_rate": 0.05}
        assert "branch from epoch 3: learning rate 0.05" in part(person, "course")
        assert "before" in part(person, "chart")
        assert "▲" in part(person, "chart")
        await person.press("4")
        assert "Branch from epoch 3: learning rate 0.05." in person.pane("result")

        training, weights = first.training, first.weights_at(3)
        assert training is not None
        assert weights is not None
        settings = SOME.model_copy(update={"learning_rate": 0.05})
        alone = branched(spine.examples, settings, weights, training.history.rows()[:3])
        for _ in alone:
            pass
        assert alone.network.parameters.tobytes() == parameters(second)
        assert parameters(first) != parameters(second)


async def test_one_goes_back_past_the_place_where_the_branch_begins(spine: Dataset) -> None:
    async with lab(spine, SOME) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "home", *["right"] * 5)
        first = run_of(person)
        second = await branch_off(person, rate="0.01")
        await person.wait_for_the_end()
        await person.press("3", "home")
        for epoch in range(9):
            assert person.app.epoch_shown == epoch
            there = second.weights_at(epoch)
            origin = (first if epoch <= 5 else second).weights_at(epoch)
            assert there is not None
            assert origin is not None
            np.testing.assert_array_equal(there.parameters, origin.parameters)
            await person.press("right")
        await person.press(*["left"] * 8)
        assert person.app.epoch_shown == 1


async def test_a_branch_from_the_end_trains_as_long_again(spine: Dataset) -> None:
    async with lab(spine, SOME) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "k")
        await person.until_shown("Go on after epoch 40")
        assert "Epochs 80" in person.dialog()
        await person.press("end", "enter", "ctrl+u")
        await person.type("40")
        await person.press("enter", "k")
        assert "more than the 40 there are already" in person.dialog()
        await person.press("enter", "ctrl+u")
        await person.type("50")
        await person.press("enter", "k")
        await person.until(lambda: run_of(person).branch)
        await person.wait_for_the_end()
        assert run_of(person).length == 50


async def test_a_branch_of_a_branch_leaves_the_run_that_trained_the_epoch(spine: Dataset) -> None:
    async with lab(spine, SOME) as person:
        await person.press("t")
        await person.wait_for_the_end()
        first = run_of(person)
        await person.press("3", "home", *["right"] * 6)
        await branch_off(person, rate="0.01")
        await person.wait_for_the_end()
        await person.press("3", "home", *["right"] * 2)
        third = await branch_off(person, rate="0.02")
        await person.wait_for_the_end()
        assert third.branch is not None
        assert third.branch.run is first
        assert third.length == 40


async def test_without_a_run_k_says_how_to_begin_one(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("k")
        await person.until_shown("There is nothing to branch off from yet")


def test_rates_go_up_and_down_by_ones_twos_and_fives() -> None:
    rate, seen = 0.003, []
    for _ in range(5):
        rate = next_rate(rate, 1)
        seen.append(rate)
    assert seen == [0.005, 0.01, 0.02, 0.05, 0.1]
    for expected in (0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005):
        rate = next_rate(rate, -1)
        assert rate == expected


async def test_plus_and_minus_steer_the_run_and_it_replays_to_the_byte(spine: Dataset) -> None:
    settings = Settings(epochs=10_000_000, optimizer="momentum", learning_rate=0.003)
    async with lab(spine, settings, SIZES["200x50"]) as person:
        await person.press("s")
        await person.until(lambda: run_of(person).length == 1)
        await person.press("3", "plus", "plus", "s")
        await person.until(lambda: run_of(person).length == 2)
        await person.until_shown("learning rate 0.01 from epoch 2")
        await person.until(lambda: "▲" in part(person, "chart"))
        await person.press("minus", "s")
        await person.until(lambda: run_of(person).length == 3)
        await person.until_shown("learning rate 0.005 from epoch 3; learning rate 0.01 from epoch 2")
        await person.press("k")
        await person.until(lambda: "s changes the run itself" in person.dialog())
        await person.press("down", "down", "down", "enter", "ctrl+u")
        await person.type("0.5")
        await person.press("enter", "s")
        await person.press("s")
        await person.until(lambda: run_of(person).length == 4)
        await person.until_shown("l2 0.5 from epoch 4")
        run = run_of(person)
        assert run.training is not None
        alone = Training(spine.examples, settings)
        again = replayed(alone, run.training.changes)
        for _ in range(4):
            next(again)
        assert alone.network.parameters.tobytes() == parameters(run)
        plain = Training(spine.examples, settings)
        for _ in range(4):
            next(plain)
        assert plain.network.parameters.tobytes() != parameters(run)


async def test_what_cannot_be_steered_is_said(spine: Dataset) -> None:
    async with lab(spine, SOME) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("3", "plus")
        await person.until_shown("No run is training")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_an_interrupted_branch_goes_on_to_the_same_bytes(
    spine: Dataset, tmp_path: Path, optimizer: str
) -> None:
    settings = Settings.model_validate({"epochs": 30, "optimizer": optimizer})
    with Recorder.open(tmp_path) as recorder:
        first = Run(spine, settings, OpenGate(), lambda run: None, recorder)
        first.start()
        assert first.join(GIVE_UP)
        weights = first.weights_at(10)
        assert isinstance(weights, Weights)
        changed = settings.model_copy(update={"l2": 0.1})
        branch = Branch(first, weights, {"l2": 0.1})
        whole = Run(spine, changed, OpenGate(), lambda run: None, recorder, branch=branch)
        whole.start()
        assert whole.join(GIVE_UP)
        broken = Run(spine, changed, OpenGate(), lambda run: None, recorder, branch=branch)
        broken.start(paused=True)
        while not broken.is_waiting:
            pass
        assert broken.leave(GIVE_UP)
    kept = recorded_runs(tmp_path).runs[0]
    assert kept.metadata.branch is not None
    assert (kept.metadata.branch.epoch, kept.metadata.branch.changed) == (10, {"l2": 0.1})
    training = training_of(tmp_path, kept, spine, OpenGate())
    assert training.history.length == 10
    for _ in training:
        pass
    assert training.network.parameters.tobytes() == parameters(whole)
