"""Optimizers: each goes where PyTorch's goes, alone or stacked, in either precision."""

from __future__ import annotations

import json

import numpy as np
import pytest

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import LOSSES
from epochal.core.network.network import Network, layer_views, parameter_count
from epochal.core.optimizers.optimizers import OPTIMIZERS, Optimizer, Update, clear_traces
from epochal.core.rows.encoded_rows import EncodedRows
from epochal.core.training.gate import OpenGate
from epochal.core.training.regularization import Regularization
from epochal.core.training.step import Descent
from tests.core.optimizers.trajectories_by_pytorch import (
    FIGURES,
    RATES,
    START,
    STEPS,
    WEIGHT_DECAY,
    gradient_at,
)

Array = np.ndarray
PYTORCH = json.loads(FIGURES.read_text())["trajectories"]


RULES = [name for name, choice in OPTIMIZERS.items() if choice.value.rule]


def bound(optimizer: Optimizer, parameters: Array) -> tuple[Update, Array, Array]:
    """The update of these parameters, the gradient it reads and the memory it keeps."""
    workspace = np.zeros((2, *parameters.shape), parameters.dtype)
    memory = np.zeros((optimizer.memory, *parameters.shape), parameters.dtype)
    assert optimizer.rule is not None
    return optimizer.rule(parameters, workspace, memory), workspace[0], memory


def descend(
    name: str, parameters: Array, rate: float | Array, steps: range, memory: Array | None = None
) -> Array:
    """Take the steps as a caller does who keeps the optimizer's promises; answer the memory."""
    optimizer = OPTIMIZERS[name].value
    update, gradient, kept = bound(optimizer, parameters)
    if memory is not None:
        kept[...] = memory
    for step in steps:
        gradient[...] = gradient_at(parameters, step)
        if optimizer.takes_rated_gradient:
            gradient *= rate
        if optimizer.decoupled:
            parameters *= 1 - rate * WEIGHT_DECAY
        update(rate, step)
    return kept


