"""Numbers as people write them: decimals, thousands, money, percents, units, signs, words among them."""

from __future__ import annotations

import csv
import io
import math
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Table, TableError

# Many more by an environment variable, as for the fast path: EPOCHAL_RANDOM_TABLES=5000.
TABLES = int(os.environ.get("EPOCHAL_RANDOM_TABLES", "60"))
Read = Callable[..., Table]
GROUPS = {".": ["", ",", " ", "'", "\u202f"], ",": ["", ".", " ", "\u00a0"]}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(rows: list[list[str]], delimiter: str = ",", **reading: object) -> Table:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
        path = tmp_path / "table.csv"
        path.write_text(text.getvalue(), encoding="utf-8")
        return read_table(path, **reading)  # type: ignore[arg-type]

    return write_and_read


def written(value: float, decimals: int, decimal: str, thousands: str) -> str:
    return f"{value:,.{decimals}f}".replace(",", "T").replace(".", decimal).replace("T", thousands)


def table_in_one_convention(rng: random.Random) -> tuple[list[list[str]], list[list[float]], str]:
    """Columns of one file in its own convention: decimals, whole thousands, three decimals, words."""
    decimal = rng.choice([".", ","])
    thousands = rng.choice(GROUPS[decimal])
    rows, columns = rng.randint(3, 60), []
    cells: list[list[str]] = []
    for _ in range(rng.randint(1, 4)):
        size, decimals = rng.choice([(9, 1), (900, 2), (90_000, 0), (9_000_000, 0), (99, 3), (9_000, 2)])
        values = [round(rng.uniform(0, size), decimals) for _ in range(rows)]
        columns.append(values)
        cells.append([written(value, decimals, decimal, thousands) for value in values])
    cells.append([rng.choice(["red", "blue"]) for _ in range(rows)])
    header = [f"c{place}" for place in range(len(cells))]
    # Only semicolons make whole thousands with points doubtful where nothing else in the file does.
    delimiter = ";" if thousands == "." else rng.choice([";", "\t", ",", "|"])
    return [header, *map(list, zip(*cells, strict=True))], columns, delimiter


@pytest.mark.parametrize("part", range(4))
def test_a_convention_is_the_file_s_and_nothing_is_read_by_another(read: Read, part: int) -> None:
    kept = 0
    for seed in range(part, 4 * TABLES, 4):
        cells, columns, delimiter = table_in_one_convention(random.Random(seed))
        try:
            table = read(cells, delimiter)
        except TableError:
            continue
        kept += 1
        for place, values in enumerate(columns):
            assert table.columns[place].numeric, (seed, place, cells[:4])
            assert table.columns[place].values.tolist() == values, (seed, place, cells[:4])
    assert kept > TABLES / 2


def test_three_digits_after_every_mark_are_thousands_against_a_contrary_convention(read: Read) -> None:
    rows = [["sold", "price"], ["8,629", "12.5"], ["701", "8.25"], ["8,465", "7.5"]]
    assert read(rows, "\t").columns[0].values.tolist() == [8629, 701, 8465]
    rows = [["sold", "price"], ["92.912", "12,8"], ["397", "8,25"], ["8.465", "7,5"]]
    assert read(rows, ";").columns[0].values.tolist() == [92912, 397, 8465]


@pytest.mark.parametrize(("mark", "delimiter"), [(",", "\t"), (",", ";"), (".", ";")])
def test_what_may_be_either_is_refused_until_it_is_said(read: Read, mark: str, delimiter: str) -> None:
    rows = [["sold", "kind"], [f"8{mark}629", "a"], ["701", "b"], [f"8{mark}465", "a"]]
    with pytest.raises(TableError, match="--decimal") as caught:
        read(rows, delimiter)
    assert [(one.line, one.column) for one in caught.value.problems] == [(2, 1)]
    with pytest.raises(TableError, match="--decimal"):
        read(rows, delimiter, drop_bad_rows=True)
    found = {tuple(read(rows, delimiter, **offer.reading).columns[0].values) for offer in caught.value.offers}
    assert found == {(8629, 701, 8465), (8.629, 701, 8.465)}
    assert read(rows, delimiter, thousands=mark).columns[0].values.tolist() == [8629, 701, 8465]


AFFIXES = [
    "$#",
    "€ #",
    "# €",
    "#%",
    "# %",
    "#‰",
    "# kg",
    "#km",
    "# kmpl",
    "£#",
    "USD #",
    "# EUR",
    "#°C",
    "# m²",
    "# sq ft",
]
MINUSES = ["-", "\u2212", "\u2013", "()"]


