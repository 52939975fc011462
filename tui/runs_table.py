"""The table of recorded runs: sorted, filtered and marked by keys; only the lines in view are drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from data.run_record import RecordedRun
from tui.inked import Ink, Inked, Line
from tui.run_words import changed_settings, score, short_score, when
from tui.text import fit


@dataclass(frozen=True)
class Column:
    """A heading, the cell's text, what it is sorted by, and how wide it is; 0 takes what is left."""

    title: str
    cell: Callable[[RecordedRun], str]
    key: Callable[[RecordedRun], float | str]
    width: int
    narrow: int
    """The width on a screen of 80 columns; 0 leaves it out."""
    short: Callable[[RecordedRun], str] | None = None
    """The cell's text on a screen of 80 columns, where it is another."""


def figure_of(run: RecordedRun) -> float:
    """The accuracy, or the error of numbers below 0, so that more is better; the least for neither."""
    held_out = (run.result or {}).get("held_out")
    if isinstance(held_out, dict):
        for name, sign in (("accuracy", 1.0), ("rmse", -1.0)):
            if isinstance(value := held_out.get(name), float):
                return sign * value
    return float("-inf")


def _settings(run: RecordedRun) -> str:
    return f"{run.name}: {changed_settings(run)}" if run.name else changed_settings(run)


COLUMNS = (
    Column("run", lambda run: str(run.id), lambda run: run.id, 6, 5),
    Column("begun", lambda run: when(run)[5:16], lambda run: run.id, 11, 11),
    Column("table", lambda run: run.about.table.name, lambda run: run.about.table.name.lower(), 18, 10),
    Column(
        "network", lambda run: "-".join(map(str, run.about.layers)), lambda run: run.about.parameters, 12, 0
    ),
    Column("held-out rows", score, figure_of, 23, 16, short_score),
    Column("epochs", lambda run: f"{run.epochs:,}", lambda run: run.epochs, 10, 0),
    Column("seconds", lambda run: f"{run.seconds:.1f}", lambda run: run.seconds, 8, 0),
    Column("ended", lambda run: run.ending, lambda run: run.ending, 11, 11),
    Column("name: settings", _settings, lambda run: _settings(run).lower(), 0, 0),
)
WIDE = 110


def searched(run: RecordedRun) -> str:
    """All that a search looks through, in small letters."""
    about = run.about
    words = [*(column.cell(run) for column in COLUMNS), about.table.spoken, about.table.target, run.note]
    return " ".join(words).lower()


