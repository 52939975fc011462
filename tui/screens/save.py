"""Where to write a file; one that is there already is replaced only when the person says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

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
        path = Path(event.value.strip()).expanduser().absolute()
        if wrong := self._fault(event.value.strip(), path):
            self._wrong.write([wrong])
        elif path.exists() or path.is_symlink():
            self._wrong.write([f"{path.name} is there already."])
            answers = {"no": "Choose another name", "yes": "Replace it: what it holds now will be gone"}
            self.app.push_screen(Ask(f"{path.name} is there already. Replace it?", answers), self._answered)
        else:
            self.dismiss(Place(path, force=False))

    def _fault(self, typed: str, path: Path) -> str:
        if not typed:
            return "A name is needed."
        if path.is_dir():
            return f"{path.name} is a folder: name a file in it."
        if not path.parent.is_dir():
            return f"There is no folder {path.parent}."
        return self._is_wrong(path) if self._is_wrong else ""

    def _answered(self, answer: str | None) -> None:
        if answer == "yes":
            path = Path(self.query_one(TextInput).value.strip()).expanduser().absolute()
            self.dismiss(Place(path, force=True))
