"""Networks trained together: each ends where it would have ended alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

from epochal.core.evaluation.judgement import evaluate
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.examples import Examples
from epochal.core.rows.folds import fold_splits
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.training.population import Population, shape, trained
from epochal.core.training.resume import resumed
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset

STEPPING = [name for name in OPTIMIZERS if OPTIMIZERS[name].value.rule is not None]
RATES = {"sgd": 0.2, "momentum": 0.02, "nesterov": 0.02}


def made(examples: Examples, members: int = 5, **common: Any) -> list[Training]:
    """Trainings with rates, penalties, starting weights, splits and orders of their own."""
    rate = RATES.get(str(common.get("optimizer", "adam")), 0.01)
    if common.get("batch_size") == 1:
        rate /= 20.0  # with long steps on single rows, learning is chaotic: rounding grows to any size
    return [
        Training(
            examples,
            Settings.model_validate(
                {
                    "epochs": 6,
                    "seed": place // 2,
                    "learning_rate": rate * (1 + place),
                    "l2": 0.01 * (place % 3),
                    **common,
                }
            ),
        )
        for place in range(members)
    ]


def same(together: Training, alone: Training, digits: float = 1e-8) -> None:
    """Everything a training knows, but for the seconds it took."""
    kept = [name for name in alone.history[0]._fields if name != "seconds"]
    for name in kept:
        theirs, ours = alone.history.column(name), together.history.column(name)
        np.testing.assert_allclose(ours, theirs, rtol=digits, atol=digits, err_msg=name)
    state, expected = together.state(), alone.state()
    np.testing.assert_allclose(state.vectors, expected.vectors, rtol=digits, atol=digits)
    np.testing.assert_allclose(state.gradient, expected.gradient, rtol=digits, atol=digits)
    np.testing.assert_allclose(
        together.network.parameters, alone.network.parameters, rtol=digits, atol=digits
    )
    assert state.order == expected.order
    assert state.dropout == expected.dropout
    for name in ("steps", "ending", "best_epoch", "learning_rate"):
        assert getattr(state, name) == getattr(expected, name)
    assert state.plateau.factor == expected.plateau.factor


def all_same(examples: Examples, digits: float = 1e-8, **common: Any) -> list[Training]:
    """Trained as one stack, and one by one; the stack's members."""
    together, alone = made(examples, **common), made(examples, **common)
    assert len(set(map(shape, together))) == 1
    for _ in Population(together):
        pass
    for ours, theirs in zip(together, alone, strict=True):
        list(theirs)
        same(ours, theirs, digits)
    return together


@pytest.mark.parametrize("batch", [1, 32, 62, "full"])
@pytest.mark.parametrize("optimizer", STEPPING)
def test_a_member_is_the_same_network_trained_alone(optimizer: str, batch: int | str, spine: Dataset) -> None:
    """310 rows leave 248 for training: 62 divides them, 32 leaves a shorter batch."""
    all_same(spine.examples, optimizer=optimizer, batch_size=batch, epochs=2 if batch == 1 else 6)


@pytest.mark.parametrize("l2", [0.0, 0.05])
@pytest.mark.parametrize("hidden", [(), (7,), (6, 5)])
@pytest.mark.parametrize("table", ["two classes", "three classes", "two numbers"])
def test_every_kind_of_output_and_depth_is_stacked(
    table: str, hidden: tuple[int, ...], l2: float, spine: Dataset, iris: Dataset, line: Examples
) -> None:
    examples = {"two classes": spine.examples, "three classes": iris.examples, "two numbers": line}[table]
    for member in all_same(examples, hidden=hidden, l2=l2, batch_size=20):
        alone = Training(examples, member.settings)
        list(alone)
        inputs = examples.inputs[:20]
        np.testing.assert_allclose(member.outputs(inputs), alone.outputs(inputs), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    "common",
    [
        {"l1": 0.01},
        {"clip": 0.05},
        {"clip": 0.05, "optimizer": "sgd", "l1": 0.01},
        {"dropout": 0.3},
        {"dropout": 0.3, "hidden": (6, 5), "batch_size": "full"},
        {"class_weights": "balanced", "held_out": 0.13},
        {"class_weights": "balanced", "batch_size": "full"},
        {"schedule": "cosine", "warm_up": 3},
        {"schedule": "plateau", "epochs": 30, "optimizer": "sgd"},
        {"hidden": (), "activation": "step", "optimizer": "sgd"},
        {"loss": "squared", "activation": "relu"},
        {"activation": "gelu", "initial_weights": "he"},
    ],
    ids=str,
)
def test_whatever_else_is_set_holds_for_each_member(common: dict[str, Any], spine: Dataset) -> None:
    all_same(spine.examples, **common)


