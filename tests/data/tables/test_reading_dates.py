"""Dates and times become features, in every way they are written; what only looks like dates does not."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.date_features import features_of
from epochal.data.tables.months import LANGUAGES, SHORT
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Column, Table

TABLES = int(os.environ.get("EPOCHAL_RANDOM_TABLES", "60"))
Read = Callable[..., Table]
FORMS = {
    "%Y-%m-%d": (True, False),
    "%d.%m.%Y": (True, False),
    "%m/%d/%Y": (True, False),
    "%d/%m/%Y": (True, False),
    "%d/%m/%y": (True, False),
    "%Y/%m/%d": (True, False),
    "%d %b %Y": (True, False),
    "%B %d, %Y": (True, False),
    "%d-%b-%y": (True, False),
    "%Y-%m-%dT%H:%M:%SZ": (True, True),
    "%Y-%m-%d %H:%M": (True, True),
    "%d.%m.%Y %H:%M:%S": (True, True),
    "%m/%d/%Y %I:%M %p": (True, True),
    "%Y-%m": (False, False),
}


def feature_named(table: Table, name: str) -> Column | None:
    return next((one for column in table.columns for one in features_of(column) if one.name == name), None)


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(cells: list[str], **reading: object) -> Table:
        path = tmp_path / "table.csv"
        rows = "".join(f'"{cell}",{n % 7}.5,{"ab"[n % 2]}\n' for n, cell in enumerate(cells))
        path.write_text("when,size,kind\n" + rows)
        return read_table(path, **reading)  # type: ignore[arg-type]

    return write_and_read


@pytest.mark.parametrize("form", FORMS)
def test_dates_in_every_form_give_the_same_parts(read: Read, form: str) -> None:
    has_day, has_time = FORMS[form]
    rng = random.Random(form)
    for _ in range(max(1, TABLES // 20)):
        moments = [
            datetime(1971, 1, 1) + timedelta(minutes=rng.randrange(60 * 24 * 365 * 60)) for _ in range(40)
        ]
        # Both orders of day and month are possible until a day beyond the twelfth is there.
        moments[7] = datetime(2019, 11, 28, 23, 59)
        table = read([moment.strftime(form) for moment in moments])
        assert table.columns[0].kind == "date"
        parts = {one.name: one.values for one in features_of(table.columns[0])}
        months = np.array([(moment.month - 1) / 12 for moment in moments])
        assert np.allclose(parts["when: month sine"], np.sin(2 * np.pi * months))
        assert np.allclose(parts["when: month cosine"], np.cos(2 * np.pi * months))
        assert parts["when: year"].tolist() == [moment.year for moment in moments]
        assert ("when: weekday sine" in parts) == has_day
        assert ("when: hour sine" in parts) == has_time
        if has_day:
            days = np.array([moment.weekday() / 7 for moment in moments])
            assert np.allclose(parts["when: weekday cosine"], np.cos(2 * np.pi * days))
            gone = [(moment - datetime(1970, 1, 1)) / timedelta(days=1) for moment in moments]
            assert np.allclose(parts["when: days since 1970"], gone if has_time else np.floor(gone))


def test_times_of_the_day_are_cyclic_features(read: Read) -> None:
    table = read([f"{n % 24}:30" for n in range(40)])
    parts = {one.name: one.values for one in features_of(table.columns[0])}
    assert set(parts) == {"when: hour sine", "when: hour cosine"}
    assert parts["when: hour sine"][6] == pytest.approx(np.sin(2 * np.pi * 6.5 / 24))


def test_the_features_are_said_and_the_column_can_be_left_out(read: Read) -> None:
    table = read([f"2019-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(60)])
    learned = dataset_from(table)
    assert learned.features == (
        "when: month sine",
        "when: month cosine",
        "when: weekday sine",
        "when: weekday cosine",
        "when: days since 1970",
        "size",
    )
    assert any("when holds dates" in note and "weekday" in note for note in learned.notes)
    assert not learned.left_out
    assert dataset_from(table, ignore=["when"]).features == ("size",)


def test_a_missing_date_is_a_missing_cell_of_each_feature(read: Read) -> None:
    table = read([f"2019-{n % 12 + 1:02}-01" if n % 5 else "" for n in range(60)])
    month = feature_named(table, "when: month sine")
    assert month is not None
    assert month.missing == 12
    assert feature_named(table, "when: season") is None


def test_days_and_months_that_cannot_be_told_apart_are_offered_both_ways(read: Read) -> None:
    cells = [f"{n % 12 + 1:02}/{(n * 5) % 12 + 1:02}/2019" for n in range(40)]
    table = read(cells)
    assert "when" in {one.name for one in dataset_from(table).left_out}
    assert any("--as-date when=day-first" in note for note in table.notes)
    first, second = (read(cells, **offer.reading) for offer in table.offers)
    months = [feature_named(one, "when: month sine") for one in (first, second)]
    assert all(months)
    assert months[0].values[1] == pytest.approx(np.sin(2 * np.pi * 5 / 12))  # type: ignore[union-attr]
    assert months[1].values[1] == pytest.approx(np.sin(2 * np.pi * 1 / 12))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "cells",
    [
        ["2019-20", "2020-21", "2021-22"],
        ["2009-10", "2010-11", "2011-12"],
        ["2019/20", "2020/21"],
        ["98-99", "99-00"],
        ["1.2.3", "1.10.0", "2.0.1"],
        ["3.11.7", "3.12.0", "3.9.18"],
        ["10.0.0.1", "10.0.0.2"],
    ],
)
def test_seasons_and_versions_are_categories(read: Read, cells: list[str]) -> None:
    table = read(cells * 8)
    assert table.columns[0].kind == "category"
    assert "when" in dataset_from(table).features


def test_dates_among_other_cells_are_said_and_none_is_lost(read: Read) -> None:
    cells = [f"2019-{n % 12 + 1:02}-28" if n != 30 else "soon" for n in range(60)]
    table = read(cells)
    assert any("'soon'" in note for note in table.notes)
    assert table.columns[0].text(30) == "soon"
    assert read(cells, **table.offers[0].reading).columns[0].missing == 1


@pytest.mark.parametrize("made_up", ["1900-01-01", "9999-12-31", "1970-01-01"])
def test_a_date_that_stands_for_none_is_said_and_offered_as_missing(read: Read, made_up: str) -> None:
    cells = [f"2019-{n % 12 + 1:02}-28" if n % 6 else made_up for n in range(60)]
    table = read(cells)
    assert any(made_up in note and "missing" in note for note in table.notes)
    assert read(cells, **table.offers[0].reading).columns[0].missing == 10


def test_dates_without_marks_are_dates_when_asked_for(read: Read) -> None:
    cells = [f"2019{n % 12 + 1:02}28" for n in range(60)]
    assert read(cells).columns[0].kind == "number"
    assert feature_named(read(cells, as_date=["when"]), "when: month sine") is not None
    assert read(cells, as_category=["when"]).columns[0].kind == "category"


@pytest.mark.parametrize(
    "form", ["{day} {month} {year}", "{day}. {month} {year}", "{day} de {month} de {year}"]
)
@pytest.mark.parametrize("language", [*LANGUAGES, *SHORT], ids=lambda names: names.partition(" ")[0])
def test_months_have_names_in_many_languages(read: Read, language: str, form: str) -> None:
    rng, names = random.Random(language), language.split()
    days = [datetime(1990, 1, 1) + timedelta(days=rng.randrange(12_000)) for _ in range(40)]
    cells = [form.format(day=one.day, month=names[one.month - 1].title(), year=one.year) for one in days]
    found = feature_named(read(cells), "when: days since 1970")
    assert found is not None
    assert found.values.tolist() == [(one - datetime(1970, 1, 1)).days for one in days]


@pytest.mark.parametrize("word", ["maus", "märchen", "sonntag", "janus", "mayor"])
def test_a_word_that_is_no_month_makes_no_date(read: Read, word: str) -> None:
    table = read([f"{i % 28 + 1} {word} 20{i:02}" for i in range(40)])
    assert feature_named(table, "when: days since 1970") is None
