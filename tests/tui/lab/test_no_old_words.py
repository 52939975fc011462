"""What the lab says belongs to what is there now: no verdict outlives its run, no notice its cause."""

from __future__ import annotations

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.lab.layout import PANES
from epochal.tui.screens.ask import Ask
from tests.lab import SIZES, Person, lab


async def forget(person: Person) -> None:
    await person.press("z")


async def open_another(person: Person) -> None:
    await person.press("o")
    await person.type("wine")
    await person.press("enter")
    await person.until_shown("wine, not trained")


async def predict_another_column(person: Person) -> None:
    person.app.action_pane("data")
    await person.press("enter", "down", "enter")
    await person.until_shown("To predict: sepal_length")


@pytest.mark.parametrize("away", [forget, open_another, predict_another_column])
@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_a_verdict_goes_with_its_run(away: object, size: str, iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=20), SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("4")
        await person.until_said("held-out rows right")
        await away(person)  # type: ignore[operator]
        person.app.action_pane("result")
        await person.until_said("Here the accuracy on the held-out rows will appear")
        assert "held-out rows right" not in person.pane("result")
        assert "setosa" not in person.pane("result").split("Prediction:")[0]
        assert "not trained" in person.screen()


async def test_a_wrong_setting_gets_cursor_and_focus_where_one_pane_is_shown(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3), SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("2")
        form = person.app.settings_pane.form
        form.go_to("learning_rate")
        await person.press("enter", "x", "enter", "tab", "t")
        assert person.app.pane_shown == "settings"
        assert form.has_focus
        assert form.current
        assert form.current.name == "learning_rate"
        (notice,) = person.corner()
        assert notice == "Correct the marked setting first."
        assert "Learning rate is a number above 0, not x" in person.screen()


@pytest.mark.parametrize("size", SIZES)
async def test_a_notice_covers_no_line_and_stays_on_its_screen(size: str, iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3), SIZES[size]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        for key in "vneia":
            await person.press("3", key)
            screen = person.app.screen
            screen.notify("A sentence to be read. " * 9)
            await person.until(person.corner)
            (notice,) = screen.query("Notice")
            for one, (region, clip) in screen._compositor.visible_widgets.items():
                if one is not notice and not one.children:
                    assert not region.intersection(clip).overlaps(notice.region), one
            await person.press("escape")
            assert not person.corner()


async def test_a_notice_goes_with_the_next_key_and_a_warning_does_not(iris: Dataset) -> None:
    async with lab(iris) as person:
        person.app.say("Undone by u.")
        await person.until(person.corner)
        await person.press("2")
        assert not person.corner()
        person.app.notify("The disk is full.", severity="warning")
        await person.until(person.corner)
        await person.press("3")
        assert person.corner() == ["The disk is full."]


async def test_under_a_dialog_only_its_own_keys_are_listed(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3), SIZES["80x24"]) as person:
        person.app.push_screen(Ask("Which?", {"one": "One"}))
        await person.until_shown("Which?")
        assert "Train" not in person.lines()[-1]
        assert "esc Leave as it is" in person.lines()[-1]


@pytest.mark.parametrize("width", range(60, 131, 7))
async def test_no_key_of_the_last_line_is_cut(width: int, iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3), (width, 24)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        for pane in PANES:
            person.app.action_pane(pane)
            await person.pilot.pause()
            line = person.lines()[-1]
            assert line.rstrip().endswith("^q Quit")
            assert "^p Find" in line
            assert len(line.rstrip()) <= width
