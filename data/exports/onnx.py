"""A model as an ONNX graph, its preparation included, for the many programs that run such graphs.

Each column is an input of its own, rows x 1: doubles with NaN for a missing cell, or texts with an empty one.
What comes out is `predicted`, and for classes `probabilities`, rows x classes.
"""

from __future__ import annotations

import io
from itertools import count
from math import inf

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

from epochal.core.network.activation import SUMS, Expression
from epochal.core.network.activations import ACTIVATIONS
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
    if prepared.bound != inf:
        share = build.add("Div", values, build.numbers(prepared.bound))
        values = build.add(
            "Div",
            values,
            build.add("Sqrt", build.add("Add", build.add("Mul", share, share), build.numbers(1.0))),
        )
    network = model.predictor.network
    activation = ACTIVATIONS[network.activation].value
    *hidden, last = network.weights
    for weights in hidden:
        values = build.graph(activation.onnx, _sums(build, values, weights))
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

    def graph(self, expression: Expression, sums: str, output: str = "") -> str:
        """Add the operators of an expression of these sums; the name of what it gives."""
        if expression == SUMS:
            return sums
        if not isinstance(expression, tuple):
            return self.numbers(expression)
        operator, *operands = expression
        return self.add(str(operator), *(self.graph(each, sums) for each in operands), output=output)

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


def _answered(build: _Building, model: Model, sums: str) -> list[ValueInfoProto]:
    """The graph's outputs, from the sums of the last layer."""
    kind, prepared = model.predictor.network.kind, model.predictor.preparation
    graph = kind.output.onnx
    if (units := kind.scale(prepared)) is not None:
        scaled = build.add("Mul", build.graph(graph, sums), build.numbers(units[0]))
        build.add("Add", scaled, build.numbers(units[1]), output="predicted")
        shape: list[str | int | None] = ["rows", len(model.names)]
        return [helper.make_tensor_value_info("predicted", TensorProto.DOUBLE, shape)]
    if kind.has_threshold:
        _second_class(build, model, build.graph(graph, sums))
    else:
        _most_probable_class(build, model, build.graph(graph, sums, output="probabilities"))
    return [
        helper.make_tensor_value_info("predicted", TensorProto.STRING, ["rows"]),
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["rows", len(model.classes)]),
    ]


def _second_class(build: _Building, model: Model, second: str) -> None:
    """Both classes' probabilities, and the class that the threshold decides for."""
    add, classes = build.add, list(model.classes)
    add("Concat", add("Sub", build.numbers(1.0), second), second, axis=1, output="probabilities")
    is_second = add("GreaterOrEqual", second, build.numbers(model.threshold))
    word = add("Where", is_second, build.texts(classes[1:], [1]), build.texts(classes[:1], [1]))
    add("Squeeze", word, build.constant(np.array([1])), output="predicted")


def _most_probable_class(build: _Building, model: Model, shares: str) -> None:
    words = build.texts(list(model.classes), [len(model.classes)])
    build.add("Gather", words, build.add("ArgMax", shares, axis=1, keepdims=0), axis=0, output="predicted")
