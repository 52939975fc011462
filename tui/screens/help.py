"""Help: what one is looking at, in five lines, and every key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

LOOKING_AT = """\
A small neural network learns to tell the target column from the other columns of your table.
Some rows are held out: the network never learns from them, so they show what it is worth.
The chart shows the error of both kinds of rows after each epoch, one pass over the training rows.
Both falling: it learns. Training falling, held-out rising: it learns by heart (overfitting).
The result compares the accuracy with always answering the most frequent class: that is doing nothing.
"""

KEYS = """\
Everywhere, except while a field is edited
  t            train; pause; go on              1 2 3 4      Data, Settings, Error, Result
  s            train one epoch, then pause      tab          next pane
  x            stop, keep and judge the result  o            open a table
  z            reset: forget the run            ?            this help
  ctrl+p       every action by name             ctrl+q       quit

Data           arrows, page up and down move; home and end go to the first and last column,
               ctrl+home and ctrl+end to the first and last row;
               enter on a cell: predict its column, leave it out, or try its row
Error          l  logarithmic or plain error axis
Result         r  put in a random held-out row, with its true answer

Fields         up and down move, enter edits, left and right choose among choices.
               While a field is edited every key types: enter, up, down and tab keep what was
               typed, escape puts back what was there. Then the letters are commands again.
"""


class Help(ModalScreen[None]):
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
            yield Static(KEYS, markup=False)
            yield Static("Escape goes back.", classes="hint")
