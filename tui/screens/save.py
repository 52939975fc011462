"""Where to write a new file; one that is there already is never replaced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.lines import Lines


class Save(ModalScreen[Path | None]):
    """Gives a path where nothing is yet; None for Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Write nothing")]

    def __init__(self, path: Path, about: Sequence[str], wrong: Callable[[Path], str] | None = None) -> None:
        """`wrong` says what else is wrong with a path, if anything."""
        super().__init__()
        self._path, self._about, self._is_wrong = path, about, wrong
        self._wrong = Lines([""])

    def compose(self) -> ComposeResult:
        """What will be written, and the path to change."""
        with Vertical(classes="dialog wide"):
            yield Lines(self._about)
            yield Input(str(self._path), compact=True)
            yield self._wrong
            yield Static("Enter writes it, Escape writes nothing.", classes="hint")

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        path = Path(event.value.strip()).expanduser()
        if not event.value.strip():
            self._wrong.write(["A name is needed."])
        elif path.exists() or path.is_symlink():
            self._wrong.write([f"{path.name} is there already: choose another name."])
        elif not path.absolute().parent.is_dir():
            self._wrong.write([f"There is no folder {path.absolute().parent}."])
        elif self._is_wrong and (wrong := self._is_wrong(path)):
            self._wrong.write([wrong])
        else:
            self.dismiss(path.absolute())