def test_single_precision_stays_single(spine: Dataset) -> None:
    for member in all_same(spine.examples, 2e-3, precision="float32", clip=1.0, l1=0.001):
        assert member.network.parameters.dtype == np.float32


def test_a_member_that_diverges_harms_nobody(line: Examples) -> None:
    common = {"optimizer": "sgd", "activation": "relu", "epochs": 20}
    rates = [0.01, 1e6, 0.02, 50.0]

    def fresh() -> list[Training]:
        return [Training(line, Settings.model_validate({**common, "learning_rate": rate})) for rate in rates]

    together, alone = fresh(), fresh()
    for _ in Population(together):
        pass
    for ours, theirs in zip(together, alone, strict=True):
        list(theirs)
        assert ours.ending == theirs.ending
        assert ours.diverged_at == theirs.diverged_at
        assert np.isfinite(ours.network.parameters).all()
        np.testing.assert_allclose(ours.network.parameters, theirs.network.parameters, rtol=1e-8, atol=1e-8)
    assert [training.ending for training in together] == ["finished", "diverged", "finished", "diverged"]


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_members_stop_early_each_for_itself(dropout: float, spine: Dataset) -> None:
    together = all_same(
        spine.examples, 1e-6, members=9, patience=3, epochs=80, learning_rate=0.03, dropout=dropout
    )
    assert len({training.kept_epoch for training in together}) > 2
    assert {training.ending for training in together} == {"early"}


def test_members_with_fewer_epochs_end_sooner(spine: Dataset) -> None:
    together = [Training(spine.examples, Settings(epochs=epochs, seed=epochs)) for epochs in (2, 9, 4, 5)]
    running = list(Population(together))
    assert running == [4, 4, 3, 3, 2, 1, 1, 1, 1]
    for training in together:
        alone = Training(spine.examples, training.settings)
        list(alone)
        same(training, alone)


def test_a_member_can_go_on_alone_at_any_epoch(spine: Dataset) -> None:
    for batch in (32, "full"):
        together, alone = made(spine.examples, batch_size=batch), made(spine.examples, batch_size=batch)
        for _ in islice(Population(together), 3):
            pass
        for ours, theirs in zip(together, alone, strict=True):
            again = resumed(spine.examples, ours.settings, ours.state())
            list(ours)
            list(again)
            list(theirs)
            same(ours, theirs)
            same(again, theirs)


def test_members_may_have_been_alone_before(spine: Dataset) -> None:
    together, alone = made(spine.examples, batch_size="full"), made(spine.examples, batch_size="full")
    for training in together:
        next(training)
    for _ in islice(Population(together), 2):
        pass
    for ours, theirs in zip(together, alone, strict=True):
        list(ours)
        list(theirs)
        same(ours, theirs)


def test_a_rate_changed_while_they_run_counts_from_the_next_epoch(spine: Dataset) -> None:
    together, alone = made(spine.examples), made(spine.examples)
    population = Population(together)
    next(population)
    for training in alone:
        next(training)
    together[1].learning_rate = alone[1].learning_rate = 0.5
    for _ in population:
        pass
    for ours, theirs in zip(together, alone, strict=True):
        list(theirs)
        same(ours, theirs)


