"""A model as an ONNX graph, its preparation included, for the many programs that run such graphs.

Each column is an input of its own, rows x 1: doubles with NaN for a missing cell, or texts with an empty one.
What comes out is `predicted`, and for classes `probabilities`, rows x classes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import count

import numpy as np
from numpy.typing import ArrayLike
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    checker,
    helper,
    numpy_helper,
    save_model,
)

from epochal.core.network.losses import OutputActivation
from epochal.core.rows.examples import Feature
from epochal.data.models.model import Model, ModelError

# The oldest in which texts can be compared.
OPSET = 19
IR_VERSION = 9

OUTPUTS = ("predicted", "probabilities")


def onnx_bytes(model: Model) -> bytes:
    """The graph as a file holds it; ModelError when a column's name cannot name an input."""
    held = io.BytesIO()
    save_model(onnx_graph(model), held)
    return held.getvalue()


def onnx_graph(model: Model) -> ModelProto:
    """The graph: all its numbers are doubles, as in the lab."""
    names = [feature.name for feature in model.features]
    for name in names:
        if not name or name in OUTPUTS or names.count(name) > 1:
            raise ModelError(f"A column called {name!r} cannot be an input of an ONNX graph.")
    build = _Building(names)
    inputs, columns, marks = [], [], []
    prepared = model.predictor.preparation
    for index, feature in enumerate(model.features):
        kind = TensorProto.STRING if feature.categories else TensorProto.DOUBLE
        inputs.append(helper.make_tensor_value_info(feature.name, kind, ["rows", 1]))
        own = [feature.categories[level] for level in prepared.levels[index]]
        column, mark = _encoded(build, feature, own, float(prepared.filled[index]))
        columns.append(column)
        if index in prepared.indicators:
            marks.append(mark)
    encoded = build.add("Concat", *columns, *marks, axis=1)
    kept = build.add("Gather", encoded, build.constant(prepared.kept.astype(np.int64)), axis=1)
    values = build.add(
        "Div", build.add("Sub", kept, build.numbers(prepared.centre)), build.numbers(prepared.spread)
    )
    network = model.predictor.network
    *hidden, last = network.weights
    for weights in hidden:
        values = _activated(build, network.activation, _sums(build, values, weights))
    outputs = _answered(build, model, _sums(build, values, last))
    graph = helper.make_graph(build.nodes, "epochal", inputs, outputs, build.constants)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="epochal")
    made.ir_version = IR_VERSION
    checker.check_model(made, full_check=True)
    return made


class _Building:
    """Nodes and constants so far, each with a name that no column has."""

    def __init__(self, taken: list[str]) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._prefix = "/"
        while any(name.startswith(self._prefix) for name in taken):
            self._prefix += "/"
        self._number = count()

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: int) -> str:
        """Add a node; the name of what it gives."""
        output = output or self._name()
        node = helper.make_node(operator, list(inputs), [output])
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self.nodes.append(node)
        return output

    def numbers(self, values: ArrayLike) -> str:
        """Doubles that never change."""
        return self.constant(np.asarray(values, np.float64))

    def constant(self, values: np.typing.NDArray[np.generic]) -> str:
        """An array that never changes."""
        name = self._name()
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def texts(self, values: list[str], shape: list[int]) -> str:
        """Texts that never change."""
        return self.constant(np.array(values, object).reshape(shape))

    def doubles(self, flags: str) -> str:
        """Flags as 0 and 1."""
        return self.add("Cast", flags, to=TensorProto.DOUBLE)

    def _name(self) -> str:
        return f"{self._prefix}{next(self._number)}"


def _encoded(build: _Building, feature: Feature, own: list[str], filling: float) -> tuple[str, str]:
    """The columns made of one feature, and one that says whether its cell was missing."""
    if not feature.categories:
        missing = build.add("IsNaN", feature.name)
        return build.add("Where", missing, build.numbers(filling), feature.name), build.doubles(missing)
    missing = build.add("Equal", feature.name, build.texts([""], [1]))
    filled = build.texts([feature.categories[int(filling)]], [1])
    word = build.add("Where", missing, filled, feature.name)
    columns = []
    if own:
        columns.append(build.doubles(build.add("Equal", word, build.texts(own, [1, len(own)]))))
    rest = [category for category in feature.categories if category not in own]
    if rest:
        among = build.doubles(build.add("Equal", word, build.texts(rest, [1, len(rest)])))
        columns.append(build.add("ReduceSum", among, build.constant(np.array([1])), keepdims=1))
    return build.add("Concat", *columns, axis=1), build.doubles(missing)


