"""The choice of a table: a path, a file found by browsing, one opened lately, or one of ours."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from epochal.data.paths import PathError, kind_of, typed_path
from epochal.data.tables.bundled import tables
from epochal.data.user_files import browse, completed, recent
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import shown
from epochal.tui.widgets.text_input import TextInput

OPEN = "Open a table: type a path (right completes it), or Tab to choose one."


class Paths(Suggester):
    """Completes a path as far as the folder knows how it goes on."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The path begun, completed."""
        return completed(value)


class Open(Dialog[str | None]):
    """Gives a bundled table's name or a path; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave as it is")]

    def __init__(self, folder: Path, question: str = OPEN) -> None:
        super().__init__()
        self._folder, self._question = folder, question
        self._wrong = Lines([""])

    def compose(self) -> ComposeResult:
        """A path to type, and the list of what is there anyway."""
        with Vertical(classes="dialog wide"):
            yield Static(self._question, markup=False)
            yield TextInput(placeholder="path of a table", id="path", compact=True, suggester=Paths())
            yield self._wrong
            yield OptionList(id="places")
            yield Static("Enter opens, Escape leaves everything as it is.", classes="hint")

    def on_mount(self) -> None:
        """List what is there."""
        self._list()

    def _list(self) -> None:
        places = self.query_one(OptionList)
        places.clear_options()
        options: list[Option | None] = [
            Option(shown(f"lately: {path}"), id=f"file:{path}") for path in recent()
        ]
        for entry in browse(self._folder):
            above = entry.path == self._folder.parent
            name = f"../ ({entry.path})" if above else entry.path.name + ("/" if entry.is_folder else "")
            kind = "folder" if entry.is_folder else "file"
            if f"{kind}:{entry.path}" not in {option.id for option in options if option}:
                options.append(Option(shown(name), id=f"{kind}:{entry.path}"))
        options.append(None)
        options += [Option(shown(f"{t.name}: {t.sentence}"), id=f"ours:{t.name}") for t in tables()]
        places.add_options(options)
        places.highlighted = 0

    @on(TextInput.Submitted)
    def _typed(self, event: TextInput.Submitted) -> None:
        text = event.value.strip()
        if not text:
            return
        try:
            path = typed_path(text)
            kind = kind_of(path)
        except PathError as error:
            self._wrong.write([str(error)])
            return
        if kind == "folder":
            self._wrong.write([""])
            self._folder = path
            self._list()
            self.query_one(OptionList).focus()
        else:
            # What is nothing there may be one of ours.
            self.dismiss(text if kind == "nothing" else str(path))

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        kind, _, name = str(event.option.id).partition(":")
        if kind == "folder":
            self._folder = Path(name)
            self._list()
        else:
            self.dismiss(name)
