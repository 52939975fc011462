"""Steering and branches: a run changed on its way, replayed to the byte, and another that leaves it."""

from __future__ import annotations

import dataclasses
import json
from itertools import islice

import numpy as np
import pytest

from epochal.core.settings import SettingError, Settings
from epochal.core.training.resume import branched, replayed, resumed
from epochal.core.training.steering import Change, steered
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory, Weights
from epochal.data.runs.states import state_bytes, state_from
from epochal.data.tables.dataset import Dataset

SGD = Settings(optimizer="sgd", batch_size="full", learning_rate=0.05, epochs=30)


def trained(dataset: Dataset, settings: Settings, epochs: int | None = None) -> Training:
    training = Training(dataset.examples, settings)
    for _ in islice(training, epochs):
        pass
    return training


def weights_after(training: Training) -> Weights:
    return Weights(training.history.length, training.last_parameters.copy())


def finished(training: Training) -> bytes:
    for _ in training:
        pass
    return training.network.parameters.tobytes()


# Steering.


CHANGES = (
    Change(4, "learning_rate", 0.01),
    Change(9, "l2", 0.5),
    Change(9, "l1", 0.01),
    Change(15, "clip", 0.02),
    Change(20, "l2", 0.0),
)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
@pytest.mark.parametrize("batch", ["full", 32])
def test_a_run_replays_to_the_byte_from_its_changes(spine: Dataset, optimizer: str, batch: object) -> None:
    settings = Settings.model_validate(
        {"optimizer": optimizer, "batch_size": batch, "epochs": 30, "learning_rate": 0.05, "dropout": 0.1}
    )
    first = Training(spine.examples, settings)
    while first.ending == "running":
        for change in CHANGES:
            if change.epoch == first.history.length + 1:
                first.steer(change.setting, change.value)
        next(first, None)
    assert first.changes == CHANGES
    again = Training(spine.examples, settings)
    epochs = list(replayed(again, first.changes))
    assert [epoch.number for epoch in epochs] == list(range(1, 31))
    assert again.network.parameters.tobytes() == first.network.parameters.tobytes()
    assert again.changes == CHANGES
    assert again.network.parameters.tobytes() != finished(Training(spine.examples, settings))
    np.testing.assert_array_equal(
        again.history.rows()[:, :5], first.history.rows()[:, :5]
    )  # all but the seconds


@pytest.mark.parametrize("setting", ["learning_rate", "l2", "l1", "clip"])
def test_a_change_is_what_a_run_with_that_setting_does_from_there(spine: Dataset, setting: str) -> None:
    run = trained(spine, SGD, 10)
    run.steer(setting, 0.04)
    changed = SGD.model_copy(update={setting: 0.04})
    other = trained(spine, changed, 0)
    np.copyto(other.network.parameters, run.network.parameters)
    next(run)
    next(other)
    assert run.network.parameters.tobytes() == other.network.parameters.tobytes()


def test_the_last_of_several_changes_before_one_epoch_counts(spine: Dataset) -> None:
    run = trained(spine, SGD, 2)
    for rate in (0.1, 0.2, 0.3):
        run.steer("learning_rate", rate)
    run.steer("l2", 0.1)
    assert run.changes == (Change(3, "learning_rate", 0.3), Change(3, "l2", 0.1))
    assert run.learning_rate == 0.3


def test_a_steered_run_goes_on_with_its_changes_when_resumed(spine: Dataset) -> None:
    whole = Training(spine.examples, SGD)
    for _ in replayed(whole, CHANGES):
        pass
    part = Training(spine.examples, SGD)
    for _ in islice(replayed(part, CHANGES[:3]), 12):
        pass
    state = state_from(state_bytes(part.state()))
    assert state.changes == CHANGES[:3]
    again = resumed(spine.examples, SGD, state)
    for _ in replayed(again, CHANGES[3:]):
        pass
    assert again.changes == CHANGES
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()


def test_what_cannot_be_steered_is_said(spine: Dataset) -> None:
    run = trained(spine, SGD, 1)
    with pytest.raises(ValueError, match="Hidden layers cannot be changed while a run trains"):
        run.steer("hidden", 3)
    with pytest.raises(SettingError, match="Learning rate is above 0, not -1"):
        run.steer("learning_rate", -1)
    with pytest.raises(ValueError, match="The run has ended"):
        trained(spine, SGD).steer("l2", 0.1)
    with pytest.raises(ValueError, match="L-BFGS finds its own steps"):
        trained(spine, Settings(optimizer="lbfgs"), 1).steer("l2", 0.1)
    assert run.changes == ()


