"""Weka's ARFF: a table that declares its columns, read by its declarations and by the same rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from epochal.data.tables.building import column_of_texts
from epochal.data.tables.files import Content
from epochal.data.tables.notations import is_number
from epochal.data.tables.table import Column, Dialect, Kind, Problem, Table, TableError

EXCERPT = 80
MOST_PROBLEMS = 100

QUOTED = r"'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\""
CELL = re.compile(rf"\s*+(?:{QUOTED}|([^,'\"{{}}%]*+))\s*+(,|\Z)")
SPARSE = re.compile(rf"\s*+(\d+)\s++(?:{QUOTED}|([^,'\"{{}}\s]++))\s*+(,|\Z)")
ATTRIBUTE = re.compile(rf"@attribute\s+(?:{QUOTED}|([^\s{{]+))\s*(.+)", re.IGNORECASE)
NOMINAL = re.compile(rf"\{{((?:{QUOTED}|[^}}'\"])*+)\}}\s*(?:%.*)?")
NUMBERS = ("numeric", "real", "integer")


@dataclass(frozen=True)
class Attribute:
    """One declared column: `nominal` values in their declared order, or none for another type."""

    name: str
    kind: Kind
    nominal: tuple[str, ...] = ()


def is_arff(lines: Iterable[str]) -> bool:
    """Whether the first line that says something declares a relation."""
    told = (line.strip().lower() for line in lines)
    first = next((line for line in told if line and not line.startswith("%")), "")
    return first.startswith("@relation")


def read_arff(
    content: Content, lines: Iterable[str], *, missing: Iterable[str] = (), drop_bad_rows: bool = False
) -> Table:
    """The table of an ARFF file. Raises TableError with the lines at fault, as for any other file."""
    name = content.path.name
    numbered = enumerate(lines, 1)
    relation, attributes = _header(name, numbered)
    tokens = frozenset(missing)
    problems: list[Problem] = []
    cells: list[list[str | None]] = [[] for _ in attributes]
    left_out = 0
    for number, line in numbered:
        bare = line.strip()
        if not bare or bare.startswith("%"):
            continue
        row = _record(bare, attributes)
        fault = row if isinstance(row, tuple) else _misfit(row, attributes, tokens)
        if fault:
            left_out += 1
            if len(problems) < MOST_PROBLEMS:
                problems.append(Problem(number, *fault, bare[:EXCERPT]))
            elif not drop_bad_rows:
                break
        elif not isinstance(row, tuple):
            for column, cell in zip(cells, row, strict=True):
                column.append(None if cell in tokens else cell)
    table = Table(
        name=content.path.name.removesuffix(".gz").removesuffix(".zip").removesuffix(".arff"),
        columns=tuple(map(_column, attributes, cells)),
        path=str(content.path),
        dialect=Dialect(encoding=content.encoding, header=True),
        problems=tuple(problems),
        notes=(*content.notes, f"An ARFF file; its relation is called {relation}."),
        size=content.size,
        sha256=content.sha256,
        rows_left_out=left_out if drop_bad_rows else 0,
    )
    if problems and not drop_bad_rows:
        first = problems[0]
        raise TableError(
            f"{name}, line {first.line}: {EXPLAINED[first.kind].format(column=first.column)}",
            table.problems,
            table.notes,
            table,
        )
    if table.rows < 2:
        raise TableError(f"{name} has {table.rows} rows: nothing can be learned from that", (), (), table)
    return table


EXPLAINED = {
    "missing cells": "the record has fewer cells than there are attributes",
    "extra cells": "the record has more cells than there are attributes",
    "quote": "the quotes of the cell in column {column} are wrong",
    "text in numbers": "the cell in column {column} is declared a number and is none",
    "undeclared value": "the cell in column {column} is none of the values declared for it",
}


def _header(name: str, numbered: Iterable[tuple[int, str]]) -> tuple[str, list[Attribute]]:
    relation = ""
    attributes: list[Attribute] = []
    for number, line in numbered:
        bare = line.strip()
        word = bare.split(maxsplit=1)[0].lower() if bare else ""
        if word == "@relation":
            relation = bare[len(word) :].strip().strip("'\"")
        elif word == "@attribute":
            attributes.append(_attribute(name, number, bare))
        elif word == "@data":
            return relation, _distinct(name, number, attributes)
        elif word and not word.startswith("%"):
            raise TableError(
                f"{name}, line {number}: an attribute, a comment or @data belongs here",
                [Problem(number, 1, "header", bare[:EXCERPT])],
            )
    raise TableError(f"{name} has no @data line, so it has no rows")


def _distinct(name: str, number: int, attributes: list[Attribute]) -> list[Attribute]:
    names = [attribute.name for attribute in attributes]
    if not names or len(set(names)) < len(names):
        twice = next((one for one in names if names.count(one) > 1), "")
        reason = f"two attributes are called {twice}" if twice else "no attributes are declared"
        raise TableError(f"{name}: {reason}", [Problem(number, 1, "header", "@data")])
    return attributes


def _attribute(name: str, number: int, line: str) -> Attribute:
    match = ATTRIBUTE.fullmatch(line)
    if match:
        label = _unquoted(match.groups()[:3]) or ""
        declared = match[4].strip()
        kind = declared.split(maxsplit=1)[0].partition("%")[0].lower()
        if kind in NUMBERS:
            return Attribute(label, "number")
        if kind in ("string", "date"):
            return Attribute(label, "text" if kind == "string" else "date")
        if nominal := NOMINAL.fullmatch(declared):
            values = _cells(nominal[1])
            if isinstance(values, list):
                return Attribute(label, "category", tuple(value or "" for value in values))
    raise TableError(
        f"{name}, line {number}: this attribute is neither numeric nor nominal, string or date",
        [Problem(number, 1, "header", line[:EXCERPT])],
    )


def _unquoted(groups: Iterable[str | None]) -> str | None:
    """The text of a cell, None for an unquoted question mark."""
    single, double, plain = groups
    if plain is not None:
        return None if plain.strip() == "?" else plain.strip()
    return re.sub(r"\\(.)", r"\1", single if single is not None else double or "")


def _cells(text: str) -> list[str | None] | tuple[int, str]:
    """The cells of a line, or the column and kind of its first fault."""
    found: list[str | None] = []
    at = 0
    while match := CELL.match(text, at):
        found.append(_unquoted(match.groups()[:3]))
        at = match.end()
        if not match[4]:
            return found
    return len(found) + 1, "quote"


def _record(line: str, attributes: list[Attribute]) -> list[str | None] | tuple[int, str]:
    if not line.startswith("{"):
        cells = _cells(line)
        if isinstance(cells, list) and len(cells) != len(attributes):
            short = len(cells) < len(attributes)
            return (len(cells) + 1, "missing cells") if short else (len(attributes) + 1, "extra cells")
        return cells
    row: list[str | None] = [one.nominal[0] if one.nominal else "0" for one in attributes]
    inside = line[1:-1].strip()
    at = 0
    while at < len(inside):
        match = SPARSE.match(inside, at)
        if not match or not line.endswith("}"):
            return 1, "quote"
        if int(match[1]) >= len(row):
            return int(match[1]) + 1, "extra cells"
        row[int(match[1])] = _unquoted(match.groups()[1:4])
        at = match.end()
    return row


def _misfit(
    row: list[str | None], attributes: list[Attribute], missing: frozenset[str]
) -> tuple[int, str] | None:
    for place, (cell, attribute) in enumerate(zip(row, attributes, strict=True), 1):
        if cell is None or cell in missing:
            continue
        if attribute.kind == "number" and not (is_number(cell) and _finite(cell)):
            return place, "text in numbers"
        if attribute.nominal and cell not in attribute.nominal:
            return place, "undeclared value"
    return None


def _finite(cell: str) -> bool:
    try:
        return abs(float(cell)) < np.inf
    except ValueError:
        return False


def _column(attribute: Attribute, cells: list[str | None]) -> Column:
    if attribute.kind == "number":
        return Column(attribute.name, "number", np.array([np.nan if c is None else float(c) for c in cells]))
    if attribute.nominal:
        place = {value: index for index, value in enumerate(attribute.nominal)}
        values = np.array([-1 if c is None else place[c] for c in cells], np.int32)
        return Column(attribute.name, "category", values, attribute.nominal)
    found = column_of_texts(attribute.name, [c or "" for c in cells])
    kind: Kind = "date" if attribute.kind == "date" else found.kind
    return Column(attribute.name, kind, found.values, found.categories)


def arff_records(
    name: str, lines: Iterable[str], missing: frozenset[str]
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str] | Problem]]]:
    """The attributes' names, and each record's line with its cells as written, or with what is wrong in it.

    A cell that is missing is a question mark.
    """
    numbered = enumerate(lines, 1)
    _, attributes = _header(name, numbered)

    def records() -> Iterator[tuple[int, list[str] | Problem]]:
        for number, line in numbered:
            bare = line.strip()
            if not bare or bare.startswith("%"):
                continue
            row = _record(bare, attributes)
            fault = row if isinstance(row, tuple) else _misfit(row, attributes, missing)
            if fault or isinstance(row, tuple):
                yield number, Problem(number, *(fault or (1, "quote")), bare[:EXCERPT])
            else:
                yield number, ["?" if cell is None else cell for cell in row]

    return tuple(one.name for one in attributes), records()
