"""The answer over the only feature there is: the fitted curve with the rows that it was fitted to."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from epochal.core.explain.boundary import axes
from epochal.core.rows.examples import Floats, Rows
from epochal.core.training.training import Training
from epochal.tui.runner.cursor import named
from epochal.tui.runner.run import Run
from epochal.tui.screens.run_screen import RunScreen
from epochal.tui.widgets.chart import Chart, Curve
from epochal.tui.widgets.frame import Colour
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.plot import Plot
from epochal.tui.widgets.text import GLYPHS, visible

PLACES = 240
"""So many places are asked for their answer."""

OF_CLASSES: tuple[Colour, ...] = ("primary", "warning", "success", "accent", "secondary", "error")


class CurveScreen(RunScreen[None]):
    """Numbers: the predicted number. Classes: the probability of each, of two classes that of the second."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,e,q", "dismiss(None)", "Back", key_display="esc"),
    ]
    DEFAULT_CSS = """
    CurveScreen {
        background: $background;
        & #curve-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & #curve-said { height: 1; padding: 0 1; }
    }
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._top = Lines([""], id="curve-top")
        self._chart = Chart(ascii_only=not GLYPHS)
        self._said = Lines([""], id="curve-said")

    def compose(self) -> ComposeResult:
        """What is shown, the curve, the keys."""
        yield self._top
        yield self._chart
        yield self._said
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin to follow the run, and the cursor."""
        self.call_after_refresh(self.begin_to_follow)

    def look(self) -> None:
        """Draw the curve of the epoch shown."""
        run, weights, training = self._run, self._weights, self._run.training
        if training is None or weights is None:
            self._top.write([f" Fitted curve   {run.failure or 'Getting ready...'}"])
            return
        self._top.write([f" Fitted curve, {named(self, run, weights)}, {self.phase_in_words}"])
        network = training.network.with_parameters(weights.parameters)
        self._chart.show_plot(
            fitted(training, lambda inputs: np.asarray(network.outputs(inputs), np.float64))
        )
        is_alone = len(training.examples.features) == 1
        held = "" if is_alone else " Categories are held at the most frequent one."
        self._said.write([f"Dots are training rows, crosses held-out ones.{held}"])


def fitted(training: Training, outputs_of: Callable[[Floats], Floats]) -> Plot:
    """The curve of a network's outputs over the one feature that is a number, and the rows' own answers."""
    examples, preparation = training.examples, training.preparation
    (axis,) = axes(training).tolist()
    column = examples.inputs[:, axis]
    low, high = float(np.nanmin(column)), float(np.nanmax(column))
    x = np.linspace(low, high, PLACES)
    raw = np.tile(preparation.filled, (PLACES, 1))
    raw[:, axis] = x
    answers = training.network.kind.in_units(outputs_of(preparation.inputs(raw)), preparation)
    classes = examples.classes
    shown = range(1, 2) if len(classes) == 2 else range(min(answers.shape[1], len(OF_CLASSES)))
    names = [f"chance of {visible(classes[place])}" if classes else "predicted" for place in shown]
    curves = [
        Curve(name, x, answers[:, place], OF_CLASSES[number], "thick")
        for number, (name, place) in enumerate(zip(names, shown, strict=True))
    ]
    targets = examples.targets.reshape(len(examples), -1)[:, 0].astype(np.float64)
    if len(classes) > 2:
        # A row stands at 1, in the colour of its class's curve.
        for number, place in enumerate(shown):
            rows = training.split.train[targets[training.split.train] == place]
            curves.append(_points("", column, np.ones(len(column)), rows, OF_CLASSES[number], held_out=False))
    else:
        curves += [
            _points("training", column, targets, training.split.train, "secondary", held_out=False),
            _points("held-out", column, targets, training.split.held_out, "accent", held_out=True),
        ]
    label = "probability" if classes else visible(examples.outputs[0])
    margin = 0.02 * (high - low)
    return Plot(
        curves,
        (low - margin, high + margin),
        x_label=visible(examples.features[axis].name),
        y_label=label,
        settled=True,
    )


def _points(
    name: str, column: Floats, targets: Floats, rows: Rows, colour: Colour, *, held_out: bool
) -> Curve:
    known = rows[np.isfinite(column[rows])]
    order = known[np.argsort(column[known], kind="stable")]
    return Curve(name, column[order], targets[order], colour, "crosses" if held_out else "dots")
