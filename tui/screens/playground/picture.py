"""The network as maps joined by its weights: what each hidden node makes of the plane, in half blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rich.cells import get_character_cell_size

from epochal.core.network.network import Network
from epochal.core.rows.examples import Floats
from epochal.tui.widgets.edges import Edge, draw_edges
from epochal.tui.widgets.heat import HUES, LEVELS, TRUECOLOR, Cells, Rgb, class_colours, rgb_of
from epochal.tui.widgets.pen import SPACE
from epochal.tui.widgets.text import fit, width_of

HALF = ord("▀")
TALLEST, MOST_EDGES = 5, 80
# Rows above the maps: what each layer is.
HEADER = 1


@dataclass(frozen=True, eq=False)
class Picture:
    """What is to be seen: the network, a map for each hidden node, the names of its inputs, what is in focus.

    Layer 0 of `focus` is the inputs; inputs turned `off` are named too, after the others.
    """

    network: Network
    maps: Sequence[Sequence[Floats]]
    names: Sequence[str]
    off: Sequence[str]
    focus: tuple[int, int]


@dataclass(frozen=True)
class Slot:
    """Where a node stands: its first column and row, its size in cells."""

    left: int
    top: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """The row of its edges."""
        return self.top + self.height // 2


def slots(sizes: Sequence[int], names: int, width: int, height: int) -> list[list[Slot]]:
    """The inputs' slots and those of each hidden layer, as many nodes as have room, in so many cells."""
    rows = max(height - HEADER, 1)
    heights = [max(min(rows // max(nodes, 1) - 1, TALLEST), 1) for nodes in sizes]
    widths = [2 * one if one > 1 else 3 for one in heights]
    gaps = max((width - names - sum(widths)) // (len(sizes) + 1), 2)
    made = [_column(names, 1, 0, names, rows)]
    left = names + gaps
    for nodes, wide, high in zip(sizes, widths, heights, strict=True):
        made.append(_column(nodes, high, left, wide, rows))
        left += wide + gaps
    return made


def _column(nodes: int, high: int, left: int, wide: int, rows: int) -> list[Slot]:
    each = high + 1 if high > 1 or nodes * 2 <= rows else 1
    shown = max(min(nodes, rows // each), 1)
    room = shown * each - (each - high)
    top = HEADER + max((rows - room) // 2, 0)
    return [Slot(left, top + place * each, wide, high) for place in range(shown)]


def draw(
    picture: Picture, width: int, height: int, ground: Rgb, *, ascii_only: bool, depth: int = TRUECOLOR
) -> Cells:
    """The picture in so many cells; its outputs' edges end at the right."""
    back = _packed(ground)
    text = 0xE0E0E0 if sum(ground) < 384 else 0x202020
    glyphs = np.full((height, width), SPACE, np.uint32)
    strokes, behind = np.full((height, width), text, np.uint32), np.full((height, width), back, np.uint32)
    cells = Cells(glyphs, strokes, behind)
    sizes = picture.network.layers[1:-1]
    labels = [*picture.names, *(f"{name} off" for name in picture.off)]
    names = min(max([*map(width_of, labels), 6]), max(width // 4, 6)) + 1
    made = slots(sizes, names, width, height)
    made[0] = _column(len(labels), 1, 0, names, max(height - HEADER, 1))
    _draw_weights(cells, picture, made, ground, ascii_only=ascii_only)
    for place, (slot, name) in enumerate(zip(made[0], labels, strict=False)):
        shade = text if place < len(picture.names) else _mixed(ground, rgb_of(text), 0.5)
        _write(cells, slot.top, 0, fit(name, names - 1, right=True), shade, picture.focus == (0, place))
    for layer, (nodes, column) in enumerate(zip(picture.maps, made[1:], strict=True), 1):
        for place, (slot, values) in enumerate(zip(column, nodes, strict=False)):
            _draw_map(cells, slot, values, ground, ascii_only=ascii_only, depth=depth)
            if picture.focus == (layer, place) and slot.left:
                _write(cells, slot.middle, slot.left - 1, ">", text, False)
        more = sizes[layer - 1] - len(column)
        title = f"{sizes[layer - 1]}" + (f" (+{more})" if more else "")
        _write(cells, 0, column[0].left, title, text, picture.focus[0] == layer)
    _write(cells, 0, max(names - 7, 0), "inputs", text, picture.focus[0] == 0)
    return cells


def _draw_weights(
    cells: Cells, picture: Picture, made: list[list[Slot]], ground: Rgb, *, ascii_only: bool
) -> None:
    """Lines from layer to layer, and to the outputs beyond the right end; the thicker the larger."""
    height, width = cells.glyphs.shape
    outputs = picture.network.layers[-1]
    ends = [
        Slot(width, min(max(height // 2 + place - outputs // 2, HEADER), height - 1), 1, 1)
        for place in range(outputs)
    ]
    columns = [made[0][: len(picture.names)], *made[1:], ends]
    for layer, (source, target) in enumerate(pairwise(columns)):
        if not source or not target:
            continue
        left, right = source[0].left + source[0].width, target[0].left - 2
        weights = np.asarray(picture.network.weights[layer], np.float64)[: len(target), : len(source)]
        largest = float(np.abs(weights).max(initial=0.0))
        if right - left < 1 or not 0.0 < largest < np.inf:
            continue
        least = np.sort(np.abs(weights), axis=None)[::-1][min(MOST_EDGES, weights.size) - 1]
        edges = []
        for (to, start), weight in np.ndenumerate(weights):
            own = picture.focus in ((layer, start), (layer + 1, to))
            if weight and (own or abs(weight) >= least):
                ends_at = (source[start].middle, 0), (target[to].middle, right - left)
                edges.append(Edge(*ends_at, float(weight) / largest, own))
        drawn, inks = draw_edges(edges, right - left + 1, height, ascii_only=ascii_only)
        shades = np.array(
            [_mixed(ground, HUES[hue], share) for share in (1.0, 0.5) for hue in (1, 0)], np.uint32
        )
        there = drawn != SPACE
        cells.glyphs[:, left : right + 1][there] = drawn[there]
        cells.strokes[:, left : right + 1][there] = shades[inks[there]]


def _draw_map(cells: Cells, slot: Slot, values: Floats, ground: Rgb, *, ascii_only: bool, depth: int) -> None:
    """A node's map, its lowest row first, two pixels in a cell (in ASCII a sign); none without room."""
    if slot.top + slot.height > cells.glyphs.shape[0] or slot.left + slot.width > cells.glyphs.shape[1]:
        return
    tall = slot.height if ascii_only else 2 * slot.height
    rows = (np.arange(tall) * len(values) // tall)[::-1]
    columns = np.arange(slot.width) * values.shape[1] // slot.width
    pixels = values[np.ix_(rows, columns)]
    shades = map_shades(pixels, ground, depth=depth)
    area = slice(slot.top, slot.top + slot.height), slice(slot.left, slot.left + slot.width)
    if ascii_only:
        cells.glyphs[area] = np.where(
            np.abs(pixels) < 0.2, ord("."), np.where(pixels > 0, ord("+"), ord("-"))
        )
        cells.strokes[area] = shades
        return
    cells.glyphs[area] = HALF
    cells.strokes[area], cells.behind[area] = shades[::2], shades[1::2]


def map_shades(
    values: Floats, ground: Rgb, *, depth: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint32]]:
    """Orange below 0 and blue above, as weights are; in few steps, so that little changes as it learns."""
    level = np.rint(np.clip(np.nan_to_num(values), -1.0, 1.0) * (LEVELS - 1)).astype(np.intp)
    return np.asarray(class_colours(2, ground, depth=depth)[(level > 0).astype(np.intp), np.abs(level)])


def _write(cells: Cells, row: int, column: int, text: str, shade: int, marked: bool) -> None:
    height, width = cells.glyphs.shape
    for character in text:
        # A wide character is followed by a 0.
        for code in (ord(character), 0)[: get_character_cell_size(character)]:
            if 0 <= row < height and 0 <= column < width:
                back = int(cells.behind[row, column])
                cells.glyphs[row, column] = code
                cells.strokes[row, column] = back if marked else shade
                cells.behind[row, column] = shade if marked else back
            column += 1


def _packed(colour: Rgb) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def _mixed(ground: Rgb, colour: Rgb, share: float) -> int:
    red, green, blue = (round(low + share * (high - low)) for low, high in zip(ground, colour, strict=True))
    return _packed((red, green, blue))
