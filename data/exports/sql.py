"""A model as one SELECT: a database predicts its own rows, preparation included.

Every step is a common table expression: cells as values, columns as the network takes them, then each layer's
sums and values. Numbers are doubles; the functions used are EXP, LN and SQRT.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from epochal.core.network.activation import Expression
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.rows.examples import Feature
from epochal.data.exports.expressions import Operators, number, sum_of, written_out
from epochal.data.models.model import Model, ModelError
from epochal.data.tables.cells import MISSING

HEADER = """\
-- A trained neural network as one SELECT, for the rows of the table that its first FROM names.
-- Columns are found by their names; NULL and empty cells are missing, and filled as in training.
-- For further columns of that table, add them after the last SELECT: every step carries all of them.
-- Tried on SQLite 3.35 and later (with its mathematical functions); where MATERIALIZED is unknown, remove it.
"""

# Beyond these EXP has no double, which some databases refuse.
LARGEST, SMALLEST = "700.0", "-700.0"


def _exp(x: str) -> str:
    return f"CASE WHEN {x} > {LARGEST} THEN EXP({LARGEST}) WHEN {x} < {SMALLEST} THEN 0.0 ELSE EXP({x}) END"


def _tanh(x: str) -> str:
    middle = f"2.0 / (1.0 + EXP(-2.0 * {x})) - 1.0"
    return f"CASE WHEN {x} > 20.0 THEN 1.0 WHEN {x} < -20.0 THEN -1.0 ELSE {middle} END"


SQL: Operators = {
    "Add": lambda a, b: f"({a} + {b})",
    "Sub": lambda a, b: f"({a} - {b})",
    "Mul": lambda a, b: f"({a} * {b})",
    "Div": lambda a, b: f"({a} / {b})",
    "Neg": lambda a: f"(-{a})",
    "Abs": lambda a: f"ABS({a})",
    "Min": lambda a, b: f"(CASE WHEN {a} < {b} THEN {a} ELSE {b} END)",
    "Max": lambda a, b: f"(CASE WHEN {a} > {b} THEN {a} ELSE {b} END)",
    "Greater": lambda a, b: f"{a} > {b}",
    "GreaterOrEqual": lambda a, b: f"{a} >= {b}",
    "Where": lambda test, yes, no: f"(CASE WHEN {test} THEN {yes} ELSE {no} END)",
    "Exp": lambda a: f"({_exp(a)})",
    "Log": lambda a: f"LN({a})",
    "Tanh": lambda a: f"({_tanh(a)})",
}

MOST_COLUMNS = 2_000
"""That SQLite takes in one statement."""

Step = list[tuple[str, str]]
"""Names of columns, each with the expression that it is."""


def sql_source(model: Model) -> str:
    """The statement. ModelError where a database could not tell two columns apart, or has no such name."""
    mark = _mark(model)
    steps = [*_prepared(model, mark), *_layers(model, mark)]
    if (count := len(model.features) + sum(map(len, steps))) > MOST_COLUMNS:
        raise ModelError(
            f"The statement would have {count:,} columns, and databases take no more than {MOST_COLUMNS:,} "
            "columns: export the network as a program, or train one with fewer nodes."
        )
    lines = [HEADER + "WITH"]
    before = _quoted(model.table.name or "rows")
    for place, step in enumerate(steps):
        columns = ",\n".join(f"    {expression} AS {_quoted(name)}" for name, expression in step)
        lines.append(f"{mark}{place} AS MATERIALIZED (\n  SELECT t.*,\n{columns}\n  FROM {before} AS t\n),")
        before = f"{mark}{place}"
    lines[-1] = lines[-1].rstrip(",")
    shown = [f"t.{_quoted(feature.name)}" for feature in model.features]
    answers = [f"{expression} AS {_quoted(name)}" for name, expression in _answers(model, mark)]
    return "\n".join([*lines, "SELECT", "  " + ",\n  ".join([*shown, *answers]), f"FROM {before} AS t;", ""])


def _mark(model: Model) -> str:
    """What the steps' own columns begin with, and no column of the table does."""
    names = [feature.name.lower() for feature in model.features]
    for name in names:
        if not name or "\0" in name:
            raise ModelError(f"A column called {name!r} cannot be a column of a database.")
        if names.count(name) > 1:
            raise ModelError(f"Databases take the columns called {name!r}, small or capital, for one.")
    mark = "net"
    while any(name.startswith(mark) for name in names):
        mark += "_"
    return mark


def _prepared(model: Model, mark: str) -> Iterator[Step]:
    """Cells as values, and columns as the network takes them."""
    prepared = model.predictor.preparation
    values: Step = []
    encoded: list[str] = []
    marks: list[str] = []
    for place, (feature, levels, filling) in enumerate(
        zip(model.features, prepared.levels, prepared.filled.tolist(), strict=True)
    ):
        value, missing = f"{mark}v{place}", _missing(feature)
        if feature.categories:
            known = [_text(one) for one in feature.categories]
            own = [known[level] for level in levels]
            values.append(
                (value, f"CASE WHEN {missing} THEN {known[int(filling)]} ELSE {_cell(feature)} END")
            )
            encoded += [f"CASE WHEN t.{value} = {one} THEN 1.0 ELSE 0.0 END" for one in own]
            if rest := [one for one in known if one not in own]:
                encoded.append(f"CASE WHEN t.{value} IN ({', '.join(rest)}) THEN 1.0 ELSE 0.0 END")
        else:
            cell = f"CAST(t.{_quoted(feature.name)} AS DOUBLE PRECISION)"
            values.append((value, f"CASE WHEN {missing} THEN {number(filling)} ELSE {cell} END"))
            encoded.append(f"t.{value}")
        if place in prepared.indicators:
            values.append((f"{mark}m{place}", f"CASE WHEN {missing} THEN 1.0 ELSE 0.0 END"))
            marks.append(f"t.{mark}m{place}")
    yield values
    columns = [*encoded, *marks]
    yield [
        (f"{mark}a0_{place}", f"(({columns[kept]}) - {number(centre)}) / {number(spread)}")
        for place, (kept, centre, spread) in enumerate(
            zip(prepared.kept.tolist(), prepared.centre.tolist(), prepared.spread.tolist(), strict=True)
        )
    ]


