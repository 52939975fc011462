"""How a text is taken apart: its delimiter, how many cells a record has, whether the first one names them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from epochal.data.tables.cells import is_missing
from epochal.data.tables.format import Format, is_quoted_well, oddity, parse, usual_width
from epochal.data.tables.notations import is_number

CANDIDATES = ",;\t|"
SNIFFED = 8 << 10
CONSISTENT = 0.9

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars", " ": "spaces", ":": "colons"}


@dataclass(frozen=True)
class Fit:
    """How well a format explains a sample: the usual width, the share of records that have it."""

    form: Format
    width: int
    share: float
    clean: float


def fit(lines: Sequence[str], form: Format) -> Fit:
    """How well the format explains these lines; blank ones say nothing."""
    rows = [row for row in tolerant(lines, form) if any(row)]
    width = usual_width(rows)
    fitting = [row for row in rows if len(row) == width]
    cells = [cell.strip() for row in fitting for cell in row]
    others = [other for other in CANDIDATES if other != form.delimiter]
    clean = sum(1 for cell in cells if is_number(cell) or not any(other in cell for other in others))
    return Fit(form, width, len(fitting) / max(len(rows), 1), clean / max(len(cells), 1))


def tolerant(lines: Sequence[str], form: Format) -> list[list[str]]:
    """The records of a sample, going on with the next line after each fault."""
    rows: list[list[str]] = []
    at = 0
    while at < len(lines):
        found, ends, error = parse(lines[at:], form)
        rows += found
        if not error:
            break
        at += (ends[-1] if ends else 0) + 1
    return rows


def guess_format(lines: Sequence[str]) -> Format:
    """The delimiter of these lines, the comma when nothing speaks for another."""
    fits = [fit(lines, Format(candidate)) for candidate in CANDIDATES]
    wide = [one for one in fits if one.width > 1]
    if not wide:
        spaced = fit(lines, Format(" ", space_after=True))
        numbers = any(is_number(cell) for row in tolerant(lines[-5:], spaced.form) for cell in row)
        return spaced.form if spaced.width > 1 and spaced.share == 1 and numbers else Format()
    best = max(one.share for one in wide)
    good = [one for one in wide if one.share >= CONSISTENT * best]
    cleanest = max(one.clean for one in good)
    good = [one for one in good if one.clean >= cleanest - 0.02]
    sniffed = _sniffed(lines)
    chosen = next((one for one in good if one.form.delimiter == sniffed), good[0]).form
    if _is_padded(lines, chosen):
        chosen = replace(chosen, space_after=True)
    return _with_its_quotes(lines, chosen)


def _with_its_quotes(lines: Sequence[str], form: Format) -> Format:
    """Another way of quoting, only where it explains every record and the usual one does not."""
    if is_sound(lines, form):
        return form
    for other in (replace(form, quote="'"), replace(form, escape="\\")):
        if is_sound(lines, other):
            return other
    return form


def is_sound(lines: Sequence[str], form: Format) -> bool:
    """Whether the format explains every record of a sample: its count of cells and each of its quotes."""
    rows, ends, error = parse(lines, form)
    if error and not error.startswith("unexpected end"):
        return False
    width = usual_width(rows)
    begins = [0, *ends]
    for row, begin, end in zip(rows, begins, ends, strict=False):
        text = "".join(lines[begin:end])
        if row and (len(row) != width or oddity(row, text, form) or not is_quoted_well(text, form)):
            return False
    return True


def _sniffed(lines: Sequence[str]) -> str:
    try:
        return csv.Sniffer().sniff("".join(lines)[:SNIFFED], CANDIDATES).delimiter
    except csv.Error:
        return ","


def _is_padded(lines: Sequence[str], form: Format) -> bool:
    """Whether, as a rule, a space follows the delimiter."""
    if form.delimiter in " \t":
        return False
    rows = [row for row in tolerant(lines, form) if len(row) > 1]
    return 2 * sum(all(cell[:1] == " " for cell in row[1:]) for row in rows) > len(rows)


def names_columns(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool | None:
    """Whether the first record names the columns; None when it is neither names nor data."""
    if not rest:
        return not any(is_number(cell) for cell in first)
    named: list[str] = []
    same: list[str] = []
    for place, cell in enumerate(first):
        below = [row[place] for row in rest if not is_missing(row[place])]
        if not below or sum(map(is_number, below)) < CONSISTENT * len(below):
            continue
        if is_number(cell):
            same.append(cell)
        elif not is_missing(cell):
            named.append(cell)
    if named and same:
        return True if _are_years(same) or _count_up(same) else None
    if named or same:
        return bool(named) or _are_years(same)
    used = [place for place, cell in enumerate(first) if cell or any(row[place] for row in rest)]
    words = {first[place] for place in used}
    others = [row for row in rest if list(row) != list(first)]
    return len(words) == len(used) and not any(first[place] == row[place] for row in others for place in used)


def _are_years(cells: Sequence[str]) -> bool:
    """Whether numbers in a header are names after all: years in even steps."""
    if len(cells) < 3 or not all(re.fullmatch("(?:1[89]|20)[0-9][0-9]", cell.strip()) for cell in cells):
        return False
    steps = {int(later) - int(earlier) for earlier, later in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps


def _count_up(cells: Sequence[str]) -> bool:
    """Whether numbers in a header are positions, from 0 or 1."""
    return len(cells) > 1 and any(
        [cell.strip() for cell in cells] == [str(n) for n in range(start, start + len(cells))]
        for start in (0, 1)
    )
