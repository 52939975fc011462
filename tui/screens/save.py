"""Where to write a file; one that is there already is replaced only when the person says so."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from epochal.data.paths import PathError, may_be_written, typed_path
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text_input import TextInput


class Place(NamedTuple):
    """A path, and whether what is there may be replaced."""

    path: Path
    force: bool


class Save(Dialog[Place | None]):
    """Gives a place to write to; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Write nothing")]

    def __init__(
        self, path: Path, metadata: Sequence[str], wrong: Callable[[Path], str] | None = None
    ) -> None:
        """`wrong` says what else is wrong with a path, if anything."""
        super().__init__()
        self._path, self._about, self._is_wrong = path, metadata, wrong
        self._wrong = Lines([""])

    def compose(self) -> ComposeResult:
        """What will be written, and the path to change."""
        with Vertical(classes="dialog wide"):
            yield Lines(self._about)
            yield TextInput(str(self._path), compact=True)
            yield self._wrong
            yield Static("Enter writes it, Escape writes nothing.", classes="hint")

    @on(TextInput.Submitted)
    def _typed(self, event: TextInput.Submitted) -> None:
        try:
            path = self._place(event.value.strip())
        except PathError as error:
            self._wrong.write([str(error)])
            return
        if not os.path.lexists(path):
            self.dismiss(Place(path, force=False))
            return
        there = f"{path.name} is there already"
        if os.path.islink(path):
            there += f", and leads to {os.path.realpath(path)}"
        self._wrong.write([f"{there}."])
        answers = {"no": "Choose another name", "yes": "Replace it: what it holds now will be gone"}

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self.dismiss(Place(path, force=True))

        self.app.push_screen(Ask(f"{there}. Replace it?", answers), answered)

    def _place(self, typed: str) -> Path:
        """Where to write; PathError when nothing can be written there."""
        if not typed:
            raise PathError("A name is needed.")
        path = typed_path(typed)
        may_be_written(path)
        if self._is_wrong and (wrong := self._is_wrong(path)):
            raise PathError(wrong)
        return path
