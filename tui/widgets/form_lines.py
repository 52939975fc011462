"""The lines of a form: for each field its title, its text, and a note or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from epochal.tui.widgets.text import fit, width_of


@dataclass(frozen=True)
class Field:
    """One line: its name in messages, its title, a note beside it, and choices if nothing is typed.

    A number may have a `step`, by which left and right change it, and up and down while it is typed.
    """

    name: str
    title: str
    note: str = ""
    choices: tuple[str, ...] = ()
    step: float = 0.0


class ShowsFields(Protocol):
    """What the lines are drawn of: fields, their texts, what is wrong with them, and where the cursor is."""

    fields: tuple[Field, ...]
    texts: dict[str, str]
    errors: Mapping[str, str]
    marked: set[str]
    cursor: int

    @property
    def has_focus(self) -> bool:
        """Whether the cursor is shown."""

    @property
    def editing(self) -> bool:
        """Whether the cursor is shown although the editor has the focus."""

    def get_component_rich_style(self, *names: str, partial: bool = False) -> Style:
        """The style of a part of a line."""


class FormLines(Widget):
    """The lines of a form."""

    def __init__(self, form: ShowsFields) -> None:
        super().__init__()
        self._form = form

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line a field."""
        return len(self._form.fields)

    @property
    def value_column(self) -> int:
        """Where the values begin."""
        longest = max((width_of(field.title) for field in self._form.fields), default=0)
        return min(longest, max(self.size.width * 2 // 5, 8)) + 3

    @property
    def value_width(self) -> int:
        """How wide the values are."""
        longest = max((width_of(c) for field in self._form.fields for c in field.choices), default=0)
        return max(min(max(longest, 12), self.size.width - self.value_column), 1)

    def render_line(self, y: int) -> Strip:
        """Cursor, title, value, and the note or what is wrong."""
        form, width = self._form, self.size.width
        if y >= len(form.fields):
            return Strip.blank(width)
        field = form.fields[y]
        has_cursor = y == form.cursor and (form.has_focus or form.editing)
        error = form.errors.get(field.name)
        title, value, note = (
            form.get_component_rich_style(f"form--{part}")
            for part in ("title", "value", "error" if error else "note")
        )
        if has_cursor:
            value = value + form.get_component_rich_style("form--cursor", partial=True)
        sign = (">" if has_cursor else " ") + ("*" if field.name in form.marked else " ")
        text = form.texts.get(field.name, "")
        shown = f"{text} <>" if field.choices and has_cursor else text
        left = self.value_column
        room = max(width - left - self.value_width - 1, 0)
        # A note that does not fit whole tells less than none; the fault stands below as well.
        said = error or (field.note if width_of(field.note) <= room else "")
        if error and len(error) > room:
            # The title stands at the left anyway.
            said = error.removeprefix(f"{field.title} is ").removeprefix(f"{field.title} are ")
        return Strip(
            [
                Segment(sign, value if has_cursor and not error else note),
                Segment(fit(field.title, left - 3) + " ", title),
                Segment(fit(shown, self.value_width), value),
                Segment(" ", note),
                Segment(fit(said, room), note),
            ]
        ).adjust_cell_length(width)


def stepped(text: str, step: float) -> str:
    """A number as typed, a step further, with no more decimals than the step has use for.

    A text that is no number stays as it is.
    """
    try:
        number = float(text) + step
    except ValueError:
        return text
    if not isfinite(number):
        return text
    decimals = max(0, 1 - floor(log10(abs(step))))
    return f"{round(number, decimals) + 0.0:.{decimals}f}"
