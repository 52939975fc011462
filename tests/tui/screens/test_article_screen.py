"""The tutorial replayed in the lab: a checklist of its defects, and what each repair does to the result."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from time import sleep
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from epochal.core.article.defects import ALL, DEFECTS
from epochal.core.article.replay import Replay
from epochal.core.article.training import EPOCHS, replay
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.article_run import ArticleRuns, Plan
from epochal.tui.screens.article.card import Card
from epochal.tui.screens.article.screen import IN_SHORT, ArticleScreen, DefectInFull
from epochal.tui.widgets.colored_lines import ColoredLines, Line
from tests.lab import SIZES, Person, lab
from tests.runs import GIVE_UP, Terminal, sampled

FEW = 40
ENDLESS = 10_000_000


@asynccontextmanager
async def article(
    dataset: Dataset, epochs: int = FEW, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Person]:
    """The lab with the screen open; its worker is ended whatever happens."""
    async with lab(dataset, size=size) as person:
        opened = ArticleScreen(Trickle() if epochs == ENDLESS else person.app.gate, epochs)
        person.app.push_screen(opened)
        await person.press()
        try:
            yield person
        finally:
            opened.runs.stop()
            assert await asyncio.to_thread(opened.runs.join, GIVE_UP)


class Trickle:
    """A floor that lets few epochs pass, so that a run without end leaves the processor to the test."""

    closed = True

    def wait(self) -> None:
        sleep(0.03)


class CountingFloor:
    """Always closed; counts how often the worker waits."""

    closed = True
    waits = 0

    def wait(self) -> None:
        self.waits += 1


class Page(ColoredLines):
    """Lines as given; remembers the regions it was told to draw again, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = ["one", "two", "three"]
        self.refreshed: list[tuple[Region, ...]] = []

    def lines(self, width: int, height: int) -> list[Line]:
        return [[(text, "text")] for text in self.shown]

    def refresh(self, *regions: Region, **options: bool) -> Page:
        self.refreshed.append(regions)
        return super().refresh(*regions, **options)


