"""Cross-validation: the settings judged on every row of the table, fold by fold."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from epochal.core.settings import Settings
from epochal.core.studies.auto.budget import seconds_of_folds
from epochal.core.studies.cross_validation import MOST_REPEATS, Fold, cross_validate
from epochal.core.studies.resampling import Summary, summarise, summary_sentences
from epochal.core.training.gate import StepGate
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS

FIELDS = (
    Field("folds", "Folds", "folds; each is held out once"),
    Field("repeats", "Repeats", "repeats, each with new folds"),
)
EMPTY = [
    "Trains the lab's settings on all rows but one part of the table, judges them on that part, and goes on "
    "with the next, so that every row is held out once. Press c to begin."
]

# Longer numbers are above every limit.
DIGITS = 9


class ValidationScreen(Dialog[None]):
    """How often, how far it is, each fold on a chart, and what they say together."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "begin", "Cross-validate"),
        Binding("x", "stop", "Stop"),
        Binding("escape", "leave", "Back", key_display="esc"),
    ]

    def __init__(self, dataset: Dataset, settings: Settings, gate: StepGate, pool: WorkerPool) -> None:
        super().__init__()
        self._pool = pool
        self._dataset, self._settings, self._gate = dataset, settings, gate
        self.validation: Background[Fold] | None = None
        self._shown = -1
        self._form = Form(id="validation-form")
        self._progress = Lines([""], id="validation-progress")
        self._said = Lines(EMPTY, id="validation-said")
        self._chart = Chart(ascii_only=not GLYPHS)

    def compose(self) -> ComposeResult:
        """Form, progress, sentences, chart."""
        with Vertical(classes="dialog full -idle"):
            yield self._form
            yield self._progress
            yield self._said
            yield self._chart
        yield KeyLines()

    def on_mount(self) -> None:
        """Offer what is usual."""
        rows = len(self._dataset.examples)
        self._form.show(FIELDS, {"folds": str(min(10, max(rows // 2, 2))), "repeats": "5"})
        self._form.focus()
        self._chart.display = False
        self.set_interval(0.1, self._tick)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self.validation:
            self.validation.stop()

    @property
    def goes_on(self) -> bool:
        """Whether folds are still being trained."""
        return self.validation is not None and self.validation.goes_on

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Begin when nothing goes on, stop when something does."""
        if action in ("begin", "stop"):
            return self.goes_on == (action == "stop")
        return super().check_action(action, parameters)

    def action_begin(self) -> None:
        """Train fold after fold."""
        wrong, numbers = self._numbers()
        self._form.set_errors(wrong)
        if wrong:
            return
        folds, repeats = numbers
        examples, settings, pool = self._dataset.examples, self._settings, self._pool
        self.query_one(".dialog").remove_class("-idle")
        self.validation = Background(
            lambda gate: cross_validate(
                examples,
                settings,
                folds,
                repeats,
                gate,
                pool.for_work(seconds_of_folds(examples, [settings], folds * repeats)),
            ),
            folds * repeats,
            self._gate,
            "Cross-validation",
        )
        self._form.locked = True
        self._chart.display = True
        self._shown = -1
        self._said.write(["Training the first fold."])
        self._tick()

    def action_stop(self) -> None:
        """End it, and say what the folds so far tell."""
        if self.validation:
            self.validation.stop()

    def action_leave(self) -> None:
        """Back to the lab, which ends it."""
        self.dismiss()

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        event.stop()
        self._form.set_errors(self._numbers()[0])

    @on(Form.Refused)
    def _locked(self, event: Form.Refused) -> None:
        event.stop()
        self.notify("Running: x stops it.", markup=False)

    def _numbers(self) -> tuple[dict[str, str], tuple[int, int]]:
        """What is wrong with what is typed, and the numbers where nothing is."""
        wrong, numbers = {}, []
        limits = {"folds": (2, len(self._dataset.examples) // 2), "repeats": (1, MOST_REPEATS)}
        for name, (low, high) in limits.items():
            text = self._form.texts[name].strip()
            number = int(text) if text.isdecimal() and len(text) <= DIGITS else -1
            if not low <= number <= high:
                wrong[name] = f"a whole number from {low} to {high:,}"
            numbers.append(number)
        return wrong, (numbers[0], numbers[1])

    def _tick(self) -> None:
        validation = self.validation
        if validation is None:
            return
        done, phase = len(validation.done), validation.phase
        self._progress.write([progress(validation, max(self._progress.size.width, 20))])
        if not validation.goes_on and self._form.locked:
            self._form.locked = False
            self._shown = -1
            self.refresh_bindings()
        if done == self._shown:
            return
        if self._shown == -1:
            self.refresh_bindings()
        self._shown = done
        failure = [validation.failure] if validation.failure else []
        if done:
            summary = summarise(validation.done[:done])
            self._said.write([*failure, *summary_sentences(summary)])
            self._draw(summary, validation.expected)
        elif failure:
            self._said.write(failure)
        elif phase == "stopped":
            self._said.write(["Stopped before the first fold was evaluated."])

    def _draw(self, summary: Summary, expected: int) -> None:
        measure, unit = summary.score, summary.scoring.scale
        ends = np.array([1.0, float(max(expected, 2))])
        curves = [
            Curve(
                "each",
                np.arange(1.0, len(measure.scores) + 1),
                unit * np.array(measure.scores),
                "accent",
                "dots",
            ),
            Curve("mean", ends, np.full(2, unit * measure.mean), "primary"),
        ]
        if summary.baseline is not None:
            curves.append(Curve("baseline", ends, np.full(2, unit * summary.baseline), "secondary", "dashes"))
        self._chart.show(
            curves,
            x_span=(ends[0], ends[1]),
            x_label="training",
            y_label=summary.scoring.axis,
        )


def progress(validation: Background[Fold], width: int) -> str:
    """How many trainings are done, and how long the rest will take."""
    done, expected = len(validation.done), validation.expected
    words = f"{done:,} of {expected:,} trainings"
    if not validation.goes_on:
        return f"{validation.phase.title()}: {words} in {validation.seconds:.1f} s"
    if done:
        words += f", {validation.seconds / done * (expected - done):.0f} s left"
    cells = width - len(words) - 1
    if cells < 5:
        return words
    full, empty = ("━", "─") if GLYPHS else ("#", "-")
    filled = cells * done // expected
    return f"{full * filled}{empty * (cells - filled)} {words}"
