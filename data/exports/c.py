"""A model as one C file that needs nothing but the standard library: to be built into a device, or run."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.data.exports.c_program import CLIPPED, MANY_CLASSES, NUMBERS, PROGRAM, TWO_CLASSES
from epochal.data.exports.expressions import Operators, number, written_out
from epochal.data.models.model import Model
from epochal.data.tables.cells import MISSING

WIDTH = 100

C: Operators = {
    "Add": lambda a, b: f"({a} + {b})",
    "Sub": lambda a, b: f"({a} - {b})",
    "Mul": lambda a, b: f"({a} * {b})",
    "Div": lambda a, b: f"({a} / {b})",
    "Neg": lambda a: f"(-{a})",
    "Abs": lambda a: f"fabs({a})",
    "Min": lambda a, b: f"fmin({a}, {b})",
    "Max": lambda a, b: f"fmax({a}, {b})",
    "Greater": lambda a, b: f"({a} > {b})",
    "GreaterOrEqual": lambda a, b: f"({a} >= {b})",
    "Where": lambda test, yes, no: f"({test} ? {yes} : {no})",
    "Exp": lambda a: f"exp({a})",
    "Log": lambda a: f"log({a})",
    "Tanh": lambda a: f"tanh({a})",
}


def c_source(model: Model) -> str:
    """The program, in ASCII: whatever names a table has stand in it as literals, and are never run."""
    network, prepared = model.predictor.network, model.predictor.preparation
    kind = network.kind
    counts = [len(feature.categories) for feature in model.features]
    levels = [[-1] * count for count in counts]
    widths = []
    for place, own in enumerate(prepared.levels):
        for at, level in enumerate(own.tolist()):
            levels[place][level] = at
        widths.append(1 if not counts[place] else len(own) + (len(own) < counts[place]))
    marked = [int(place in prepared.indicators) for place in range(len(counts))]
    target = ""
    if (units := kind.scale(prepared)) is not None:
        answers = NUMBERS.format(answer=written_out(kind.output.onnx, "sums[k]", C))
        target = "".join(
            f"static const double TARGET_{name}[OUTPUTS] = {{{_numbers(values)}}};\n"
            for name, values in zip(("FACTOR", "OFFSET"), units, strict=True)
        )
    elif kind.has_threshold:
        answers = TWO_CLASSES.format(second=written_out(kind.output.onnx, "sums[0]", C))
    else:
        answers = MANY_CLASSES
    names = model.classes or model.names
    parts = {
        "FEATURES": str(len(counts)),
        "OUTPUTS": str(len(names)),
        "CLASSES": str(int(kind.has_classes)),
        "ENCODED": str(sum(widths) + sum(marked)),
        "INPUTS": str(len(prepared.kept)),
        "LAYERS": str(len(network.layers) - 1),
        "WIDEST": str(max(network.layers)),
        "MISSING_WORDS": str(len(MISSING)),
        "THRESHOLD": number(model.threshold),
        "FEATURE_NAMES": _many(_text(feature.name) for feature in model.features),
        "OUTPUT_NAMES": _many(map(_text, names)),
        "MISSING": _many(map(_text, sorted(MISSING))),
        "CATEGORY_COUNT": _many(map(str, counts)),
        "CATEGORY_START": _many(map(str, np.cumsum([0, *counts[:-1]]).tolist())),
        "CATEGORIES": _many(
            [_text(one) for feature in model.features for one in feature.categories] or ['""']
        ),
        "LEVEL": _many([str(one) for each in levels for one in each] or ["0"]),
        "WIDTHS": _many(map(str, widths)),
        "FILLING": _many(map(number, prepared.filled.tolist())),
        "MARKED": _many(map(str, marked)),
        "KEPT": _many(map(str, prepared.kept.tolist())),
        "CENTRE": _numbers(prepared.centre),
        "SPREAD": _numbers(prepared.spread),
        "TARGET": target,
        "SIZES": _many(map(str, network.layers)),
        "WEIGHTS": _numbers(np.concatenate([weights.ravel() for weights in network.weights])),
        "ACTIVATION": written_out(ACTIVATIONS[network.activation].value.onnx, "sum", C),
        "CLIPPED": "" if prepared.bound == inf else CLIPPED.format(bound=number(prepared.bound)),
        "ANSWERS": answers,
    }
    source = PROGRAM.replace("NETWORK", f"The network: {network.in_words()}.", 1)
    for name, text in parts.items():
        source = source.replace(f"@{name}@", text)
    return source


def _numbers(values: NDArray[np.floating]) -> str:
    return _many(map(number, values.astype(np.float64).tolist()))


def _many(texts: Iterable[str]) -> str:
    """With commas, in lines of no more than WIDTH where that can be."""
    lines, line = [], ""
    for text in texts:
        if line and len(line) + len(text) + 2 > WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += f"{text}, "
    lines.append(line.rstrip(", "))
    return "\n    ".join(lines)


def _text(value: str) -> str:
    """A literal in ASCII: other bytes in octal, and no three signs that old compilers take for one."""
    plain = (
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\?%@' else f"\\{byte:03o}"
        for byte in value.encode("utf-8", "surrogateescape")
    )
    return f'"{"".join(plain)}"'