@pytest.mark.parametrize("name", RULES)
def test_every_optimizer_goes_where_pytorchs_goes(name: str) -> None:
    parameters, memory, done = START.copy(), None, 0
    for step, there in zip(STEPS, PYTORCH[name], strict=True):
        memory = descend(name, parameters, RATES[name], range(done + 1, step + 1), memory)
        done = step
        np.testing.assert_allclose(parameters, there, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", RULES)
def test_a_copy_of_parameters_and_memory_resumes_to_the_byte(name: str) -> None:
    whole, parts = START.copy(), START.copy()
    descend(name, whole, RATES[name], range(1, 101))
    memory = None
    for steps in (range(1, 31), range(31, 32), range(32, 101)):
        memory = descend(name, parts, RATES[name], steps, memory)
    assert whole.tobytes() == parts.tobytes()


@pytest.mark.parametrize("size", [7, 4096], ids=["few", "many"])
@pytest.mark.parametrize("name", RULES)
def test_stacked_members_with_rates_of_their_own_go_as_each_alone(name: str, size: int) -> None:
    optimizer = OPTIMIZERS[name].value
    chance = np.random.default_rng(1)
    rates = np.array([[0.001], [0.03], [0.1]])
    together, gradients = chance.normal(size=(3, size)), chance.normal(size=(5, 3, size))
    alone = together.copy()
    update, gradient, _ = bound(optimizer, together)
    for step in range(1, 6):
        gradient[...] = gradients[step - 1] * (rates if optimizer.takes_rated_gradient else 1.0)
        update(rates, step)
    for member, [rate] in enumerate(rates.tolist()):
        update, gradient, _ = bound(optimizer, alone[member])
        for step in range(1, 6):
            gradient[...] = gradients[step - 1, member] * (rate if optimizer.takes_rated_gradient else 1.0)
            update(rate, step)
    np.testing.assert_allclose(together, alone, rtol=1e-13)


@pytest.mark.parametrize("name", RULES)
def test_single_precision_follows_double_precision(name: str) -> None:
    single, double = START.astype(np.float32), START.copy()
    memory = descend(name, single, RATES[name], range(1, 101))
    descend(name, double, RATES[name], range(1, 101))
    assert memory.dtype == single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_leaves_the_gradient_as_it_is(name: str) -> None:
    update, gradient, _ = bound(OPTIMIZERS[name].value, START.copy())
    given = gradient_at(START, 1)
    gradient[...] = given
    update(0.01, 1)
    assert gradient.tobytes() == given.tobytes()


def test_every_activation_and_optimizer_has_a_sentence() -> None:
    for choices in (ACTIVATIONS, OPTIMIZERS):
        for choice in choices.values():
            assert choice.sentence.endswith(".")
    assert "AdaBoost" in OPTIMIZERS["adagrad"].sentence


@pytest.mark.parametrize("name", ["momentum", "nesterov", "rmsprop", "adam", "nadam"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_a_dead_node_remembers_ends_as_zero_not_as_a_slow_subnormal(name: str, dtype: type) -> None:
    parameters = START.astype(dtype)
    update, gradient, memory = bound(OPTIMIZERS[name].value, parameters)
    gradient[...] = gradient_at(START, 1)
    tiny = np.finfo(dtype).tiny
    for step in range(1, 9000):
        update(0.001, step)
        gradient[...] = 0.0
        if step % 128 == 0:
            clear_traces(memory)
            assert not np.any((memory != 0) & (np.abs(memory) < tiny))
    assert not np.any(memory[0]) or name == "rmsprop"


def test_clearing_traces_leaves_everything_that_can_move_a_weight() -> None:
    memory = np.array([[1e-305, -1e-305, 5e-324, 0.0, -1e-200, 1.0, np.inf, np.nan]])
    clear_traces(memory)
    np.testing.assert_array_equal(memory, [[0.0, 0.0, 0.0, 0.0, -1e-200, 1.0, np.inf, np.nan]])


def descent(name: str, l2: float, rate: float, first_input: float = 1.0) -> Descent:
    layers = (3, 4, 1)
    chance = np.random.default_rng(3)
    network = Network(layers, "tanh", "sigmoid", chance.normal(size=parameter_count(layers)))
    inputs = np.hstack([chance.normal(size=(20, 3)), np.ones((20, 1))])
    inputs[:, 0] *= first_input
    rows = EncodedRows(inputs, np.where(chance.random((20, 1)) < 0.5, 1.0, -1.0))
    optimizer = OPTIMIZERS[name].value
    memory = np.zeros((optimizer.memory, len(network.parameters)))
    made = Descent(
        network,
        LOSSES["sigmoid"]["cross-entropy"].value,
        rows,
        optimizer,
        memory,
        20,
        regularization=Regularization(l2=l2),
    )
    made.set_rate(rate)
    return made


def test_a_descent_clears_traces_as_it_goes() -> None:
    each = descent("momentum", 0.0, 0.01, first_input=0.0)  # so nothing moves this input's weights
    unmoved = np.arange(4) * 4
    each.memory[0, unmoved] = 1e-304
    for _ in range(128):
        each.epoch(np.random.default_rng(0), OpenGate())
    np.testing.assert_array_equal(each.memory[0, unmoved], 0.0)


def test_adamw_shrinks_weights_by_rate_times_l2_and_leaves_biases() -> None:
    free, decayed = descent("adamw", 0.0, 0.01), descent("adamw", 0.3, 0.01)
    before = free.parameters.copy()
    chance = np.random.default_rng(0)
    for each in (free, decayed):
        each.epoch(chance, OpenGate())
    shrunk = before * (1.0 - 0.01 * 0.3)
    for layer, was in zip(layer_views(shrunk, (3, 4, 1)), layer_views(before, (3, 4, 1)), strict=True):
        layer[:, -1] = was[:, -1]
    # The gradient is taken before the decay, so one step differs by the decay alone.
    np.testing.assert_allclose(decayed.parameters - free.parameters, shrunk - before, rtol=0, atol=1e-15)
    assert decayed.gradient_norm() == free.gradient_norm()


def test_adam_takes_the_penalty_into_its_gradient_instead() -> None:
    free, penalised = descent("adam", 0.0, 0.01), descent("adam", 0.3, 0.01)
    weights = penalised.weights_only * penalised.parameters
    for each in (free, penalised):
        each.epoch(np.random.default_rng(0), OpenGate())
    np.testing.assert_allclose(penalised.gradient, free.gradient + 0.3 * weights, rtol=1e-12)
