"""How a file is to be read, with the table as it then comes out below."""

from __future__ import annotations

from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from epochal.data.tables.bundled import open_table
from epochal.data.tables.offers import taken
from epochal.data.tables.options import FOUND_OUT, OPTIONS, Option, Reading, complete
from epochal.data.tables.table import Offer, Table, TableError
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.table_view import TableView


def _field(name: str, one: Option) -> Field:
    words = tuple(word for word in one.words if word.isalpha() or " " in word)
    free = () if one.kind == "flag" or not words else (FOUND_OUT,)
    return Field(name, one.title, one.sentence, (*free, *words))


FIELDS = tuple(_field(name, one) for name, one in OPTIONS.items())


class ReadingScreen(Dialog[Reading | None]):
    """Gives what is to be said about the file; None to leave it as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "use", "Use it"),
        Binding("r", "repair", "Repairs"),
        Binding("escape", "dismiss(None)", "Leave as it is"),
    ]

    def __init__(self, name: str, reading: Reading) -> None:
        super().__init__()
        self._table_name, self._reading = name, reading
        self._form = Form(id="reading-form")
        self._said = Lines(id="reading-said")
        self._preview = TableView(id="reading-preview")
        self._offers: tuple[Offer, ...] = ()

    def compose(self) -> ComposeResult:
        """The form, what comes of it, and the table."""
        with Vertical(classes="dialog full"):
            yield self._form
            yield self._said
            yield self._preview
            yield Static(
                "Enter edits, left and right choose, u uses it, r offers repairs, Escape goes back.",
                classes="hint",
            )

    def on_mount(self) -> None:
        """Fill in what was said before, and read."""
        self._show(self._reading)
        self._form.focus()

    def _show(self, reading: Reading) -> None:
        texts = {name: one.written(reading.get(name, one.default)) for name, one in OPTIONS.items()}
        self._form.show(FIELDS, texts)
        self._read()

    @on(Form.Changed)
    def _changed(self, event: Form.Changed) -> None:
        event.stop()
        self._read()

    def action_use(self) -> None:
        """Read the file so."""
        reading = self._typed()
        if reading is not None:
            self.dismiss(reading)

    @work
    async def action_repair(self) -> None:
        """Choose one of the repairs that the reader offers."""
        if not self._offers or (reading := self._typed()) is None:
            return
        offers = self._offers
        answers = {str(place): offer.sentence for place, offer in enumerate(offers)}
        chosen = await self.app.push_screen_wait(Ask("Which repair?", answers))
        if chosen is not None:
            self._show(taken(reading, offers[int(chosen)]))

    def _typed(self) -> Reading | None:
        """What the form says; None, and a word beside the field, where a number is none."""
        values, errors = {}, {}
        for name, one in OPTIONS.items():
            try:
                values[name] = one.read(self._form.texts[name])
            except TableError as error:
                errors[name] = str(error)
        self._form.set_errors(errors)
        return None if errors else complete(values)

    @work(exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        reading = self._typed()
        if reading is None:
            return
        table: Table | None
        try:
            table = await off_screen(
                lambda: open_table(self._table_name, **reading), "Reading the table", (TableError,)
            )
            lines = [f"{table.rows:,} rows, {len(table.columns)} columns", *table.notes]
            self._offers = table.offers
        except TableError as error:
            table, lines = error.table, [str(error)]
            self._offers = error.offers
        except WorkFailed as error:
            table, lines = None, [str(error)]
            self._offers = ()
        if self._offers:
            count = len(self._offers)
            lines.insert(1, "r: one repair is offered." if count == 1 else f"r: {count} repairs are offered.")
        self._said.write(lines[:4])
        self._preview.table = table
