"""How a file is to be read, with the table as it then comes out below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from epochal.data.tables.bundled import open_table
from epochal.data.tables.reading import Reading
from epochal.data.tables.table import Table, TableError
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.form import Field, Form
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.table_view import TableView

FOUND_OUT = "found out"
DELIMITERS = {
    FOUND_OUT: None,
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "vertical bar": "|",
}
HEADERS = {FOUND_OUT: None, "names": True, "first row": False}

FIELDS = (
    Field("delimiter", "Between cells", "what stands between two cells", tuple(DELIMITERS)),
    Field("encoding", "Encoding", "such as utf-8 or cp1252; empty: found out"),
    Field("header", "First line holds", "the names of the columns, or the first row", tuple(HEADERS)),
    Field("first_line", "Begins at line", "a number; empty: found out"),
    Field("skip_last", "Lines below it", "to leave out at the end"),
    Field("missing", "Missing cells", "further words for one, with commas between"),
    Field("drop_bad_rows", "Bad rows", "what is done with rows that cannot be read", ("refuse", "leave out")),
)


class ReadingScreen(Dialog[Reading | None]):
    """Gives what is to be said about the file; None to leave it as it was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "use", "Use it"),
        Binding("escape", "dismiss(None)", "Leave as it is"),
    ]

    def __init__(self, name: str, reading: Reading) -> None:
        super().__init__()
        self._table_name, self._reading = name, reading
        self._form = Form(id="reading-form")
        self._said = Lines(id="reading-said")
        self._preview = TableView(id="reading-preview")

    def compose(self) -> ComposeResult:
        """The form, what comes of it, and the table."""
        with Vertical(classes="dialog full"):
            yield self._form
            yield self._said
            yield self._preview
            yield Static("Enter edits, left and right choose, u uses it, Escape goes back.", classes="hint")

    def on_mount(self) -> None:
        """Fill in what was said before, and read."""
        reading = self._reading
        self._form.show(
            FIELDS,
            {
                "delimiter": _key(DELIMITERS, reading.get("delimiter")),
                "encoding": reading.get("encoding") or "",
                "header": _key(HEADERS, reading.get("header")),
                "first_line": str(reading.get("first_line") or ""),
                "skip_last": str(reading.get("skip_last", 0)),
                "missing": ",".join(reading.get("missing", ())),
                "drop_bad_rows": "leave out" if reading.get("drop_bad_rows") else "refuse",
            },
        )
        self._form.focus()
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

    def _typed(self) -> Reading | None:
        """What the form says; None, and a word beside the field, where a number is none."""
        texts = self._form.texts
        errors = {
            name: f"a whole number, not {texts[name]}"
            for name in ("first_line", "skip_last")
            if texts[name].strip() and not texts[name].strip().isdecimal()
        }
        self._form.set_errors(errors)
        if errors:
            return None
        return {
            "delimiter": DELIMITERS[texts["delimiter"]],
            "encoding": texts["encoding"].strip() or None,
            "header": HEADERS[texts["header"]],
            "first_line": int(texts["first_line"].strip() or 0) or None,
            "skip_last": int(texts["skip_last"].strip() or 0),
            "missing": tuple(word.strip() for word in texts["missing"].split(",") if word.strip()),
            "drop_bad_rows": texts["drop_bad_rows"] == "leave out",
        }

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
        except TableError as error:
            table, lines = error.table, [str(error)]
        except WorkFailed as error:
            table, lines = None, [str(error)]
        self._said.write(lines[:4])
        self._preview.table = table


def _key(choices: Mapping[str, object], value: object) -> str:
    return next((name for name, choice in choices.items() if choice == value), FOUND_OUT)