def _cell(feature: Feature) -> str:
    return f"CAST(t.{_quoted(feature.name)} AS VARCHAR(4000))"


def _missing(feature: Feature) -> str:
    """Whether a cell is missing; a word for that is none where it is a category."""
    cell = _cell(feature)
    known = {name.strip().lower() for name in feature.categories}
    words = ", ".join(_text(word) for word in sorted(MISSING - known))
    return f"t.{_quoted(feature.name)} IS NULL OR LOWER(TRIM({cell})) IN ({words})"


def _layers(model: Model, mark: str) -> Iterator[Step]:
    """Each layer's sums, and the values of a hidden one."""
    network, bound = model.predictor.network, model.predictor.preparation.bound
    size, before = network.layers[0], f"{mark}a0_"
    if bound != inf:
        yield [
            (f"{mark}c{k}", f"t.{before}{k} / SQRT(1.0 + {_square(f't.{before}{k} / {number(bound)}')})")
            for k in range(size)
        ]
        before = f"{mark}c"
    activation = ACTIVATIONS[network.activation].value.onnx
    for layer, weights in enumerate(network.weights, 1):
        sums = f"{mark}s{layer}_"
        yield [
            (f"{sums}{node}", sum_of([*_terms(row[:-1].tolist(), before), number(row[-1])]))
            for node, row in enumerate(weights)
        ]
        if layer < len(network.weights):
            yield _activated(activation, sums, f"{mark}a{layer}_", len(weights))
            before = f"{mark}a{layer}_"
        else:
            yield _outputs(model, sums, mark)


def _terms(weights: list[float], before: str) -> Iterator[str]:
    # Between the members of an ensemble all weights are 0.
    return (f"{number(one)} * t.{before}{k}" for k, one in enumerate(weights) if one != 0.0)


def _square(x: str) -> str:
    return f"({x}) * ({x})"


def _activated(activation: Expression, sums: str, values: str, nodes: int) -> Step:
    return [(f"{values}{k}", written_out(activation, f"t.{sums}{k}", SQL)) for k in range(nodes)]


def _outputs(model: Model, sums: str, mark: str) -> Step:
    """What each output node answers, from the sums of the last layer."""
    kind, prepared = model.predictor.network.kind, model.predictor.preparation
    nodes = [f"t.{sums}{k}" for k in range(model.predictor.network.layers[-1])]
    if (units := kind.scale(prepared)) is not None:
        answers = (written_out(kind.output.onnx, node, SQL) for node in nodes)
        scales = zip(answers, *(one.tolist() for one in units), strict=True)
        return [
            (f"{mark}p{k}", f"{answer} * {number(factor)} + {number(offset)}")
            for k, (answer, factor, offset) in enumerate(scales)
        ]
    if kind.has_threshold:
        return [(f"{mark}p1", written_out(kind.output.onnx, nodes[0], SQL))]
    return [
        (
            f"{mark}p{k}",
            f"1.0 / ({sum_of(['1.0', *(_exp_of(other, node) for other in nodes if other != node)])})",
        )
        for k, node in enumerate(nodes)
    ]


def _exp_of(other: str, node: str) -> str:
    return f"({_exp(f'({other} - {node})')})"


def _answers(model: Model, mark: str) -> Iterator[tuple[str, str]]:
    """The names and the expressions of what the statement gives."""
    kind, classes = model.predictor.network.kind, [_text(name) for name in model.classes]
    if not kind.has_classes:
        one = len(model.names) == 1
        for k, name in enumerate(model.names):
            yield "predicted" if one else f"predicted_{name}", f"t.{mark}p{k}"
        return
    if kind.has_threshold:
        second = f"t.{mark}p1"
        yield (
            "predicted",
            f"CASE WHEN {second} >= {number(model.threshold)} THEN {classes[1]} ELSE {classes[0]} END",
        )
        shares = [f"1.0 - {second}", second]
    else:
        shares = [f"t.{mark}p{k}" for k in range(len(classes))]
        tests = [
            f"WHEN {' AND '.join(f'{share} >= {other}' for other in shares[k + 1 :])} THEN {classes[k]}"
            for k, share in enumerate(shares[:-1])
        ]
        yield "predicted", f"CASE {' '.join(tests)} ELSE {classes[-1]} END"
    for name, share in zip(model.classes, shares, strict=True):
        yield f"probability_{name}", share


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    if "\0" in value:
        raise ModelError(f"The word {value!r} cannot be written in SQL.")
    return "'" + value.replace("'", "''") + "'"
