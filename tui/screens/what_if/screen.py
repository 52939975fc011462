"""What if: one row under one's hands, what each feature pushes, and what would change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from epochal.core.evaluation.evaluation import decide
from epochal.core.explain.importance import Importance, importance
from epochal.core.explain.what_if import counterfactuals, gradient_attributions, neighbours, usual
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Floats
from epochal.tui.runner.cursor import epoch_shown, named
from epochal.tui.runner.run import Run, Weights
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.run_screen import RunScreen
from epochal.tui.screens.what_if.wording import answer_line, flip_lines, heading, neighbour_line, notes
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.form_lines import Field
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.measurements import as_typed, typed_row, usual_values
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import visible

MOST_FIELDS = 500

# Held-out rows that importance is tried on, so that it takes a moment and not a minute.
MOST_ROWS = 2000


class _Form(Form):
    """Says in the footer which keys change a value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "choose(1)", "Step", key_display="left right"),
    ]


class WhatIfScreen(RunScreen[dict[str, str]]):
    """Leaves with the texts of the fields."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "random_row", "Held-out row"),
        Binding("u", "usual", "Medians"),
        Binding("escape,i,q", "leave", "Back", key_display="esc"),
    ]
    # All of it is written anew each time, which costs as much as drawing it.
    TICK = 0.5

    DEFAULT_CSS = """
    WhatIfScreen {
        background: $background;
        & #what-if-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & #what-if-answer { height: 1; margin: 1 1 0 1; text-style: bold; }
        & #what-if-heading { height: auto; margin: 0 1; color: $text-muted; }
        & Form { height: 1fr; margin: 0 1; }
        & #what-if-said-scroll { height: auto; max-height: 9; }
        & #what-if-said { height: auto; padding: 0 1; text-wrap: wrap; }
    }
    """

    def __init__(self, run: Run, texts: Mapping[str, str], example: int | None = None) -> None:
        super().__init__(run)
        assert run.training is not None
        self._training, self._example = run.training, example
        examples = self._training.examples
        self._known = usual(examples, self._training.split.train)
        self._ranges = usual_values(examples)
        self._importance: Importance | None = None
        self._importance_of: Weights | None = None
        self._chance = np.random.default_rng()
        self._top = Lines([""], id="what-if-top")
        self._answer = Lines([""], id="what-if-answer")
        self._heading = Lines([""], id="what-if-heading")
        self._said = Lines([""], id="what-if-said")
        self.form = _Form(id="what-if-form")
        self._texts = dict(texts)

    def compose(self) -> ComposeResult:
        """State, answer, a field for each feature with what it does, and sentences below."""
        yield self._top
        yield self._answer
        yield self._heading
        yield self.form
        with VerticalScroll(id="what-if-said-scroll", can_focus=False):
            yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Show the row as it was typed, and begin to follow the run."""
        features = self._training.examples.features[:MOST_FIELDS]
        fields = [
            Field(feature.name, feature.name, "", feature.categories, one.step)
            for feature, one in zip(features, self._ranges, strict=False)
        ]
        usually = {f.name: as_typed(f, one.middle) for f, one in zip(features, self._ranges, strict=False)}
        self.form.show(fields, {f.name: self._texts.get(f.name, usually[f.name]) for f in features})
        self.set_focus(self.form)
        self.begin_to_follow()

    # What the keys do.

    def action_leave(self) -> None:
        """Back to the lab, which takes the row over."""
        self.dismiss(dict(self.form.texts))

    def action_random_row(self) -> None:
        """A random held-out row, with its true answer."""
        self._example = int(self._chance.choice(self._training.split.held_out))
        self._fill(self._training.examples.inputs[self._example])

    def action_usual(self) -> None:
        """Medians and most frequent categories of the training rows."""
        self._example = None
        self._fill(self._known.middle)

    def _fill(self, row: Floats) -> None:
        for feature, value in zip(self._training.examples.features[:MOST_FIELDS], row, strict=False):
            self.form.set_text(feature.name, as_typed(feature, value))
        self.look()

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        event.stop()
        self._example = None
        self.look()

    # What is shown.

    def _predictor(self, weights: Weights) -> Predictor:
        network = self._training.network
        parameters = np.array(weights.parameters)
        copied = network.with_parameters(parameters)
        return Predictor(self._training.preparation, copied)

    def look(self) -> None:
        """Say what the network answers to the row as typed, and why."""
        run, weights, examples = self._run, self._weights, self._training.examples
        if weights is None:
            self._top.write([f" What if   {run.failure or 'Getting ready...'}"])
            return
        threshold = run.threshold_at(epoch_shown(self))
        self._top.write([f" What if, {named(self, run, weights)}, {self.phase_in_words}"])
        row, wrong, outside = typed_row(examples.features, self._ranges, self.form.texts)
        self.form.set_errors({**wrong, **outside})
        if wrong:
            name, reason = next(iter(wrong.items()))
            self._answer.write([f"{visible(name)} is {visible(reason)}."])
            return
        goes_on = run.phase == "training" and epoch_shown(self) is None
        if not goes_on and self._importance_of is not weights:
            self._importance_of = weights
            self._find_importance(weights, threshold)
        predictor = self._predictor(weights)
        (outputs,) = predictor.outputs(row[None])
        classes = bool(examples.classes)
        towards = int(decide(outputs[None], threshold)[0]) if classes else 0
        self._answer.write(
            [answer_line(examples, run.dataset.target, outputs, threshold, self.size.width - 4)]
        )
        lost = self._importance if self._importance_of is weights else None
        name = examples.classes[towards] if classes else run.dataset.target
        self._heading.write([heading(visible(name), lost, classes=classes, training=goes_on)])
        pushed = gradient_attributions(predictor, row, self._known.middle, towards)
        self.form.set_notes(notes(examples.features[:MOST_FIELDS], pushed, lost, classes=classes))
        self._said.write(self._sentences(predictor, row, outside))

    def _sentences(self, predictor: Predictor, row: Floats, outside: Mapping[str, str]) -> list[str]:
        run, examples = self._run, self._training.examples
        threshold = run.threshold_at(epoch_shown(self))
        lines = [
            f"{visible(n)} is {where}: the network has learned nothing there." for n, where in outside.items()
        ][:2]
        if self._example is not None:
            truth = examples.targets[self._example]
            told = examples.classes[int(truth)] if examples.classes else f"{float(np.ravel(truth)[0]):.6g}"
            place = run.dataset.rows[self._example] + 1
            side = "held out" if self._example in self._training.split.held_out else "used in training"
            lines.append(f"True {visible(run.dataset.target)}: {visible(told)} (row {place:,}, {side}).")
        if examples.classes:
            found = counterfactuals(predictor, examples, row, self._known, threshold)
            lines += flip_lines(examples, predictor, row, found, threshold)
        nearest = neighbours(predictor, examples, self._training.split.train, row)
        lines.append(neighbour_line(examples, run.dataset.rows, nearest))
        return lines

    @work(exclusive=True, exit_on_error=False)
    async def _find_importance(self, weights: Weights, threshold: float) -> None:
        predictor, examples = self._predictor(weights), self._training.examples
        rows = self._training.split.held_out[:MOST_ROWS]
        if not len(rows):
            return
        found = await off_screen(
            lambda: importance(predictor, examples, rows, threshold=threshold), "Measuring importance"
        )
        if self._importance_of is weights and self.is_attached:
            self._importance = found
            self.look()
