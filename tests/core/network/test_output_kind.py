"""Kinds of output: each encodes, answers, decides and has slopes as plain formulas say."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from epochal.core.network.decision import decide
from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.losses import LOSSES
from epochal.core.network.output_kind import OUTPUT_KINDS, kind_for
from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.preparation import Preparation, prepare

TOP = Path(__file__).parents[3]


def examples_of(classes: int, outputs: int = 1, rows: int = 12) -> Examples:
    rng = np.random.default_rng(classes)
    inputs = rng.normal(size=(rows, 2))
    features = (Feature("a"), Feature("b"))
    if classes:
        targets = np.arange(rows) % classes
        return Examples(features, inputs, targets, tuple("pqrstu"[:classes]))
    numbers = rng.normal(50.0, 7.0, size=(rows, outputs))
    names = tuple("uvw"[:outputs])
    return Examples(features, inputs, numbers if outputs > 1 else numbers[:, 0], outputs=names)


def preparation_of(examples: Examples) -> Preparation:
    return prepare(examples, np.arange(len(examples)), "standard")


CASES = [
    (2, 1, "tanh", "sigmoid"),
    (2, 1, "step", "step"),
    (3, 1, "relu", "softmax"),
    (6, 1, "tanh", "softmax"),
    (1, 1, "tanh", "softmax"),
    (0, 1, "tanh", "identity"),
    (0, 3, "relu", "identity"),
]


@pytest.mark.parametrize(("classes", "outputs", "activation", "name"), CASES)
def test_the_targets_or_the_activation_ask_for_a_kind(
    classes: int, outputs: int, activation: str, name: str
) -> None:
    kind = kind_for(examples_of(classes, outputs), activation)
    assert kind is OUTPUT_KINDS[name]  # type: ignore[index]
    assert kind.has_classes == bool(classes)
    assert kind.nodes(classes, outputs) == (1 if name in ("sigmoid", "step") else classes or outputs)
    assert kind.losses is LOSSES[kind.output_activation]


@pytest.mark.parametrize(("classes", "outputs"), [(3, 1), (0, 1)])
def test_a_perceptron_is_for_two_classes_only(classes: int, outputs: int) -> None:
    with pytest.raises(ValueError, match="A perceptron tells two classes apart; here are"):
        kind_for(examples_of(classes, outputs), "step")


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_a_deviance_asks_for_numbers_from_0_on(loss: str) -> None:
    """In units of the mean of training; classes have no such kind, and refuse the loss by name."""
    examples = examples_of(0, 2)
    kind, preparation = kind_for(examples, "tanh", loss), preparation_of(examples)
    assert kind is OUTPUT_KINDS["exponential"]
    encoded = kind.encode(examples.targets, 2, preparation)
    np.testing.assert_allclose(encoded.mean(axis=0), 1.0)
    np.testing.assert_allclose(kind.in_units(encoded, preparation), examples.targets)
    assert kind.unit(1, preparation) == pytest.approx(examples.targets[:, 1].mean())
    with pytest.raises(ValueError, match=f"The loss {loss} cannot be used for classes"):
        kind_for(examples_of(3), "tanh", loss).loss_named(loss)
    below = examples.targets.astype(np.float64) - 60.0
    with pytest.raises(ValueError, match="numbers from 0 on, such as counts and prices; here is -"):
        kind.encode(below, 2, preparation)
    nothing = Examples(examples.features, examples.inputs, np.zeros((12, 2)), outputs=("u", "v"))
    with pytest.raises(ValueError, match="Every number to be learned is 0"):
        kind.encode(nothing.targets, 2, preparation_of(nothing))


@pytest.mark.parametrize("name", OUTPUT_KINDS)
def test_a_loss_of_another_kind_is_refused_by_name(name: str) -> None:
    kind = OUTPUT_KINDS[name]  # type: ignore[index]
    usual = next(iter(kind.losses))
    assert kind.loss_named("by-task") == kind.loss_named(usual)
    with pytest.raises(
        ValueError, match=f"The loss nonsense cannot be used for {kind.what}: there is {usual}"
    ):
        kind.loss_named("nonsense")


@pytest.mark.parametrize(("classes", "outputs", "activation", "name"), CASES)
def test_targets_are_encoded_and_read_back(classes: int, outputs: int, activation: str, name: str) -> None:
    examples = examples_of(classes, outputs)
    kind, preparation = kind_for(examples, activation), preparation_of(examples)
    nodes = kind.nodes(classes, outputs)
    encoded = kind.encode(examples.targets, nodes, preparation)
    assert encoded.shape == (len(examples), nodes)
    if classes:
        answered = kind.true_answers(encoded.T).astype(int)
        assert np.array_equal(answered, examples.targets)
        shares = kind.plain_targets(encoded)
        if name == "softmax":
            assert np.array_equal(shares, np.eye(classes)[examples.targets.astype(int)])
        if name == "sigmoid":
            assert np.array_equal(shares[:, 0], examples.targets)
    else:
        np.testing.assert_allclose(
            kind.in_units(encoded, preparation), examples.targets.reshape(len(examples), -1), rtol=1e-12
        )
        assert encoded.mean() == pytest.approx(0.0, abs=1e-12)


def plain_answers(name: str, logits: np.ndarray) -> np.ndarray:
    if name == "sigmoid":
        second = 1.0 / (1.0 + np.exp(-logits))
        return np.column_stack([1.0 - second[0], second[0]])
    if name == "step":
        second = (logits[0] >= 0).astype(float)
        return np.column_stack([1.0 - second, second])
    if name == "softmax":
        powers = np.exp(logits)
        return (powers / powers.sum(axis=0)).T
    return np.exp(logits).T if name == "exponential" else logits.T


@pytest.mark.parametrize("name", OUTPUT_KINDS)
def test_answers_decisions_and_slopes_are_those_of_plain_formulas(name: str) -> None:
    kind: OutputKind = OUTPUT_KINDS[name]  # type: ignore[index]
    nodes = {"sigmoid": 1, "step": 1, "softmax": 4, "identity": 3, "exponential": 3}[name]
    logits = np.random.default_rng(0).normal(size=(nodes, 9))
    answers = kind.answers(logits).astype(np.float64)
    np.testing.assert_allclose(answers, plain_answers(name, logits), rtol=1e-12)
    decided = kind.decide(answers, 0.5)
    if kind.has_classes:
        assert np.array_equal(decided, answers.argmax(axis=1))
        noted = np.zeros(9, np.intp if nodes > 1 else np.bool_)
        for call in kind.bind_answers(logits, noted):
            call()
        assert np.array_equal(noted.astype(int), decided)
        assert kind.wrong(answers, decided).sum() == 0
        assert kind.wrong(answers, (decided + 1) % answers.shape[1]).all()
    else:
        assert np.array_equal(decided, answers)
        assert not kind.wrong(answers, answers + 1.0).any()
        assert kind.bind_answers(logits, np.empty(9)) == []
    for output in range(answers.shape[1]):
        for row in range(3):
            slope = kind.slope(logits[:, row], output)
            for node in range(nodes):
                ahead, behind = logits.copy(), logits.copy()
                ahead[node, row] += 1e-6
                behind[node, row] -= 1e-6
                difference = (kind.answers(ahead) - kind.answers(behind))[row, output] / 2e-6
                assert slope[node] == pytest.approx(difference, abs=1e-8)


def test_the_threshold_decides_between_two_classes_and_no_others() -> None:
    two = np.array([[0.4, 0.6], [0.6, 0.4], [0.3, 0.7]])
    assert decide(two, 0.7).tolist() == [0, 0, 1]
    many = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]])
    assert decide(many, 0.9).tolist() == [1, 0]
    assert [kind.has_threshold for kind in OUTPUT_KINDS.values()] == [
        name in ("sigmoid", "step") for name in OUTPUT_KINDS
    ]


def test_no_module_compares_output_activations_or_names_of_measures() -> None:
    """What depends on the kind is asked of the kind, or of its scoring."""
    compared = re.compile(r"output_activation\s*(==|!=|in\b|not in\b)|\"accuracy\" in\b|\blink\s*(==|in\b)")
    owners = {"core/network/output_kind.py", "core/evaluation/scoring.py"}
    found = [
        f"{path.relative_to(TOP)}: {line.strip()}"
        for floor in ("core", "data", "tui")
        for path in (TOP / floor).rglob("*.py")
        if str(path.relative_to(TOP)) not in owners
        for line in path.read_text(encoding="utf-8").splitlines()
        if compared.search(line)
    ]
    assert not found
