"""The boundary: what the network answers over two features, and the rows it is right and wrong about."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.content import Content
from textual.widgets import Static

from epochal.core.explain.boundary import (
    Plane,
    Points,
    axes,
    component_plane,
    plane,
    points,
    surface,
    weightiest,
)
from epochal.core.explain.principal_components import Components, components
from epochal.core.network.network import Network
from epochal.core.rows.examples import Floats
from epochal.core.training.training import Training
from epochal.data.tables.synthetic import Sample, sample_named
from epochal.tui.runner.cursor import epoch_shown, named
from epochal.tui.runner.run import Run
from epochal.tui.screens.boundary.painting import mistakes_in_words, painted
from epochal.tui.screens.boundary.view import BoundaryView
from epochal.tui.screens.boundary.wording import (
    colours_line,
    component_names,
    heading,
    marks_line,
    others_line,
)
from epochal.tui.screens.run_screen import RunScreen
from epochal.tui.widgets.heat import DENSE, SPARSE, Rgb
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible

# From so many cells on there is room for whole sentences above.
WIDE = 110


class BoundaryScreen(RunScreen[None]):
    """The map of a run's answers over two features.

    `typed` is the row of the prediction form; `trained` begins a run on another sample of a synthetic table.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "across(1)", "Features", key_display="arrows"),
        Binding("left", "across(-1)", "Feature across before", show=False),
        Binding("up", "upwards(1)", "Feature up", show=False),
        Binding("down", "upwards(-1)", "Feature up before", show=False),
        Binding("r", "rows", "Rows"),
        Binding("z", "whole", "Outliers", show=False),
        Binding("p", "components", "Components"),
        Binding("h", "hold", "Hold row"),
        Binding("n", "sample", "New sample"),
        Binding("plus,equals_sign", "noise(1)", "Noise", key_display="+ -"),
        Binding("minus", "noise(-1)", "Less noise", show=False),
        Binding("right_parenthesis", "size(1)", "Points", key_display="( )"),
        Binding("left_parenthesis", "size(-1)", "Fewer points", show=False),
        Binding("escape,e,q", "dismiss(None)", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = """
    BoundaryScreen {
        background: $background;
        & #boundary-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & BoundaryView { height: 1fr; }
        & #boundary-legend { height: 3; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, run: Run, typed: Floats | None, trained: Callable[[Sample], Run | None]) -> None:
        super().__init__(run)
        self._trained = trained
        # Only what has two features can be seen whole, and is a playground.
        self._sample = sample_named(run.dataset.table.name) if len(run.dataset.features) == 2 else None
        self._typed, self._holds_typed = typed, False
        self._by_components = self._is_whole = False
        self._found: Components | None = None
        self._axes: tuple[int, int] | None = None
        self._plane: tuple[object, Plane] | None = None
        self._points: Points | None = None
        self._with_rows = True
        self._top = Lines([""], id="boundary-top")
        self._view = BoundaryView(ascii_only=not GLYPHS, id="boundary")
        self._legend = Static(id="boundary-legend")

    def compose(self) -> ComposeResult:
        """What is shown, above; the map; what its colours and marks mean; the keys."""
        yield self._top
        yield self._view
        yield self._legend
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin to follow the run, and the cursor."""
        self.call_after_refresh(self.begin_to_follow)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Other samples of synthetic tables; other features where there are others."""
        match action:
            case "sample" | "noise" | "size":
                return self._sample is not None
            case "across" | "upwards" | "hold":
                return self._has_others
            case _:
                return super().check_action(action, parameters)

    def action_sample(self) -> None:
        """Other points of the same kind, and a network trained on them."""
        if self._sample:
            self._take(self._sample.another())

    def action_noise(self, by: int) -> None:
        """More or less noise in the points, the same ones otherwise."""
        if self._sample:
            self._take(self._sample.noisier(by))

    def action_size(self, by: int) -> None:
        """Twice as many points, or half as many."""
        if self._sample:
            self._take(self._sample.larger(by))

    def _take(self, sample: Sample) -> None:
        run = self._trained(sample) if sample != self._sample else None
        if run is None:
            return
        self._sample = sample
        self._plane = self._points = self._found = None
        self._by_components = False
        self.show_instead(run)

    def action_rows(self) -> None:
        """Show the rows, or the answers alone."""
        self._with_rows = not self._with_rows
        self.look()

    def action_whole(self) -> None:
        """Show the plane as far as the farthest rows, or where nearly all of them are."""
        self._is_whole = not self._is_whole
        self.look()

    def action_components(self) -> None:
        """Take the two principal components for axes, or features again."""
        training = self._run.training
        if training is None:
            return
        if self._found is None:
            inputs = training.preparation.inputs(training.examples.inputs[training.split.train])
            try:
                self._found = components(inputs)
            except ValueError as error:
                self.notify(str(error), markup=False)
                return
        self._by_components = not self._by_components
        self.look()

    def action_hold(self) -> None:
        """Hold the other features where the typed row has them, or at their medians again."""
        if self._typed is None:
            self.notify("There is no row in the prediction form to hold.", markup=False)
            return
        self._holds_typed = not self._holds_typed
        self.look()

    def action_across(self, by: int) -> None:
        """Take another feature for the axis across."""
        self._turn(0, by)

    def action_upwards(self, by: int) -> None:
        """Take another feature for the axis up."""
        self._turn(1, by)

    def _turn(self, axis: int, by: int) -> None:
        training = self._run.training
        if training is None or self._axes is None or self._by_components:
            return
        usable = axes(training).tolist()
        chosen, other = self._axes[axis], self._axes[1 - axis]
        place = usable.index(chosen)
        while usable[place] in (chosen, other) and len(usable) > 2:
            place = (place + by) % len(usable)
        self._axes = (usable[place], other) if axis == 0 else (other, usable[place])
        self.look()

    @on(BoundaryView.Resized)
    def look(self) -> None:
        """Draw the map of the epoch, if there is one."""
        run, weights = self._run, self._weights
        training = run.training
        if training is None or weights is None:
            self._top.write([f" Boundary   {run.failure or 'Getting ready...'}"])
            return
        whole = training.network
        network = whole.with_parameters(weights.parameters)
        try:
            self._axes = self._axes or weightiest(training, network)
        except ValueError as error:
            self._top.write([f" Boundary   {error}"])
            return
        self._points = rows = self._points or points(training)
        self._top.write([self._heading(training, named(self, run, weights))])
        self._draw(training, network, rows)

    def _heading(self, training: Training, epoch: str) -> str:
        """The epoch, the axes and what else there is room for."""
        assert self._axes is not None
        sample = f"   {self._sample.rows:,} points, noise {self._sample.noise:g}" if self._sample else ""
        if self._by_components and self._found is not None:
            names = component_names(self._found.shares.tolist(), wide=self.size.width >= WIDE)
        else:
            names = [visible(training.examples.features[axis].name) for axis in self._axes]
        return heading(epoch, self.phase_in_words, names, sample, self.size.width)

    @property
    def _has_others(self) -> bool:
        """Whether there are features besides those that can be axes now."""
        return len(self._run.dataset.features) > 2

    def _draw(self, training: Training, network: Network, rows: Points) -> None:
        assert self._axes is not None
        columns, height = self._view.room
        grid = self._grid(training, columns, height * (2 if GLYPHS else 1))
        answers = surface(training, grid, network)
        threshold = self._run.threshold_at(epoch_shown(self))
        base = self.app.current_theme.background or ("#121212" if self.app.current_theme.dark else "#e0e0e0")
        ground: Rgb = Color.parse(base).rgb
        places = self._places(training, rows)
        seen = np.isfinite(places).all(axis=1)
        missing, inside = int(np.count_nonzero(~seen)), grid.holds(places)
        beyond = int(np.count_nonzero(seen & ~inside))
        seen &= inside
        seen &= self._with_rows
        wrong = rows.wrong(training, network, threshold)
        kinds = rows.held_out + 2 * wrong
        painting = painted(training, answers, rows, threshold, ground, depth=self.colour_depth)
        seen_places = places[seen], kinds[seen], painting.tones[seen]
        drawn = painting.cells(grid, *seen_places, every=DENSE if self.app.no_color else SPARSE)
        self._view.show(drawn, grid.x_span, grid.y_span)
        said = mistakes_in_words(training, rows, wrong)
        self._explain(training, painting.colours, said, ground, (missing, beyond))

    def _grid(self, training: Training, columns: int, height: int) -> Plane:
        """The plane at this size, prepared once."""
        assert self._axes is not None
        of = (self._by_components, self._is_whole, self._holds_typed, self._axes, columns, height)
        if self._plane is None or self._plane[0] != of:
            held = self._typed if self._holds_typed else None
            if self._by_components and self._found is not None and self._points is not None:
                made = component_plane(
                    training, self._found, self._points, columns, height, held, whole=self._is_whole
                )
            else:
                made = plane(training, *self._axes, columns, height, held, whole=self._is_whole)
            self._plane = of, made
        return self._plane[1]

    def _places(self, training: Training, rows: Points) -> Floats:
        """Where the rows lie along both axes, rows x 2."""
        assert self._axes is not None
        if self._by_components and self._found is not None:
            return self._found.scores(rows.inputs)
        return training.examples.inputs[rows.rows][:, list(self._axes)]

    def _explain(
        self,
        training: Training,
        colours: NDArray[np.uint32],
        wrong: str,
        ground: Rgb,
        not_shown: tuple[int, int],
    ) -> None:
        lines = [
            colours_line(training, colours, ground, self.size.width - 2),
            Content(marks_line(wrong, *not_shown, with_rows=self._with_rows)),
            Content.styled(
                others_line(
                    has_others=self._has_others,
                    by_components=self._by_components,
                    holds_typed=self._holds_typed,
                ),
                "dim",
            ),
        ]
        self._legend.update(Content("\n").join(lines), layout=False)
