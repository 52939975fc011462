"""Reading costs as much as there is to read: many faults and many equal names are no reason for more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from epochal.data.tables import records
from epochal.data.tables.bundled import open_table
from epochal.data.tables.format import parse
from tests.runs import written


def damaged(number: int, rows: int) -> str:
    """A table of two columns, among whose rows are faults of several kinds."""
    chance = random.Random(number)
    bad = ['1,"2 "x', '3,4"', "5", "6,7,8", '"9,10', '11,"a\nb"c']
    lines = [
        chance.choice(bad) if chance.random() < 0.3 else f"{chance.randrange(99)},{chance.choice('uvw')}"
        for _ in range(rows)
    ]
    return "\n".join(["a,b", *lines, *["1,u"] * rows]) + "\n"


def read(folder: Path, text: str) -> object:
    table = open_table(written(folder, text), drop_bad_rows=True)
    cells = [[column.text(row) for row in range(table.rows)] for column in table.columns]
    return cells, [(one.line, one.column, one.kind, one.excerpt) for one in table.problems], table.notes


@pytest.mark.parametrize("number", range(6))
def test_how_far_is_looked_changes_nothing(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = damaged(number, 120)
    monkeypatch.setattr(records, "SHORT", records.EVERYTHING)
    expected = read(tmp_path, text)
    for short in (1, 5, 64):
        monkeypatch.setattr(records, "SHORT", short)
        assert read(tmp_path, text) == expected


def test_lines_are_looked_at_a_bounded_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = []

    def counted(lines, *arguments, **named):
        looked_at.append(len(lines))
        return parse(lines, *arguments, **named)

    monkeypatch.setattr(records, "parse", counted)
    costs = []
    for rows in (1000, 4000):
        looked_at.clear()
        open_table(
            written(tmp_path, "a,b\n" + "1,u\n2,v\n3,w\n" * rows + '3,4"\n5,u\n' * rows), drop_bad_rows=True
        )
        costs.append(sum(looked_at))
    assert costs[1] < 6 * costs[0]


@pytest.mark.parametrize("number", range(4))
def test_equal_names_get_the_next_number_that_is_free(number: int, tmp_path: Path) -> None:
    chance = random.Random(number)
    names = [chance.choice(["x", "x (2)", "x (3)", "y", "z (2) (2)", "z (2)"]) for _ in range(40)]
    expected: list[str] = []
    for name in names:
        unique, times = name, 1
        while unique in expected or (times > 1 and unique in names):
            times += 1
            unique = f"{name} ({times})"
        expected.append(unique)
    row = ",".join(map(str, range(40)))
    table = open_table(written(tmp_path, ",".join(names) + "\n" + f"{row}\n" * 6))
    assert [column.name for column in table.columns] == expected
