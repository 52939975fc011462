"""Runs beside one another: their curves on one chart, and two of them side by side."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size

from epochal.core.settings import DECLARATIONS, written
from epochal.data.runs.database import HistoryError
from epochal.data.runs.metadata import MEASURES
from epochal.data.runs.queries import epochs_of
from epochal.data.runs.record import RecordedRun
from epochal.tui.reporting.run_words import how_it_ended, score, when
from epochal.tui.runner.worker import WorkFailed, off_screen
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.colored_lines import ColoredLines, Ink, Line
from epochal.tui.widgets.frame import Colour
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.pen import Marker
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, fit, visible

LOOKS: tuple[tuple[Colour, Marker], ...] = (
    ("primary", "line"),
    ("warning", "dashes"),
    ("success", "dots"),
    ("accent", "crosses"),
    ("secondary", "squares"),
    ("error", "line"),
)


class CurvesScreen(Dialog[None]):
    """The held-out error of some runs, each with its own look."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "toggle_log", "Log axis"),
        Binding("escape,o,q", "dismiss(None)", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    CurvesScreen {
        background: $background;
        & Chart { height: 1fr; }
        & #curves-said { height: auto; max-height: 8; background: $panel; padding: 0 1; }
    }
    """

    def __init__(self, folder: Path, runs: Sequence[RecordedRun]) -> None:
        super().__init__()
        self._folder, self._runs = folder, runs
        self._curves: list[Curve] = []
        self._log = False
        self._chart = Chart(ascii_only=not GLYPHS)
        self._said = Lines(["Reading..."], id="curves-said")

    def compose(self) -> ComposeResult:
        """The chart, and the runs' results."""
        yield self._chart
        yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Read their epochs."""
        self._read()

    @work(exit_on_error=False)
    async def _read(self) -> None:
        try:
            found = await off_screen(
                lambda: [epochs_of(self._folder, run) for run in self._runs],
                "Reading the epochs",
                (HistoryError,),
            )
        except HistoryError as error:
            self._said.write([f"{error}."])
            return
        except WorkFailed as error:
            self._said.write([str(error)])
            return
        place = MEASURES.index("held_out_error")
        self._curves = [
            Curve(f"run {run.id}", rows[:, 0], rows[:, place], colour, marker)
            for run, (rows, _), (colour, marker) in zip(self._runs, found, LOOKS, strict=False)
        ]
        said = [
            f"run {run.id}: {score(run).text}" + (f", {run.name}" if run.name else "") for run in self._runs
        ]
        self._said.write(said)
        self._draw()

    def action_toggle_log(self) -> None:
        """Logarithmic or plain error axis."""
        self._log = not self._log
        self._draw()

    def _draw(self) -> None:
        longest = max((float(curve.x[-1]) for curve in self._curves if len(curve.x)), default=1.0)
        self._chart.show(self._curves, x_span=(0.0, longest), log=self._log, y_label="held-out error")


class SideBySide(Dialog[None]):
    """Everything there is to say of two runs, what differs first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,v,q", "dismiss(None)", "Back", key_display="esc")
    ]

    DEFAULT_CSS = """
    SideBySide {
        background: $background;
        & VerticalScroll { height: 1fr; }
        & Pairs { height: auto; }
    }
    """

    def __init__(self, first: RecordedRun, second: RecordedRun) -> None:
        super().__init__()
        self._pairs = Pairs(pairs_of(first, second))

    def compose(self) -> ComposeResult:
        """One line for each thing."""
        with VerticalScroll():
            yield self._pairs
        yield KeyLines()


Pair = tuple[str, str, str]


def pairs_of(first: RecordedRun, second: RecordedRun) -> list[Pair]:
    """What each thing is called, and what it is of either run."""
    told = list(zip(_told(first), _told(second), strict=True))
    return [(name, one, other) for (name, one), (_, other) in told]


def _told(run: RecordedRun) -> Iterator[tuple[str, str]]:
    metadata = run.metadata
    yield "Run", f"{run.id} {run.name}".strip()
    yield "Note", run.note
    yield "Held-out rows", score(run).text
    yield "Begun", when(run)
    yield "Ended", how_it_ended(run)
    yield "Epochs trained", f"{run.epochs:,}"
    yield "Seconds", f"{run.seconds:.2f}"
    yield "Table", metadata.table.spoken
    yield "Table SHA-256", str(metadata.table.sha256)[:16]
    yield "Target", metadata.table.target
    yield "Network", "-".join(map(str, metadata.layers))
    for name, declared in DECLARATIONS.items():
        yield declared.title, written(metadata.settings.get(name))
    found = run.result.findings if run.result else ()
    yield "Findings", ", ".join(finding.code for finding in found) or "none"
    yield "Versions", ", ".join(f"{name} {version}" for name, version in sorted(metadata.versions.items()))


class Pairs(ColoredLines):
    """Three columns, with what is the same in both runs below a line of its own."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        super().__init__()
        heading, *rest = pairs
        self._heading = heading
        self._different = [pair for pair in rest if pair[1] != pair[2]]
        self._same = [pair for pair in rest if pair[1] == pair[2]]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines, some of which take several for a text that is long."""
        return len(self.lines(width, 0))

    def lines(self, width: int, height: int) -> list[Line]:
        """What differs, then what does not."""
        label = 18
        cell = max((width - label - 3) // 2, 8)

        def told(pair: Pair, ink: Ink) -> Iterator[Line]:
            name, *both = pair
            ones, others = (wrapped(visible(text), cell) for text in both)
            for at, (one, other) in enumerate(zip_longest(ones, others, fillvalue="")):
                title = "" if at else name
                yield [(f" {fit(title, label)} ", "muted"), (f"{fit(one, cell)} {fit(other, cell)}", ink)]

        return list(
            chain(
                told(self._heading, "strong"),
                chain.from_iterable(told(pair, "text") for pair in self._different),
                [[], [(" The same in both", "strong")]],
                chain.from_iterable(told(pair, "muted") for pair in self._same),
            )
        )


def wrapped(text: str, cells: int) -> list[str]:
    """The text in lines of so many cells at most, at least one."""
    from rich.cells import chop_cells

    lines: list[str] = []
    for line in textwrap.wrap(text, max(cells, 1), break_long_words=False, break_on_hyphens=False) or [""]:
        lines += chop_cells(line, cells) or [""]
    return lines
