"""How a file will be read, as its first lines suggest and a person says."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from epochal.data.tables.dialect import guess_format, guess_quotes, tolerant
from epochal.data.tables.files import Content
from epochal.data.tables.format import Format, usual_width
from epochal.data.tables.header_lines import (
    ORANGE_LINES,
    HeaderLines,
    offers_of_a_name,
    orange_header,
    with_a_name_missing,
)
from epochal.data.tables.headers import names_columns
from epochal.data.tables.options import Reading
from epochal.data.tables.records import EXCERPT, Batch, Records
from epochal.data.tables.rules import normal
from epochal.data.tables.table import Offer, Problem, TableError
from epochal.data.tables.wording import counted

SAMPLE = 256 << 10
SAMPLE_LINES = 300
SEP_LINE = re.compile(r"""(?P<quote>["']?)sep=(?P<delimiter>[^"'\r\n])(?P=quote)[,;\s]*""", re.IGNORECASE)


@dataclass(frozen=True)
class Plan:
    """How the file will be read, as its first lines suggest; `sample` are their records."""

    form: Format
    width: int
    header: bool
    first_line: int
    names: tuple[str, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    damaged: bool = False
    sample: tuple[tuple[str, ...], ...] = ()
    above: HeaderLines | None = None
    offers: tuple[Offer, ...] = ()

    @property
    def records_from(self) -> int:
        """The line of the first record, or of a header that has the shape of one."""
        return self.first_line + (self.above.lines if self.above else 0)

    @property
    def header_is_a_record(self) -> bool:
        """Whether the first record names the columns."""
        return self.header and self.above is None


def sample_of(text: io.TextIOWrapper) -> list[str]:
    """The first lines of a text."""
    lines: list[str] = []
    size = 0
    while size < SAMPLE and len(lines) < SAMPLE_LINES and (line := text.readline()):
        lines.append(line)
        size += len(line)
    return lines


def planned(sample: list[str], asked: Reading, content: Content) -> Plan:
    """The plan; TableError when there is nothing to read."""
    name = content.path.name
    if not any(line.strip() for line in sample):
        raise TableError(f"{name} holds nothing but blank lines")
    first_line, delimiter = asked["first_line"] or 1, asked["delimiter"]
    if asked["first_line"] is None and (named := _sep_line(sample[0])):
        first_line, delimiter = 2, delimiter or named
    lines = sample[first_line - 1 :]
    if not any(line.strip() for line in lines):
        raise TableError(f"{name} has no records from line {first_line} on")
    form = _form(lines, delimiter, asked)
    rows = tolerant(lines, form)
    width = usual_width(rows)
    problems: list[Problem] = []
    offers: tuple[Offer, ...] = ()
    found = _unnamed(lines, form, width, asked["unnamed"])
    above = HeaderLines(1, found[1]) if found else None
    if found:
        first_line += found[0]
    elif asked["first_line"] is None:
        begins = first_line
        first_line, problems = _above(lines, first_line, form, width, damaged=content.damaged)
        offers = _offers(problems, first_line, lines, begins, form)
    lines = sample[first_line - 1 + (above.lines if above else 0) :]
    fitting = [row for row in tolerant(lines, form) if len(row) == width and (any(row) or width == 1)]
    if not fitting:
        fitting = [[""] * width]
    header = asked["header"]
    if above is None and header is None and width > 1:
        above = orange_header(fitting)
        fitting = fitting[ORANGE_LINES:] if above else fitting
    if above is not None:
        first, rest, header = list(above.names), fitting, True
    else:
        first, rest = fitting[0], fitting[1:]
    if header is None:
        # Below a damaged header stands no other.
        header = False if any(one.kind == "header" for one in problems) else names_columns(first, rest)
    if header is None:
        excerpt = sample[first_line - 1].rstrip("\r\n")[:EXCERPT]
        problems.append(Problem(first_line, 1, "header", excerpt))
        offers = (
            Offer("Take the first line to name the columns", {"header": True}),
            Offer("Take the first line for data", {"header": False}),
        )
        header = True
    names, notes = _names(first if header else [""] * width, header=header)
    return Plan(
        form=form,
        width=width,
        header=header,
        first_line=first_line,
        names=names,
        problems=tuple(problems),
        notes=notes,
        damaged=content.damaged,
        sample=tuple(map(tuple, rest)),
        above=above,
        offers=offers,
    )


def _unnamed(
    lines: list[str], form: Format, width: int, which: str | None
) -> tuple[int, tuple[str, ...]] | None:
    """The header that has no name for one column, where that was said: lines above it, and its names."""
    if which is None:
        return None
    for place, line in enumerate(lines):
        rows = tolerant([line], form)
        if rows and any(rows[0]):
            names = with_a_name_missing(rows[0], width, which)
            if names is not None:
                return place, names
            if len(rows[0]) == width:
                break
    raise TableError(f"No header is one name short of {width} columns: leave out --unnamed")


def _offers(
    problems: list[Problem], first_line: int, lines: list[str], begins: int, form: Format
) -> tuple[Offer, ...]:
    """Repairs of what stands above the records."""
    if not problems:
        return ()
    last = problems[-1]
    width = usual_width(tolerant(lines, form))
    row = next(iter(tolerant(lines[last.line - begins : last.line - begins + 1], form)), [])
    if last.kind == "header" and (offers := offers_of_a_name(row, width)):
        return offers
    if all(one.kind == "title" for one in problems):
        return (Offer(f"Begin at line {first_line}", {"first_line": first_line}),)
    return ()


def _form(lines: list[str], delimiter: str | None, asked: Reading) -> Format:
    """The format of these lines, as far as it was not said."""
    quote, escape = asked["quote"], asked["escape"]
    form = guess_format(lines) if delimiter is None else guess_quotes(lines, delimiter)
    if quote is not None:
        form = replace(form, quote=quote)
    return form if escape is None else replace(form, escape=escape)


def _sep_line(line: str) -> str:
    """The delimiter that a first line such as `sep=;` names, in quotes or not; empty where it names none."""
    match = SEP_LINE.fullmatch(line.rstrip("\r\n"))
    return match["delimiter"] if match else ""


def _above(
    lines: list[str], first_line: int, form: Format, width: int, *, damaged: bool
) -> tuple[int, list[Problem]]:
    """The line of the first record that can be a header, and what stands above it."""
    problems: list[Problem] = []
    records = Records(_Given(lines), form, width, damaged=damaged)
    first = next((batch for batch in records.batches()), None)
    at = _below_titles(first, width) if first is not None else 1
    for problem, cells in records.faults:
        if problem.line < at:
            header = at == problem.line + 1 and not problems and (cells > width / 2 or cells == 0)
            header = header or problem.kind == "delimiter"
            kind = "header" if header and problem.kind.endswith("cells") else problem.kind
            kind = "title" if not header and problem.kind.endswith("cells") else kind
            problems.append(replace(problem, line=problem.line + first_line - 1, kind=kind))
    if first is not None:
        for line in first.lines:
            if line < at:
                excerpt = lines[line - 1].rstrip("\r\n")[:EXCERPT]
                problems.append(Problem(line + first_line - 1, 1, "title", excerpt))
    return at + first_line - 1, sorted(problems, key=lambda one: one.line)


def _below_titles(batch: Batch, width: int) -> int:
    """The line of the first record that is not nearly empty where the records after it are full."""
    full = [sum(1 for cell in row if cell.strip()) for row in batch.rows[:20]]
    for place, cells in enumerate(full):
        if width < 3 or cells > width / 2 or not any(later > width / 2 for later in full[place + 1 :]):
            return batch.lines[place]
    return batch.lines[0]


class _Given:
    """Lines that are all there already."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def readlines(self, _hint: int = -1, /) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def _names(cells: Sequence[str], *, header: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Column names, none empty and no two alike."""
    notes: list[str] = [] if header else ["No line names the columns, so they are numbered."]
    wanted = [normal(cell.strip()) or f"column {place}" for place, cell in enumerate(cells, 1)]
    unnamed = sum(1 for cell in cells if not cell.strip())
    if header and unnamed:
        notes.append(f"{counted(unnamed, 'column has', 'columns have')} no name and got a number instead.")
    used: set[str] = set()
    names: list[str] = []
    taken, counts = set(wanted), dict.fromkeys(wanted, 1)
    for name in wanted:
        unique, times = name, counts[name]
        while unique in used or (times > 1 and unique in taken):
            times += 1
            unique = f"{name} ({times})"
        counts[name] = times
        if unique != name:
            notes.append(f"Two columns are called {name}; the later one is {unique} here.")
        names.append(unique)
        used.add(unique)
    return tuple(names), tuple(notes)