class RecordingApp(App[None]):
    """Nothing but a page."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def compose(self) -> ComposeResult:
        yield self.page


def screen(person: Person) -> ArticleScreen:
    assert isinstance(person.app.screen, ArticleScreen)
    return person.app.screen


def words(widget: ColoredLines) -> str:
    """What a widget says, in one line."""
    return " ".join(" ".join(widget.render_line(y).text for y in range(widget.size.height)).split())


def card(person: Person, name: str) -> str:
    """What one of the two results says."""
    return words(screen(person).query_one(f"#{name}", Card))


async def finished(runs: ArticleRuns, *plans: Plan) -> None:
    """Wait until runs are over, while the worker has the processor to itself."""
    async with asyncio.timeout(GIVE_UP):
        while not all(map(runs.is_done, plans)):
            await asyncio.sleep(0.05)


async def both_done(person: Person) -> None:
    """Wait until both runs are over and shown."""
    runs, plans = screen(person).runs, (screen(person).published, screen(person).chosen)
    await finished(runs, *plans)
    for name in ("published", "repaired") if plans[1].repairs else ("published",):
        await person.until(partial(_has_all_epochs, person, name))


def _has_all_epochs(person: Person, name: str) -> bool:
    return f"{screen(person).runs.epochs:,} epochs" in card(person, name)


async def choose(person: Person, name: str) -> None:
    """Go to a defect, the short way round, and mend it."""
    place = ALL.index(name)
    way = ["home", *["down"] * place] if 2 * place < len(ALL) else ["end", *["up"] * (len(ALL) - 1 - place)]
    await person.press(*way, "space")


async def test_a_key_of_the_lab_opens_the_tutorial_as_published(iris: Dataset) -> None:
    async with lab(iris) as person:
        await person.press("a")
        runs = screen(person).runs
        assert runs.epochs == EPOCHS
        await finished(runs, screen(person).published)
        await person.until_shown("1,000 epochs")
        text = card(person, "published")
        assert re.search(
            r"prints 62\.00 % .* true 0\.0 % .* right 0 of 62, 95 % interval 0\.0 to 5\.8 %", text
        )
        assert "held out 0 Abnormal, 62 Normal" in text
        assert (
            "The held-out rows are all of one class: they cannot show whether anything was learned." in text
        )
        assert "Nothing is repaired yet." in card(person, "repaired")
        await person.press("escape")
        assert await asyncio.to_thread(runs.join, GIVE_UP)
        assert person.app.dataset is iris


async def test_mending_the_argmax_changes_what_is_printed_and_not_what_is_true(spine: Dataset) -> None:
    async with article(spine) as person:
        await choose(person, "argmax-of-one-column")
        await both_done(person)
        on_screen = screen(person)
        published, repaired = (
            on_screen.runs.latest(plan) for plan in (on_screen.published, on_screen.chosen)
        )
        assert published is not None
        assert repaired is not None
        assert published.curve == repaired.curve
        right = f"{published.held_out_right} of 62, 95 % interval"
        assert right in card(person, "published")
        assert right in card(person, "repaired")
        assert "prints 62.00 %" in card(person, "published")
        assert f"prints {published.true_accuracy * 100:.2f} %" in card(person, "repaired")


@pytest.mark.parametrize("size", sampled(SIZES, 1, "all repairs beat the baseline"))
async def test_all_repairs_beat_the_baseline_beside_the_62_percent(spine: Dataset, size: str) -> None:
    async with article(spine, size=SIZES[size]) as person:
        await person.press("A")
        await both_done(person)
        text = card(person, "published")
        assert "62.00 %" in text
        assert f"{replay(spine.examples, epochs=FEW).held_out_right} of 62" in text
        assert "0 Abnormal, 62 Normal" in text
        assert "they cannot show whether anything was learned." in text
        expected = replay(spine.examples, ["all"], epochs=FEW)
        text = card(person, "repaired")
        assert "With 10 repairs" in text
        assert f"{expected.held_out_right} of 62" in text
        assert "42 Abnormal, 20 Normal" in text
        assert "67.7 %" in text
        assert "Better than always giving that answer, beyond chance." in text
        await person.press("N")
        assert screen(person).chosen.repairs == ()
        assert "Nothing is repaired yet." in card(person, "repaired")


async def test_the_result_is_that_of_the_method_without_a_screen_even_after_a_change_of_mind(
    spine: Dataset,
) -> None:
    async with article(spine, 80) as person:
        on_screen = screen(person)
        await person.press("space")
        first = on_screen.chosen
        await person.until(lambda: _epochs(on_screen.runs.latest(first)) > 0)
        await person.press("down", "enter")
        assert on_screen.chosen.repairs == ALL[:2]
        await person.press("enter")
        assert on_screen.chosen == first
        await both_done(person)
        assert _same(on_screen.runs.latest(first), replay(spine.examples, ALL[:1], epochs=80))


async def test_a_run_once_made_is_there_at_once_when_wanted_again(spine: Dataset) -> None:
    async with article(spine) as person:
        await choose(person, "sorted-split")
        await both_done(person)
        made = screen(person).runs.latest(screen(person).chosen)
        text = card(person, "repaired")
        await person.press("space", "space")
        assert screen(person).runs.latest(screen(person).chosen) is made
        assert card(person, "repaired") == text


async def test_another_seed_is_drawn_for_both(spine: Dataset) -> None:
    async with article(spine) as person:
        await person.press("A")
        await both_done(person)
        before = [card(person, name) for name in ("published", "repaired")]
        await person.press("s")
        assert "seed 1" in person.screen()
        await both_done(person)
        after = [card(person, name) for name in ("published", "repaired")]
        expected = replay(spine.examples, seed=1, epochs=FEW)
        assert "prints 62.00 %" in after[0]
        assert f"{expected.held_out_right} of 62" in after[0]
        assert all(old != new for old, new in zip(before, after, strict=True))


async def test_leaving_ends_the_worker(spine: Dataset) -> None:
    async with article(spine, ENDLESS) as person:
        await person.press("A")
        runs = screen(person).runs
        await person.until_shown("of 10,000,000")
        await person.press("escape")
        assert not isinstance(person.app.screen, ArticleScreen)
        assert await asyncio.to_thread(runs.join, GIVE_UP)


async def test_a_run_that_goes_on_concludes_nothing_yet(spine: Dataset) -> None:
    async with article(spine, ENDLESS) as person:
        await person.press("A")
        await person.until(lambda: "epoch" in card(person, "repaired"))
        assert "Running: this may still change." in card(person, "repaired")
        assert "beyond chance" not in card(person, "repaired")
        shown = screen(person).runs.latest(screen(person).chosen)
        await person.until(lambda: screen(person).runs.latest(screen(person).chosen) is not shown)


async def test_a_run_no_longer_wanted_stands_still() -> None:
    runs = ArticleRuns(ENDLESS, Trickle())
    one, other = Plan((), 0), Plan(ALL, 0)
    try:
        async with asyncio.timeout(GIVE_UP):
            runs.want(one)
            await _result_of(runs, one)
            runs.want(other)
            await _result_of(runs, other)
            stood = runs.latest(one)
            await _result_of(runs, other)
            assert runs.latest(one) is stood
            runs.want(one)
            await _result_of(runs, one)
            results = runs.latest(one)
            assert results is not None
            assert stood is not None
            assert results.curve[: len(stood.curve)] == stood.curve
    finally:
        runs.stop()
        assert await asyncio.to_thread(runs.join, GIVE_UP)


async def test_the_run_gives_way_to_the_screen(spine: Dataset) -> None:
    gate = CountingFloor()
    runs = ArticleRuns(5, gate)
    runs.want(Plan((), 0))
    await finished(runs, Plan((), 0))
    runs.stop()
    assert await asyncio.to_thread(runs.join, GIVE_UP)
    assert gate.waits == 5


async def test_80x24_shows_every_defect_both_results_and_the_chart(spine: Dataset) -> None:
    async with article(spine, size=(80, 24)) as person:
        await person.press("A", "end")
        await both_done(person)
        text = person.screen()
        assert all(f"] {name}" in text for name in ALL)
        for told in ("as published", "repaired", "error (log)", "62.00 %", "s Next seed", "esc Back"):
            assert told in text
        last = DEFECTS[-1]
        assert " ".join(f"{last.fault} {last.effect} Repair: {last.repair}".split()) in " ".join(text.split())
        assert "67.7 %" in text


async def test_the_defect_under_the_cursor_is_told_in_full(spine: Dataset) -> None:
    async with article(spine, 5, SIZES["80x24"]) as person:
        for defect in DEFECTS:
            told = words(screen(person).query_one("#defect", DefectInFull))
            assert f"{defect.fault} {defect.effect} Repair: {defect.repair}" in told
            await person.press("down")


async def test_where_there_is_room_it_is_told_in_three_paragraphs(spine: Dataset) -> None:
    async with article(spine, 5) as person:
        await person.press("end")
        last = DEFECTS[-1]
        told = words(screen(person).query_one("#defect", DefectInFull))
        assert told == f"Fault {last.fault} Effect {last.effect} Repair {last.repair}"


async def test_only_the_rows_that_differ_are_drawn_again() -> None:
    app = RecordingApp()
    async with app.run_test(size=(20, 4)) as pilot:
        page = app.page
        page.refreshed.clear()
        page.redraw()
        assert page.refreshed == []
        page.shown = ["one", "2", "three", "four"]
        page.redraw()
        assert [[(region.y, region.height) for region in once] for once in page.refreshed] == [
            [(1, 1), (3, 1)]
        ]
        await pilot.pause()
        assert words(page) == "one 2 three four"
        page.shown = ["one"]
        page.redraw()
        assert words(page) == "one"


async def test_there_is_one_line_for_each_defect_where_there_is_room(spine: Dataset) -> None:
    assert tuple(IN_SHORT) == ALL
    async with article(spine, 5) as person:
        for name, fault in IN_SHORT.items():
            assert re.search(rf"\[ \] {name} +{re.escape(fault)}", person.screen())


def test_without_unicode_and_colour_it_says_the_same_in_ascii() -> None:
    ascii_only: dict[str, Any] = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "NO_COLOR": "1",
    }
    terminal = Terminal("iris", **ascii_only)
    try:
        terminal.until("150 rows")
        terminal.press("a")
        terminal.until(r"> \[ \] shuffled-features-only")
        terminal.press("A")
        terminal.until("With 10 repairs")
        terminal.until(r"true +\d+\.\d % +[.|]*\[-*o-*\]")
        text = terminal.text()
        assert all(f"[x] {name}" in text for name in ALL)
        assert {c for c in text if not c.isascii()} == set()
        terminal.press("\x11")
        terminal.end()
        assert terminal.is_restored()
    finally:
        terminal.child.close(force=True)


async def test_a_small_screen_is_scrolled_by_pages(spine: Dataset) -> None:
    async with article(spine, 5, (60, 16)) as person:
        assert "With your repairs" not in person.screen()
        await person.press("pagedown", "pagedown")
        assert "With your repairs" in person.screen()
        await person.press("pageup", "pageup")
        assert ALL[0] in person.screen()


def _epochs(found: Replay | None) -> int:
    return len(found.curve) if found else 0


def _same(found: Replay | None, expected: Replay) -> bool:
    assert found is not None
    return (found.curve, found.held_out_right) == (expected.curve, expected.held_out_right)


async def _result_of(runs: ArticleRuns, plan: Plan) -> None:
    """Wait until a run has been looked at again, with more epochs."""
    before = _epochs(runs.latest(plan))
    while _epochs(runs.latest(plan)) <= before:
        await asyncio.sleep(0.01)
