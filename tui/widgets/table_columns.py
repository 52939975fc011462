"""How a table's columns are written: their headings, their widths, and where their decimal points stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from epochal.core.numerals import rounded
from epochal.data.tables.table import Column, Table
from epochal.tui.widgets.text import fit, visible

Role = Literal["feature", "target", "left-out"]

_WIDEST = 32


@dataclass(frozen=True)
class Writing:
    """How one column's cells are written, judged by a sample of its rows."""

    column: Column
    missing: int
    width: int
    decimals: int = 0
    pads_zeros: bool = False
    digits: int = 0
    """Numbers are rounded to so many; 0 leaves them as they are."""

    def cell(self, row: int) -> str:
        """The cell's text, a number with its decimal point below the others; empty where missing."""
        text = _text(self.column, row, self.digits)
        if not text or self.column.kind != "number":
            return text
        return _pointed(text, self.decimals, "0" if self.pads_zeros else " ")

    def whole(self, row: int) -> str:
        """The cell's text with all its digits."""
        return self.column.text(row)

    def description(self, role: Role) -> str:
        """What the column holds, in a word or two: `target: 2 classes`, `number, 3 missing`, `left out`."""
        if role == "left-out":
            return "left out"
        kind: str = self.column.kind
        if kind == "category":
            count = len(self.column.categories)
            one, many = ("class", "classes") if role == "target" else ("category", "categories")
            kind = f"{count:,} {one if count == 1 else many}"
        missing = f", {self.missing:,} missing" if self.missing else ""
        return f"{'target: ' if role == 'target' else ''}{kind}{missing}"


@dataclass(frozen=True)
class Place:
    """One column and its place, in cells from the first column's edge; `width` is that of its text."""

    writing: Writing
    role: Role
    name: str
    description: str
    start: int
    width: int

    @property
    def end(self) -> int:
        """The first cell beyond the column and its blanks."""
        return self.start + self.width + 2

    def write(self, text: str, left: int, right: int) -> str:
        """The text in what those cells leave of the column; an ellipsis where that is too little for it."""
        room = min(self.end, right) - max(self.start, left)
        is_number = self.writing.column.kind == "number"
        if self.start < left:
            return fit(text, room - 1, right=is_number) + " "
        whole = f" {fit(text, self.width, right=is_number)} "
        return whole if self.end <= right else fit(whole.rstrip(), room)


def measured(table: Table, digits: int = 0) -> list[Writing]:
    """Judge each column by at most 500 rows, spread evenly; by fewer when there are very many columns.

    With `digits`, numbers are rounded to so many.
    """
    count = min(table.rows, max(8, min(500, 20_000 // max(1, len(table.columns)))))
    sample = [index * (table.rows - 1) // max(1, count - 1) for index in range(count)]
    return [_measured(column, sample, digits) for column in table.columns]


def _text(column: Column, row: int, digits: int) -> str:
    text = column.text(row)
    if not (digits and text and column.kind == "number"):
        return text
    return rounded(float(column.values[row]), digits)


def _measured(column: Column, sample: Sequence[int], digits: int) -> Writing:
    texts = [text for row in sample if (text := _text(column, row, digits))]
    if column.kind != "number":
        width = max((cell_len(visible(text[:_WIDEST])) for text in texts), default=1)
        return Writing(column, column.missing, min(width, _WIDEST))
    places = [_places(text) for text in texts]
    decimals = max(places, default=0)
    # Where nearly all have as many decimals, the file wrote them out and 4.0 lost its zero when it was read.
    pads_zeros = 4 * places.count(decimals) >= 3 * len(places)
    width = max((len(_pointed(text, decimals, " ")) for text in texts), default=1)
    return Writing(column, column.missing, min(width, _WIDEST), decimals, pads_zeros, digits)


def _places(number: str) -> int:
    """How many digits follow the decimal point; none in a power of ten such as 1e-07."""
    return 0 if "e" in number else len(number.partition(".")[2])


def _pointed(number: str, decimals: int, filler: str) -> str:
    """The number with room, or zeros, for that many decimals, so that points of a column stand in line."""
    if not decimals or "e" in number:
        return number
    whole, _, fraction = number.partition(".")
    if not fraction:
        point = "." if filler == "0" else " "
        return whole + point + filler * decimals
    return f"{whole}.{fraction}" + filler * (decimals - len(fraction))


def placed(writings: Sequence[Writing], target: str, ignored: Collection[str]) -> list[Place]:
    """The columns side by side, wide enough for their cells and for headings that name the target's role."""
    places: list[Place] = []
    start = 0
    for writing in writings:
        name, column = visible(writing.column.name), writing.column.name
        role: Role = "target" if column == target else "left-out" if column in ignored else "feature"
        description = writing.description(role)
        heading = min(max(cell_len(name), cell_len(description)), _WIDEST)
        place = Place(writing, role, name, description, start, max(writing.width, heading))
        places.append(place)
        start = place.end
    return places