def test_long_tables_are_gathered_in_stretches(
    spine: Dataset, iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("epochal.core.training.step.STRETCH", 1600)
    monkeypatch.setattr("epochal.core.training.stack.CHUNK", 100)
    all_same(spine.examples, batch_size=9)
    all_same(iris.examples, batch_size=40)


def test_the_unlike_are_not_stacked(spine: Dataset) -> None:
    one, further = Training(spine.examples, Settings()), Training(spine.examples, Settings())
    next(further)
    for other in (further, Training(spine.examples, Settings(hidden=(9,)))):
        with pytest.raises(ValueError, match="differ in more than"):
            Population([one, other])


def test_any_mixture_comes_back_trained_and_in_order(spine: Dataset, iris: Dataset) -> None:
    asked = [
        (spine.examples, Settings(epochs=3, seed=1)),
        (iris.examples, Settings(epochs=4)),
        (spine.examples, Settings(epochs=5, hidden=(4,))),
        (spine.examples, Settings(epochs=5, optimizer="lbfgs")),
        (spine.examples, Settings(epochs=3, seed=2)),
        (spine.examples, Settings(epochs=5, optimizer="lbfgs", seed=3)),
        (iris.examples, Settings(epochs=2, learning_rate=0.1)),
    ]
    done = list(trained(Training(*each) for each in asked))
    assert [(training.examples, training.settings) for training in done] == asked
    for training in done:
        alone = Training(training.examples, training.settings)
        list(alone)
        np.testing.assert_allclose(training.network.parameters, alone.network.parameters, rtol=1e-8)
        assert training.ending == "finished"


def test_no_more_are_drawn_than_fit_into_memory(spine: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0

    def fresh() -> Iterator[Training]:
        nonlocal drawn
        for seed in range(9):
            drawn += 1
            yield Training(spine.examples, Settings(epochs=1, seed=seed))

    done = trained(fresh(), at_once=4)
    next(done)
    assert drawn == 4
    assert len(list(done)) == 8
    drawn = 0
    monkeypatch.setattr("epochal.core.training.population.ROWS_BUDGET", 3 * 4 * 310 * 8 * 8)
    next(trained(fresh()))
    assert drawn == 3


class Closing:
    """A floor that is closed after some steps; waiting for it is the end."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    @property
    def closed(self) -> bool:
        self.steps -= 1
        return self.steps < 0

    def wait(self) -> None:
        raise InterruptedError


def test_waiting_is_possible_between_any_two_steps(spine: Dataset) -> None:
    """Seven whole batches of 248 rows are asked about in an epoch; the shorter last one is not."""
    together, alone = made(spine.examples), made(spine.examples)
    with pytest.raises(InterruptedError):
        list(Population(together, Closing(7 * 2 + 3)))
    for ours, theirs in zip(together, alone, strict=True):
        assert ours.history.length == 2
        for _ in islice(theirs, 2):
            pass
        np.testing.assert_allclose(ours.network.parameters, theirs.network.parameters, rtol=1e-8)
    with pytest.raises(InterruptedError):
        list(trained([Training(spine.examples, Settings())], Closing(20)))
    with pytest.raises(InterruptedError):
        list(cross_validate(spine.examples, Settings(epochs=10**6), 10, 5, Closing(20)))


@pytest.mark.parametrize("patience", [0, 5])
@pytest.mark.parametrize("table", ["spine", "iris", "line"])
def test_folds_are_judged_as_if_trained_alone(
    table: str, patience: int, spine: Dataset, iris: Dataset, line: Examples
) -> None:
    """90 rows in 4 folds are of two sizes, which are two stacks."""
    examples = {"spine": spine.examples, "iris": iris.examples, "line": line}[table]
    settings = Settings(epochs=12, seed=3, patience=patience, learning_rate=0.02)
    folds = list(cross_validate(examples, settings, 4, 2))
    expected = list(fold_splits(examples, 4, 2, 3))
    assert [(fold.repeat, fold.number) for fold in folds] == [(r, n) for r, n, _ in expected]
    for fold, (repeat, _, rows) in zip(folds, expected, strict=True):
        alone = Training(examples, settings.model_copy(update={"seed": 3 + repeat - 1}), split_rows=rows)
        list(alone)
        judged = evaluate(alone)
        assert (fold.epochs, fold.ending) == (alone.history.length, alone.ending)
        assert np.array_equal(fold.split.train, rows.train)
        for name in ("accuracy", "log_loss") if examples.classes else ("rmse", "mae"):
            assert getattr(fold.evaluation, name) == pytest.approx(getattr(judged, name), rel=1e-7)