@pytest.mark.parametrize("told", [[["a", "l2", 1]], [[3, "hidden", 1.0]], [[3, "l2", -1.0]], 7, [[1, 2]]])
def test_a_state_with_a_wrong_list_of_changes_is_refused(spine: Dataset, told: object) -> None:
    good = state_bytes(trained(spine, SGD, 2).state())
    header, _, rest = good.partition(b"\n")
    said = json.loads(header)
    said["values"]["changes"] = told
    with pytest.raises(ValueError, match="how the run was steered"):
        state_from(json.dumps(said).encode() + b"\n" + rest)
    del said["values"]["changes"]  # as written before runs could be steered
    assert state_from(json.dumps(said).encode() + b"\n" + rest).changes == ()


def test_the_settings_of_an_epoch_are_known_from_the_changes() -> None:
    assert steered(SGD, CHANGES, 3) == SGD
    assert steered(SGD, CHANGES, 10).l2 == 0.5
    assert steered(SGD, CHANGES, 99).model_dump(include={"learning_rate", "l2", "l1", "clip"}) == {
        "learning_rate": 0.01,
        "l2": 0.0,
        "l1": 0.01,
        "clip": 0.02,
    }


# Branches.


@pytest.mark.parametrize("epoch", [0, 1, 12, 29])
@pytest.mark.parametrize("batch", ["full", 32])
def test_a_branch_with_the_same_settings_is_the_run_itself(spine: Dataset, epoch: int, batch: object) -> None:
    settings = SGD.model_copy(update={"batch_size": batch})
    whole = Training(spine.examples, settings)
    weight_history = WeightHistory(whole.last_parameters)
    for one in whole:
        weight_history.append(whole.last_parameters, one.held_out_error)
    rows = whole.history.rows()
    branch = branched(
        spine.examples, settings, weight_history.at(epoch), rows[:epoch], split_rows=whole.split
    )
    assert branch.history.length == epoch
    assert finished(branch) == whole.network.parameters.tobytes()
    np.testing.assert_array_equal(branch.history.rows()[:, :5], rows[:, :5])


def test_a_branch_from_the_last_epoch_takes_the_optimizers_memory_along(spine: Dataset) -> None:
    settings = Settings(epochs=30, dropout=0.2)
    whole = finished(Training(spine.examples, settings))
    part = trained(spine, settings, 12)
    given = (spine.examples, settings, weights_after(part), part.history.rows())
    assert finished(branched(*given, state=part.state())) == whole
    assert finished(branched(*given)) != whole


def test_a_branch_with_another_setting_differs_from_there_on(spine: Dataset) -> None:
    whole = trained(spine, SGD)
    left = trained(spine, SGD, 10)
    changed = SGD.model_copy(update={"optimizer": "adam", "batch_size": 16, "dropout": 0.1, "epochs": 40})
    branch = branched(spine.examples, changed, weights_after(left), left.history.rows())
    finished(branch)
    assert branch.history.length == 40
    np.testing.assert_array_equal(branch.history.rows()[:10], left.history.rows())
    assert branch.history[10].training_error != whole.history[10].training_error
    assert branch.history[10].seconds > branch.history[9].seconds


def test_patience_counts_anew_on_a_branch(spine: Dataset) -> None:
    settings = Settings(epochs=400, patience=5, learning_rate=0.3)
    whole = trained(spine, settings)
    assert whole.ending == "early"
    last = Weights(whole.history.length, whole.last_parameters.copy())
    branch = branched(
        spine.examples, settings, last, whole.history.rows(), state=whole.state(), split_rows=whole.split
    )
    assert branch.kept_epoch == last.epoch
    assert len(list(islice(branch, 5))) >= 1
    assert branch.kept_epoch >= last.epoch


def test_a_branch_keeps_the_network(spine: Dataset) -> None:
    left = trained(spine, SGD, 3)
    weights, rows = weights_after(left), left.history.rows()
    with pytest.raises(ValueError, match="keeps the network"):
        branched(spine.examples, SGD.model_copy(update={"hidden": (3,)}), weights, rows)
    with pytest.raises(ValueError, match="keeps the network"):
        branched(spine.examples, SGD.model_copy(update={"precision": "float32"}), weights, rows)
    with pytest.raises(ValueError, match="needs the epochs up to it"):
        branched(spine.examples, SGD, weights, rows[:2])


def test_a_branch_of_a_steered_run_needs_only_the_settings_it_had(spine: Dataset) -> None:
    whole = Training(spine.examples, SGD)
    kept: list[Weights] = []
    for _ in replayed(whole, CHANGES[:3]):
        kept.append(weights_after(whole))  # noqa: PERF401
    settings = steered(SGD, whole.changes, 12)
    branch = branched(spine.examples, settings, kept[11], whole.history.rows()[:12])
    assert finished(branch) == whole.network.parameters.tobytes()
    assert branch.changes == ()
    assert dataclasses.asdict(kept[11])["epoch"] == 12
