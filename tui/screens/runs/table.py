"""The table of recorded runs: sorted, filtered and marked by keys; only the lines in view are drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from epochal.data.runs.record import RecordedRun
from epochal.tui.reporting.run_words import changed_settings, score, when
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.text import fit


@dataclass(frozen=True)
class Column:
    """A heading, and its width on wide, middling and narrow screens: 0 for what is left, None for none."""

    title: str
    widths: tuple[int | None, int | None, int | None]


COLUMNS = (
    Column("run", (6, 5, 5)),
    Column("begun", (16, 11, 11)),
    Column("table", (18, 14, 10)),
    Column("network", (12, 10, None)),
    Column("held-out rows", (28, 16, 16)),
    Column("epochs", (10, 7, None)),
    Column("seconds", (8, 7, None)),
    Column("ended", (11, 11, 11)),
    Column("name: settings", (0, 0, 0)),
)
WIDE, MIDDLING = 150, 110


@dataclass(frozen=True)
class Row:
    """A run, its cells on wide and on other screens, what each is sorted by, and what is searched through."""

    run: RecordedRun
    cells: tuple[str, ...]
    short: tuple[str, ...]
    keys: tuple[float | str, ...]
    text: str


def row_of(run: RecordedRun) -> Row:
    """Everything the table needs of a run, worked out once."""
    metadata, judged, changed = run.metadata, score(run), changed_settings(run)
    table = metadata.table.name
    settings = f"{run.name}: {changed}" if run.name else changed
    begun = when(run)
    cells = (
        (str(run.id), run.id),
        (begun, run.id),
        (table, table.lower()),
        ("-".join(map(str, metadata.layers)), metadata.parameters),
        (judged.text, judged.figure),
        (f"{run.epochs:,}", run.epochs),
        (f"{run.seconds:.1f}", run.seconds),
        (run.ending, run.ending),
        (settings, settings.lower()),
    )
    texts, keys = zip(*cells, strict=True)
    # The day and the minute of this year; of another, the day alone.
    day = begun[5:] if begun.startswith(str(date.today().year)) else begun[:10]
    shorter = {begun: day, judged.text: judged.short}
    short = tuple(shorter.get(text, text) for text in texts)
    searched = " ".join((*texts, metadata.table.spoken, metadata.table.target, run.note)).lower()
    return Row(run, texts, short, keys, searched)


class RunsTable(ColoredLines, can_focus=True):
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
        Binding("space", "mark", "Mark", show=False),
        Binding("s", "sort(1)", "Sort", show=False),
        Binding("S", "turn", "Turn", show=False),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self.at: int | None = None
        self.marked: set[int] = set()
        self.shown: list[Row] = []
        self._all: Sequence[Row] = ()
        self._needles: list[str] = []
        self._sorted_by, self._downwards = 0, True
        self._first = 0

    # What the owner says.

    def show(self, rows: Sequence[Row]) -> None:
        """Show these; the cursor and the marks stay where they are as far as they can."""
        self._all = rows
        self.marked &= {row.run.id for row in rows}
        self._arrange()

    def search(self, words: str) -> None:
        """Show the runs that have all of these words somewhere."""
        self._needles = words.lower().split()
        self._arrange()

    @property
    def current(self) -> RecordedRun | None:
        """The run under the cursor."""
        return next((row.run for row in self.shown if row.run.id == self.at), None)

    @property
    def order_in_words(self) -> str:
        """`by held-out rows, falling`."""
        return f"by {COLUMNS[self._sorted_by].title}, {'falling' if self._downwards else 'rising'}"

    # What the keys do.

    def action_move(self, by: int) -> None:
        """Up and down, not beyond the ends."""
        if self.shown:
            self.at = self.shown[min(max(self._place + by, 0), len(self.shown) - 1)].run.id
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
        return next((place for place, row in enumerate(self.shown) if row.run.id == self.at), 0)

    def _arrange(self) -> None:
        before, column = self._place, self._sorted_by
        found = [row for row in self._all if all(needle in row.text for needle in self._needles)]
        self.shown = sorted(found, key=lambda row: row.keys[column], reverse=self._downwards)
        if self.current is None:
            self.at = self.shown[min(before, len(self.shown) - 1)].run.id if self.shown else None
        self._changed()

    def _changed(self) -> None:
        self.redraw()
        self.post_message(self.Changed())

    def lines(self, width: int, height: int) -> list[Line]:
        """Headings, and as many runs as there is room for, the one under the cursor among them."""
        columns = self._columns(width)
        room, place = max(height - 1, 1), self._place
        self._first = min(max(self._first, place - room + 1), place, max(len(self.shown) - room, 0))
        titles = [self._titled(number) for number in range(len(COLUMNS))]
        lines: list[Line] = [[("   ", "strong"), (self._joined(columns, titles), "strong")]]
        for row in self.shown[self._first : self._first + room]:
            has_cursor = row.run.id == self.at
            ink: Ink = "cursor" if has_cursor else "text"
            sign = (">" if has_cursor else " ") + ("*" if row.run.id in self.marked else " ") + " "
            cells = row.cells if width >= WIDE else row.short
            lines.append([(sign, "strong"), (self._joined(columns, cells), ink)])
        return lines

    @staticmethod
    def _columns(width: int) -> list[tuple[int, int]]:
        """Which columns there is room for, each with its width."""
        level = 0 if width >= WIDE else 1 if width >= MIDDLING else 2
        sizes = [column.widths[level] for column in COLUMNS]
        left = width - 3 - sum(size + 2 for size in sizes if size)
        return [(number, size or max(left, 8)) for number, size in enumerate(sizes) if size is not None]

    def _titled(self, number: int) -> str:
        title = COLUMNS[number].title
        return title if number != self._sorted_by else f"{title} {'v' if self._downwards else '^'}"

    @staticmethod
    def _joined(columns: Iterable[tuple[int, int]], cells: Sequence[str]) -> str:
        return "  ".join(fit(cells[number], size) for number, size in columns)
