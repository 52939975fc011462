"""While a table is read: how far that is, and a way to end it."""

from __future__ import annotations

import threading
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS


class Cancelled(Exception):
    """Nobody waits for the table any more."""


class Loading(Dialog[None]):
    """A bar that grows. `watch` is called by the reading thread and ends it after Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Stop reading")]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._table_name, self._share = name, 0.0
        self._cancelled = threading.Event()
        self._is_over = False
        self._lines = Lines(["", ""])

    def compose(self) -> ComposeResult:
        """The name of the file and the bar."""
        with Vertical(classes="dialog"):
            yield self._lines

    def on_mount(self) -> None:
        """Follow the reading."""
        self._show()
        self.set_interval(0.1, self._show)

    def watch_reading(self, share: float) -> None:
        """How much has been read; raises Cancelled after Escape."""
        self._share = share
        if self._cancelled.is_set():
            raise Cancelled

    def end(self) -> None:
        """Leave; where another screen is in front, as soon as that is left."""
        self._is_over = True
        self.dismiss()

    def on_screen_resume(self) -> None:
        """Leave what is over."""
        if self._is_over:
            self.dismiss()

    def action_cancel(self) -> None:
        """Stop reading."""
        self._cancelled.set()

    def _show(self) -> None:
        full, empty = ("━", "─") if GLYPHS else ("#", "-")
        done = int(40 * self._share)
        bar = full * done + empty * (40 - done)
        self._lines.write([f"Reading {self._table_name}", f"{bar} {self._share:4.0%}", "Escape stops it."])
