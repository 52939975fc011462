"""The seed study in the lab: runs of the same settings from sixteen seeds, and the study before."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from epochal.core.settings import Settings
from epochal.core.studies.auto.budget import seconds_of_folds
from epochal.core.studies.seed_comparison import comparison_in_words, fan_in_words
from epochal.core.studies.seed_study import SEEDS, SeedStudy, run_seeds
from epochal.core.training.gate import StepGate
from epochal.data.tables.dataset import Dataset
from epochal.tui.reporting.settings_words import changes_in_words
from epochal.tui.runner.background import Background
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.plot import Band, Plot
from epochal.tui.widgets.text import GLYPHS

TICK = 0.2


class SeedStudyScreen(Dialog[SeedStudy | None]):
    """Grows a fan as soon as it opens, unless `before` is it already; leaves with the newest whole one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "Stop"),
        Binding("l", "toggle_log", "Log axis"),
        Binding("escape,f,q", "leave", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    SeedStudyScreen {
        background: $background;
        & #fan-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & Chart { height: 1fr; }
        & #fan-said { height: auto; max-height: 9; padding: 0 1; background: $panel; text-wrap: wrap; }
    }
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        gate: StepGate,
        pool: WorkerPool,
        before: SeedStudy | None,
    ) -> None:
        super().__init__()
        self._pool = pool
        self._dataset, self._settings, self._gate, self._before = dataset, settings, gate, before
        self.growing: Background[SeedStudy] | None = None
        self._shown: tuple[int, str] = (-1, "")
        self._log = False
        self._top = Lines([""], id="fan-top")
        self._chart = Chart(ascii_only=not GLYPHS, id="fan-chart")
        self._said = Lines([""], id="fan-said")

    def compose(self) -> ComposeResult:
        """How far it is, the chart, sentences, keys."""
        yield self._top
        yield self._chart
        yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin."""
        if self._before is None or self._before.settings != self._settings:
            examples, settings, pool = self._dataset.examples, self._settings, self._pool
            self.growing = Background(
                lambda gate: run_seeds(
                    examples,
                    settings,
                    gate,
                    executor=pool.for_work(seconds_of_folds(examples, [settings], SEEDS)),
                ),
                SEEDS,
                self._gate,
                "The seed study",
            )
        self.set_interval(TICK, self._tick)
        self._tick()

    def on_unmount(self) -> None:
        """Nobody waits for it any more."""
        if self.growing:
            self.growing.stop()

    @property
    def study(self) -> SeedStudy | None:
        """What there is of the new fan; the fan before where nothing is to be grown."""
        if self.growing is None:
            return self._before
        return self.growing.done[-1] if self.growing.done else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stop what goes on."""
        if action == "stop":
            return self.growing is not None and self.growing.goes_on
        return super().check_action(action, parameters)

    def action_stop(self) -> None:
        """End it; what there is stays to be seen."""
        if self.growing:
            self.growing.stop()

    def action_toggle_log(self) -> None:
        """Logarithmic or plain error axis."""
        self._log = not self._log
        self._draw()

    def action_leave(self) -> None:
        """Back to the lab, which keeps a fan that is whole to compare the next one with."""
        study = self.study
        self.dismiss(study if study and study.is_complete else self._before)

    def _tick(self) -> None:
        growing = self.growing
        state = (len(growing.done), growing.phase) if growing else (0, "finished")
        if state == self._shown:
            return
        self._shown = state
        study = self.study
        done = len(study.results) if study else 0
        epoch = (
            f", epoch {int(study.epochs[-1]):,} of {self._settings.epochs:,}"
            if study and len(study.epochs)
            else ""
        )
        words = {"going": f"{done} of {SEEDS} seeds done{epoch}", "finished": f"{SEEDS} seeds{epoch}"}
        phase = growing.phase if growing else "finished"
        seconds = f", {growing.seconds:.1f} s" if growing and phase == "finished" else ""
        said = words.get(phase, f"{phase}: {done} of {SEEDS} seeds done{epoch}")
        self._top.write([f" Seed study, {said}{seconds}"])
        self._said.write(self._sentences(study))
        self._draw()
        self.refresh_bindings()

    def _sentences(self, study: SeedStudy | None) -> list[str]:
        growing, before = self.growing, self._before
        if growing and growing.failure:
            return [growing.failure, *(fan_in_words(study) if study and len(study.epochs) else [])]
        if study is None:
            return [f"{SEEDS} runs of the same settings on the same rows, each with its own seed."]
        lines = fan_in_words(study)
        if growing is None:
            return [*lines, "Change a setting and press f again: the two studies are compared."]
        if before is None:
            return lines
        lines.append(f"Before: {changes_in_words(before.settings, self._settings)}.")
        if study.is_complete:
            lines += comparison_in_words(before, study)
        return lines

    def _draw(self) -> None:
        study = self.study
        if study is None or not len(study.epochs):
            return
        band = study.held_out
        curves = [Curve("median", study.epochs, band.median, "primary")]
        last = float(study.epochs[-1])
        if self.growing and self._before:
            curves.append(
                Curve("median before", self._before.epochs, self._before.held_out.median, "secondary", "dots")
            )
            last = max(last, float(self._before.epochs[-1]))
        planned = float(self._settings.epochs)
        span = min(max(planned, last), max(64.0, 2.0 ** np.ceil(np.log2(max(last, 1.0)))))
        fan = Band("10 to 90 % of seeds", study.epochs, band.low, band.high, "warning")
        is_over = self.growing is None or not self.growing.goes_on
        self._chart.show_plot(
            Plot(
                curves,
                (0.0, span),
                self._log,
                y_label="held-out error",
                bands=[fan],
                settled=is_over,
            )
        )
