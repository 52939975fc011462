"""A network as a picture: its nodes with their mean values, and its largest weights as lines between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from epochal.core.explain.node_statistics import Layer, Node, shape_of
from epochal.core.network.kind_of_output import OutputKind
from epochal.tui.screens.network.layout import HEADER, Column, Layout
from epochal.tui.widgets.edges import INKS as EDGE_INKS
from epochal.tui.widgets.edges import Edge, draw_edges, sample
from epochal.tui.widgets.frame import Frame
from epochal.tui.widgets.pen import SPACE
from epochal.tui.widgets.text import fit

LEVELS = ("low3", "low2", "low1", "nought", "high1", "high2", "high3")
"""Inks of nodes by mean value, from as low as it can be, over 0, to as high."""

INKS = ("text", "muted", "strong", *EDGE_INKS, *LEVELS, "focus", "off", "gone")

MOST_EDGES = 60
"""Lines drawn between two layers, besides those of the focus; more cannot be told apart."""

LEGEND = 2
"""Rows of the legend."""

_MARKS = ("✕≡", "x=")


@dataclass(frozen=True, eq=False)
class Picture:
    """What is to be seen: the layers, what they and the ends are called, and which nodes are turned off."""

    layers: Sequence[Layer]
    titles: Sequence[str]
    names: Sequence[str]
    answers: Sequence[str]
    off: Collection[Node]
    activation: str
    kind: OutputKind

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nodes in each layer."""
        return tuple(layer.nodes for layer in self.layers)


def draw(picture: Picture, layout: Layout, focus: Node, *, ascii_only: bool) -> Frame:
    """The network with the focus' own weights bright, and a word on the nodes that are turned off."""
    frame = Frame.blank(*layout.size, INKS)
    layers, off = picture.layers, picture.off
    for source, target in pairwise(layout.columns):
        _draw_gap(frame, layers[target.layer], source, target, focus, ascii_only)
    for column in layout.columns:
        _draw_title(frame, column, picture.titles[column.layer])
        _draw_folds(frame, layers[column.layer], column)
        level = levels(layers, column.layer, picture.activation)
        for place, row in enumerate(column.rows, column.first):
            node = column.layer, place
            if column.layer == 0:
                ink = "focus" if node == focus else "gone" if node in off else "text"
                dot = "x" if node in off else ">" if node == focus else "o" if ascii_only else "●"
                frame.write(row, 0, fit(picture.names[place], column.left - 1, right=True), ink)
                frame.write(row, column.left, dot, ink)
                continue
            text = node_text(layers[column.layer], place, column.right - column.left + 1, ascii_only)
            ink = LEVELS[level[place]]
            if node in off:
                text, ink = fit(" off", len(text)), "gone"
            if node == focus:
                text, ink = ">" + text[1:], "focus"
            frame.write(row, column.left, text, ink)
            if column.layer == len(layers) - 1:
                frame.write(row, column.right + 2, fit(picture.answers[place], layout.answers), "text")
    for count, start in ((layout.before, 0), (layout.after, layout.size[0] - 9)):
        if count:
            frame.write(0, start, fit(f"{'>' if start else '<'} {count} more", 9), "muted")
    return frame


def levels(layers: Sequence[Layer], layer: int, activation: str) -> list[int]:
    """For each node of a layer, an index of LEVELS by its mean value.

    The farthest level is reached at the activation's own end where it has one, else at the layer's
    largest mean.
    """
    mean = layers[layer].mean
    shape = shape_of(activation)
    largest = max(float(np.abs(mean).max(initial=0.0)), 1e-12)
    if 0 < layer < len(layers) - 1 and np.isfinite([shape.low, shape.high]).all():
        largest = max(abs(shape.low), abs(shape.high))
    elif layer == len(layers) - 1:
        largest = max(largest, 1.0)
    middle = len(LEVELS) // 2
    return [int(level) for level in np.rint(middle + middle * np.clip(mean / largest, -1.0, 1.0))]


def number(value: float) -> str:
    """A signed number in five characters: `+0.62`, `-12.3`, `+1e05`."""
    for form, limit in (("+.2f", 9.995), ("+.1f", 99.95), ("+5.0f", 9999.5)):
        if abs(value) < limit:
            return f"{0.0 if abs(value) < 0.005 else value:{form}}"
    return f"{value:+.0e}".replace("e+", "e") if abs(value) < 9e98 else f"{'-' if value < 0 else '+'}huge"


