"""Training: what a run does with its rows, its seed and its end."""

from __future__ import annotations

import dataclasses
import threading
import warnings
from itertools import islice

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from epochal.core.evaluation.judgement import evaluate
from epochal.core.presets import PRESETS
from epochal.core.rows.examples import Examples, Feature, Split, split
from epochal.core.rows.preparation import MOST_LEVELS, prepare
from epochal.core.settings import Settings
from epochal.core.training.history import Epoch, History
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def run(examples: Examples, **settings: object) -> Training:
    training = Training(examples, Settings(**{"epochs": 20, **settings}))
    for _ in training:
        pass
    return training


def test_the_tutorials_network_has_18_nodes_and_81_weights(spine: Dataset) -> None:
    training = Training(spine.examples, PRESETS["the tutorial's"])
    assert training.network.in_words() == "6 + bias -> 10 tanh -> 1 sigmoid: 18 nodes, 81 weights"
    assert len(training.network.parameters) == 81


def test_every_epoch_is_yielded_and_kept(spine: Dataset) -> None:
    training = Training(spine.examples, Settings(epochs=7))
    epochs = list(training)
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4, 5, 6, 7]
    np.testing.assert_array_equal([training.history[index] for index in range(7)], epochs)
    assert training.ending == "finished"
    assert next(training, None) is None


def test_a_network_learns_what_can_be_learned(spine: Dataset, iris: Dataset, line: Examples) -> None:
    for examples in (spine.examples, iris.examples, line):
        training = run(examples, epochs=100)
        assert training.history[-1].training_error < 0.5 * training.error_before
        assert evaluate(training).beats_baseline


def test_the_errors_are_those_of_the_weights_at_the_end_of_the_epoch(iris: Dataset) -> None:
    training = run(iris.examples, epochs=5)
    for rows, measured in (
        (training.split.train, training.history[-1].training_error),
        (training.split.held_out, training.history[-1].held_out_error),
    ):
        probabilities = training.outputs(iris.examples.inputs[rows])
        true = probabilities[np.arange(len(rows)), iris.examples.targets[rows]]
        assert measured == pytest.approx(-np.log(true).mean(), rel=1e-12)


def test_the_running_accuracy_is_the_evaluations(spine: Dataset, iris: Dataset) -> None:
    for dataset in (spine, iris):
        training = run(dataset.examples)
        assert training.history[-1].held_out_accuracy == evaluate(training).accuracy


def test_equal_seeds_give_equal_bytes_and_other_seeds_others(spine: Dataset) -> None:
    first, again, other = (run(spine.examples, seed=seed).network.parameters for seed in (3, 3, 4))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_split_depends_on_the_seed_and_not_on_the_network(spine: Dataset) -> None:
    small, large, other = (
        Training(spine.examples, Settings(hidden=hidden, seed=seed)).split
        for hidden, seed in (((2,), 1), ((30, 30), 1), ((2,), 2))
    )
    np.testing.assert_array_equal(small.held_out, large.held_out)
    assert not np.array_equal(small.held_out, other.held_out)


def test_held_out_rows_touch_nothing(spine: Dataset) -> None:
    examples = spine.examples
    training = run(examples)
    spoiled = examples.inputs.copy()
    spoiled[training.split.held_out] = 1e6
    after = Training(
        dataclasses.replace(examples, inputs=spoiled), Settings(epochs=20), split_rows=training.split
    )
    for _ in after:
        pass
    assert training.network.parameters.tobytes() == after.network.parameters.tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_rate_that_is_far_too_large_diverges_and_says_where(spine: Dataset, optimizer: str) -> None:
    training = run(spine.examples, learning_rate=1e9, optimizer=optimizer)
    assert training.ending == "diverged"
    assert training.diverged_at == training.history.length + 1
    assert np.isfinite(training.network.parameters).all()
    assert all(np.isfinite(epoch.training_error) for epoch in islice(iter(training.history), 20))


