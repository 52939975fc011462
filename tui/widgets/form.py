"""A form of one-line fields: all of them drawn by one widget, the one being typed in by a `TextInput`.

A field is edited only after Enter, so that everywhere else letters stay commands. Drawing the lines
ourselves keeps a form of five hundred features as light as one of five.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message
from textual.widgets.input import Selection

from epochal.tui.widgets.form_lines import Field, FormLines, stepped
from epochal.tui.widgets.text_input import FieldEditor, TextInput


class Form(VerticalScroll, can_focus=True):
    """Fields with a cursor. `show` sets them, `Changed` tells of every key typed in one of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "form--title",
        "form--value",
        "form--note",
        "form--error",
        "form--cursor",
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit", key_display="enter"),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("left", "choose(-1)", "Choose", show=False),
        Binding("right", "choose(1)", "Choose", show=False),
        Binding("home", "move(-9999)", "First field", show=False),
        Binding("end", "move(9999)", "Last field", show=False),
        Binding("tab", "next_field(1)", "Next field", show=False),
        Binding("shift+tab", "next_field(-1)", "Field before", show=False),
        Binding("escape", "leave", "Put back"),
    ]

    DEFAULT_CSS = """
    Form {
        layers: lines editor;
        scrollbar-size-vertical: 1;
        & > FormLines { layer: lines; width: 1fr; height: auto; }
        & > Input { layer: editor; width: 14; background: $surface; }
        & .form--title { color: $foreground; }
        & .form--value { color: $primary; text-style: bold; }
        & .form--note { color: $text-muted; }
        & .form--error { color: $error; text-style: bold; }
        & .form--cursor { text-style: reverse; }
    }
    """

    class News(Message):
        """Something about a form; `on` selectors may name it."""

        def __init__(self, form: Form) -> None:
            super().__init__()
            self.form = form

        @property
        def control(self) -> Form:
            """The form, for `on` selectors."""
            return self.form

    class Changed(News):
        """A field's text is another, by a key typed or a choice made."""

        def __init__(self, form: Form, name: str, text: str) -> None:
            super().__init__(form)
            self.name, self.text = name, text

    class Moved(News):
        """The cursor is on another field."""

    class Refused(News):
        """Somebody wants to change a field of a locked form."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.fields: tuple[Field, ...] = ()
        self.texts: dict[str, str] = {}
        self.errors: Mapping[str, str] = {}
        self.marked: set[str] = set()
        self.locked = False
        self.cursor = 0
        self._lines = FormLines(self)
        self._editor = FieldEditor(self.end_editing)
        self._editor.display = False
        self._before = ""
        # Fields begun to be edited, and choices made: what is typed until the next belongs together.
        self.edits, self._was_moved = 0, False

    def compose(self) -> ComposeResult:
        """The lines, and the editor above them."""
        yield self._lines
        yield self._editor

    def show(self, fields: Sequence[Field], texts: Mapping[str, str]) -> None:
        """Show these fields with these texts; the cursor stays on its line if there is one."""
        self._stop_editing()
        self.fields, self.texts, self.errors = tuple(fields), dict(texts), {}
        self.cursor = min(self.cursor, max(len(fields) - 1, 0))
        self._lines.refresh(layout=True)

    def set_text(self, name: str, text: str) -> None:
        """Put a text into a field, as if typed, but without a message."""
        self.texts[name] = text
        if self.editing and self.fields[self.cursor].name == name:
            with self.prevent(TextInput.Changed):
                self._editor.value = text
        self._lines.refresh()

    def set_notes(self, notes: Mapping[str, str]) -> None:
        """Say something else beside some fields."""
        self.fields = tuple(
            replace(field, note=notes[field.name]) if field.name in notes else field for field in self.fields
        )
        self._lines.refresh()

    def set_errors(self, errors: Mapping[str, str]) -> None:
        """Say beside each wrong field what is wrong; the notes come back where nothing is."""
        if errors != self.errors:
            self.errors = dict(errors)
            self._lines.refresh()

    def mark(self, names: Collection[str]) -> None:
        """Put a star before these fields."""
        if set(names) != self.marked:
            self.marked = set(names)
            self._lines.refresh()

    def go_to(self, name: str, *, edit: bool = False) -> None:
        """Put the cursor on a field."""
        self._move_to([field.name for field in self.fields].index(name))
        self.screen.set_focus(self)
        if edit:
            self.action_edit()

    @property
    def editing(self) -> bool:
        """Whether keys are being typed into a field."""
        return bool(self._editor.display)

    @property
    def current(self) -> Field | None:
        """The field under the cursor."""
        return self.fields[self.cursor] if self.fields else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Tab and Escape are the form's only while a field is edited; left and right only else."""
        if action in ("next_field", "leave"):
            return self.editing
        if action in ("choose", "edit"):
            return not self.editing
        return True

    def action_move(self, lines: int) -> None:
        """Move the cursor; while a number is edited, take it a step up or down."""
        field = self.current
        self._take_typed()
        if self.editing and field and field.step:
            self._say(field, stepped(self.texts[field.name], -lines * field.step))
            with self.prevent(TextInput.Changed):
                self._editor.value = self.texts[field.name]
        else:
            self.action_next_field(lines)

    def action_next_field(self, lines: int) -> None:
        """Move the cursor; while editing, keep what was typed and edit the next field."""
        editing = self.editing
        if editing:
            self.end_editing()
        self._move_to(self.cursor + lines)
        if editing and self.current and not self.current.choices:
            self.action_edit()

    def action_edit(self) -> None:
        """Type in this field, or go to its next choice."""
        field = self.current
        if field is None:
            return
        if self.locked:
            self.post_message(self.Refused(self))
        elif field.choices:
            self.action_choose(1)
        else:
            self._before, self.edits = self.texts[field.name], self.edits + 1
            self._place_editor()
            with self.prevent(TextInput.Changed):
                self._editor.value = self._before
            self._editor.display = True
            # At once, not with the messages now waiting: the next key replaces what is selected.
            self._editor.selection = Selection(0, len(self._before))
            self.screen.set_focus(self._editor)

    def on_key(self, event: events.Key) -> None:
        """Begin to type, with a digit or a point, in a field that was moved to; else they go to the panes."""
        field, typed = self.current, event.character or ""
        if self.editing or self.locked or not self._was_moved or field is None or field.choices:
            return
        if typed == "." or (typed.isascii() and typed.isdigit()):
            event.stop()
            self.action_edit()
            self._editor.value = typed
            self._editor.action_end()

    def action_choose(self, by: int) -> None:
        """The next or the previous choice of this field, or a number a step further."""
        field = self.current
        if field is None or not (field.choices or field.step):
            return
        if self.locked:
            self.post_message(self.Refused(self))
            return
        self.edits += 1
        if field.step:
            self._say(field, stepped(self.texts[field.name], by * field.step))
            return
        chosen = (
            field.choices.index(self.texts[field.name]) if self.texts[field.name] in field.choices else -by
        )
        self._say(field, field.choices[(chosen + by) % len(field.choices)])

    def action_leave(self) -> None:
        """Put back what the field held before."""
        field = self.current
        self._stop_editing()
        if field and self.texts[field.name] != self._before:
            self._say(field, self._before)

    def end_editing(self) -> None:
        """Keep what was typed; letters and digits are commands again."""
        self._take_typed()
        self._was_moved = False
        self._stop_editing()

    @on(TextInput.Changed)
    def _typing(self, event: TextInput.Changed) -> None:
        event.stop()
        self._take_typed()

    def _take_typed(self) -> None:
        """Hold what the editor holds: the next key may come before its message does."""
        if self.editing and self.current and self.texts[self.current.name] != self._editor.value:
            self._say(self.current, self._editor.value)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A field that has lost the focus is no longer edited."""
        # By now the next field may be edited, with the same editor.
        if event.widget is self._editor and self.editing and not self._editor.has_focus:
            self._editor.display = False
            self._lines.refresh()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._lines.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        if not (self.editing or self.has_focus):
            self._was_moved = False
        self._lines.refresh()

    def on_resize(self) -> None:
        """Keep the editor over its field."""
        self._place_editor()

    def _place_editor(self) -> None:
        self._editor.styles.offset = (self._lines.value_column, self.cursor)
        self._editor.styles.width = self._lines.value_width

    def _say(self, field: Field, text: str) -> None:
        self.texts[field.name] = text
        self._lines.refresh()
        self.post_message(self.Changed(self, field.name, text))

    def _stop_editing(self) -> None:
        if self.editing:
            self._editor.display = False
            self.screen.set_focus(self)
        self._lines.refresh()

    def _move_to(self, cursor: int) -> None:
        cursor, self._was_moved = max(0, min(cursor, len(self.fields) - 1)), True
        if cursor != self.cursor and self.fields:
            self.cursor = cursor
            self.post_message(self.Moved(self))
        self._lines.refresh()
        self.scroll_to_region(Region(0, cursor, 1, 1), animate=False, force=True)
