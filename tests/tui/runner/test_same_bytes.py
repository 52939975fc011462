"""Whoever carries a study out, this process, two others or three: the same numbers, to the byte."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor

import pytest

from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.nested import nested_cross_validate
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.rivals import rival_folds
from epochal.core.studies.search import search
from epochal.core.studies.seed_study import run_seeds
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.processes import Processes
from tests.plain import plain

Study = Callable[[Executor | None], object]


@pytest.fixture(scope="module")
def executors() -> Iterator[list[Executor]]:
    """Two workers, and three."""
    with Processes(2) as two, Processes(3) as three:
        yield [two, three]


def drawn(number: int) -> dict[str, object]:
    """Settings of unlike engines, shapes, precisions and ends."""
    chance = random.Random(number)
    return {
        "hidden": chance.choice([(), (3,), (9, 4)]),
        "activation": chance.choice(["tanh", "relu"]),
        "optimizer": chance.choice(["sgd", "adam", "momentum", "lbfgs"]),
        "batch_size": chance.choice([7, 32, "full"]),
        "precision": chance.choice(["float32", "float64"]),
        "dropout": 0.0,
        "patience": chance.choice([0, 2]),
        "learning_rate": chance.choice([0.5, 0.02, 1e-3]),
        "l2": chance.choice([0.0, 0.01]),
        "clip": chance.choice([0.0, 0.3]),
        "epochs": 4,
        "seed": number,
    }


def settings_drawn(number: int) -> Settings:
    values = drawn(number)
    if values["optimizer"] == "lbfgs":
        values |= {"batch_size": "full", "clip": 0.0}
    return Settings.model_validate(values)


def compared(study: Study, executors: list[Executor]) -> None:
    alone = plain(study(None))
    for executor in executors:
        assert plain(study(executor)) == alone


@pytest.mark.parametrize("number", range(6))
def test_cross_validation(number: int, executors: list[Executor], iris: Dataset, line: Examples) -> None:
    examples = iris.examples if number % 2 else line
    settings = settings_drawn(number)
    folds, repeats = random.Random(number).choice([(4, 2), (7, 3), (10, 1)])
    compared(
        lambda executor: list(cross_validate(examples, settings, folds, repeats, executor=executor)),
        executors,
    )


@pytest.mark.parametrize("number", range(4))
def test_search(number: int, executors: list[Executor], iris: Dataset) -> None:
    chance = random.Random(100 + number)
    seed = {"seed": number, "epochs": 3}
    tried = [
        settings_drawn(chance.randrange(1000)).model_copy(update=seed) for _ in range(chance.randrange(2, 9))
    ]
    compared(lambda executor: list(search(iris.examples, tried, 3, 1, executor=executor)), executors)


@pytest.mark.parametrize("number", [0, 3])
def test_seeds(number: int, executors: list[Executor], iris: Dataset) -> None:
    def last(executor: Executor | None) -> object:
        *_, study = run_seeds(iris.examples, settings_drawn(number), seeds=9, executor=executor)
        return study

    compared(last, executors)


@pytest.mark.parametrize("number", [0, 1])
def test_the_automatic_search(number: int, executors: list[Executor], iris: Dataset, line: Examples) -> None:
    examples = (iris.examples, line)[number]

    def searched(executor: Executor | None) -> object:
        search = AutoSearch(examples, Settings(seed=number), budget=0.4)
        search.train_by(executor)
        for _ in search:
            pass
        return search.report(), [(one.losses, one.curve) for one in search.standings()]

    compared(searched, executors)


def test_nested_cross_validation(executors: list[Executor], iris: Dataset) -> None:
    base = Settings(hidden=(), seed=4)
    compared(
        lambda executor: list(
            nested_cross_validate(iris.examples, base, ("hidden",), 3, 1, budget=0.1, executor=executor)
        ),
        executors,
    )


@pytest.mark.parametrize("name", ["knn"])
def test_rivals(name: str, executors: list[Executor], iris: Dataset) -> None:
    compared(lambda executor: list(rival_folds(name, iris.examples, 4, 1, 0, executor)), executors)
