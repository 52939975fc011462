import random

import pytest

from epochal.data.tables.reading import read_table
from tests.damage import Damaged, file_damage, flowers, line_damage, outcome, people, shop, text_of, weather

# The quick suite spoils short tables, each kind of damage in one or two of seven rows; those marked slow are
# longer, and spoilt in all ways.
SHORT = [shop(32, 1), shop(24, 2, "\n"), flowers(24, 3), weather(24, 4), people(24, 5)]
LONG = [shop(84, 1), shop(40, 2, "\n"), flowers(60, 3), weather(50, 4), people(40, 5)]
TABLES = [pytest.param(table, id=f"{table.name}-{len(table.cells)}") for table in SHORT] + [
    pytest.param(table, id=f"{table.name}-{len(table.cells)}", marks=pytest.mark.slow) for table in LONG
]
# A second line of words below a line of words, where all cells are words, is a record like any other.
READ_RIGHT = (
    *("delimiter-';'", "delimiter-'\\t'", "delimiter-'|'", "delimiters-', '", "sep", "trailing-delimiters"),
    *("single-quotes", "all-quoted", "all-single-quoted", "backslashes"),
    *("ends-'\\r'", "ends-'\\r\\n'", "no-last-end", "two-last-ends", "no-header", "blank-lines-above"),
)
BEYOND_TELLING = ("people-second-header-units", "people-second-header-more", "people-second-header-partly")


@pytest.fixture
def read(tmp_path):
    path = tmp_path / "damaged.csv"

    def write_and_read(damaged):
        path.write_bytes(damaged.text.encode())
        return read_table(path)

    return write_and_read


@pytest.mark.parametrize("table", TABLES)
def test_the_undamaged_table_is_read_as_it_is(read, table):
    assert outcome(read, Damaged("sound", text_of(table), table.cells, range(0))) == "perfect"


@pytest.mark.parametrize("table", TABLES)
def test_damage_to_one_line_is_harmless_or_refused_with_exactly_that_line(read, table):
    every = 5 if table in SHORT else 1
    rows = [0, 1, len(table.cells) - 1, *random.Random(0).sample(range(2, len(table.cells) - 1), 4)]
    wrong = {
        damaged.name: result
        for place, row in enumerate(rows)
        for kind, damaged in enumerate(line_damage(table, row))
        if (kind + place) % every == 0
        and (result := outcome(read, damaged)) not in ("perfect", "refused with the line")
    }
    assert not wrong


@pytest.mark.parametrize("table", TABLES)
def test_damage_to_a_whole_file_never_passes_in_silence(read, table):
    silent = [damaged.name for damaged in file_damage(table) if outcome(read, damaged) == "silently wrong"]
    assert set(silent) <= set(BEYOND_TELLING)


@pytest.mark.parametrize("table", TABLES)
def test_other_dialects_are_read_right(read, table):
    by_name = {damaged.name: damaged for damaged in file_damage(table)}
    expected = [f"{table.name}-{kind}" for kind in READ_RIGHT if f"{table.name}-{kind}" in by_name]
    if table.delimiter == ";":  # A comma is both delimiter and decimal sign then.
        expected.remove("weather-delimiters-', '")
    assert {name: outcome(read, by_name[name]) for name in expected} == dict.fromkeys(expected, "perfect")