def amounts(rng: random.Random) -> tuple[list[str], list[float]]:
    affix, minus, thousands = rng.choice([*AFFIXES, "#", "#"]), rng.choice(MINUSES), rng.choice(["", ","])
    cells, values = [], []
    for _ in range(rng.randint(4, 30)):
        value = round(rng.uniform(-9000, 9000), 2)
        text = affix.replace("#", written(abs(value), 2, ".", thousands))
        if value < 0:
            text = f"({text})" if minus == "()" else minus + text
        cells.append(text)
        values.append(value)
    return cells, values


@pytest.mark.parametrize("part", range(4))
def test_a_column_of_amounts_is_numbers_and_said_to_be_so(read: Read, part: int) -> None:
    for seed in range(part, 4 * TABLES, 4):
        cells, values = amounts(random.Random(seed))
        table = read([["amount", "kind"], *([cell, "ab"[n % 2]] for n, cell in enumerate(cells))])
        column = table.columns[0]
        assert column.numeric, (seed, cells[:3])
        assert column.values.tolist() == values, (seed, cells[:3])
        if not all(cell.lstrip("-").replace(".", "").isdecimal() for cell in cells):
            assert any("amount" in note for note in table.notes), (seed, cells[:3])


@pytest.mark.parametrize(
    "cells",
    [
        ["2WD", "4WD", "2WD"],
        ["1st", "2nd", "3rd"],
        ["<=50K", ">50K", "<=50K"],
        ["12A", "34B", "56A"],
        ["5 kg", "300 g", "2 kg"],
        ["007 kg", "012 kg", "100 kg"],
    ],
)
def test_what_only_begins_with_digits_stays_text(read: Read, cells: list[str]) -> None:
    table = read([["a", "b"], *([cell, str(n)] for n, cell in enumerate(cells * 8))])
    assert table.columns[0].kind == "category"
    assert [table.columns[0].text(row) for row in range(3)] == cells


def test_limits_among_numbers_are_offered_as_numbers(read: Read) -> None:
    rows = [["dose", "kind"], *(["<0.5" if n % 4 == 0 else f"{n / 8}", "ab"[n % 2]] for n in range(40))]
    with pytest.raises(TableError) as caught:
        read(rows)
    assert {"as_number": ("dose",)} in [offer.reading for offer in caught.value.offers]
    values = read(rows, as_number=["dose"]).columns[0].values.tolist()
    assert values == [0.5 if n % 4 == 0 else n / 8 for n in range(40)]


@pytest.mark.parametrize("share", [0.01, 0.05, 0.15, 0.4, 0.7])
@pytest.mark.parametrize("word", ["unknown", "#DIV/0!", "not measured", "k.A.", "missing"])
def test_words_among_numbers_are_named_and_offered_as_missing_whatever_their_share(
    read: Read, word: str, share: float
) -> None:
    count = max(1, round(200 * share))
    rng = random.Random(word)
    cells = [word] * count + [f"{n / 7:.3f}" for n in range(200 - count)]
    rng.shuffle(cells)
    rows = [["size", "kind"], *([cell, "ab"[n % 2]] for n, cell in enumerate(cells))]
    with pytest.raises(TableError) as caught:
        read(rows)
    places = [n + 2 for n, cell in enumerate(cells) if cell == word]
    assert [one.line for one in caught.value.problems] == places[:100]
    offer = next(one for one in caught.value.offers if "missing" in one.reading)
    table = read(rows, **offer.reading)
    assert (table.columns[0].kind, table.columns[0].missing) == ("number", count)


@pytest.mark.parametrize("word", ["<NA>", "\\N", "NaT", "NULL"])
def test_more_words_of_programs_for_nothing_are_missing(read: Read, word: str) -> None:
    rows = [["size", "kind"], *([word if n % 5 == 0 else f"{n / 7:.3f}", "ab"[n % 2]] for n in range(50))]
    assert read(rows).columns[0].missing == 10


@pytest.mark.parametrize(
    "sentinel", ["-9999", "999", "-3.4028235e38", "-1.797693134862315e+308", "9999.9", "1e20"]
)
def test_a_sentinel_is_said_and_offered_as_missing(read: Read, sentinel: str) -> None:
    rng = random.Random(sentinel)
    cells = [sentinel if n % 9 == 4 else f"{rng.uniform(0, 90):.2f}" for n in range(300)]
    rows = [["depth", "kind"], *([cell, "ab"[n % 2]] for n, cell in enumerate(cells))]
    table = read(rows)
    assert table.columns[0].missing == 0
    assert any("depth" in note and "missing cell" in note for note in table.notes)
    (offer,) = table.offers
    filled = read(rows, **offer.reading).columns[0]
    assert filled.missing == sum(cell == sentinel for cell in cells)
    assert float(filled.values[~filled.empty].max()) < 91


