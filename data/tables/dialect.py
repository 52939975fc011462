"""How a text is taken apart: its delimiter, how many cells a record has, whether the first one names them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    return guess_quotes(lines, chosen.delimiter)


def guess_quotes(lines: Sequence[str], delimiter: str) -> Format:
    """How the cells of these lines are quoted, when the delimiter is known."""
    form = Format(delimiter, space_after=delimiter == " ")
    if _is_padded(lines, form):
        form = replace(form, space_after=True)
    return _with_its_quotes(lines, form)


def _with_its_quotes(lines: Sequence[str], form: Format) -> Format:
    """Another way of quoting, where it explains every record and the usual one does not, or less."""
    single, escaped = replace(form, quote="'"), replace(form, escape="\\")
    if is_sound(lines, form):
        return single if _are_single_quotes(lines, form, single) else form
    for other in (single, escaped, replace(single, escape="\\")):
        # Escapes are told from text by cells that stand in quotes.
        is_used = not other.escape or any(_opens_a_cell(line, other) for line in lines)
        if is_used and is_sound(lines, other):
            return other
    return form


def _opens_a_cell(line: str, form: Format) -> bool:
    """Whether a quote begins a cell of this line."""
    return line.startswith(form.quote) or form.delimiter + form.quote in line


def _are_single_quotes(lines: Sequence[str], form: Format, single: Format) -> bool:
    """Whether single quotes stand around all words of a column, or double a quote inside."""
    if any('"' in line for line in lines) or not any("'" in line for line in lines):
        return False
    if not is_sound(lines, single):
        return False
    rows = tolerant(lines, form)[1:]
    for column in zip(*(row for row in rows if len(row) == usual_width(rows)), strict=True):
        cells = [cell for cell in column if cell and not is_number(cell)]
        enclosed = [len(cell) > 1 and cell[0] == cell[-1] == "'" for cell in cells]
        if len(cells) > 1 and all(enclosed):
            return True
        if any("''" in cell[1:-1] for cell, is_one in zip(cells, enclosed, strict=True) if is_one):
            return True
    return False


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
