"""What the playground shows: the network as maps, the answer's map with the rows, and words below."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from textual import on
from textual.app import ComposeResult
from textual.color import Color
from textual.containers import Horizontal

from epochal.core.explain.boundary import Plane, Points, axes, discretized, plane, points, surface, weightiest
from epochal.core.explain.node_maps import node_maps, pixels_of, weight_picture
from epochal.core.network.network import Network
from epochal.core.rows.examples import Floats
from epochal.core.training.training import Training
from epochal.data.tables.painted import Point
from epochal.tui.reporting.playground_state import PlaygroundState
from epochal.tui.runner.cursor import epoch_shown, named
from epochal.tui.runner.run import Run
from epochal.tui.screens.boundary.painting import Painting, mistakes_in_words, painted
from epochal.tui.screens.boundary.view import BoundaryView
from epochal.tui.screens.playground.picture import Picture, draw
from epochal.tui.screens.playground.view import MapsView
from epochal.tui.screens.run_screen import RunScreen
from epochal.tui.widgets.heat import SPARSE, Cells, Rgb
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible

# Pixels of a node's map to a side, before it is drawn in fewer.
GRID = 20


class Bench(Protocol):
    """What the playground may do in the lab; each gives the run that is shown from then on."""

    def take(self, state: PlaygroundState) -> Run | None:
        """Learn from that table with those settings, from the beginning."""

    def reshape(self, hidden: tuple[int, ...]) -> Run | None:
        """Go on with other hidden layers; the weights that remain stay."""


@dataclass(frozen=True)
class Brush:
    """Where the brush is on the map, as shares of its width and height."""

    across: float = 0.5
    up: float = 0.5


class PlaygroundView(RunScreen[None]):
    """A run, its network as maps, its answers as a map; it changes nothing."""

    DEFAULT_CSS = """
    PlaygroundView {
        background: $background;
        & #play-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & MapsView { width: 3fr; height: 1fr; }
        & BoundaryView { width: 2fr; height: 1fr; }
        & #play-said { height: 2; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    def __init__(self, run: Run, bench: Bench, state: PlaygroundState) -> None:
        super().__init__(run)
        self._bench, self._state = bench, state
        # The node or input in focus, layer 0 being the inputs.
        self._focus = (1, 0) if run.settings.hidden else (0, 0)
        self._brush: Brush | None = None
        self._learned_points: tuple[Point, ...] = state.points
        self._said = ""
        self._points: tuple[Training, Points] | None = None
        self._top = Lines([""], id="play-top")
        self._maps = MapsView(id="play-maps")
        self._answer = BoundaryView(ascii_only=not GLYPHS, id="play-answer")
        self._words = Lines(["", ""], id="play-said")

    def compose(self) -> ComposeResult:
        """What is shown, above; the network as maps, the answer's map; what can be said; the keys."""
        yield self._top
        with Horizontal():
            yield self._maps
            yield self._answer
        yield self._words
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin to follow the run, and the cursor."""
        self.call_after_refresh(self.begin_to_follow)

    @property
    def state(self) -> PlaygroundState:
        """Where one is, as another lab opens it."""
        return replace(self._state, settings=self._run.settings, axes=self._axis_names())

    @on(MapsView.Resized)
    @on(BoundaryView.Resized)
    def look(self) -> None:
        """Draw the network and its answers as they are at the epoch shown."""
        run, weights, training = self._run, self._weights, self._run.training
        if training is None or weights is None or len(weights.parameters) != len(training.network.parameters):
            self._top.write([f" Playground   {run.failure or 'Getting ready...'}"])
            return
        network = training.network.with_parameters(weights.parameters)
        self._tell_top(training, named(self, run, weights))
        ground = self._ground
        usable = axes(training)
        if len(usable) >= 2:
            pair = self._plane_axes(training)
            self._draw_network(training, network, plane(training, *pair, GRID, GRID), ground)
            self._draw_answers(training, network, pair, ground)
        else:
            self._words.write(["A map needs two features that are numbers, and there are fewer.", self._said])

    @property
    def _ground(self) -> Rgb:
        theme = self.app.current_theme
        return Color.parse(theme.background or ("#121212" if theme.dark else "#e0e0e0")).rgb

    def _tell_top(self, training: Training, epoch: str) -> None:
        run = self._run
        held_out = f"{len(training.split.train):,} training rows, {len(training.split.held_out):,} held out"
        errors = ""
        if run.length:
            at = training.history[min(self._weights.epoch if self._weights else run.length, run.length) - 1]
            errors = f", error {at.training_error:.3f}, held-out {at.held_out_error:.3f}"
        said = f" Playground, {epoch}, {self.phase_in_words}{errors}"
        more = f"   {visible(run.dataset.table.name)}, {held_out}"
        self._top.write([said + more if len(said + more) <= self.size.width else said])

    def _inputs(self) -> list[str]:
        """The features in use, and those turned off after them."""
        return [*self._run.dataset.features, *self._state.ignored]

    def _plane_axes(self, training: Training) -> tuple[int, int]:
        """The two features shown: those chosen if they are still there, else the weightiest."""
        features = [feature.name for feature in training.examples.features]
        usable = axes(training).tolist()
        chosen = [features.index(name) for name in self._state.axes if name in features]
        if len(chosen) == 2 and set(chosen) <= set(usable):
            return chosen[0], chosen[1]
        if len(usable) == 2:
            return usable[0], usable[1]
        found = weightiest(training, training.network)
        self._state = replace(self._state, axes=tuple(features[axis] for axis in found))
        return found

    def _axis_names(self) -> tuple[str, ...]:
        training = self._run.training
        if training is None or len(axes(training)) < 2:
            return ()
        return tuple(training.examples.features[axis].name for axis in self._plane_axes(training))

    def _draw_network(self, training: Training, network: Network, grid: Plane, ground: Rgb) -> None:
        """Each hidden node's map; where the inputs are a picture, the first layer's weights on its pixels."""
        maps: list[list[Floats]] = [list(layer) for layer in node_maps(network, grid).layers]
        names = training.preparation.names
        features = [feature.name for feature in training.examples.features]
        side, pixels = pixels_of(features)
        if side and maps and set(names) <= set(features):
            of_inputs = [pixels[features.index(name)] for name in names]
            nodes = range(network.layers[1])
            maps[0] = [weight_picture(network, node, of_inputs, side)[::-1] for node in nodes]
        picture = Picture(network, maps, tuple(map(visible, names)), self._state.ignored, self._focus)
        size = max(self._maps.size.width, 1), max(self._maps.size.height, 1)
        self._maps.show(draw(picture, *size, ground, ascii_only=not GLYPHS, depth=self.colour_depth))

    def _draw_answers(self, training: Training, network: Network, pair: tuple[int, int], ground: Rgb) -> None:
        columns, height = self._answer.room
        grid = plane(training, *pair, columns, height * (2 if GLYPHS else 1))
        answers = surface(training, grid, network)
        threshold = self._run.threshold_at(epoch_shown(self))
        if self._state.discrete:
            answers = discretized(training, answers, threshold)
        if self._points is None or self._points[0] is not training:
            self._points = training, points(training)
        rows = self._points[1]
        places = training.examples.inputs[rows.rows][:, list(pair)]
        seen = grid.holds(places)
        wrong = rows.wrong(training, network, threshold)
        kinds = rows.held_out + 2 * wrong
        painting = painted(training, answers, rows, threshold, ground, depth=self.colour_depth)
        drawn = painting.cells(grid, places[seen], kinds[seen], painting.tones[seen], every=SPARSE)
        self._draw_painted(drawn, grid, painting, training)
        self._answer.show(drawn, grid.x_span, grid.y_span)
        self._tell(training, mistakes_in_words(training, rows, wrong))

    def _draw_painted(self, drawn: Cells, grid: Plane, painting: Painting, training: Training) -> None:
        """Points not learned from yet, and the brush."""
        height, width = drawn.glyphs.shape
        classes = training.examples.classes
        marks = [
            (tuple(point.cells.values()), "+", int(painting.tints[classes.index(point.label)]))
            for point in self._state.points
            if point not in self._learned_points
            and point.label in classes
            and tuple(point.cells) == self._axis_names()
        ]
        spots = [
            (
                (x - grid.x_span[0]) / (grid.x_span[1] - grid.x_span[0]),
                (y - grid.y_span[0]) / (grid.y_span[1] - grid.y_span[0]),
                mark,
                shade,
            )
            for (x, y), mark, shade in marks
        ]
        if self._brush:
            spots.append((self._brush.across, self._brush.up, "X", 0xFFFFFF))
        for across, up, mark, shade in spots:
            row, column = int((1 - up) * height), int(across * width)
            if 0 <= row < height and 0 <= column < width:
                drawn.glyphs[row, column], drawn.strokes[row, column] = ord(mark), shade
                drawn.behind[row, column] = 0

    def _tell(self, training: Training, mistakes: str) -> None:
        """What the maps are of, and what the person should do or know now."""
        across, up = (visible(name) for name in self._axis_names())
        features = training.examples.features
        others = ", the other features at their medians" if len(features) > 2 else ""
        layer, place = self._focus
        if self._brush:
            keys = "  ".join(
                f"{n} {visible(name)}" for n, name in enumerate(training.examples.classes[:9], 1)
            )
            second = f"Arrows move the brush, a digit paints ({keys}), backspace takes back, p trains on it."
        elif self._said:
            second = self._said
        elif layer == 0:
            names = self._inputs()
            second = f"Input {visible(names[place])}: o turns it off or on." if place < len(names) else ""
        else:
            second = f"Layer {layer}, node {place + 1}: its map is what it answers; + - nodes, a x layers."
        wrong = f"   misclassified {mistakes}" if mistakes else ""
        self._words.write([f"{across} across, {up} up{others}{wrong}", second])