def _sums(build: _Building, values: str, weights: np.typing.NDArray[np.floating]) -> str:
    product = build.add("MatMul", values, build.numbers(weights[:, :-1].T))
    return build.add("Add", product, build.numbers(weights[:, -1]))


def _activated(build: _Building, activation: str, sums: str) -> str:
    """What hidden nodes make of their sums, of operators that every runtime has for doubles."""
    add, numbers = build.add, build.numbers
    one, half = numbers(1.0), numbers(0.5)

    def logistic(of: str) -> str:
        return add("Add", half, add("Mul", half, add("Tanh", add("Mul", half, of))))

    def bent(below: str) -> str:
        return add("Where", add("Greater", sums, numbers(0.0)), sums, below)

    def exponential(alpha: float) -> str:
        powers = add("Exp", add("Min", sums, numbers(0.0)))
        return bent(add("Mul", numbers(alpha), add("Sub", powers, one)))

    match activation:
        case "tanh":
            return add("Tanh", sums)
        case "relu":
            return add("Max", sums, numbers(0.0))
        case "sigmoid":
            return logistic(sums)
        case "leaky-relu":
            return bent(add("Mul", numbers(0.01), sums))
        case "elu":
            return exponential(1.0)
        case "selu":
            return add("Mul", numbers(1.0507009873554805), exponential(1.6732632423543772))
        case "gelu":
            cubed = add("Mul", numbers(0.044715), add("Mul", sums, add("Mul", sums, sums)))
            bend = add("Tanh", add("Mul", numbers(np.sqrt(2.0 / np.pi)), add("Add", sums, cubed)))
            return add("Mul", add("Mul", half, sums), add("Add", one, bend))
        case "silu":
            return add("Mul", sums, logistic(sums))
        case "softplus":
            powers = add("Exp", add("Neg", add("Abs", sums)))
            return add("Add", add("Max", sums, numbers(0.0)), add("Log", add("Add", one, powers)))
        case "softsign":
            return add("Div", sums, add("Add", one, add("Abs", sums)))
        case "identity":
            return sums
    raise ModelError(f"There is no ONNX form of the activation {activation}.")


def _answered(build: _Building, model: Model, sums: str) -> list[ValueInfoProto]:
    """The graph's outputs, from the sums of the last layer."""
    ANSWERED[model.predictor.network.output_activation](build, model, sums)
    if not model.predictor.network.kind.has_classes:
        shape: list[str | int | None] = ["rows", len(model.names)]
        return [helper.make_tensor_value_info("predicted", TensorProto.DOUBLE, shape)]
    return [
        helper.make_tensor_value_info("predicted", TensorProto.STRING, ["rows"]),
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["rows", len(model.classes)]),
    ]


def _sigmoid(build: _Building, model: Model, sums: str) -> None:
    one, half, add = build.numbers(1.0), build.numbers(0.5), build.add
    second = add("Add", half, add("Mul", half, add("Tanh", add("Mul", half, sums))))
    _second_class(build, model, one, second)


def _step(build: _Building, model: Model, sums: str) -> None:
    one = build.numbers(1.0)
    second = build.doubles(build.add("GreaterOrEqual", sums, build.numbers(0.0)))
    _second_class(build, model, one, second)


def _second_class(build: _Building, model: Model, one: str, second: str) -> None:
    """Both classes' probabilities, and the class that the threshold decides for."""
    add, classes = build.add, list(model.classes)
    add("Concat", add("Sub", one, second), second, axis=1, output="probabilities")
    is_second = add("GreaterOrEqual", second, build.numbers(model.threshold))
    word = add("Where", is_second, build.texts(classes[1:], [1]), build.texts(classes[:1], [1]))
    add("Squeeze", word, build.constant(np.array([1])), output="predicted")


def _softmax(build: _Building, model: Model, sums: str) -> None:
    classes = list(model.classes)
    shares = build.add("Softmax", sums, axis=1, output="probabilities")
    words = build.texts(classes, [len(classes)])
    build.add("Gather", words, build.add("ArgMax", shares, axis=1, keepdims=0), axis=0, output="predicted")


def _numbers(build: _Building, model: Model, sums: str) -> None:
    prepared = model.predictor.preparation
    scaled = build.add("Mul", sums, build.numbers(prepared.target_spread))
    build.add("Add", scaled, build.numbers(prepared.target_centre), output="predicted")


ANSWERED: dict[OutputActivation, Callable[[_Building, Model, str], None]] = {
    "sigmoid": _sigmoid,
    "softmax": _softmax,
    "identity": _numbers,
    "step": _step,
}
"""What each output activation makes of the last layer's sums, and the answer decided by it."""