def test_the_weights_of_a_diverged_run_are_those_of_its_last_sane_epoch(line: Examples) -> None:
    diverged = run(line, learning_rate=3.0, optimizer="sgd", hidden=(), batch_size="full", epochs=200)
    assert diverged.ending == "diverged"
    sane = diverged.history.length
    assert sane > 0
    stopped = run(line, learning_rate=3.0, optimizer="sgd", hidden=(), batch_size="full", epochs=sane)
    assert diverged.network.parameters.tobytes() == stopped.network.parameters.tobytes()


def test_a_closed_floor_is_waited_for_between_steps(spine: Dataset) -> None:
    class StepGate:
        closed = True
        waits = 0

        def wait(self) -> None:
            self.waits += 1

    gate = StepGate()
    training = Training(spine.examples, Settings(epochs=2, batch_size=31), gate=gate)
    list(training)
    assert gate.waits == 2 * 248 // 31


@pytest.mark.parametrize("link", ["sigmoid", "softmax", "identity"])
def test_whole_runs_equal_scikit_learns(link: str, spine: Dataset, iris: Dataset, line: Examples) -> None:
    examples = {"sigmoid": spine.examples, "softmax": iris.examples, "identity": line}[link]
    settings = Settings(
        hidden=(6, 4),
        batch_size="full",
        optimizer="momentum",
        learning_rate=0.02,
        epochs=20,
        l2=0.03,
    )
    ours = Training(examples, settings)
    train = ours.split.train
    inputs = ours.preparation.inputs(examples.inputs[train])
    weights = [w.copy() for w in ours.network.weights]
    peer_class = MLPRegressor if link == "identity" else MLPClassifier
    targets = examples.targets[train]
    if link == "identity":
        targets = (targets - ours.preparation.target_centre) / ours.preparation.target_spread
    peer = peer_class(
        hidden_layer_sizes=(6, 4),
        activation="tanh",
        solver="sgd",
        alpha=0.03 * len(train),  # its penalty is divided by the rows
        batch_size=len(train),
        learning_rate_init=0.02,
        momentum=0.9,
        nesterovs_momentum=False,
        max_iter=1,
        warm_start=True,
        shuffle=False,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        classes = {} if link == "identity" else {"classes": np.unique(targets)}
        peer.partial_fit(inputs, targets, **classes)
        for layer, w in enumerate(weights):
            peer.coefs_[layer][...] = w[:, :-1].T
            peer.intercepts_[layer][...] = w[:, -1]
        for velocity in peer._optimizer.velocities:
            velocity[...] = 0.0
        for _ in ours:
            peer.partial_fit(inputs, targets)
    for layer, w in enumerate(ours.network.weights):
        np.testing.assert_allclose(w[:, :-1].T, peer.coefs_[layer], rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(w[:, -1], peer.intercepts_[layer], rtol=1e-8, atol=1e-10)
    raw = examples.inputs[ours.split.held_out]
    prepared = ours.preparation.inputs(raw)
    if link == "identity":
        np.testing.assert_allclose(
            ours.outputs(raw), ours.network.kind.in_units(peer.predict(prepared), ours.preparation), rtol=1e-8
        )
    else:
        np.testing.assert_allclose(ours.outputs(raw), peer.predict_proba(prepared), rtol=1e-7, atol=1e-12)


def test_a_stratified_split_holds_the_same_share_of_each_class(spine: Dataset) -> None:
    rows = split(spine.examples, 0.2, seed=0)
    assert len(rows.held_out) == 62
    assert np.bincount(spine.examples.targets[rows.held_out]).tolist() == [42, 20]
    assert sorted([*rows.train, *rows.held_out]) == list(range(310))


@pytest.mark.parametrize("held_out", [0.01, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("counts", [(2, 2), (3, 40, 7), (1, 5), (100, 2)])
def test_every_class_of_two_rows_or_more_is_on_both_sides(held_out: float, counts: tuple[int, ...]) -> None:
    targets = np.repeat(np.arange(len(counts)), counts)
    examples = Examples((Feature("x"),), np.zeros((len(targets), 1)), targets, tuple("abc"[: len(counts)]))
    rows = split(examples, held_out, seed=1)
    for index, count in enumerate(counts):
        held = int((targets[rows.held_out] == index).sum())
        assert held == 0 if count == 1 else 1 <= held <= count - 1


def test_three_rows_are_too_few() -> None:
    examples = Examples((Feature("x"),), np.arange(3.0)[:, None], np.array([0, 1, 0]), ("a", "b"))
    with pytest.raises(ValueError, match="3 rows are too few"):
        Training(examples, Settings())


def test_a_feature_that_is_constant_in_training_is_left_out(spine: Dataset) -> None:
    inputs = np.hstack([spine.examples.inputs, np.full((310, 1), 0.1) * 3])
    features = (*spine.examples.features, Feature("constant"))
    training = Training(dataclasses.replace(spine.examples, inputs=inputs, features=features), Settings())
    assert training.network.layers[0] == 6
    assert "constant" not in training.preparation.names


def test_missing_cells_are_filled_from_training_rows_and_marked() -> None:
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(40, 2))
    inputs[::5, 0] = np.nan
    colours = chance.integers(3, size=40).astype(float)
    colours[3] = np.nan
    features = (Feature("width"), Feature("height"), Feature("colour", ("red", "green", "blue")))
    examples = Examples(features, np.column_stack([inputs, colours]), np.arange(40) % 2, ("no", "yes"))
    rows = Split(np.arange(30), np.arange(30, 40), stratified=False)
    preparation = Training(examples, Settings(), split_rows=rows).preparation
    assert preparation.filled[0] == np.nanmedian(inputs[:30, 0])
    assert preparation.names == (
        "width",
        "height",
        "colour = red",
        "colour = green",
        "colour = blue",
        "width missing",
        "colour missing",
    )
    unseen = preparation.inputs(np.array([[0.0, 0.0, 7.0]])) * preparation.spread + preparation.centre
    np.testing.assert_allclose(unseen[0, 2:5], 0.0, atol=1e-12)


def test_the_rarest_of_many_categories_share_a_column() -> None:
    most = MOST_LEVELS
    codes = np.r_[np.repeat(np.arange(most), 3), most + np.arange(4)].astype(float)
    feature = Feature("town", tuple(f"t{i}" for i in range(most + 5)))
    targets = np.arange(len(codes)) % 2
    examples = Examples((feature,), codes[:, None], targets, ("no", "yes"))
    preparation = prepare(examples, np.arange(len(codes)), "none")
    assert len(preparation.names) == most + 1
    assert preparation.names[-1] == "town = any other"
    one, rare, unseen = preparation.inputs(np.array([[3.0], [most + 4.0], [999.0]]))
    assert (one[3], one[-1], rare[-1]) == (1.0, 0.0, 1.0)
    assert rare[:-1].sum() == 0
    assert unseen.sum() == 0


def test_a_reader_of_the_history_never_sees_half_a_row() -> None:
    history, wrong, done = History(2), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            if history.length and history[-1].number != history[-1].seconds:
                last = history[-1]
                if last.number != last.seconds:
                    wrong.append(last)
            numbers, seconds = history.column("number"), history.column("seconds")
            shorter = min(len(numbers), len(seconds))
            if not np.array_equal(numbers[:shorter], seconds[:shorter]):
                wrong.append(Epoch(0, 0, 0, 0, 0, 0))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(1, 20_001):
            history.append(Epoch(number, 0.0, 0.0, 0.0, 0.0, float(number)))
    finally:
        done.set()
        reader.join()
    assert wrong == []
    assert history.length == 20_000
