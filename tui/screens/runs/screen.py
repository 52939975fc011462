"""Every run there was: found, told, compared, taken up again; nothing is gone before it is gone for good."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from epochal.data.runs.database import HistoryError
from epochal.data.runs.queries import (
    DeletedRun,
    delete_run,
    describe_run,
    put_back,
    recorded_run,
    recorded_runs,
)
from epochal.data.runs.record import RecordedRun
from epochal.tui.reporting.run_words import sentences
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.runs.comparison import CurvesScreen, SideBySide
from epochal.tui.screens.runs.naming import NameScreen
from epochal.tui.screens.runs.table import Row, RunsTable, row_of
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text_input import TextInput

T = TypeVar("T")

EMPTY = ["Here every run will be listed, with its result. None has been recorded yet: press t in the lab."]
MOST_CURVES = 6
AT_ONCE = 200

Wish = tuple[Literal["settings", "network", "go on"], RecordedRun]


class RunsScreen(Dialog[Wish | None]):
    """Leaves with a run to take something of, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", show=False),
        Binding("enter", "wish('network')", "Load", key_display="enter"),
        Binding("l", "wish('settings')", "Settings"),
        Binding("r", "wish('go on')", "Go on"),
        Binding("o", "overlay", "Curves"),
        Binding("v", "compare", "Beside"),
        Binding("e", "describe", "Name"),
        Binding("d,delete", "delete", "Delete"),
        Binding("u", "undo", "Undo"),
        Binding("escape,h,q", "leave", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    RunsScreen {
        background: $background;
        & #runs-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & #runs-search { display: none; height: 1; }
        & #runs-search.-searching { display: block; }
        & RunsTable { height: 1fr; }
        & #runs-said-scroll { height: auto; max-height: 9; background: $panel; }
        & #runs-said { height: auto; padding: 0 1; text-wrap: wrap; }
    }
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._rows: tuple[Row, ...] | None = None
        self._is_whole = False
        self._problem = ""
        self._deleted: list[list[DeletedRun]] = []
        self._top = Lines([" Runs   Reading..."], id="runs-top")
        self._search = TextInput(placeholder="words to find", compact=True, id="runs-search")
        self._table = RunsTable(id="runs-table")
        self._said = Lines([""], id="runs-said")

    def compose(self) -> ComposeResult:
        """How many there are; the table; the run under the cursor; the keys."""
        yield self._top
        yield self._search
        yield self._table
        with VerticalScroll(id="runs-said-scroll", can_focus=False):
            yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Read the history."""
        self.set_focus(self._table)
        self._read()

    @work(exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        """The newest at once; the others as soon as they are all read."""
        for newest in (AT_ONCE, None):
            with collecting_later():
                found = await self._asked(lambda newest=newest: self._listed(newest))  # type: ignore[misc]
            if found is None:
                self._top.write([" Runs"])
                return
            self._problem = found[0]
            self._show(found[1])
            if len(found[1]) < AT_ONCE:
                break
        self._is_whole = True
        self._tell()

    def _listed(self, newest: int | None = None) -> tuple[str, tuple[Row, ...]]:
        listing = recorded_runs(self._folder, newest=newest)
        return listing.problem, tuple(map(row_of, listing.runs))

    async def _asked(self, question: Callable[[], T]) -> T | None:
        """The history's answer; None when it has none, of which the reason is shown."""
        try:
            return await off_screen(question, "Asking the run history", (HistoryError,))
        except HistoryError as error:
            self._said.write([f"{error}."])
        except WorkFailed as error:
            self._said.write([str(error)])
        return None

    # What is shown.

    @on(RunsTable.Changed)
    def _tell(self) -> None:
        rows, table = self._rows, self._table
        if rows is None:
            return
        many = f"{len(table.shown):,} of {len(rows):,}" if len(table.shown) < len(rows) else f"{len(rows):,}"
        if not self._is_whole:
            many += ", the newest; reading the others"
        marked = f", {len(table.marked)} marked" if table.marked else ""
        # What the footer of a narrow screen has no room for.
        keys = "space marks, s S sort, / finds"
        self._top.write([f" Runs: {many}, {table.order_in_words}{marked}   {keys}"])
        run = table.current
        lines = sentences(run) if run else []
        if not rows:
            lines = EMPTY
        elif run is None:
            lines = ["No run contains all of these words."]
        self._said.write([*([self._problem] if self._problem else []), *lines])
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys that do something to what there is."""
        run = self._table.current
        match action:
            case "wish":
                return run is not None and (parameters != ("go on",) or run.can_go_on)
            case "describe" | "delete":
                return run is not None
            case "overlay":
                return run is not None or bool(self._table.marked)
            case "compare":
                return len(self._table.marked) == 2
            case "undo":
                return bool(self._deleted)
            case _:
                return super().check_action(action, parameters)

    # Searching.

    def action_search(self) -> None:
        """Type words; Enter goes back to the table, Escape shows all again."""
        self._search.add_class("-searching")
        self.set_focus(self._search)

    @on(TextInput.Changed, "#runs-search")
    def _searched(self, event: TextInput.Changed) -> None:
        self._table.search(event.value)

    @on(TextInput.Submitted, "#runs-search")
    def _found(self) -> None:
        self.set_focus(self._table)

    def action_leave(self) -> None:
        """Back from the search to all runs; else to the lab."""
        if self._search.has_class("-searching"):
            self._search.value = ""
            self._search.remove_class("-searching")
            self.set_focus(self._table)
        else:
            self.dismiss(None)

    # What is done with runs.

    def action_wish(self, what: Literal["settings", "network", "go on"]) -> None:
        """Take something of the run back to the lab."""
        run = self._table.current
        if run:
            self.dismiss((what, run))

    def _chosen(self) -> list[RecordedRun]:
        marked = [row.run for row in self._rows or () if row.run.id in self._table.marked]
        return marked or ([self._table.current] if self._table.current else [])

    def action_overlay(self) -> None:
        """The held-out error of the marked runs on one chart; of the run under the cursor if none is."""
        runs = self._chosen()
        if len(runs) > MOST_CURVES:
            self.notify(f"More than {MOST_CURVES} curves cannot be told apart.", markup=False)
        else:
            self.app.push_screen(CurvesScreen(self._folder, runs))

    def action_compare(self) -> None:
        """Two runs side by side, what differs first."""
        first, second = sorted(self._chosen(), key=lambda run: run.id)
        self.app.push_screen(SideBySide(first, second))

    @work(exit_on_error=False)
    async def action_describe(self) -> None:
        """Give the run a name and a note."""
        run = self._table.current
        told = await self.app.push_screen_wait(NameScreen(run)) if run else None
        if run is None or told is None:
            return
        name, note = told

        def write() -> RecordedRun:
            describe_run(self._folder, run.id, name=name, note=note)
            return recorded_run(self._folder, run.id)

        if (anew := await self._asked(write)) is not None:
            self._show(row_of(anew) if row.run.id == run.id else row for row in self._rows or ())

    @work(exit_on_error=False)
    async def action_delete(self) -> None:
        """Take the marked runs, or the one under the cursor, out of the history, until u undoes it."""
        runs = self._chosen()
        if going := [run.id for run in runs if run.ending == "running"]:
            self.notify(f"Run {going[0]} is training now: end it first.")
            return
        numbers = sorted(run.id for run in runs)
        deleted = await self._asked(lambda: [delete_run(self._folder, number) for number in numbers])
        if deleted:
            self._deleted.append(deleted)
            self._show(row for row in self._rows or () if row.run.id not in numbers)
            said = f"Run {numbers[0]} is" if len(numbers) == 1 else f"{len(numbers)} runs are"
            self.notify(f"{said} deleted: u undoes it.")

    @work(exit_on_error=False)
    async def action_undo(self) -> None:
        """Put back what was deleted last."""
        if not self._deleted:
            return
        deleted = self._deleted[-1]

        def back() -> tuple[str, tuple[Row, ...]]:
            for one in deleted:
                put_back(self._folder, one)
            return self._listed()

        if (found := await self._asked(back)) is not None:
            self._deleted.pop()
            self._show(found[1])

    def _show(self, rows: Iterable[Row]) -> None:
        self._rows = tuple(rows)
        self._table.show(self._rows)


@contextmanager
def collecting_later() -> Iterator[None]:
    """Put off the garbage collector while thousands of objects are made of which none is garbage.

    It would look through all of them again and again, for half of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
