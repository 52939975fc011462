"""What a large network needs is said beforehand, and grows with all that makes it larger."""

from __future__ import annotations

import tracemalloc
from itertools import product

import pytest

from epochal.core.outcome import outcome_of
from epochal.core.settings import Settings
from epochal.core.training.size import bytes_to_train, gigabytes, layers_at_most, size_in_words
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset


def test_a_small_network_is_no_matter(iris: Dataset) -> None:
    assert size_in_words(layers_at_most(iris.examples, Settings()), Settings(), 150) == ""


def test_a_large_network_is_said_with_its_memory_and_work(iris: Dataset) -> None:
    settings = Settings(hidden=(4096, 4096))
    layers = layers_at_most(iris.examples, settings)
    assert layers == (4, 4096, 4096, 3)
    said = size_in_words(layers, settings, 150)
    assert said == "Training it takes about 3.5 GB of memory, and 8e+09 multiplications for each epoch."


@pytest.mark.parametrize("larger", [{"precision": "float64"}, {"optimizer": "adam"}, {"networks": 3}])
def test_more_takes_more(larger: dict[str, object]) -> None:
    least = {"hidden": (50, 50), "precision": "float32", "optimizer": "sgd"}
    less, more = (Settings.model_validate({**least, **other}) for other in ({}, larger))
    assert bytes_to_train((4, 50, 50, 3), more) > bytes_to_train((4, 50, 50, 3), less)


def test_sizes_have_words() -> None:
    assert [gigabytes(size) for size in (3_497_000_000, 25_000_000_000, 10**14)] == [
        "3.5 GB",
        "25 GB",
        "100,000 GB",
    ]


@pytest.mark.parametrize(("optimizer", "precision"), list(product(["sgd", "adam"], ["float32", "float64"])))
def test_what_is_said_is_what_it_takes(optimizer: str, precision: str, iris: Dataset) -> None:
    settings = Settings(
        hidden=(400, 400), optimizer=optimizer, precision=precision, epochs=2, batch_size="full"
    )
    tracemalloc.start()
    try:
        training = Training(iris.examples, settings)
        list(training)
        kept = [training.state(), training.state()]
        outcome_of(training, completes=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(kept) == 2
    said = bytes_to_train(training.network.layers, settings)
    assert 0.4 * said < peak < 1.5 * said
