"""Every form of an activation says the same: value, slope, formula, NumPy line and ONNX graph."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from epochal.core.network.activation import SUMS, Activation, Expression
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.network.losses import LOSSES, OutputActivation
from epochal.core.network.output_activations import OUTPUT_ACTIVATIONS
from epochal.core.network.output_kind import OUTPUT_KINDS

Floats = NDArray[np.float64]

# On both sides of 0, near and far, and 0 itself, where slopes may jump.
EXTREME = np.array([-800.0, -30.0, 0.0, 30.0, 800.0])
BENT = np.concatenate([np.linspace(-6.0, 6.0, 241), [-1e-3, 1e-3]])
BENT = BENT[BENT != 0.0]
KNOWN = {"tanh": np.tanh, "exp": np.exp, "log": np.log, "abs": np.abs, "where": np.where}


def entry(name: str) -> Activation:
    return ACTIVATIONS[name].value


def written_out(formula: str, **numbers: Floats) -> Floats:
    """What a formula comes to, read as a person reads it: `x if c, else y`, `x, where b = y`, |x|, ^."""
    formula, *definitions = formula.split(", where ")
    names: dict[str, object] = {**KNOWN, **numbers}
    for definition in definitions:
        name, _, meant = definition.partition(" = ")
        names[name] = written_out(meant, **numbers)
    if (choice := re.fullmatch(r"(.+) if (.+), else (.+)", formula)) is not None:
        either, condition, other = choice.groups()
        formula = f"where({condition}, {either}, {other})"
    formula = re.sub(r"\|(\w+)\|", r"abs(\1)", formula).replace("^", "**")
    shape = next(iter(numbers.values())).shape
    return np.broadcast_to(eval(formula, {"__builtins__": {}}, names), shape)  # type: ignore[no-any-return]


def function_of(body: str, **names: object) -> Callable[[Floats], Floats]:
    """The function that an exported program would hold."""
    scope: dict[str, object] = {"np": np, **names}
    exec(f"def function(sums):\n    {body}\n", scope)
    return scope["function"]  # type: ignore[return-value]


def graphed(expression: Expression, sums: Floats) -> Floats:
    """What ONNX's own reference makes of a graph."""
    nodes, constants = [], []

    def add(part: Expression) -> str:
        if part == SUMS:
            return SUMS
        name = f"n{len(nodes) + len(constants)}"
        if not isinstance(part, tuple):
            constants.append(numpy_helper.from_array(np.asarray(part, np.float64), name))
            return name
        operator, *operands = part
        inputs = [add(each) for each in operands]
        name = f"n{len(nodes) + len(constants)}"
        nodes.append(helper.make_node(str(operator), inputs, [name]))
        return name

    nodes.append(helper.make_node("Identity", [add(expression)], ["given"]))
    shape = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, None) for name in (SUMS, "given")]
    graph = helper.make_graph(nodes, "one", shape[:1], shape[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
    (given,) = ReferenceEvaluator(model).run(None, {SUMS: sums})
    return np.broadcast_to(given, sums.shape)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_slope_is_what_finite_differences_say(name: str) -> None:
    step = 1e-6
    measured = (entry(name).value_of(BENT + step) - entry(name).value_of(BENT - step)) / (2.0 * step)
    np.testing.assert_allclose(entry(name).slope_of(BENT), measured, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_only_a_kink_makes_a_slope_jump_at_0(name: str) -> None:
    below, above = entry(name).slope_of(np.array([-1e-9, 1e-9]))
    values = entry(name).value_of(np.array([-1e-9, 1e-9]))
    assert (abs(above - below) > 1e-6 or abs(values[1] - values[0]) > 1e-6) == entry(name).has_kink


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_formulas_come_to_the_same(name: str) -> None:
    """To the digits in which their constants are written."""
    values = entry(name).value_of(BENT)
    np.testing.assert_allclose(written_out(entry(name).value, s=BENT), values, rtol=1e-4, atol=1e-4)
    slopes = written_out(entry(name).slope, s=BENT, a=values, **definitions_of(entry(name).value))
    np.testing.assert_allclose(slopes, entry(name).slope_of(BENT), rtol=1e-4, atol=1e-4)


def definitions_of(formula: str) -> dict[str, Floats]:
    """What a slope's formula may take from its value's: `b` of `... where b = ...`."""
    pairs = (each.partition(" = ") for each in formula.split(", where ")[1:])
    return {name: written_out(meant, s=BENT) for name, _, meant in pairs}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_numpy_line_and_the_onnx_graph_give_the_same_values(name: str) -> None:
    sums = np.concatenate([BENT, EXTREME])
    expected = entry(name).value_of(sums)
    np.testing.assert_allclose(function_of(entry(name).numpy)(sums), expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(graphed(entry(name).onnx, sums), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_stay_finite_however_large_the_sums(name: str) -> None:
    assert np.isfinite(entry(name).value_of(EXTREME)).all()
    assert np.isfinite(entry(name).slope_of(EXTREME)).all()


def test_the_initial_weights_made_for_an_activation_exist() -> None:
    assert {entry(name).initial_weights for name in ACTIVATIONS} <= set(INITIAL_WEIGHTS)
    assert (entry("tanh").initial_weights, entry("relu").initial_weights) == ("xavier", "he")
    assert entry("selu").initial_weights == "lecun"


def test_every_output_activation_has_a_kind_and_losses() -> None:
    assert set(OUTPUT_ACTIVATIONS) == set(OUTPUT_KINDS) == set(LOSSES)


@pytest.mark.parametrize("name", OUTPUT_ACTIVATIONS)
def test_every_form_of_an_output_activation_says_the_same(name: OutputActivation) -> None:
    output, kind = OUTPUT_ACTIVATIONS[name], OUTPUT_KINDS[name]
    rng = np.random.default_rng(4)
    sums = 5.0 * rng.normal(size=(40, 3 if name == "softmax" else 1))
    values = output.function(sums.T).T
    np.testing.assert_allclose(graphed(output.onnx, sums), values, rtol=1e-9)
    if name == "softmax":
        shares = written_out("exp(z)", z=sums)
        assert output.formula == "exp(z) / (sum of exp(z) over all outputs)"
        np.testing.assert_allclose(shares / shares.sum(axis=1, keepdims=True), values, rtol=1e-9)
    else:
        np.testing.assert_allclose(written_out(output.formula, z=sums), values, rtol=1e-9)
    program = function_of(output.numpy, TARGET_SPREAD=2.0, TARGET_CENTRE=1.0)(sums)
    expected = kind.answers(sums.T) if kind.has_classes else values * 2.0 + 1.0
    np.testing.assert_allclose(program, expected, rtol=1e-12)
