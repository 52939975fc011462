"""Temperature scaling: planted temperatures are found, and none is made of noise."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.network.kind_of_output import OutputKind
from epochal.core.network.network import Network, parameter_count
from epochal.core.network.output_kind import OUTPUT_KINDS
from epochal.core.network.temperature import FITTED, first_temperature, fitted_temperature, tempered

TWO, MANY = OUTPUT_KINDS["sigmoid"], OUTPUT_KINDS["softmax"]


def planted(kind: OutputKind, temperature: float, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose truth is drawn with the temperature, and the truth as the losses take it."""
    rng = np.random.default_rng(seed)
    nodes = 1 if kind is TWO else 4
    logits = rng.normal(0.0, 3.0, (rows, nodes))
    shares = kind.answers(logits.T / temperature)
    drawn = (shares.cumsum(axis=1) < rng.random((rows, 1))).sum(axis=1).clip(max=shares.shape[1] - 1)
    return logits, kind.encode(drawn, nodes, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [TWO, MANY])
@pytest.mark.parametrize("temperature", [0.3, 0.7, 1.6, 4.0])
def test_a_planted_temperature_is_found(kind: OutputKind, temperature: float) -> None:
    found, (before, after) = fitted_temperature(kind, *planted(kind, temperature, 20_000, 1))
    assert found == pytest.approx(temperature, rel=0.08)
    assert after < before


@pytest.mark.parametrize("kind", [TWO, MANY])
def test_it_is_nearly_that_of_least_log_loss(kind: OutputKind) -> None:
    logits, targets = planted(kind, 2.0, 500, 2)
    found, (_, after) = fitted_temperature(kind, logits, targets)
    loss = next(iter(kind.losses.values())).value
    around = [float(loss.errors(logits.T / t, targets.T).mean()) for t in found * np.linspace(0.8, 1.25, 91)]
    assert min(around) == pytest.approx(after, abs=1e-3)


@pytest.mark.parametrize("kind", [TWO, MANY])
def test_without_a_gain_beyond_a_standard_error_it_stays_1(kind: OutputKind) -> None:
    found = [fitted_temperature(kind, *planted(kind, 1.0, 60, seed))[0] for seed in range(60)]
    # Twice the gain in log likelihood is chi-squared with one degree of freedom: seldom beyond the rule.
    assert sum(one != 1.0 for one in found) <= 12


def test_logits_that_cannot_be_judged_leave_it_at_1() -> None:
    targets = np.array([[1.0], [-1.0]])
    assert fitted_temperature(TWO, np.array([[np.inf], [0.0]]), targets)[0] == 1.0
    few = np.array([[1.0], [-1.0]] * 24)
    assert fitted_temperature(TWO, -few, few)[0] == 1.0
    perfect = 50.0 * np.array([[1.0], [-1.0]] * 40)
    found, _ = fitted_temperature(TWO, perfect, np.sign(perfect))
    assert found == 1.0


@pytest.mark.parametrize("rows", [50, 100, 400])
def test_a_few_rows_all_answered_rightly_ask_for_no_temperature_of_0(rows: int) -> None:
    """The fewer they are, the less they say."""
    truth = np.where(np.arange(rows) % 2, 1.0, -1.0)[:, None]
    found, _ = fitted_temperature(TWO, 2.0 * truth, truth)
    assert {50: 0.4, 100: 0.3, 400: 0.15}[rows] < found < 1.0


@pytest.mark.parametrize("kind", [TWO, MANY])
@pytest.mark.parametrize("rows", [8, 40, 400])
@pytest.mark.parametrize("margin", [0.1, 1.0, 3.0])
def test_rows_that_are_all_right_do_not_ask_for_certainty(kind: OutputKind, rows: int, margin: float) -> None:
    """As many rows, all right, say that perhaps one of as many more is wrong."""
    classes = 2 if kind is TWO else 4
    labels = np.arange(rows) % classes
    targets = kind.encode(labels, 1 if kind is TWO else 4, None)  # type: ignore[arg-type]
    found, _ = fitted_temperature(kind, margin * targets, targets)
    sure = kind.answers(margin * targets.T / found)[np.arange(rows), labels]
    assert sure.max() <= max(1.0 - 1.0 / (rows / classes + 2), kind.answers(margin * targets.T).max()) + 0.01


@pytest.mark.parametrize(("link", "outputs"), [("sigmoid", 1), ("softmax", 3)])
@pytest.mark.parametrize("hidden", [(), (5,), (4, 3)])
def test_a_tempered_network_has_its_logits_divided(link, outputs, hidden) -> None:
    layers = (4, *hidden, outputs)
    rng = np.random.default_rng(0)
    network = Network(layers, "tanh", link, rng.normal(size=parameter_count(layers)))
    inputs = rng.normal(size=(9, 4))
    np.testing.assert_allclose(tempered(network, 2.5).logits(inputs), network.logits(inputs) / 2.5)
    assert tempered(network, 1.0) is network


@pytest.mark.parametrize(("link", "words"), [("identity", "numbers"), ("step", "without probabilities")])
def test_a_temperature_is_for_probabilities(link, words) -> None:
    assert first_temperature(OUTPUT_KINDS[link], 1.0) == 1.0
    for asked in (2.0, FITTED):
        with pytest.raises(ValueError, match=words):
            first_temperature(OUTPUT_KINDS[link], asked)
    assert [first_temperature(TWO, asked) for asked in (FITTED, 1.7)] == [1.0, 1.7]
