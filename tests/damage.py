"""Deliberate damage: sound tables, and every way we know of spoiling one line or one whole file."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from epochal.data.tables.table import TableError

Cells = list[list[str]]


@dataclass(frozen=True)
class Sound:
    """A table as it should be, header first, and how it is written."""

    name: str
    cells: Cells
    delimiter: str = ","
    end: str = "\n"


@dataclass(frozen=True)
class Damaged:
    """A spoiled text: `lines` are the physical lines, from 1, that may be named; none when it is whole."""

    name: str
    text: str
    cells: Cells
    lines: range


def shop(rows: int, seed: int, end: str = "\r\n") -> Sound:
    """Dates, amounts, quoted descriptions, some of them over two lines, addresses and missing cells."""
    draw = random.Random(seed)
    kinds = ["lamp", "chair", "desk"]
    told = [
        "small, blue",
        'a 20" screen',
        "plain",
        "",
        'says "hello", twice',
        f"one line{end}and another",
        "it's, well, fine",
    ]
    header = ["day", "time", "amount", "product", "price", "kind", "description", "address", "remark"]
    cells = [
        [
            f"{draw.randint(1, 28):02}/{draw.randint(1, 12):02}/2019",
            f"{draw.randint(0, 23):02}:{draw.randint(0, 59):02}",
            str(draw.randint(1, 40)),
            f"P-{draw.randint(1000, 9999)}{row}",
            f"{draw.uniform(1, 400):.2f}",
            draw.choice(kinds),
            draw.choice(told),
            f"http://shop.example/{row}?a={draw.randint(1, 9)}",
            draw.choice(told),
        ]
        for row in range(rows)
    ]
    return Sound("shop", [header, *cells], end=end)


def flowers(rows: int, seed: int) -> Sound:
    """Four measurements and a class; nothing needs a quote."""
    draw = random.Random(seed)
    cells = [
        [f"{draw.gauss(5, 1):.1f}" for _ in range(4)] + [draw.choice(["setosa", "virginica"])]
        for _ in range(rows)
    ]
    return Sound("flowers", [["length", "width", "petal", "stalk", "species"], *cells])


def weather(rows: int, seed: int) -> Sound:
    """Semicolons and decimal commas."""
    draw = random.Random(seed)
    cells = [
        [f"{draw.uniform(-9, 30):.1f}".replace(".", ","), str(draw.randint(0, 9)), draw.choice("NESW")]
        for _ in range(rows)
    ]
    return Sound("weather", [["temperature", "rain", "wind"], *cells], ";")


def people(rows: int, seed: int) -> Sound:
    """Words only."""
    draw = random.Random(seed)
    cells = [
        [draw.choice(["Ann", "Bob", "Cy, jr"]), draw.choice(["red", "blue"]), draw.choice(["yes", "no"])]
        for _ in range(rows)
    ]
    return Sound("people", [["name", "colour", "member"], *cells])


def written(row: list[str], delimiter: str, quote: str = '"', escape: str | None = None) -> str:
    """One record, quoted where it must be."""
    return delimiter.join(_quoted(cell, delimiter, quote, escape) for cell in row)


def _quoted(cell: str, delimiter: str, quote: str, escape: str | None) -> str:
    if not any(c in cell for c in (delimiter, quote, '"', "\n", "\r")):
        return cell
    return quote + cell.replace(quote, (quote if escape is None else escape) + quote) + quote


def text_of(table: Sound) -> str:
    return "".join(written(row, table.delimiter) + table.end for row in table.cells)


def line_damage(table: Sound, row: int) -> Iterator[Damaged]:
    """Every damage to one record, the header being row 0."""
    records = [written(cells, table.delimiter) for cells in table.cells]
    first = 1 + sum(record.count("\n") + 1 for record in records[:row])
    fields = [_quoted(cell, table.delimiter, '"', None) for cell in table.cells[row]]

    def spoiled(name: str, record: str, end: str = table.end) -> Damaged:
        before = "".join(one + table.end for one in records[:row])
        after = "".join(one + table.end for one in records[row + 1 :])
        lines = range(first, first + record.count("\n") + 1)
        return Damaged(f"{table.name}-{row}-{name}", before + record + end + after, table.cells, lines)

    mark = table.delimiter
    for place, text in enumerate(fields):
        left, right = fields[:place], fields[place + 1 :]
        yield spoiled(f"delimiter-before-{place}", mark.join([*left, mark + text, *right]))
        if right:
            yield spoiled(f"no-delimiter-after-{place}", mark.join([*left, text + right[0], *right[1:]]))
            yield spoiled(f"no-cell-{place}", mark.join([*left, *right]))
        yield spoiled(f"quote-before-{place}", mark.join([*left, '"' + text, *right]))
        yield spoiled(f"quote-after-{place}", mark.join([*left, text + '"', *right]))
        if len(text) > 2:
            yield spoiled(f"quote-inside-{place}", mark.join([*left, text[:2] + '"' + text[2:], *right]))
        if text.startswith('"'):
            yield spoiled(f"no-first-quote-{place}", mark.join([*left, text[1:], *right]))
            yield spoiled(f"no-last-quote-{place}", mark.join([*left, text[:-1], *right]))
            yield spoiled(f"space-before-quote-{place}", mark.join([*left, " " + text, *right]))
            yield spoiled(f"space-after-quote-{place}", mark.join([*left, text + " ", *right]))
    yield spoiled("delimiter-at-the-end", records[row] + mark)
    yield spoiled("two-cells-short", mark.join(fields[:-2]))
    for other in (",", ";", "\t", "|", ":", " ", ", ", "; ", "::", " , "):
        if other != mark:
            yield spoiled(f"delimiter-{other!r}", other.join(fields))
            yield spoiled(f"rewritten-{other!r}", written(table.cells[row], other))
    if any('"' in text for text in fields):
        yield spoiled("single-quotes", written(table.cells[row], mark, "'"))
        yield spoiled("quotes-left-out", mark.join(table.cells[row]))
    if any('"' in cell for cell in table.cells[row]):
        yield spoiled("backslashes", written(table.cells[row], mark, '"', "\\"))
    yield spoiled("all-quoted", mark.join('"' + cell.replace('"', '""') + '"' for cell in table.cells[row]))
    yield spoiled("all-single-quoted", mark.join("'" + cell + "'" for cell in table.cells[row]))
    for end in ("\n", "\r", "\r\n", "\n\r", "\n\n", "\r\r", ""):
        if end != table.end and (end or row + 1 < len(records)):
            yield spoiled(f"end-{end!r}", records[row], end)
    if row:
        for place, cell in enumerate(table.cells[row]):
            if cell.replace(".", "").replace(",", "").replace("-", "").isdecimal():
                for stray in ("abc", "1_000", "0x1f", "inf", "1e400", "1.2.3", "--", "1 2", "#REF!", "'5'"):
                    yield spoiled(
                        f"stray-{stray}-{place}", mark.join([*fields[:place], stray, *fields[place + 1 :]])
                    )
        yield spoiled("header-again", records[0] + table.end + records[row])
        yield spoiled("blank-above", table.end + records[row])


def outcome(read, damaged: Damaged) -> str:
    """ "perfect", "refused with the line", or what is wrong; `read` makes a Table of the damaged text."""
    try:
        table = read(damaged)
    except TableError as error:
        named = {problem.line for problem in error.problems}
        if not named:
            return f"refused without a line: {error}"
        if min(named) not in damaged.lines:
            return f"wrong line: {sorted(named)[:5]} instead of {damaged.lines}: {error}"
        if not named <= set(damaged.lines):
            return f"more lines: {sorted(named)[:5]} instead of {damaged.lines}: {error}"
        return "refused with the line"
    return "perfect" if same(table, damaged.cells) else "silently wrong"


def same(table, cells: Cells) -> bool:
    """Whether the table holds these cells."""
    header, *rows = cells
    if list(table.names) != header or table.rows != len(rows):
        return False
    for place, column in enumerate(table.columns):
        for row in range(table.rows):
            want = rows[row][place]
            if column.numeric:
                value = column.values[row]
                if want == "" and value != value:
                    continue
                if value != float(want.replace(",", ".")):
                    return False
            elif column.text(row) != want:
                return False
    return True


def file_damage(table: Sound) -> Iterator[Damaged]:
    """Damage to a whole file: other dialects, and things above, below and between."""
    header, *rows = table.cells
    end = table.end
    records = [written(cells, table.delimiter) for cells in table.cells]
    body = "".join(record + end for record in records)

    def spoiled(name: str, text: str, cells: Cells = table.cells) -> Damaged:
        return Damaged(f"{table.name}-{name}", text, cells, range(1, text.count("\n") + text.count("\r") + 2))

    for other in (";", "\t", "|", ",", ":", " ", ", ", "; ", "::", " , ", "||", "#"):
        text = "".join(written(cells, other[:1]).replace(other[:1], other[:1]) + end for cells in table.cells)
        if len(other) == 1:
            yield spoiled(f"delimiter-{other!r}", text)
        joined = "".join(
            other.join(_quoted(cell, other.strip() or other, '"', None) for cell in cells) + end
            for cells in table.cells
        )
        yield spoiled(f"delimiters-{other!r}", joined)
    yield spoiled("single-quotes", "".join(written(c, table.delimiter, "'") + end for c in table.cells))
    yield spoiled("backticks", "".join(written(c, table.delimiter, "`") + end for c in table.cells))
    yield spoiled("backslashes", "".join(written(c, table.delimiter, '"', "\\") + end for c in table.cells))
    yield spoiled(
        "quotes-not-doubled", "".join(written(c, table.delimiter, '"', "") + end for c in table.cells)
    )
    everything = (
        table.delimiter.join('"' + c.replace('"', '""') + '"' for c in cells) for cells in table.cells
    )
    yield spoiled("all-quoted", end.join(everything))
    single = (table.delimiter.join("'" + c.replace("'", "''") + "'" for c in cells) for cells in table.cells)
    yield spoiled("all-single-quoted", end.join(single))
    for other_end in ("\r", "\n", "\r\n", "\n\r", "\n\n", "\r\r"):
        yield spoiled(f"ends-{other_end!r}", "".join(record + other_end for record in records))
    yield spoiled("no-last-end", body.removesuffix(end))
    yield spoiled("two-last-ends", body + end)
    yield spoiled("blank-lines-below", body + end * 5)
    yield spoiled("blank-lines-above", end * 3 + body)
    yield spoiled("sep", f"sep={table.delimiter}{end}" + body)
    yield spoiled("trailing-delimiters", "".join(record + table.delimiter + end for record in records))
    yield spoiled(
        "trailing-delimiters-below",
        records[0] + end + "".join(record + table.delimiter + end for record in records[1:]),
    )
    yield spoiled(
        "row-names",
        records[0]
        + end
        + "".join(f"{n}{table.delimiter}{record}{end}" for n, record in enumerate(records[1:], 1)),
    )
    numbered = [f"column {place}" for place in range(1, len(header) + 1)]
    yield spoiled("no-header", "".join(record + end for record in records[1:]), [numbered, *rows])
    yield spoiled("header-twice", records[0] + end + body)
    for name, second in (
        ("units", ["cm"] * len(header)),
        ("more", [f"{cell} b" for cell in header]),
        ("partly", ["" if place % 2 else "mm" for place in range(len(header))]),
    ):
        yield spoiled(
            f"second-header-{name}",
            records[0]
            + end
            + written(second, table.delimiter)
            + end
            + "".join(record + end for record in records[1:]),
        )
    empty = table.delimiter * (len(header) - 1)
    for name, above in (
        ("title", "Measurements of 2019"),
        ("title-with-comma", "Measurements, of 2019"),
        ("padded", "Measurements of 2019" + empty),
        ("comment", "# made by a machine"),
        ("two", f"Measurements{end}Source: somewhere"),
        ("blank", f"Measurements{end}"),
        ("pairs", f"made{table.delimiter}2019{end}by{table.delimiter}me{end}"),
    ):
        yield spoiled(f"above-{name}", above + end + body)
    for name, below in (
        ("note", "Source: somewhere"),
        ("padded", "Source: somewhere" + empty),
        ("two", f"* estimated{end}Source: somewhere"),
        ("blank", f"{end}Source: somewhere, else"),
        ("total", f"Total{empty}"),
    ):
        yield spoiled(f"below-{name}", body + below + end)
    yield spoiled("another-table", body + body)
    yield spoiled("another-table-after-blank", body + end + body)
    for name, cut in (("narrower", slice(0, -1)), ("narrow", slice(0, 2))):
        other_table = "".join(written(cells[cut], table.delimiter) + end for cells in table.cells)
        yield spoiled(f"another-{name}-table", body + end + other_table)
        yield spoiled(f"another-{name}-table-first", other_table + end + body)
    wider = "".join(written([*cells, "more"], table.delimiter) + end for cells in table.cells)
    yield spoiled("another-wider-table", body + end + wider)
    for count in (0, 1, 2, 3, 4):
        yield spoiled(
            f"only-{count}-rows", "".join(r + end for r in records[: count + 1]), table.cells[: count + 1]
        )
    yield spoiled("one-row-no-header", records[1] + end, [numbered, rows[0]])
    yield spoiled("empty", "")
    yield spoiled("blank", end * 3)
    yield spoiled("nul", body[:200] + "\0" + body[200:])
    middle = body.index(end, len(body) * 2 // 3) + len(end)
    yield spoiled("cut-off", body[: middle + 2])
