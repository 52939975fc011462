"""A model as one Python file that needs nothing but NumPy: to be read by a student, and run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.data.models.model import ClassScores, Model, RegressionScores
from epochal.data.tables.cells import MISSING

# Characters in a line of numbers; also what ends a line early.
WIDTH = 96

PROGRAM = '''\
"""A trained neural network, written out as a program: it needs Python and NumPy, and nothing else.

    python THIS_FILE.py new.csv > predicted.csv

The CSV file has a line of column names, commas between its cells and points in its numbers. The network:
{network}.{worth}
"""

import csv
import sys

import numpy as np

# What is predicted, and the order in which its probabilities come; no classes for numbers.
TARGET = {target}
CLASSES = {classes}
# Of two classes, the second is answered from this probability on.
THRESHOLD = {threshold}

# What it is predicted from: the column; the categories that have an input of their own, and all that were
# known in training (None for a number); and what takes the place of a missing cell.
FEATURES = [
{features}
]
# The columns with a further input that says whether the cell was missing.
MARKED = {marked}
# Cells that count as missing, in small letters.
MISSING = {missing}

# The inputs that varied in training, and how each is brought to one size.
KEPT = {kept}
CENTRE = {centre}
SPREAD = {spread}
{target_scale}
# For each layer, nodes x inputs; and one bias for each node.
WEIGHTS = [
{weights}
]
BIASES = [
{biases}
]


def encode(row):
    """One row of the table as a list of numbers."""
    numbers, marks = [], []
    for column, own, known, filling in FEATURES:
        cell = row[column]
        is_missing = cell.strip().lower() in MISSING and cell not in (known or ())
        if known and cell not in known:
            cell = cell.lstrip()
        value = filling if is_missing else cell
        if own is None:
            numbers.append(float(value))
        else:
            numbers += [float(value == category) for category in own]
            if len(own) < len(known):
                numbers.append(float(value in known and value not in own))
        if column in MARKED:
            marks.append(float(is_missing))
    return numbers + marks


{activation}def answers(sums):
    """{outputs_sentence}"""
    {outputs}


def predict(rows):
    """The answers for rows of a table, each a dict from column names to texts."""
    values = (np.array([encode(row) for row in rows])[:, KEPT] - CENTRE) / SPREAD
{clipped}{hidden}    return answers(values @ WEIGHTS[-1].T + BIASES[-1])


def main():
    if len(sys.argv) != 2:
        sys.exit("Name one CSV file with the rows to predict.")
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        names, *table = [cells for cells in csv.reader(file) if cells] or [[]]
    if not table:
        sys.exit(f"{{sys.argv[1]}} holds no rows.")
    columns = [name.strip() for name in names]
    absent = [column for column, *_ in FEATURES if column not in columns]
    if absent:
        sys.exit(f"{{sys.argv[1]}} has no column {{', '.join(absent)}}.")
    for number, cells in enumerate(table, 1):
        if len(cells) != len(names):
            sys.exit(f"{{sys.argv[1]}}, row {{number}}: {{len(cells)}} cells, but {{len(names)}} columns.")
    outputs = predict([dict(zip(columns, cells)) for cells in table])
    writer = csv.writer(sys.stdout, lineterminator="\\n")
    writer.writerow([*names, "predicted", *(f"probability_{{name}}" for name in CLASSES)])
    for cells, output in zip(table, outputs.tolist()):
        if not CLASSES:
            writer.writerow([*cells, *output])
            continue
        if len(CLASSES) == 2:
            answer = int(output[1] >= THRESHOLD)
        else:
            answer = int(np.argmax(output))
        writer.writerow([*cells, CLASSES[answer], *output])


if __name__ == "__main__":
    main()
'''

ACTIVATION = '''\
def activation(sums):
    """What a hidden node makes of its sum: {name}."""
    {body}


'''

HIDDEN = """\
    for weights, biases in zip(WEIGHTS[:-1], BIASES[:-1]):
        values = activation(values @ weights.T + biases)
"""


CLIPPED = """\
    values = values / np.sqrt(1.0 + np.square(values / {bound}))
