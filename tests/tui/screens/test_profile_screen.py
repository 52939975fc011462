"""The table's portrait: opened by one key before training, it says what NumPy and the core say."""

from __future__ import annotations

import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest

from epochal.core.profile.profile import Profile
from epochal.core.settings import Settings
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.profiling import profile_of
from epochal.data.tables.table import Column, Table
from epochal.tui.screens.profile import screen as profile_screen
from epochal.tui.screens.profile.screen import ProfileScreen
from tests.lab import SIZES, Person, ascii_terminal, burst, lab, part

rng = np.random.default_rng(31)


@asynccontextmanager
async def portrait(dataset: Dataset, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Person]:
    async with lab(dataset, size=size) as person:
        await person.press("y")
        await person.until_shown("[1 Columns]")
        yield person


def numbers(name: str, values: object) -> Column:
    return Column(name, "number", np.asarray(values, np.float64))


def categories(name: str, texts: list[str]) -> Column:
    names = tuple(dict.fromkeys(text for text in texts if text))
    return Column(name, "category", np.array([names.index(t) if t else -1 for t in texts], np.int32), names)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_one_key_shows_what_tells_most_before_anything_is_trained(
    size: tuple[int, int], spine: Dataset
) -> None:
    async with portrait(spine, size) as person:
        listed = part(person, "profile-list")
        order = [listed.index(name[:8]) for name in ("class", "degree_spondylolisthesis", "sacral_slope")]
        assert order == sorted(order)
        shown = part(person, "profile-canvas")
        assert re.search(r"explains \d+ % of class; AUC 0\.87", shown)
        assert "1 cell of degree_spondylolisthesis lies far from the others: it is 418.5." in shown
        values = spine.table.column("degree_spondylolisthesis").values
        for row, (name, rows) in enumerate((("Abnormal", 210), ("Normal", 100))):
            of_class = values[spine.examples.targets == row]
            assert re.search(rf"{name} +{rows} (- )?{np.median(of_class):.4g}", shown)
        assert person.lines()[-1].rstrip().removesuffix("▏^p palette").rstrip().endswith("esc Back")
        await person.press("escape")
        assert person.app.run_shown is None


async def test_the_views_follow_the_cursor(iris: Dataset) -> None:
    found = profile_of(iris)
    async with portrait(iris) as person:
        await person.press("down")
        assert "petal_length number" in part(person, "profile-canvas")
        await person.press("up", "up", "up")
        assert "the target: what is to be predicted" in part(person, "profile-canvas")
        await person.press("end")
        assert found.columns[-1].name in part(person, "profile-canvas").split()[0]
        await person.press("2")
        await person.until_shown("[2 Correlations]")
        map_of = found.correlations
        for row, name in enumerate(map_of.names):
            line = next(one for one in person.lines() if one.strip().startswith(f"{name} "))
            assert [float(one) for one in line.split()[2:]] == pytest.approx(map_of.spearman[row], abs=0.006)
        await person.press("r")
        line = next(one for one in person.lines() if one.strip().startswith(f"{map_of.names[0]} "))
        assert [float(one) for one in line.split()[2:]] == pytest.approx(map_of.pearson[0], abs=0.006)
        await person.press("down", "down")
        assert f"{map_of.names[2]} and {map_of.names[1]}: correlation" in person.screen()
        await person.press("enter")
        await person.until_shown("[3 Pairs]")
        drawn = part(person, "profile-canvas")
        assert "150 points" in drawn
        assert drawn.index(map_of.names[2]) < drawn.index("┤") < drawn.index(map_of.names[1])
        await person.press("c")
        assert "50 points" in part(person, "profile-canvas")
        await person.press("c", "c", "c")
        assert "150 points" in part(person, "profile-canvas")
        await person.press("tab")
        await person.until_shown("[1 Columns]")


async def test_two_columns_that_tell_all_only_together_are_the_first_pair() -> None:
    async with portrait(dataset_from(open_table("xor"))) as person:
        assert "says no more about class than chance would" in part(person, "profile-canvas")
        await person.press("3")
        await person.until_shown("[3 Pairs]")
        assert re.search(r"together they explain [6-9]\d % of class", part(person, "profile-canvas"))


async def test_classes_stand_apart_at_a_key(iris: Dataset) -> None:
    async with portrait(iris) as person:
        stacked = person.lines()
        await person.press("a")
        apart = person.lines()
        assert sum("setosa ┤" in line or "virginica ┤" in line for line in apart) == 2
        await person.press("a")
        assert person.lines() == stacked


async def test_numbers_as_targets_are_shown_in_ranges() -> None:
    async with portrait(dataset_from(open_table("auto_mpg"))) as person:
        shown = part(person, "profile-canvas")
        assert re.search(r"explains \d+ % of mpg; correlation -0\.8\d", shown)
        assert "up to 19" in shown
        assert "over 26.8" in shown


