"""The microscope: the next step of a run, stage by stage, with the numbers it will really be made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType

from epochal.core.explain.gradient_check import GradientCheck, gradient_check
from epochal.core.explain.microscope import coming_steps
from epochal.core.explain.one_step import OneStep
from epochal.core.settings import Settings
from epochal.core.training.gate import StepGate
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset
from epochal.tui.runner.background import Background
from epochal.tui.runner.cursor import epoch_shown
from epochal.tui.runner.run import Run
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.microscope.page import Page
from epochal.tui.screens.microscope.pages import pages
from epochal.tui.screens.microscope.subject import Slide
from epochal.tui.screens.microscope.view import MicroscopeView
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible

TICK = 0.05

Coming = tuple[Training, OneStep | None]
"""What is under the microscope: a run, and its next step, None once the epoch is over."""


class MicroscopeScreen(Dialog[None]):
    """Looks at a run that waits or has ended, or at what would be trained; nothing of it is changed.

    Without a run, the step is the first one that these settings take.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "stage(-1)", "Stage before", show=False),
        Binding("right", "stage(1)", "Stages", key_display="left right"),
        Binding("up", "line(-1)", "Line", show=False),
        Binding("down", "line(1)", "Lines", key_display="up down"),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "line(-1_000_000_000)", "First", show=False),
        Binding("end", "line(1_000_000_000)", "Last", show=False),
        Binding("left_square_bracket", "row(-1)", "Row before", show=False),
        Binding("right_square_bracket", "row(1)", "Rows", key_display="[ ]"),
        Binding("n", "next", "Next batch"),
        Binding("g", "check", "Check gradients"),
        Binding("escape,m,q", "dismiss(None)", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    MicroscopeScreen {
        background: $background;
        & #microscope-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & MicroscopeView { height: 1fr; padding: 0 1; }
        & #microscope-check { height: auto; max-height: 6; background: $panel; padding: 0 1; display: none; }
        & #microscope-check.-said { display: block; }
    }
    """

    def __init__(self, dataset: Dataset, settings: Settings, gate: StepGate, run: Run | None) -> None:
        super().__init__()
        self._dataset, self._settings, self._gate, self._run = dataset, settings, gate, run
        self._kept: TrainingState | None = None
        self._steps: Iterator[OneStep] = iter(())
        self._coming: Background[Coming] | None = None
        self._check: Background[GradientCheck] | None = None
        self._training: Training | None = None
        self._slide: Slide | None = None
        self._pages: list[Page] = []
        self._stage = self._row = 0
        self._lines: dict[str, int] = {}
        self._top = Lines([" Microscope   Getting ready..."], id="microscope-top")
        self._view = MicroscopeView(id="microscope")
        self._said = Lines([""], id="microscope-check")

    def compose(self) -> ComposeResult:
        """What is looked at, above; the page; what the check found; the keys."""
        yield self._top
        yield self._view
        yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Get the first step ready."""
        self.set_class(not GLYPHS, "-ascii")
        if self._run is None:
            self._prepare(None, 0)
        self.set_interval(TICK, self._tick)

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        for work in (self._coming, self._check):
            if work:
                work.stop()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a step waits until there is one."""
        if action in ("stage", "line", "page", "row", "next", "check"):
            return self._slide is not None
        return super().check_action(action, parameters)

    # What the keys do.

    def action_stage(self, by: int) -> None:
        """Go to another stage."""
        self._stage = min(max(self._stage + by, 0), len(self._pages) - 1)
        self._show()

    def action_line(self, by: int) -> None:
        """Go to another line; where the lines are rows, to another row."""
        page = self._pages[self._stage]
        if page.of_rows:
            self.action_row(by)
        else:
            self._lines[page.stage] = min(max(self._view.at + by, 0), page.lines - 1)
            self._show()

    def action_page(self, by: int) -> None:
        """Go on by as many lines as there are on the screen."""
        self.action_line(by * self._view.lines_at_once)

    def action_row(self, by: int) -> None:
        """Look at another row of the batch."""
        if self._slide:
            self._row = min(max(self._row + by, 0), len(self._slide.step.batch) - 1)
            self._pages = pages(self._slide, self._row)
            self._show()

    def action_next(self) -> None:
        """Take the step, here and not in the run, and look at the one after it."""
        if self._training and not self._is_busy:
            coming = (self._training, self._steps)
            self._coming = Background(
                lambda _: ((coming[0], next(coming[1], None)),), 1, self._gate, "Taking a step"
            )

    def action_check(self) -> None:
        """Hold every gradient against finite differences."""
        if self._slide and not self._is_busy:
            step = self._slide.step
            self._say(["Comparing every gradient with finite differences..."])
            self._check = Background(
                lambda gate: (gradient_check(step, gate),), 1, self._gate, "Checking gradients"
            )

    @property
    def _is_busy(self) -> bool:
        return self._coming is not None or self._check is not None

    # Getting steps ready.

    def _prepare(self, state: TrainingState | None, epoch: int) -> None:
        """Derive the first step of the epoch to come, in a thread."""
        examples, settings, run = self._dataset.examples, self._settings, self._run

        def first(gate: StepGate) -> Iterator[Coming]:
            training = (run and run.training) or Training(examples, settings, gate=gate)
            self._steps = coming_steps(training, state or training.state(), epoch)
            yield training, next(self._steps, None)

        self._coming = Background(first, 1, self._gate, "Taking a step")

    def _tick(self) -> None:
        if self._coming and not self._coming.goes_on:
            work, self._coming = self._coming, None
            if work.failure:
                self._say([work.failure])
            for training, step in work.done:
                self._look(training, step)
        if self._check and not self._check.goes_on:
            checked, self._check = self._check, None
            if self._slide:
                self._say(
                    [checked.failure] if checked.failure else check_in_words(self._slide, checked.done[0])
                )
        if not self._is_busy:
            self._follow()

    def _follow(self) -> None:
        """Look at the run's newest state: it may still have been ending an epoch."""
        run = self._run
        if run is None or run.training is None or run.recording is None:
            if run and run.failure:
                self._say([run.failure])
            return
        kept = run.recording.kept
        if kept and kept[1] is not self._kept:
            self._kept = kept[1]
            self._prepare(kept[1], kept[0])

    def _look(self, training: Training, step: OneStep | None) -> None:
        if step is None:
            self.notify("That was the last batch of the epoch. s in the lab trains one.", markup=False)
            return
        self._training = training
        self._slide = Slide.of(training, step, self._dataset.rows)
        self._row = min(self._row, len(step.batch) - 1)
        self._pages = pages(self._slide, self._row)
        self._say([])
        self._show()
        self.refresh_bindings()

    def _show(self) -> None:
        slide = self._slide
        if slide is None:
            return
        step, page = slide.step, self._pages[self._stage]
        rows = len(step.batch)
        ended = self._run is not None and not self._run.is_active
        when = f"after epoch {step.epoch - 1:,}" if step.epoch > 1 else "at the start"
        would = ", if it went on" if ended else ""
        said = (
            f"{when}{would}: step {step.number:,} of {step.of:,}, "
            f"row {self._row + 1:,} of {rows:,} ({visible(slide.rows[self._row])})"
        )
        title = " Microscope, "
        self._top.write([title + said if len(title + said) <= self.size.width else f" {said}"])
        at = self._row if page.of_rows else self._lines.get(page.stage, 0)
        self._view.show([each.stage for each in self._pages], self._stage, page, at)

    def _say(self, lines: list[str]) -> None:
        self._said.set_class(bool(lines), "-said")
        self._said.write(lines)


def look_closely(
    app: App[None], dataset: Dataset | None, settings: Settings, gate: StepGate, run: Run | None
) -> None:
    """Open the microscope, unless there is nothing that would hold still under it."""
    if run and run.phase == "training":
        app.notify("The weights still change: t pauses, x stops.", markup=False)
    elif run:
        if epoch_shown(app) is not None:
            app.notify(
                "This is the newest epoch: of earlier ones no optimizer's memory is kept.", markup=False
            )
        app.push_screen(MicroscopeScreen(run.dataset, run.settings, gate, run))
    elif dataset:
        app.push_screen(MicroscopeScreen(dataset, settings, gate, None))


def check_in_words(slide: Slide, check: GradientCheck) -> list[str]:
    """Whether the gradients are right, the largest difference and where it is, and what was not compared."""
    tried = (
        f"All {check.parameters:,} gradients"
        if check.tried == check.parameters
        else f"{check.tried:,} of {check.parameters:,} gradients, drawn at random,"
    )
    verdict = "agree" if check.agrees else "DO NOT AGREE"
    lines = [f"{tried} {verdict} with finite differences of the error."]
    for what, one in (("difference", check.absolute), ("relative difference", check.relative)):
        if one is not None:
            size = one.absolute if what == "difference" else one.relative
            lines.append(
                f"Largest {what} {size:.1e}: {one.derived:.7g} derived, {one.measured:.7g} measured, "
                f"{slide.parameter(one.place)}"
            )
    if check.at_kinks:
        many = len(check.at_kinks) > 1
        lines.append(
            f"{len(check.at_kinks):,} {'lie' if many else 'lies'} within a step of a kink, where there is no "
            f"one slope, and {'are' if many else 'is'} not compared: {slide.parameter(check.at_kinks[0])}"
            f"{', ...' if many else '.'}"
        )
    return lines
