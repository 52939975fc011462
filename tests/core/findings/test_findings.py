"""Findings: each has data that triggers it and data that must not; healthy runs have none."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from epochal.core.evaluation.judgement import evaluate
from epochal.core.explain.node_statistics import Probe
from epochal.core.findings.finding import Finding
from epochal.core.findings.findings import findings
from epochal.core.findings.result import looked_often
from epochal.core.findings.signs import row_numbers
from epochal.core.rows.examples import Examples, Feature, Split
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from


def found(examples: Examples, split_rows: Split | None = None, **settings: object) -> dict[str, Finding]:
    training = Training(examples, Settings(**settings), split_rows=split_rows)
    for _ in training:
        pass
    return {finding.code: finding for finding in findings(training, evaluate(training))}


def two_classes(rows: int = 200, columns: int = 3, seed: int = 0, noise: float = 0.3) -> Examples:
    chance = np.random.default_rng(seed)
    inputs = chance.normal(size=(rows, columns))
    targets = (inputs[:, 0] + inputs[:, 1] + noise * chance.normal(size=rows) > 0).astype(int)
    return Examples(tuple(Feature(f"x{i}") for i in range(columns)), inputs, targets, ("no", "yes"))


def with_column(examples: Examples, name: str, column: np.ndarray) -> Examples:
    return dataclasses.replace(
        examples,
        inputs=np.column_stack([examples.inputs, column]),
        features=(*examples.features, Feature(name)),
    )


@pytest.mark.parametrize("table", ["column_2C_weka", "iris"])
@pytest.mark.parametrize("seed", range(5))
def test_healthy_runs_raise_no_alarm(table: str, seed: int) -> None:
    assert found(dataset_from(open_table(table)).examples, seed=seed) == {}


def test_a_synthetic_healthy_run_raises_no_alarm() -> None:
    assert found(two_classes()) == {}


def test_a_sorted_file_held_out_at_its_end_is_named(spine: Dataset) -> None:
    rows = Split(np.arange(248), np.arange(248, 310), stratified=False)
    codes = found(spine.examples, rows, epochs=5)
    assert codes["sorted-split"].severity == "error"
    assert codes["class-not-held-out"].sentence.startswith("No held-out row is Abnormal")
    assert "baseline" in codes
    drawn = np.random.default_rng(0).permutation(310)
    mixed = Split(np.sort(drawn[62:]), np.sort(drawn[:62]), stratified=False)
    assert "sorted-split" not in found(spine.examples, mixed, epochs=5)


def test_few_held_out_rows_of_a_class_are_named() -> None:
    assert "Only" in found(two_classes(40))["few-held-out"].sentence
    assert "few-held-out" not in found(two_classes(400))


def test_duplicates_on_both_sides_are_named() -> None:
    examples = two_classes(100)
    twice = dataclasses.replace(
        examples,
        inputs=np.vstack([examples.inputs] * 2),
        targets=np.concatenate([examples.targets] * 2),
    )
    assert "equal a training row" in found(twice, epochs=20)["duplicates"].sentence


def test_a_rare_class_is_named() -> None:
    examples = two_classes(400)
    targets = (np.arange(400) % 20 == 0).astype(int)
    assert (
        "95.0 % of the rows are no"
        in found(dataclasses.replace(examples, targets=targets), epochs=5)["imbalance"].sentence
    )


def test_a_constant_column_is_named() -> None:
    codes = found(with_column(two_classes(), "always", np.full(200, 7.0)), epochs=20)
    assert codes["constant-column"].sentence == "always is the same in every training row."


def test_row_numbers_are_named() -> None:
    assert (
        "row"
        in found(with_column(two_classes(), "number", np.arange(1.0, 201.0)), epochs=20)[
            "row-numbers"
        ].sentence
    )


@pytest.mark.parametrize("seed", range(4))
def test_row_numbers_are_named_in_any_order_and_also_when_some_are_gone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(np.arange(1.0, 201.0))
    assert [one.code for one in row_numbers("x", shuffled)] == ["row-numbers"]
    thinned = np.sort(rng.choice(np.arange(1.0, 1001.0), 200, replace=False))
    thinned[[3, 50]] = thinned[[4, 51]]
    assert [one.code for one in row_numbers("Unnamed: 0", thinned)] == ["row-numbers"]
    assert not list(row_numbers("size", thinned))
    assert not list(row_numbers("customer_id", rng.permutation(thinned)))
    assert not list(row_numbers("row", rng.normal(size=200)))


def test_a_column_that_tells_the_answer_is_named() -> None:
    examples = two_classes()
    leaking = with_column(examples, "outcome_code", examples.targets * 2.0 + 1)
    assert found(leaking, epochs=20)["leak"].sentence.startswith("outcome_code alone tells the target")
    almost = examples.targets * 2.0 + 1
    almost[0] = 4 - almost[0]
    assert "leak" not in found(with_column(examples, "hint", almost), epochs=20)


def test_a_noisy_copy_of_the_answer_and_a_code_for_it_are_leaks_too() -> None:
    examples = two_classes()
    noisy = examples.targets + np.random.default_rng(0).normal(scale=0.1, size=len(examples))
    assert "leak" in found(with_column(examples, "score", noisy), epochs=20)
    codes = 2 * np.arange(len(examples)) % 4 + examples.targets  # four categories, two for each class
    encoded = with_column(examples, "code", codes)
    categories = Feature("code", ("a", "b", "c", "d"))
    assert "leak" in found(
        dataclasses.replace(encoded, features=(*encoded.features[:-1], categories)), epochs=20
    )


def test_categories_of_few_rows_each_are_no_leak() -> None:
    examples = two_classes()
    names = tuple(map(str, range(len(examples))))
    rare = with_column(examples, "name", np.arange(len(examples)))
    features = (*rare.features[:-1], Feature("name", names))
    assert "leak" not in found(dataclasses.replace(rare, features=features), epochs=20)


def test_unlike_scales_without_scaling_are_named() -> None:
    examples = two_classes()
    large = dataclasses.replace(examples, inputs=examples.inputs * [1.0, 1000.0, 1.0])
    assert "x1 varies" in found(large, scaling="none", epochs=20)["unlike-scales"].sentence
    assert "unlike-scales" not in found(large, epochs=20)
    assert "unlike-scales" not in found(examples, scaling="none", epochs=20)


def test_learning_by_heart_is_named_with_the_epoch_it_began() -> None:
    examples = two_classes(80, columns=20, noise=2.0)
    codes = found(examples, hidden=(40,), l2=0.0, learning_rate=0.03, epochs=400)
    assert "Held-out error has risen since epoch" in codes["overfitting"].sentence


def test_a_run_that_ended_too_early_is_named() -> None:
    codes = found(two_classes(), epochs=15, learning_rate=0.003)
    assert "still falling" in codes["not-finished"].sentence


def test_a_rate_far_too_large_is_named() -> None:
    assert found(two_classes(), learning_rate=1e9)["diverged"].severity == "error"
    codes = found(two_classes(noise=1.0), learning_rate=30.0, optimizer="sgd", batch_size=1, epochs=30)
    assert "error-rose" in codes or "diverged" in codes


def test_nodes_that_do_nothing_are_counted() -> None:
    examples = two_classes()
    training = Training(examples, Settings(activation="relu", hidden=(5,), epochs=3))
    for _ in training:
        pass
    assert not any(finding.code == "idle-nodes" for finding in findings(training, evaluate(training)))
    training.network.weights[0][:2, -1] = -1e3
    idle = {finding.code: finding for finding in findings(training, evaluate(training))}["idle-nodes"]
    assert idle.sentence.startswith("2 of the 5 nodes of hidden layer 1 are dead")
    large = dataclasses.replace(examples, inputs=examples.inputs * 1e4)
    codes = found(large, scaling="none", initial_weights="normal", epochs=5)
    assert "saturated" in codes["idle-nodes"].sentence
    assert "zero-weights" in found(examples, initial_weights="zeros", epochs=5)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softsign", "relu", "elu"])
@pytest.mark.parametrize("learning_rate", [0.003, 0.3, 3.0])
def test_saturation_is_judged_as_on_the_network_screen(activation: str, learning_rate: float) -> None:
    examples = dataset_from(open_table("wine")).examples
    settings = Settings(activation=activation, learning_rate=learning_rate, epochs=40)
    training = Training(examples, settings)
    list(training)
    layer = Probe.of(training).layers(training.network)[1]
    idle = int(max(layer.dead.sum(), layer.saturated.sum()))
    said = [one.sentence for one in findings(training, evaluate(training)) if one.code == "idle-nodes"]
    assert bool(said) == (idle >= 2)
    assert all(sentence.startswith(f"{idle} of the 10 nodes") for sentence in said)


def test_a_result_no_better_than_doing_nothing_is_named() -> None:
    chance = np.random.default_rng(1)
    examples = dataclasses.replace(two_classes(), targets=chance.integers(2, size=200))
    assert "baseline" in found(examples, epochs=50)


def test_answers_far_too_sure_are_named() -> None:
    examples = two_classes(300, columns=20, noise=3.0)
    codes = found(examples, hidden=(60,), l2=0.0, learning_rate=0.03, epochs=400)
    assert "sure on average" in codes["calibration"].sentence


def test_looking_often_at_the_same_rows_is_named() -> None:
    assert list(looked_often(4)) == []
    assert "7 different settings" in next(looked_often(7)).sentence


# Duplicates.


def coarse(rows: int, columns: int, seed: int) -> Examples:
    """Columns of yes and no that go together, as in a vote: many rows are equal, and none is a copy."""
    rng = np.random.default_rng(seed)
    party = rng.integers(2, size=rows)
    inputs = (rng.random((rows, columns)) < np.where(party, 0.9, 0.1)[:, None]).astype(float)
    return Examples(tuple(Feature(f"x{i}") for i in range(columns)), inputs, party, ("left", "right"))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("columns", [6, 16])
def test_rows_that_coarse_columns_make_equal_are_no_duplicates(columns: int, seed: int) -> None:
    examples = coarse(400, columns, seed)
    assert len(np.unique(examples.inputs, axis=0)) < 380
    assert "duplicates" not in found(examples, epochs=3)


def test_rows_that_the_file_tells_apart_are_no_duplicates() -> None:
    examples = two_classes(100)
    twice = dataclasses.replace(
        examples,
        inputs=np.vstack([examples.inputs] * 2),
        targets=np.concatenate([examples.targets] * 2),
        unused=np.arange(200),
    )
    assert "duplicates" not in found(twice, epochs=3)
    same = dataclasses.replace(twice, unused=np.arange(200) % 100)
    assert "duplicates" in found(same, epochs=3)


def test_columns_left_out_tell_the_rows_of_a_file_apart(tmp_path: Path) -> None:
    """Names, as of passengers, are no feature, but two passengers are not one because they are of one age."""
    rng = np.random.default_rng(2)
    rows = [f"{30 + i % 20},{i % 3}.5,{'yes' if i % 20 < 9 else 'no'}" for i in range(200)]
    path = tmp_path / "named.csv"
    for names, expected in ((range(200), False), (np.arange(200) % 100, True)):
        lines = [f"person {name} of {rng.integers(1)},{row}" for name, row in zip(names, rows, strict=True)]
        lines = lines if not expected else [*lines[:100], *lines[:100]]
        path.write_text("name,age,fare,survived\n" + "\n".join(lines) + "\n", encoding="utf-8")
        dataset = dataset_from(open_table(path), "survived", ["name"])
        assert dataset.examples.unused is not None
        assert ("duplicates" in found(dataset.examples, epochs=3)) == expected


# Leaks.


def numbers(rows: int = 300, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(rows, 3))
    target = np.exp(0.5 * inputs[:, 0] + 0.3 * rng.normal(size=rows))
    return Examples(tuple(map(Feature, "abc")), inputs, target)


@pytest.mark.parametrize(
    "bent", [np.log, np.sqrt, lambda y: -(y**3), lambda y: np.log(y) + 1e-4 * np.sin(9 * y)]
)
def test_a_bent_copy_of_a_number_is_a_leak(bent: Callable[[np.ndarray], np.ndarray]) -> None:
    examples = numbers()
    leak = found(with_column(examples, "log_wage", bent(examples.targets)), epochs=3)["leak"]
    assert leak.sentence.startswith("log_wage alone tells the target")
    assert "leak" not in found(examples, epochs=3)


@pytest.mark.parametrize("parts", [2, 3])
def test_a_target_in_parts_is_a_leak_that_names_the_parts(parts: int) -> None:
    examples = numbers()
    rng = np.random.default_rng(7)
    pieces = rng.dirichlet(np.ones(parts), size=300) * examples.targets[:, None]
    pieces += 0.01 * rng.normal(size=pieces.shape)
    leaking = examples
    for place, piece in enumerate(pieces.T):
        leaking = with_column(leaking, f"part{place}", piece)
    sentence = found(leaking, epochs=3)["leak"].sentence
    assert all(f"part{place}" in sentence for place in range(parts))
    assert not any(f"{name} " in sentence.split("tells")[0].split("of")[1] for name in "abc")
    assert "leak" not in found(with_column(examples, "part", pieces[:, 0]), epochs=3)


def test_a_noisy_law_of_many_columns_is_no_leak() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(300, 8))
    law = Examples(tuple(map(Feature, "abcdefgh")), inputs, inputs.sum(axis=1) + 0.1 * rng.normal(size=300))
    assert "leak" not in found(law, epochs=3)


# Classes that are not answered.


def test_a_class_that_is_never_answered_is_named_with_its_rows() -> None:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(600, 2))
    targets = rng.choice(3, size=600, p=[0.6, 0.3, 0.1])
    inputs[:, 0] += 3.0 * (targets == 1)
    examples = Examples((Feature("a"), Feature("b")), inputs, targets, ("p", "q", "r"))
    finding = found(examples, epochs=40)["rarely-answered"]
    rows = round(0.2 * int((targets == 2).sum()))
    assert re.match(
        rf"r is (never answered|answered \d times), although {rows} held-out rows", finding.sentence
    )
    assert finding.advice == "Try class weights balanced."
    assert "rarely-answered" not in found(examples, epochs=40, class_weights="balanced")


# Underfitting.


def wavy(rows: int, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(-3.0, 3.0, size=(rows, 2))
    targets = (np.sin(1.5 * inputs[:, 0]) > inputs[:, 1] / 3.0).astype(int)
    return Examples((Feature("a"), Feature("b")), inputs, targets, ("low", "high"))


def test_a_network_held_back_too_much_is_called_underfit_and_its_advice_helps() -> None:
    examples = wavy(1500)
    held_back = Training(examples, Settings(hidden=(4,), l2=0.1, epochs=40))
    list(held_back)
    finding = next(one for one in findings(held_back, evaluate(held_back)) if one.code == "underfit")
    assert re.search(
        r"64, activation relu, initial weights he, schedule cosine and L2 0\.004", finding.advice
    )
    followed = Settings(
        hidden=(64,), activation="relu", initial_weights="he", schedule="cosine", l2=0.004, epochs=40
    )
    free = Training(examples, followed)
    list(free)
    before, after = evaluate(held_back), evaluate(free)
    assert after.log_loss < 0.7 * before.log_loss  # type: ignore[operator, union-attr]
    assert "underfit" not in {one.code for one in findings(free, after)}


def test_noise_that_nothing_can_learn_is_not_called_underfit() -> None:
    rng = np.random.default_rng(4)
    examples = dataclasses.replace(wavy(1500), targets=rng.integers(2, size=1500))
    assert "underfit" not in found(examples, hidden=(4,), l2=0.1, epochs=10)


def test_advice_on_chances_looks_at_the_sign() -> None:
    sure = found(
        two_classes(300, columns=20, noise=3.0), hidden=(60,), l2=0.0, learning_rate=0.03, epochs=400
    )
    assert "less sure" in sure["calibration"].advice
    unsure = found(two_classes(600, noise=0.0), l2=0.3, epochs=60)
    assert "a smaller L2 makes them surer" in unsure["calibration"].advice
    assert "larger L2" not in unsure["calibration"].advice
