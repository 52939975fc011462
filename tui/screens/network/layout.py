"""Where a network's nodes stand on a grid of cells: a column for each layer, and wide layers folded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from epochal.core.explain.node_statistics import Node

HEADER = 1
"""Rows above the nodes, for the layers' titles."""

FOLD = 2
"""Rows above and below a folded layer's nodes, for what is said of the rest."""

# A column of nodes is looked at as one thing as long as its nodes are no farther apart.
_WIDEST_PITCH = 5

_PILL, _NARROW_PILL = 7, 3
_ROOMY_GAP, _LEAST_GAP = 5, 4


@dataclass(frozen=True)
class Column:
    """A layer's nodes from `first` on, one on each of `rows`; edges end before `left` and after `right`."""

    layer: int
    count: int
    left: int
    right: int
    first: int
    rows: tuple[int, ...]

    @property
    def below(self) -> int:
        """How many nodes are folded away below those shown; `first` are above."""
        return self.count - self.first - len(self.rows)

    @property
    def middle(self) -> int:
        """The cell in its middle."""
        return (self.left + self.right) // 2

    def nearest(self, row: int) -> int:
        """The place in the layer of the shown node nearest to a row."""
        return self.first + min(range(len(self.rows)), key=lambda index: abs(self.rows[index] - row))

    def row_of(self, place: int) -> int | None:
        """The row of a node, None where it is folded away."""
        index = place - self.first
        return self.rows[index] if 0 <= index < len(self.rows) else None


@dataclass(frozen=True)
class Layout:
    """The columns shown, from left to right; names end before the first, answers begin after the last.

    Layers for which there is no room beside the focus are left out: `before` and `after` it.
    """

    size: tuple[int, int]
    columns: tuple[Column, ...]
    names: int
    answers: int
    before: int
    after: int

    def column(self, layer: int) -> Column | None:
        """The column of a layer, None where it is left out."""
        return next((column for column in self.columns if column.layer == layer), None)


def lay_out(
    layers: tuple[int, ...],
    size: tuple[int, int],
    focus: Node,
    firsts: Mapping[int, int],
    longest_name: int,
    longest_answer: int,
) -> Layout:
    """Columns for layers of these sizes, with the focus among the nodes shown.

    `firsts` are the first nodes shown of layers that were folded before: they stay where they are
    as long as the focus can be seen.
    """
    width, height = size
    names = min(longest_name, max(9, width // 4))
    answers = min(longest_answer, max(7, width // 6))
    count = len(layers)
    for pill, gap in ((_PILL, _ROOMY_GAP), (_NARROW_PILL, _LEAST_GAP)):
        room = width - names - answers - 4
        fitting = max(1 + (room - 1) // (pill + gap), 2)
        if fitting >= count:
            break
    fitting = min(fitting, count)
    before = min(max(focus[0] - fitting // 2, 0), count - fitting)
    shown = range(before, before + fitting)
    # The node of an input is one cell: its name stands beside it.
    widths = [1 if layer == 0 else pill for layer in shown]
    start = names + 2 if before == 0 else 1
    end = width - (answers + 1 if shown[-1] == count - 1 else 1)
    slack = end - start - sum(widths)
    columns, left = [], start
    for index, layer in enumerate(shown):
        left = start + sum(widths[:index]) + round(slack * index / max(fitting - 1, 1))
        place = focus[1] if layer == focus[0] else None
        first, rows = _stand(layers[layer], height - HEADER, firsts.get(layer, 0), place)
        right = left + widths[index] - 1
        columns.append(Column(layer, layers[layer], left, right, first, tuple(HEADER + row for row in rows)))
    return Layout(size, tuple(columns), names, answers, before, count - fitting - before)


def _stand(count: int, room: int, first: int, focus: int | None) -> tuple[int, list[int]]:
    """The first node shown, and the rows of those that are."""
    if count <= room:
        pitch = min(room // count, _WIDEST_PITCH)
        top = (room - pitch * (count - 1) - 1) // 2
        return 0, [top + pitch * index for index in range(count)]
    shown = max(room - 2 * FOLD, 1)
    first = min(max(first, 0), count - shown)
    if focus is not None:
        first = min(max(first, focus - shown + 1), focus)
    return first, [FOLD + index for index in range(shown)]