async def test_a_table_is_looked_at_off_the_screens_thread_and_once(
    iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, threads = threading.Event(), []

    def slow(dataset: Dataset) -> Profile:
        threads.append(threading.current_thread())
        assert free.wait(60)
        return profile_of(dataset)

    monkeypatch.setattr(profile_screen, "profile_of", slow)
    async with lab(iris) as person:
        burst(person, "y")
        await person.until_shown("Looking at 5 columns...")
        burst(person, "2", "down", "enter", "a", "c", "3", "end", "1")
        free.set()
        await person.until_shown("[1 Columns]")
        assert threads[0] is not threading.main_thread()
        await person.press("escape", "y")
        await person.until_shown("[1 Columns]")
        assert len(threads) == 1


async def test_leaving_while_the_table_is_looked_at_harms_nothing(
    iris: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    monkeypatch.setattr(profile_screen, "profile_of", lambda one: free.wait(60) and profile_of(one))
    async with lab(iris) as person:
        burst(person, "y")
        await person.until_shown("Looking at")
        burst(person, "escape")
        await person.until(lambda: len(person.app.screen_stack) == 1)
        free.set()
        await person.press("1")
        assert person.app.pane_shown == "data"


async def test_it_opens_while_a_network_trains(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=10_000_000)) as person:
        await person.press("t", "y")
        await person.until_shown("[1 Columns]")
        assert person.app.run_shown
        assert person.app.run_shown.is_active


ROWS = 60
HALF = np.arange(ROWS) % 2
ODD = {
    "four rows": Table("t", (numbers("x", range(4)), categories("y", ["a", "b", "a", "b"]))),
    "one column beside the target": Table(
        "t", (numbers("x", rng.normal(size=ROWS)), categories("y", ["a", "b"] * (ROWS // 2)))
    ),
    "hardly anything to look at": Table(
        "t",
        (
            numbers("good", rng.normal(size=ROWS)),
            numbers("constant", np.full(ROWS, 4.0)),
            numbers("gone", np.full(ROWS, np.nan)),
            Column("no word", "category", np.full(ROWS, -1, np.int32)),
            Column(
                "name", "identifier", np.arange(ROWS, dtype=np.int32), tuple(f"n{i}" for i in range(ROWS))
            ),
            numbers("huge", np.where(HALF, 1e150, -1e150)),
            numbers("tiny", np.where(HALF, 1e-100, 0.0)),
            categories("y", ["a", "b"] * (ROWS // 2)),
        ),
    ),
    "wide": Table(
        "t",
        (
            *(numbers(f"x{index}", rng.normal(size=ROWS)) for index in range(500)),
            categories("y", ["a", "b"] * (ROWS // 2)),
        ),
    ),
    "many levels": Table(
        "t",
        (
            categories("level", [f"level {index % 300}" for index in range(900)]),
            numbers("y", rng.normal(size=900)),
        ),
    ),
    "foreign and hostile": Table(
        "t",
        (
            numbers("\x1b[2J[red]温度\u202e", rng.normal(size=ROWS)),
            categories("地" * 60, ["大阪" * 20, "\x1b]0;x\x07"] * (ROWS // 2)),
            categories("y", ["健康的人", "生病了\x9b31m"] * (ROWS // 2)),
        ),
    ),
    "fifty classes": Table(
        "t",
        (
            numbers("x", np.arange(500) % 50 + rng.normal(size=500)),
            categories("y", [f"class {index % 50}" for index in range(500)]),
        ),
    ),
    "numbers beyond all measure": Table(
        "t", (numbers("x", np.where(HALF, 1e150, -1e150) * rng.random(ROWS)), numbers("y", rng.random(ROWS)))
    ),
}


@pytest.mark.parametrize("kind", ODD)
async def test_any_table_can_be_looked_at(kind: str) -> None:
    async with portrait(dataset_from(ODD[kind]), (80, 24)) as person:
        for keys in (["up"], ["down", "a"], ["end", "a"], ["home"], ["2"], ["end", "r"], ["3"], ["end", "c"]):
            await person.press(*keys)
            assert isinstance(person.app.screen, ProfileScreen)
            text = "\n".join(person.lines())
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)
            assert "nan" not in text
        await person.pilot.resize_terminal(60, 15)
        await person.press("1", "down", "2", "3")
        assert isinstance(person.app.screen, ProfileScreen)


async def test_without_unicode_classes_are_letters(monkeypatch: pytest.MonkeyPatch, iris: Dataset) -> None:
    ascii_terminal(monkeypatch)
    async with portrait(iris) as person:
        for view in "123":
            await person.press(view)
            assert "\n".join(person.lines()).replace("⏎", "").isascii()
        await person.press("1", "a")
        assert "A setosa" in person.screen()