def mark(layer: Layer, place: int, ascii_only: bool) -> str:
    """A dead or saturated node's sign, or a space."""
    if layer.dead[place]:
        return _MARKS[ascii_only][0]
    if layer.saturated[place]:
        return _MARKS[ascii_only][1]
    return " "


def node_text(layer: Layer, place: int, cells: int, ascii_only: bool) -> str:
    """A node's mean and its mark in so many cells; in three, the mean's sign alone."""
    sign = mark(layer, place, ascii_only)
    mean = float(layer.mean[place])
    if cells < 7:
        rounded = number(mean)
        return f" {'0' if float(rounded) == 0.0 else rounded[0]}{sign}"
    return f" {number(mean)}{sign}"


def legend(width: int, *, ascii_only: bool) -> Frame:
    """What lines, colours and signs mean, in LEGEND rows."""
    frame = Frame.blank(width, LEGEND, INKS)
    column = 0
    for sign, ink, words in ((1.0, "positive", " weights above 0  "), (-1.0, "negative", " below 0")):
        for share in (0.1, 0.4, 1.0):
            column += frame.write(0, column, sample(sign * share, 3, ascii_only=ascii_only), ink)
        column += frame.write(0, column, words, "muted")
    more = f", the thicker the larger; {MOST_EDGES} of a gap"
    if column + len(more) <= width:
        frame.write(0, column, more, "muted")
    column = 0
    for text, ink in zip("-  0  +", LEVELS, strict=True):
        column += frame.write(1, column, text, ink)
    column += frame.write(1, column, " mean value  ", "muted")
    for shown, words in zip(_MARKS[ascii_only], ("dead  ", "saturated"), strict=True):
        column += frame.write(1, column, shown, "strong") + 1
        column += frame.write(1, column, words, "muted")
    return frame


def _draw_gap(
    frame: Frame, layer: Layer, source: Column, target: Column, focus: Node, ascii_only: bool
) -> None:
    weights = layer.weights[:, :-1]
    largest = float(np.abs(weights).max(initial=0.0))
    left, right = source.right + 1, target.left - 1
    if not 0.0 < largest < np.inf or right - left < 1:
        return
    shown = weights[
        target.first : target.first + len(target.rows), source.first : source.first + len(source.rows)
    ]
    strongest = np.sort(np.abs(shown), axis=None)[::-1]
    least = strongest[min(MOST_EDGES, strongest.size) - 1]
    edges = []
    for (to, start), weight in np.ndenumerate(shown):
        own = focus in ((source.layer, source.first + start), (target.layer, target.first + to))
        if weight and (own or abs(weight) >= least):
            edges.append(
                Edge(
                    (source.rows[start], 0),
                    (target.rows[to], right - left),
                    float(weight) / largest,
                    own,
                )
            )
    height = frame.size[1]
    glyphs, inks = draw_edges(edges, right - left + 1, height, ascii_only=ascii_only)
    drawn = glyphs != SPACE
    offset = INKS.index(EDGE_INKS[0])
    frame.glyphs[:, left : right + 1][drawn] = glyphs[drawn]
    frame.inks[:, left : right + 1][drawn] = inks[drawn] + offset
    room = right - left - 7
    if room > 4:
        text = f"to {largest:.3g}" if ascii_only else f"±{largest:.3g}"
        frame.write(0, (left + right + 1 - len(text)) // 2, text, "muted")


def _draw_title(frame: Frame, column: Column, title: str) -> None:
    width = frame.size[0]
    start = column.right + 1 - len(title) if column.layer == 0 else column.middle - len(title) // 2
    frame.write(0, min(max(start, 0), max(width - len(title), 0)), title, "strong")


def _draw_folds(frame: Frame, layer: Layer, column: Column) -> None:
    """What is folded away above and below: how many, their mean, and how many of them are dead."""
    if not column.first and not column.below:
        return
    last = column.first + len(column.rows)
    for rows, part in (
        ((HEADER, HEADER + 1), slice(0, column.first)),
        ((column.rows[-1] + 1, column.rows[-1] + 2), slice(last, column.count)),
    ):
        count = len(range(*part.indices(column.count)))
        if not count:
            continue
        words = [f"... {count:,} more", f"mean {number(float(layer.mean[part].mean()))}"]
        for found, what in ((layer.dead, "dead"), (layer.saturated, "sat.")):
            if some := int(found[part].sum()):
                words[1] += f" {some:,} {what}"
        for row, text in zip(rows, words, strict=True):
            start = column.right + 1 - len(text) if column.layer == 0 else column.middle - len(text) // 2
            if row < frame.size[1]:
                frame.write(row, max(start, 0), text, "muted")
