"""The tutorial, replayed: ten defects to be mended one at a time, and what each of them did."""

from __future__ import annotations

from textwrap import wrap
from time import perf_counter
from typing import ClassVar

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal

from epochal.core.article.defects import ALL, DEFECTS, Defect
from epochal.core.article.replay import Replay
from epochal.core.article.training import EPOCHS
from epochal.core.training.gate import StepGate
from epochal.tui.runner.article_run import TABLE, ArticleRuns, Plan
from epochal.tui.runner.failures import TIMEOUT
from epochal.tui.screens.article.card import Card
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.checklist import Checklist
from epochal.tui.widgets.colored_lines import ColoredLines, Line
from epochal.tui.widgets.frame import Colour
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.pen import Marker
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS

IN_SHORT = {
    "shuffled-features-only": "shuffles the features, not their labels",
    "one-scale-for-all": "one mean and deviation for all columns",
    "scaled-on-held-out": "scales by the held-out rows too",
    "growing-prefix-batches": "a batch is every row up to its last",
    "batch-size-ignored": "steps by a sum instead of a mean",
    "missing-output-slope": "reports one error and descends another",
    "last-batch-error": "reports the last batch's error alone",
    "sorted-split": "tests on the end of a sorted file",
    "argmax-of-one-column": "counts every row as right, divides by 1",
    "tanh-against-01": "outputs from -1 to 1, labels of 0 and 1",
}
GETTING_READY = "Getting ready..."
NOTHING_CHOSEN = (
    "Nothing is repaired yet. Space repairs the defect under the cursor, A all ten; the repaired run "
    "then appears here, beside the published one."
)

WIDTHS = [(0, "-narrow"), (80, "-medium"), (110, "-wide")]
HEIGHTS = [(0, "-low"), (38, "-high")]

# As the lab's own: the screen looks this often at most, and spends no more of its time than this on it.
TICK = 0.1
DRAWING_SHARE = 0.1
# But a first drawing, which loads what draws, is no reason to look away for long.
LONGEST_TICK = 0.5


