"""Help: what one is looking at, in five lines, and every key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from epochal.tui.keys import keys_in_words
from epochal.tui.screens.dialog import Dialog

LOOKING_AT = """\
A small neural network learns to tell the target column from the other columns of your table.
Some rows are held out: the network never learns from them, so they show what it is worth.
The chart shows the error of both kinds of rows after each epoch, one pass over the training rows.
Both falling: it learns. Training falling, held-out rising: it learns by heart (overfitting).
The result compares the accuracy with always answering the most frequent class: that is doing nothing.
"""

PANES = """\
  1 to 4  Data, Settings, Error, Result; tab goes on to the next
  ctrl+p  every action by name

Data
  arrows, page up and down; home and end for the first and last
  column, ctrl+home and ctrl+end for the first and last row
  enter   on a cell: predict its column, leave it out, try its row
Error
  l       logarithmic or plain error axis
  + -     a higher or a lower learning rate, while it trains
  left, right  go back to an epoch, and on from there; with shift by
          10, with ctrl (or page up, page down) by 100; home: before
          training; b: the epoch of least held-out error, or the one
          that patience keeps; escape: back to the newest
          , . and < > do so from every pane and full screen
Result
  r       a random held-out row, with its true answer

Fields, in Settings and Result
  up and down move, enter edits, left and right choose
  While a field is edited every key types. Enter, up, down and tab
  keep what was typed, escape puts back what was there; then the
  letters are commands again. A measurement steps by a tenth of its
  deviation: left and right, and up and down while it is edited.
"""


class Help(Dialog[None]):
    """Leaves with Escape, q or the key that opened it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss(None)", "Back"),
    ]

    def compose(self) -> ComposeResult:
        """Five lines, then the keys."""
        with VerticalScroll(classes="dialog wide"):
            yield Static("What am I looking at?", classes="heading")
            yield Static(LOOKING_AT, markup=False)
            yield Static("Keys", classes="heading")
            yield Static("Everywhere, except while a field is edited", markup=False)
            yield Static(keys_in_words(), markup=False)
            yield Static(PANES, markup=False)
            yield Static("Escape goes back.", classes="hint")