class RunsTable(Inked, can_focus=True):
    """Owns the order, the cursor and the marks; `at` is the run under the cursor, by its number."""

    class Changed(Message):
        """The order, the cursor or a mark is another."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "move_page(-1)", "Page up", show=False),
        Binding("pagedown", "move_page(1)", "Page down", show=False),
        Binding("home", "move(-1000000)", "First", show=False),
        Binding("end", "move(1000000)", "Last", show=False),
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("s", "sort(1)", "Sort"),
        Binding("S", "turn", "Turn", key_display="S"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.at: int | None = None
        self.marked: set[int] = set()
        self.shown: list[RecordedRun] = []
        self._all: Sequence[RecordedRun] = ()
        self._texts: dict[int, str] = {}
        self._needles: list[str] = []
        self._sorted_by, self._downwards = 0, True
        self._first = 0

    # What the owner says.

    def show(self, runs: Sequence[RecordedRun]) -> None:
        """Show these; the cursor and the marks stay where they are as far as they can."""
        self._all = runs
        numbers = {run.id for run in runs}
        self.marked &= numbers
        self._texts = {number: text for number, text in self._texts.items() if number in numbers}
        self._arrange()

    def know(self, texts: dict[int, str]) -> None:
        """What a search looks through, where it has been made in advance."""
        self._texts = texts

    def forget(self, number: int) -> None:
        """The run is told otherwise from now on."""
        self._texts.pop(number, None)

    def search(self, words: str) -> None:
        """Show the runs that have all of these words somewhere."""
        self._needles = words.lower().split()
        self._arrange()

    @property
    def current(self) -> RecordedRun | None:
        """The run under the cursor."""
        return next((run for run in self.shown if run.id == self.at), None)

    @property
    def order_in_words(self) -> str:
        """`by held-out rows, falling`."""
        return f"by {COLUMNS[self._sorted_by].title}, {'falling' if self._downwards else 'rising'}"

    # What the keys do.

    def action_move(self, by: int) -> None:
        """Up and down, not beyond the ends."""
        if self.shown:
            self.at = self.shown[min(max(self._place + by, 0), len(self.shown) - 1)].id
            self._changed()

    def action_move_page(self, by: int) -> None:
        """As many lines as are in view."""
        self.action_move(by * max(self.size.height - 1, 1))

    def action_mark(self) -> None:
        """Mark the run under the cursor, or unmark it, and go on to the next."""
        if self.at is not None:
            self.marked ^= {self.at}
            self.action_move(1)

    def action_sort(self, by: int) -> None:
        """Sort by the next column."""
        self._sorted_by = (self._sorted_by + by) % len(COLUMNS)
        self._arrange()

    def action_turn(self) -> None:
        """Sort the other way round."""
        self._downwards = not self._downwards
        self._arrange()

    # How it is arranged and drawn.

    @property
    def _place(self) -> int:
        return next((place for place, run in enumerate(self.shown) if run.id == self.at), 0)

    def _matches(self, run: RecordedRun) -> bool:
        if not self._needles:
            return True
        text = self._texts.get(run.id)
        if text is None:
            text = self._texts[run.id] = searched(run)
        return all(needle in text for needle in self._needles)

    def _arrange(self) -> None:
        before = self._place
        key = COLUMNS[self._sorted_by].key
        self.shown = sorted(filter(self._matches, self._all), key=key, reverse=self._downwards)
        if self.current is None:
            self.at = self.shown[min(before, len(self.shown) - 1)].id if self.shown else None
        self._changed()

    def _changed(self) -> None:
        self.redraw()
        self.post_message(self.Changed())

    def lines(self, width: int, height: int) -> list[Line]:
        """Headings, and as many runs as there is room for, the one under the cursor among them."""
        narrow, columns = width < WIDE, self._columns(width)
        room, place = max(height - 1, 1), self._place
        self._first = min(max(self._first, place - room + 1), place, max(len(self.shown) - room, 0))
        titles = [self._titled(column) for column, _ in columns]
        lines: list[Line] = [[("   ", "strong"), (self._joined(columns, titles), "strong")]]
        for run in self.shown[self._first : self._first + room]:
            has_cursor = run.id == self.at
            ink: Ink = "cursor" if has_cursor else "text"
            sign = (">" if has_cursor else " ") + ("*" if run.id in self.marked else " ") + " "
            cells = [(column.short if narrow and column.short else column.cell)(run) for column, _ in columns]
            lines.append([(sign, "strong"), (self._joined(columns, cells), ink)])
        return lines

    def _columns(self, width: int) -> list[tuple[Column, int]]:
        wide = width >= WIDE
        columns = [(one, one.width if wide else one.narrow) for one in COLUMNS]
        fixed = sum(size + 2 for _, size in columns if size)
        *others, (last, _) = columns
        return [*((one, size) for one, size in others if size), (last, max(width - 3 - fixed, 8))]

    def _titled(self, column: Column) -> str:
        if COLUMNS[self._sorted_by] is not column:
            return column.title
        return f"{column.title} {'v' if self._downwards else '^'}"

    @staticmethod
    def _joined(columns: Iterable[tuple[Column, int]], cells: Iterable[str]) -> str:
        return "  ".join(fit(cell, size) for (_, size), cell in zip(columns, cells, strict=True))
