"""The Result pane: what the held-out rows say the network is worth, and predictions for typed rows."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import reactive

from epochal.core.evaluation.evaluation import ClassEvaluation, decide
from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.tui.panes.result_wording import (
    beside_the_run_before,
    looking_back,
    of_settings_before,
    verdict,
)
from epochal.tui.runner.run import Run
from epochal.tui.widgets.confusion import ConfusionMatrix
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.headline import Headline
from epochal.tui.widgets.measurements import Usual, as_typed, picture, typed_row, usual_values
from epochal.tui.widgets.plain_lines import Lines

EMPTY = [
    "Here the accuracy on the held-out rows will appear, with its interval and its baseline.",
    "Press t to train. Then Enter on a measurement below edits it, and r puts in a held-out row.",
]

# Inputs to type for one prediction; a wider table's further features keep their medians.
MOST_FIELDS = 500

# Seconds between two looks at a run in training: figures that change faster cannot be read.
LOOK_EVERY = 0.5


class ResultPane(Vertical):
    """The verdict above, its figure first; below it a field for each feature and the prediction they get.

    The result is held against that of the run `before`, and belongs to its own settings, whatever is set now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "random_row", "Random row")]

    dataset: reactive[Dataset | None] = reactive(None)
    settings: reactive[Settings] = reactive[Settings](Settings, init=False, repaint=False)
    run_shown: reactive[Run | None] = reactive(None)
    run_before: reactive[Run | None] = reactive(None, init=False, repaint=False)
    epoch_shown: reactive[int | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="result", classes="pane")
        self.border_title = "4 Result"
        self.border_subtitle = "enter or digits edit  r: a held-out row  v: in full"
        self._headline = Headline(id="headline")
        self._remarks = Lines(id="remarks")
        self._verdict = Lines(EMPTY, id="verdict")
        self._matrix = ConfusionMatrix(id="matrix")
        self._answer = Lines(id="answer")
        self.form = Form(id="measurements")
        self._picture = Lines(id="picture")
        self._usual: tuple[Usual, ...] = ()
        self._row: int | None = None
        self._next_look = 0.0
        self._chance = np.random.default_rng()
        # None asks for all of it anew.
        self._shown: tuple[Run | None, int | None, int, str] | None = None

    def compose(self) -> ComposeResult:
        """Figure, remarks, confusions, verdict; prediction, measurements."""
        yield self._headline
        yield self._remarks
        with VerticalScroll(id="verdict-scroll", can_focus=False):
            yield self._matrix
            yield self._verdict
        yield self._answer
        with Horizontal(id="typed"):
            yield self.form
            yield self._picture

    def watch_dataset(self, dataset: Dataset | None) -> None:
        """A field for each feature, holding the table's median."""
        if dataset is None:
            return
        examples = dataset.examples
        self._row = None
        self._usual = usual_values(examples)
        shown = list(zip(examples.features, self._usual, strict=True))[:MOST_FIELDS]
        self.form.show(
            [Field(f.name, f.name, one.range_in_words(f), f.categories, one.step) for f, one in shown],
            {f.name: as_typed(f, usual.middle) for f, usual in shown},
        )
        self._predict()

    def watch_run_shown(self) -> None:
        """Another run, another verdict."""
        self.show_again()

    def watch_run_before(self) -> None:
        """Another run to be held against."""
        self._remark()

    def watch_settings(self) -> None:
        """The settings may be the run's no more, or again."""
        self._remark()

    def _remark(self) -> None:
        """What should be known before the figure is believed or compared."""
        run = self.run_shown
        lines: list[str] = []
        if run and self.epoch_shown is None and run.evaluation:
            lines = of_settings_before(run, self.settings) + beside_the_run_before(self.run_before, run)
        self._remarks.display = bool(lines)
        self._remarks.write(lines)

    def watch_epoch_shown(self) -> None:
        """Another epoch, what it would have been worth."""
        self.tick()

    def on_show(self) -> None:
        """Catch up with what has come while it was hidden."""
        self.tick()

    def show_again(self) -> None:
        """Show what may have changed without the run having gone on: its threshold."""
        self._shown = None
        self.tick()

    def tick(self) -> None:
        """Follow the run: its running accuracy while it trains, the verdict when it is done."""
        run, epoch = self.run_shown, self.epoch_shown
        snapshot = run.snapshot(epoch) if run and epoch is not None else None
        # At a past epoch there is nothing new however far the run has gone.
        phase = ("completing" if run.is_completing else run.phase) if run else ""
        state = (run, epoch, run.length if run and not snapshot else -1, phase)
        if state == self._shown or not self.is_mounted or not self.display:
            return
        now = monotonic()
        last = self._shown
        same_phase = last is not None and (state[:2], state[3]) == (last[:2], last[3])
        if same_phase and now < self._next_look:
            return
        self._shown, self._next_look = state, now + LOOK_EVERY
        evaluation = run.evaluation if run else None
        if run and snapshot:
            evaluation = snapshot.evaluation_at(run.threshold_at(epoch))
            self._verdict.write(looking_back(run, snapshot, evaluation), in_place=True)
        else:
            self._verdict.write(EMPTY if run is None else verdict(run))
        self._headline.display = evaluation is not None
        self._headline.show(evaluation)
        self._verdict.set_class(evaluation is not None, "-below")
        self._remark()
        by_class = evaluation if isinstance(evaluation, ClassEvaluation) else None
        self._matrix.display = by_class is not None
        self._matrix.show(by_class, self._verdict.size.width or 54)
        self._predict()

    def show_row(self, row: int) -> None:
        """Put a row of the table (counted among the usable ones) into the form."""
        if self.dataset is None:
            return
        examples = self.dataset.examples
        self._row = row
        for index, feature in enumerate(examples.features[:MOST_FIELDS]):
            self.form.set_text(feature.name, as_typed(feature, examples.inputs[row, index]))
        self._predict()

    @property
    def example(self) -> int | None:
        """The usable row of the table that is in the form, if it is one."""
        return self._row

    @property
    def typed(self) -> NDArray[np.float64] | None:
        """The row in the form as numbers, unless something in it is wrong."""
        if self.dataset is None:
            return None
        row, wrong, _ = typed_row(self.dataset.examples.features, self._usual, self.form.texts)
        return None if wrong else row

    def show_texts(self, texts: Mapping[str, str]) -> None:
        """Put these texts into the form, as if typed."""
        self._row = None
        for name, text in texts.items():
            self.form.set_text(name, text)
        self._predict()

    def action_random_row(self) -> None:
        """Put a random held-out row in, with its true answer."""
        training = self.run_shown.training if self.run_shown else None
        if training is None:
            self.notify("There are no held-out rows before a run has started. Press t.", markup=False)
            return
        self.show_row(int(self._chance.choice(training.split.held_out)))

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        event.stop()
        self._row = None
        self._predict()

    def _predict(self) -> None:
        dataset, run = self.dataset, self.run_shown
        if dataset is None:
            return
        features = dataset.examples.features
        row, wrong, outside = typed_row(features, self._usual, self.form.texts)
        self.form.set_errors({**wrong, **outside})
        if run is None or run.training is None or run.dataset is not dataset:
            lines = ["Prediction: train first (t)."]
        elif wrong:
            name, reason = next(iter(wrong.items()))
            lines = [f"Prediction: {name} is {reason}."]
        else:
            lines = self._prediction(dataset, run, row)
            lines += [
                f"{name} is {where}, the farthest it knows." for name, where in list(outside.items())[:1]
            ]
        self._answer.write(lines)
        self._picture.write(picture(features, self._usual, row))

    def _prediction(self, dataset: Dataset, run: Run, raw: NDArray[np.float64]) -> list[str]:
        assert run.training is not None
        examples, snapshot = dataset.examples, run.snapshot(self.epoch_shown)
        if snapshot is None:
            return ["Prediction: train first (t)."]
        (outputs,) = snapshot.predictor.outputs(raw[None, :])
        when = ""
        if self.epoch_shown is not None:
            when = f" at epoch {snapshot.weights.epoch:,} of {run.settings.epochs:,}"
        elif run.phase == "training":
            when = f" at epoch {snapshot.weights.epoch:,}, still training"
        if examples.classes:
            order = np.argsort(-outputs, kind="stable")
            if len(outputs) == 2:
                answer = int(decide(outputs[None, :], run.threshold_at(self.epoch_shown))[0])
                order = np.array([answer, 1 - answer])
            parts = [f"{examples.classes[i]} {outputs[i]:.1%}".replace("%", " %") for i in order[:3]]
            lines = [f"Prediction{when}: " + ", ".join(parts)]
        else:
            lines = [f"Prediction{when}: {dataset.target} {outputs[0]:.6g}"]
        if self._row is not None:
            truth = examples.targets[self._row]
            name = examples.classes[int(truth)] if examples.classes else f"{float(np.ravel(truth)[0]):.6g}"
            side = "held out" if self._row in run.training.split.held_out else "used in training"
            lines.append(f"True {dataset.target}: {name} (row {dataset.rows[self._row] + 1:,}, {side})")
        return lines
