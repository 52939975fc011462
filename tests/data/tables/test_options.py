"""Reading options: each is declared once, and what is typed, written and stored says the same."""

from __future__ import annotations

import json
import random

import click
import pytest
from click.testing import CliRunner

from epochal.data.tables.offers import as_arguments
from epochal.data.tables.options import OPTIONS, Option, Value, complete, said
from epochal.data.tables.table import TableError
from epochal.tui.cli.options import reading_from, reading_options

NAMES = ("a", "a,b", 'say "x"', "größe", "two words")


def some_value(one: Option, rng: random.Random) -> Value:
    if one.kind == "names":
        return tuple(rng.sample(NAMES, rng.randint(0, 3)))
    if one.kind in ("switch", "flag"):
        return rng.random() < 0.5
    if one.kind == "count":
        return rng.randint(one.minimum, 9)
    if one.kind == "choice":
        return rng.choice(list(one.words.values()))
    return rng.choice([";", "\t", "|"]) if one.kind == "character" else "utf-8"


@pytest.mark.parametrize("seed", range(30))
def test_a_reading_is_the_same_typed_stored_and_written_as_a_command(seed: int) -> None:
    rng = random.Random(seed)
    chosen = {name: some_value(one, rng) for name, one in OPTIONS.items() if rng.random() < 0.5}
    reading = complete(chosen)
    found: list[object] = []

    @click.command()
    @reading_options
    def command(**options: object) -> None:
        found.append(reading_from(options))

    arguments = as_arguments(reading)
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert found == [reading]
    assert complete(json.loads(json.dumps(said(reading)))) == reading
    typed = {name: one.read(one.written(reading[name])) for name, one in OPTIONS.items()}  # type: ignore[literal-required]
    assert typed == reading


@pytest.mark.parametrize(
    ("name", "value"),
    [("delimiter", 7), ("missing", 3), ("missing", "ab"), ("first_line", "a"), ("header", 1)],
)
def test_a_value_of_another_kind_is_refused_in_a_sentence(name: str, value: object) -> None:
    with pytest.raises(TableError, match=OPTIONS[name].title):
        complete({name: value})


def test_what_is_no_option_is_refused() -> None:
    with pytest.raises(TableError, match="telepathy"):
        complete({"telepathy": 1})
