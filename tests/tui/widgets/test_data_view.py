"""The table that is learned from: bars below headings, the target in view, four digits and all of them."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.distributions import Distributions
from epochal.data.tables.table import Column, Table
from epochal.tui.widgets.bars import UPRIGHT
from epochal.tui.widgets.data_view import BAR, DataView
from epochal.tui.widgets.heat import HUES
from tests.lab import lab

rng = np.random.default_rng(41)


def numbers(name: str, values: object) -> Column:
    return Column(name, "number", np.asarray(values, np.float64))


def a_dataset(columns: int = 8, rows: int = 30, target: str = "kind") -> Dataset:
    kinds = Column(target, "category", (np.arange(rows) % 3 > 0).astype(np.int32), ("odd", "even"))
    some = [numbers(f"column {index}", 10.0**index * rng.normal(size=rows)) for index in range(columns)]
    return dataset_from(Table("t", (*some[:3], kinds, *some[3:])), target=target)


class OneTable(App[None]):
    def __init__(self, dataset: Dataset) -> None:
        super().__init__()
        self.dataset, self.chosen = dataset, []  # type: ignore[var-annotated]

    def compose(self) -> ComposeResult:
        self.view = DataView(self.dataset.table, target=self.dataset.target)
        self.view.distributions = Distributions(self.dataset)
        yield self.view

    def on_data_view_heading_selected(self, message: DataView.HeadingSelected) -> None:
        self.chosen.append(message.column)

    def on_table_view_cell_selected(self, message: DataView.CellSelected) -> None:
        self.chosen.append((message.row, message.column))


def lines(view: DataView) -> list[str]:
    return [strip.text for strip in view.render_lines(view.scrollable_content_region.size.region)]


def reversed_text(view: DataView) -> list[str]:
    strips = view.render_lines(view.scrollable_content_region.size.region)
    segments = [segment for strip in strips for segment in strip]
    return [one.text.strip() for one in segments if one.style and one.style.reverse]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_numbers_have_four_digits_but_all_of_them_under_the_cursor() -> None:
    values = [63.0278175, 0.25439998612, -118.5428, 1234567.0, 39.5, np.nan, 5e-12]
    app = OneTable(dataset_from(Table("t", (numbers("x", values), numbers("y", np.arange(7.0) * 1.1)))))
    async with app.run_test(size=(60, 14)) as pilot:
        shown = [line[4:].split(BAR)[0].strip() for line in lines(app.view)[3:10]]
        assert shown == ["63.0278175", "0.2544", "-118.5", "1234567", "39.5", "·", "5e-12"]
        for row, value in enumerate(values):
            assert reversed_text(app.view) == [
                "·" if np.isnan(value) else app.dataset.table.columns[0].text(row)
            ]
            await press(pilot, "down")


async def test_the_target_stays_in_view_wherever_the_others_are_scrolled() -> None:
    app = OneTable(a_dataset())
    async with app.run_test(size=(60, 12)) as pilot:
        seen = set()
        for _ in range(9):
            text = lines(app.view)
            assert all(
                line.rstrip().endswith(("kind", "classes", "odd", "even")) for line in text[:2] + text[3:]
            )
            seen.add(reversed_text(app.view)[0])
            await press(pilot, "right")
        assert reversed_text(app.view) == ["odd"]
        assert len(seen) == 9
        await press(pilot, "down", "enter")
        assert app.chosen == [(1, "kind")]


async def test_a_target_wider_than_half_the_pane_is_a_column_as_others() -> None:
    app = OneTable(a_dataset(target="a target with a very long name"))
    async with app.run_test(size=(40, 12)):
        assert all(BAR not in line for line in lines(app.view))


@pytest.mark.parametrize("seed", range(6))
async def test_a_walk_of_any_keys_keeps_every_line_as_wide_as_the_pane(seed: int) -> None:
    chance = random.Random(seed)
    app = OneTable(a_dataset())
    keys = ["up", "down", "left", "right", "pageup", "pagedown", "home", "end", "ctrl+home", "ctrl+end"]
    async with app.run_test(size=(chance.randint(30, 90), chance.randint(6, 20))) as pilot:
        for _ in range(12):
            await press(pilot, *chance.choices(keys, k=3))
            width = app.view.scrollable_content_region.width
            assert {cell_len(line) for line in lines(app.view)} == {width}
            assert len(reversed_text(app.view)) == 1


async def test_below_each_heading_stands_its_distribution_stacked_by_class() -> None:
    dataset = a_dataset(columns=2)
    app = OneTable(dataset)
    async with app.run_test(size=(90, 12)):
        strip = app.view.render_lines(app.view.scrollable_content_region.size.region)[2]
        bars = [segment for segment in strip if set(segment.text) & set(UPRIGHT[1:])]
        assert bars
        colours = {segment.style.color.triplet for segment in bars if segment.style and segment.style.color}
        assert {tuple(colour) for colour in colours if colour} == set(HUES[:2])
        found = Distributions(dataset).of("kind")
        assert found is not None
        assert found.counts.tolist() == [[10, 0], [0, 20]]
        drawn = "".join(segment.text for segment in bars)
        assert re.search(f"{UPRIGHT[4]}{{8}}{UPRIGHT[8]}{{8}}$", drawn)


async def test_the_headings_are_reached_from_the_first_row() -> None:
    app = OneTable(a_dataset())
    async with app.run_test(size=(70, 12)) as pilot:
        await press(pilot, "down", "up", "up", "right", "enter")
        assert app.chosen == ["column 1"]
        assert reversed_text(app.view) == ["column 1"]
        await press(pilot, "up", "end", "enter")
        assert app.chosen == ["column 1", "kind"]
        await press(pilot, "down", "enter")
        assert app.chosen[2:] == [(0, "kind")]
        await press(pilot, "up", "pagedown", "enter")
        assert isinstance(app.chosen[-1], tuple)


async def test_a_click_reaches_headings_cells_and_the_target() -> None:
    app = OneTable(a_dataset())
    async with app.run_test(size=(70, 12)) as pilot:
        await pilot.click(DataView, offset=(8, 1))
        await press(pilot, "enter")
        await pilot.click(DataView, offset=(8, 4))
        await press(pilot, "enter")
        await pilot.click(DataView, offset=(66, 5))
        await press(pilot, "enter")
        await pilot.click(DataView, offset=(66, 0))
        await press(pilot, "enter")
        assert app.chosen == ["column 0", (1, "column 0"), (2, "kind"), "kind"]


async def test_a_table_without_rows_or_with_columns_that_hold_nothing_is_shown() -> None:
    gone = Column("gone", "category", np.full(30, -1, np.int32))
    table = a_dataset(columns=3).table
    dataset = dataset_from(
        Table("t", (gone, numbers("none", np.full(30, np.nan)), *table.columns)), target="kind"
    )
    app = OneTable(dataset)
    async with app.run_test(size=(80, 10)) as pilot:
        await press(pilot, "end", "home", "up", "down")
        assert "gone" in lines(app.view)[0]


async def test_enter_on_a_heading_opens_the_portrait_at_that_column(iris: Dataset) -> None:
    async with lab(iris) as person:
        await person.press("up", "right", "enter")
        await person.until_shown("[1 Columns]")
        assert "sepal_width number" in person.screen()
        await person.press("escape")
        assert len(person.app.screen_stack) == 1
