"""One node in full: its values over the rows, where it no longer learns, its gradient, its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.wording import percent
from epochal.core.explain.node_statistics import Node, shape_of
from epochal.core.numerals import figure
from epochal.tui.screens.network.drawing import Picture, number
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import GLYPHS, fit

_EIGHTHS = " ▁▂▃▄▅▆▇█" if GLYPHS else " .::::::#"
_BAR, _LEFT_HALF, _RIGHT_HALF, _AXIS = "█▌▐│" if GLYPHS else "#  |"
_NAME, _NUMBER = 18, 6
ROOMY = 26
"""From this height on there are blank lines between the parts."""


@dataclass(frozen=True, eq=False)
class NodeInFull:
    """What the card says of a node; `weights` by the names of the nodes that they come from, or lead to."""

    title: str
    said: tuple[str, ...]
    values: NDArray[np.floating]
    span: tuple[float, float]
    weights_title: str
    weights: Sequence[tuple[str, float]]
    remark: str = ""


def node_in_full(picture: Picture, at: Node, remark: str = "") -> NodeInFull:
    """The card of a node of what is to be seen; a remark comes first."""
    depth, place = at
    layer, last = picture.layers[depth], len(picture.layers) - 1
    values, rows = layer.values[:, place], len(layer.values)
    low, high = float(values.min()), float(values.max())
    span = low, high
    said = [f"mean {_plain(float(layer.mean[place]))}, from {_plain(low)} to {_plain(high)}"]
    if depth == 0:
        title = f"Input {place + 1}: {picture.names[place]}"
    elif depth == last:
        title = f"Output: {picture.answers[place]}"
    else:
        title = f"Layer {depth}, node {place + 1} of {layer.nodes}, {picture.activation}"
        if layer.flat_end:
            count = int(layer.flat_rows[place])
            dead = ", dead" if layer.dead[place] else ""
            said.append(f"{layer.flat_end}: {count:,} of {rows:,} rows, {percent(count / rows)}{dead}")
        shape = shape_of(picture.activation)
        if np.isfinite([shape.low, shape.high]).all():
            span = shape.low, shape.high
    if depth == 0 or (depth == last and not picture.kind.has_classes):
        said.append("scaled for the network, not in its own units")
    if depth == 0:
        there = _names(picture, 1)
        weights = list(zip(there, picture.layers[1].weights[:, place].tolist(), strict=True))
        return NodeInFull(
            title=title,
            said=tuple(said),
            values=values,
            span=span,
            weights_title="Outgoing weights",
            weights=weights,
            remark=remark,
        )
    said.append(f"gradient norm {figure(float(layer.gradient_norms[place]))}")
    there = [*_names(picture, depth - 1), "bias"]
    weights = list(zip(there, layer.weights[place].tolist(), strict=True))
    return NodeInFull(
        title=title,
        said=tuple(said),
        values=values,
        span=span,
        weights_title="Incoming weights",
        weights=weights,
        remark=remark,
    )


def _names(picture: Picture, depth: int) -> list[str]:
    if depth == 0:
        return list(picture.names)
    if depth == len(picture.layers) - 1:
        return list(picture.answers)
    return [f"node {place + 1}" for place in range(picture.layers[depth].nodes)]


def _plain(value: float) -> str:
    return number(value).strip()


class NodeCard(ColoredLines):
    """The card of the node in focus; or a few words, as long as there is none."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._node: NodeInFull | None = None

    def show(self, node: NodeInFull) -> None:
        """Show this node."""
        self._node = node
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """Its title, what is said of it, its histogram, and the largest of its weights."""
        node = self._node
        if node is None:
            return []
        blank: list[Line] = [[]] if height >= ROOMY else []
        lines: list[Line] = [[(fit(node.title, width), "strong")]]
        if node.remark:
            lines.append([(node.remark, "bad")])
        lines += [[(text, "text")] for sentence in node.said for text in wrap(sentence, max(width, 10))]
        lines += blank
        lines += histogram(node.values, node.span, width, 5 if height >= ROOMY else 3)
        lines += blank
        lines.append([(node.weights_title, "strong")])
        return lines + weight_bars(node.weights, width, height - len(lines))


def histogram(values: NDArray[np.floating], span: tuple[float, float], width: int, height: int) -> list[Line]:
    """How many rows have which value: a line of words, `height` lines of columns, a line with the ends."""
    low, high = span
    bins = max(width, 4)
    if not high > low:
        low, high = low - 0.5, low + 0.5
    counts, ends = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    most = int(counts.max())
    # A row is never too few to be seen.
    eighths = np.where(counts > 0, np.maximum(np.rint(counts / most * 8 * height), 1), 0).astype(int)
    middles = (ends[1:] + ends[:-1]) / 2
    inks: list[Ink] = ["positive" if middle >= 0 else "negative" for middle in middles]
    lines: list[Line] = [[("Value", "strong"), (f" over {len(values):,} training rows", "text")]]
    for level in reversed(range(height)):
        filled = np.clip(eighths - 8 * level, 0, 8)
        lines.append([(_EIGHTHS[e], ink) for e, ink in zip(filled.tolist(), inks, strict=True)])
    left, right = _plain(low), _plain(high)
    middle = "0" if low < 0 < high else ""
    place = round((0 - low) / (high - low) * (bins - 1)) if middle else 0
    axis = list(left + " " * (bins - len(left) - len(right)) + right)
    if middle and len(left) < place < bins - len(right) - 1:
        axis[place] = middle
    return [*lines, [("".join(axis), "muted")]]


def weight_bars(weights: Sequence[tuple[str, float]], width: int, height: int) -> list[Line]:
    """The largest weights, a bar each to the right or left of 0; a line says what is left out."""
    if height < 1:
        return []
    ordered = sorted(weights, key=lambda weight: -abs(weight[1]))
    shown = ordered if len(ordered) <= height else ordered[: height - 1]
    name = min(max(len(name) for name, _ in weights), _NAME, max(width - _NUMBER - 12, 6))
    half = max((width - name - _NUMBER - 3) // 2, 1)
    largest = abs(ordered[0][1]) or 1.0
    lines: list[Line] = []
    for label, weight in shown:
        halves = round(2 * half * abs(weight) / largest)
        full, rest = divmod(halves, 2)
        ink: Ink = "positive" if weight > 0 else "negative"
        left = right = " " * half
        if weight > 0:
            right = (_BAR * full + _LEFT_HALF * rest).ljust(half)
        else:
            left = (_RIGHT_HALF * rest + _BAR * full).rjust(half)
        lines.append(
            [
                (fit(label, name), "text"),
                (f" {number(weight):>{_NUMBER - 1}} ", ink),
                (left, ink),
                (_AXIS, "muted"),
                (right, ink),
            ]
        )
    if left_out := ordered[len(shown) :]:
        lines.append([(f"... {len(left_out):,} more, none beyond {abs(left_out[0][1]):.2g}", "muted")])
    return lines