@pytest.mark.parametrize("seed", range(8))
def test_ordinary_columns_have_no_sentinel(read: Read, seed: int) -> None:
    rng = random.Random(seed)
    draw: Callable[[], float] = [
        lambda: rng.gauss(0, 1),
        lambda: rng.choice([0, 99]),
        lambda: rng.lognormvariate(0, 3),
        lambda: rng.randint(0, 999),
        lambda: rng.choice([9, 99, 100, 88]),
        lambda: rng.randint(1, 99),
        lambda: rng.choice([-1, 1]),
        lambda: math.floor(rng.expovariate(0.001)),
    ][seed]
    rows = [["x", "kind"], *([f"{draw():.6g}", "ab"[n % 2]] for n in range(200))]
    assert not read(rows).offers


def test_missing_words_can_be_turned_off_wholly_or_in_one_column(read: Read) -> None:
    rows = [["a", "b", "c"], *([["x", "NA", "?"][n % 3], ["NA", "y"][n % 2], "zw"[n % 2]] for n in range(12))]
    assert [one.missing for one in read(rows).columns] == [8, 6, 0]
    assert [one.missing for one in read(rows, missing=["none"]).columns] == [0, 0, 0]
    assert [one.missing for one in read(rows, missing=["b=none"]).columns] == [8, 0, 0]
    assert [one.missing for one in read(rows, missing=["c=z"]).columns] == [8, 6, 6]
    assert [one.missing for one in read(rows, missing=["none", "?"]).columns] == [4, 0, 0]


@pytest.mark.parametrize("labels", [("EU", "SA", "AS"), ("DE", "FR"), ("ZA", "ZM", "ZW", "AO")])
def test_na_among_codes_is_a_code_unless_numbers_use_it_for_nothing(
    read: Read, labels: tuple[str, ...]
) -> None:
    words = [*labels, "NA"]
    rows = [["where", "size"], *([words[n % len(words)], f"{n / 3:.2f}"] for n in range(60))]
    table = read(rows)
    assert table.columns[0].missing == 0
    assert any("NA" in note and "label" in note for note in table.notes)
    assert read(rows, missing=["where=NA"]).columns[0].missing == 60 // len(words)
    rows[5][1] = "NA"
    assert read(rows).columns[0].missing == 60 // len(words)


def test_frequent_none_among_words_is_a_level_and_rare_none_is_not(read: Read) -> None:
    rows = [["debtors", "size"], *([["none", "none", "guarantor"][n % 3], f"{n / 3:.2f}"] for n in range(60))]
    table = read(rows)
    assert set(table.columns[0].categories) == {"none", "guarantor"}
    assert any("none in 40 rows" in note for note in table.notes)
    assert read(rows, missing=["debtors=NONE"]).columns[0].missing == 40
    rows = [["debtors", "size"], *(["ab"[n % 2] if n != 7 else "None", f"{n / 3:.2f}"] for n in range(60))]
    assert read(rows).columns[0].missing == 1


@pytest.mark.parametrize("seed", range(12))
def test_points_that_may_stand_between_thousands_are_always_said(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    delimiter = rng.choice(",\t|")
    values = [rng.randint(1001, 999_999) for _ in range(rng.choice([12, 60, 700]))]
    path = tmp_path / "t.csv"
    path.write_text(
        f"price{delimiter}kind\n"
        + "".join(f"{value / 1000:.3f}{delimiter}{'ab'[i % 2]}\n" for i, value in enumerate(values))
    )
    found = read_table(path)
    assert found.columns[0].values.tolist() == [value / 1000 for value in values]
    (said,) = [note for note in found.notes if "three digits after every point" in note]
    assert f"as in {next(value for value in values if value % 1000) / 1000:.3f}," in said
    (offer,) = [one for one in found.offers if "thousands" in one.sentence]
    again = read_table(path, **offer.reading)  # type: ignore[arg-type]
    assert again.columns[0].values.tolist() == values


@pytest.mark.parametrize("other", ["1.5", "0.25", "1234.125", "12.1"])
def test_where_something_says_what_points_are_nothing_is_said(other: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "price,kind\n" + "".join(f"{i + 1}.{100 + i},{'ab'[i % 2]}\n" for i in range(30)) + f"{other},a\n"
    )
    assert not [note for note in read_table(path).notes if "three digits" in note]