"""


def python_source(model: Model) -> str:
    """The program, in ASCII: whatever names a table has stand in it as literals, and are never run."""
    network, prepared = model.predictor.network, model.predictor.preparation
    scale = ""
    if (units := network.kind.scale(prepared)) is not None:
        scale = (
            "# From what the network answers to the units of the table.\n"
            f"TARGET_CENTRE = {_array(units[1])}\n"
            f"TARGET_SPREAD = {_array(units[0])}\n"
        )
    activation = hidden = ""
    if len(network.layers) > 2:
        activation = ACTIVATION.format(
            name=network.activation, body=ACTIVATIONS[network.activation].value.numpy
        )
        hidden = HIDDEN
    output = network.kind.output
    return PROGRAM.format(
        network=network.in_words(),
        worth=_worth(model),
        target=ascii(model.target),
        classes=ascii(list(model.classes)),
        threshold=repr(model.threshold),
        features="\n".join(_features(model)),
        marked=ascii([model.features[index].name for index in prepared.indicators]),
        missing=ascii(sorted(MISSING)),
        kept="\n".join(["[", *_lines(map(str, prepared.kept.tolist()), 4), "]"]),
        centre=_array(prepared.centre),
        spread=_array(prepared.spread),
        target_scale=scale,
        weights="\n".join(f"    {_array(layer[:, :-1], 4)}," for layer in network.weights),
        biases="\n".join(f"    {_array(layer[:, -1], 4)}," for layer in network.weights),
        clipped="" if prepared.bound == inf else CLIPPED.format(bound=repr(prepared.bound)),
        activation=activation,
        hidden=hidden,
        outputs_sentence=output.numpy_sentence,
        outputs=output.numpy,
    )


def _features(model: Model) -> Iterator[str]:
    prepared = model.predictor.preparation
    for feature, levels, filling in zip(model.features, prepared.levels, prepared.filled, strict=True):
        known = feature.categories
        if known:
            own = [known[level] for level in levels]
            yield f"    ({feature.name!a}, {own!a}, {list(known)!a}, {known[int(filling)]!a}),"
        else:
            yield f"    ({feature.name!a}, None, None, {float(filling)!r}),"


def _worth(model: Model) -> str:
    """What the held-out rows said of it, as a further sentence; numbers only, no names."""
    match model.evaluation:
        case ClassScores(rows=rows, correct=correct, interval=(low, high), level=level, baseline=baseline):
            always = "" if baseline is None else f"; one fixed answer gets {round(baseline * rows):,}"
            return (
                f"\nOf {rows:,} rows held out from training it got {correct:,} right{always}\n"
                f"({level:.0%} interval of the share: {low:.1%} to {high:.1%})."
            )
        case RegressionScores(rows=rows, rmse=float(rmse), baseline_rmse=float(baseline)):
            return (
                f"\nOn {rows:,} rows held out from training its typical error (RMSE) is {rmse:.4g}; always\n"
                f"answering the mean: {baseline:.4g}."
            )
    return ""


def _array(values: NDArray[np.floating], indent: int = 0) -> str:
    """An array as Python text that reads back to the same bits, in lines of no more than WIDTH."""
    if values.ndim == 1:
        lines = list(_lines(map(repr, values.astype(np.float64).tolist()), indent + 4))
        if len(lines) <= 1:
            return f"np.array([{''.join(lines).strip().rstrip(',')}])"
    else:
        lines = []
        for row in values.astype(np.float64).tolist():
            within = list(_lines(map(repr, row), indent + 8))
            if len(within) == 1:
                lines.append(f"{' ' * (indent + 4)}[{within[0].strip().rstrip(',')}],")
            else:
                lines += [f"{' ' * (indent + 4)}[", *within, f"{' ' * (indent + 4)}],"]
    return "\n".join(["np.array([", *lines, " " * indent + "])"])


def _lines(texts: Iterable[str], indent: int) -> Iterator[str]:
    line = " " * indent
    for text in texts:
        if line.strip() and len(line) + len(text) + 2 > WIDTH:
            yield line.rstrip()
            line = " " * indent
        line += f"{text}, "
    if line.strip():
        yield line.rstrip()
