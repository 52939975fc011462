"""Text fields draw whatever they hold as text: no character of a value or suggestion acts on the terminal."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.suggester import Suggester

from epochal.tui.widgets.text import visible
from epochal.tui.widgets.text_input import TextInput

HOSTILE = {
    "title": "d\x1b]0;owned\x07",
    "clipboard": "x\x1b]52;c;b3duZWQ=\x1b\\.csv",
    "colours": "\x1b[31mred\x1b[2J",
    "C1": "a\x9b31mb\x9d0;t\x9c",
    "bidi": "abc\u202efdp.exe",
    "backspaces": "safe\x08\x08\x08evil",
    "tab and return": "a\tb\rc",
    "wide": "\u66f8\x1b[m\u985e",
    "surrogate": "bad\udcff name",
    "every control": "".join(map(chr, (*range(32), *range(127, 160)))),
}


class Completion(Suggester):
    def __init__(self, whole: str) -> None:
        super().__init__(use_cache=False)
        self.whole = whole

    async def get_suggestion(self, value: str) -> str:
        return self.whole


class Field(App[None]):
    def __init__(self, value: str = "", whole: str | None = None) -> None:
        super().__init__()
        self.value, self.whole = value, whole

    def compose(self) -> ComposeResult:
        suggester = Completion(self.whole) if self.whole else None
        yield TextInput(self.value, suggester=suggester, select_on_focus=False)

    @property
    def field(self) -> TextInput:
        return self.query_one(TextInput)

    def drawn(self) -> str:
        """The field's line, as it goes to the terminal."""
        with self._context():
            return self.screen._compositor.render_strips()[self.field.content_region.y].text


def is_safe(drawn: str) -> bool:
    return visible(drawn) == drawn


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_a_value_is_drawn_as_marks_and_kept_as_it_is(value: str) -> None:
    app = Field(value)
    async with app.run_test(size=(100, 5)):
        assert is_safe(app.drawn())
        assert visible(value) in app.drawn()
        assert app.field.value == value


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
async def test_what_is_pasted_is_drawn_as_marks(text: str) -> None:
    app = Field("before ")
    async with app.run_test(size=(100, 5)) as pilot:
        app.field.post_message(events.Paste(text))
        await pilot.pause()
        assert is_safe(app.drawn())
        assert app.field.value == "before " + text.splitlines()[0]


@pytest.mark.parametrize("rest", HOSTILE.values(), ids=HOSTILE)
async def test_a_suggestion_is_drawn_as_marks_and_taken_as_it_is(rest: str) -> None:
    app = Field(whole="p" + rest)
    async with app.run_test(size=(100, 5)) as pilot:
        await pilot.press("p")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert visible(rest) in app.drawn()
        assert is_safe(app.drawn())
        await pilot.press("right")
        assert app.field.value == "p" + rest
        assert is_safe(app.drawn())


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_the_cursor_stands_where_the_mark_of_its_character_is(value: str) -> None:
    app = Field(value)
    async with app.run_test(size=(100, 5)):
        app.field.cursor_position = len(value) // 2
        before = visible(value[: len(value) // 2])
        left = app.field.content_region.x
        assert app.field.cursor_screen_offset.x - left == cell_len(before)
