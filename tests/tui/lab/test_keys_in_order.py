"""Keys that arrive in one write are followed one after the other, whatever each of them does to the focus."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from textual import events
from textual.keys import key_to_character

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from tests.lab import Person, lab
from tests.runs import Terminal

NAMES = {".": "full_stop", ",": "comma", "-": "minus", " ": "space"}


def write(person: Person, *keys: str) -> None:
    """All keys in one write, as a terminal on a slow line sends them."""
    for key in keys:
        name = NAMES.get(key, key)
        person.app.post_message(events.Key(name, key if len(key) == 1 else key_to_character(name)))


async def rested(person: Person) -> None:
    for _ in range(4):
        await person.pilot.pause()


def typed(before: str, keys: list[str]) -> str:
    """What a field comes to hold: a text with a cursor at its end, all of it selected at first."""
    text, at, selected = before, len(before), True
    for key in keys:
        if selected and key not in ("left", "right", "home", "end"):
            text, at = "", 0
            if key in ("backspace", "delete"):
                selected = False
                continue
        if key == "backspace":
            text, at = text[: max(at - 1, 0)] + text[at:], max(at - 1, 0)
        elif key == "delete":
            text = text[:at] + text[at + 1 :]
        elif key == "left":
            at = 0 if selected else max(at - 1, 0)
        elif key == "right":
            at = len(text) if selected else min(at + 1, len(text))
        elif key in ("home", "end"):
            at = 0 if key == "home" else len(text)
        else:
            text, at = text[:at] + key + text[at:], at + 1
        selected = False
    return text


@pytest.mark.parametrize("seed", range(6))
async def test_a_field_holds_what_was_typed_in_that_order(seed: int, iris: Dataset) -> None:
    rng = random.Random(seed)
    choices = [*"0123456789.", "backspace", "left", "delete", "end", "home"]
    async with lab(iris) as person:
        form = person.app.settings_pane.form
        await person.press("2")
        for _ in range(4):
            form.go_to(rng.choice(["learning_rate", "l2", "clip"]))
            assert form.current
            before, name = form.texts[form.current.name], form.current.name
            keys = [rng.choice(choices) for _ in range(14)]
            write(person, "enter", *keys, "enter")
            await rested(person)
            assert (keys, form.texts[name]) == (keys, typed(before, keys))
            assert not form.editing


async def test_a_setting_typed_and_a_run_begun_in_one_write_belong_together(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3)) as person:
        await person.press("2")
        person.app.settings_pane.form.go_to("learning_rate")
        write(person, "enter", *"0.36", "enter", "t")
        await rested(person)
        assert person.app.run_shown
        assert person.app.run_shown.settings.learning_rate == 0.36
        await person.wait_for_the_end()
        assert person.app.settings.learning_rate == 0.36


async def test_two_fields_in_one_write(iris: Dataset) -> None:
    async with lab(iris) as person:
        await person.press("2")
        person.app.settings_pane.form.go_to("learning_rate")
        write(person, "enter", *"0.5", "down", *"8", "down", *"50", "enter")
        await rested(person)
        settings = person.app.settings
        assert (settings.learning_rate, settings.batch_size, settings.epochs) == (0.5, 8, 50)


@pytest.mark.parametrize("first", ["0", "7", "."])
async def test_a_digit_or_point_begins_to_edit_a_field(first: str, iris: Dataset) -> None:
    async with lab(iris) as person:
        await person.press("2")
        form = person.app.settings_pane.form
        form.go_to("learning_rate")
        write(person, first, *"25", "enter")
        await rested(person)
        assert form.texts["learning_rate"] == f"{first}25"
        form.go_to("activation")
        await person.press("1")
        assert person.app.pane_shown == "data"


async def test_digits_go_through_the_panes_where_no_field_was_moved_to(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=3)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        for key, pane in (("4", "result"), ("3", "error"), ("2", "settings"), ("1", "data"), ("4", "result")):
            await person.press(key)
            assert person.app.pane_shown == pane
        await person.press("2", "down", "down", "down", "5", "enter", "1")
        assert person.app.settings.learning_rate == 5
        assert person.app.pane_shown == "data"


async def test_a_digit_on_a_locked_form_is_a_command(iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=10_000_000)) as person:
        await person.press("2", "down", "t", "2", "3")
        assert person.app.pane_shown == "error"
        assert person.app.run_shown
        assert person.app.run_shown.is_active


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal("iris", "--epochs", "5")
    yield terminal
    terminal.child.close(force=True)


def test_through_a_terminal_every_byte_stays_in_its_place(terminal: Terminal) -> None:
    terminal.until("Press t to train")
    terminal.press("2\x1b[B\x1b[B\x1b[B\r\x7f\x7f\x7f\x7f\x7f0.45\r")
    terminal.until(r"Learning rate +0\.45 ")
    terminal.press("\r0.36\r")
    terminal.until(r"Learning rate +0\.36 ")
    terminal.press("\r9\x7f0.2\x7f\x7f.125\x1b[D\x1b[D\x7f\r")
    terminal.until(r"Learning rate +0\.25 ")