class ArticleScreen(Dialog[None]):
    """The checklist, the errors reported, and both results; the runs go on in a thread of their own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "next_seed", "Next seed"),
        Binding("pageup", "scroll(-1)", "Up", show=False),
        Binding("pagedown", "scroll(1)", "Down", show=False),
        Binding("escape,a,q", "dismiss(None)", "Back", key_display="esc"),
    ]
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    DEFAULT_CSS = """
    ArticleScreen {
        background: $background;
        & #article-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & #article {
            height: 1fr;
            layout: grid;
            grid-size: 2 3;
            grid-columns: 29 1fr;
            grid-rows: 1fr 4 8;
            overflow: hidden auto;
            scrollbar-size-vertical: 1;
        }
        & Checklist { min-height: 10; }
        & Chart { min-height: 10; }
        & #defect { column-span: 2; background: $panel; padding: 0 1; }
        & #cards { column-span: 2; }
        & Card { width: 1fr; padding: 0 1 0 0; }
        & #published { padding: 0 1; }

        &.-wide #article { grid-columns: 74 1fr; }
        &.-narrow #article { grid-rows: 10 5 10; }

        &.-wide.-high {
            & #article { grid-rows: 12 1fr 15; }
            & Chart { row-span: 2; }
            & #defect { column-span: 1; background: $background; }
            & Checklist, & Chart, & #defect, & Card {
                border: round $foreground 40%;
                border-title-color: $foreground;
                padding: 0 1;
            }
            & Checklist:focus { border: round $accent; border-title-style: bold; }
        }
        &.-ascii.-wide.-high {
            & Checklist, & Chart, & #defect, & Card { border: ascii $foreground 40%; }
            & Checklist:focus { border: ascii $accent; }
        }
    }
    """

    def __init__(self, gate: StepGate, epochs: int = EPOCHS) -> None:
        super().__init__()
        self.runs = ArticleRuns(epochs, gate)
        self.seed = 0
        self._shown: tuple[Plan, Replay | None, Replay | None, str] | None = None
        self._top = Lines([""], id="article-top")
        self._checklist = Checklist(IN_SHORT, id="repairs")
        self._chart = Chart(ascii_only=not GLYPHS)
        self._defect = DefectInFull(id="defect")
        self._published = Card("published", id="published")
        self._repaired = Card("repaired", id="repaired")

    def compose(self) -> ComposeResult:
        """What is shown, above; checklist and chart; the defect in full; both results."""
        yield self._top
        with Container(id="article"):
            yield self._checklist
            yield self._chart
            yield self._defect
            with Horizontal(id="cards"):
                yield self._published
                yield self._repaired
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin as published."""
        self.set_class(not GLYPHS, "-ascii")
        self._checklist.border_title = "Defects, and which are repaired"
        self._chart.border_title = "The error it reports"
        self.set_focus(self._checklist)
        self._want()
        self._tick()

    def on_unmount(self) -> None:
        """Nobody waits for the runs any more."""
        self.runs.stop()

    @property
    def published(self) -> Plan:
        """The run as published."""
        return Plan((), self.seed)

    @property
    def chosen(self) -> Plan:
        """The run with the chosen repairs."""
        return Plan(self._checklist.chosen, self.seed)

    def action_next_seed(self) -> None:
        """Other starting weights, shuffle and split, for both."""
        self.seed += 1
        self._want()

    def action_scroll(self, pages: int) -> None:
        """Go to what does not fit on a small screen."""
        body = self.query_one("#article")
        body.scroll_relative(y=pages * body.size.height, animate=False)

    @on(Checklist.Changed)
    def _repairs_chosen(self) -> None:
        self._want()

    @on(Checklist.Moved)
    def _defect_chosen(self, event: Checklist.Moved) -> None:
        self._defect.show(DEFECTS[ALL.index(event.name)])

    def _want(self) -> None:
        self.runs.want(self.published, self.chosen)
        self._top.write(
            [
                f" The tutorial that printed 62.00 %   {TABLE}, seed {self.seed}   "
                f"{len(self.chosen.repairs)} of {len(ALL)} repaired"
            ]
        )
        self._show()

    def _tick(self) -> None:
        """Follow the runs; between two looks sleep ten times as long as one took."""
        started = perf_counter()
        self._show()
        spent = perf_counter() - started
        self.set_timer(min(max(TICK, spent / DRAWING_SHARE), LONGEST_TICK), self._tick)

    def _show(self) -> None:
        count, epochs = len(self.chosen.repairs), self.runs.epochs
        published = self.runs.latest(self.published)
        repaired = self.runs.latest(self.chosen) if count else None
        failure = self.runs.failure
        if self._shown == (self.chosen, published, repaired, failure):
            return
        if failure and (self._shown is None or not self._shown[-1]):
            self.notify(failure, severity="error", timeout=TIMEOUT, markup=False)
        self._shown = self.chosen, published, repaired, failure
        waiting = failure or GETTING_READY
        self._published.show("As published", published, epochs, waiting)
        if count:
            self._repaired.show(f"With {count} repair" + "s" * (count > 1), repaired, epochs, waiting)
        else:
            self._repaired.show("With your repairs", None, epochs, NOTHING_CHOSEN)
        curves = [_curve("as published", published, "warning", "dashes")] if published else []
        curves += [_curve("repaired", repaired, "primary", "line")] if repaired else []
        self._chart.show(curves, x_span=(0.0, float(epochs)), log=True, y_label="error (log)")


def _curve(name: str, replay: Replay, colour: Colour, marker: Marker) -> Curve:
    return Curve(name, np.arange(float(len(replay.curve))), np.array(replay.curve), colour, marker)


class DefectInFull(ColoredLines):
    """A defect's fault, effect and repair: a paragraph each where they fit, else one for all."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._defect = DEFECTS[0]

    def on_mount(self) -> None:
        """Name the first."""
        self.border_title = self._defect.name

    def show(self, defect: Defect) -> None:
        """Show another one."""
        self._defect = defect
        self.border_title = defect.name
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """The three, each after its name where there is room."""
        defect, width = self._defect, max(width, 20)
        parts = {"Fault": defect.fault, "Effect": defect.effect, "Repair": defect.repair}
        lines: list[Line] = []
        for name, words in parts.items():
            for index, text in enumerate(wrap(words, max(width - 8, 10))):
                lines.append([(f"{'' if index else name:8}", "muted"), (text, "text")])
            lines.append([])
        if len(lines) - 1 <= height:
            return lines[:-1]
        whole = f"{defect.fault} {defect.effect} Repair: {defect.repair}"
        return [[(text, "text")] for text in wrap(whole, max(width, 10))]
