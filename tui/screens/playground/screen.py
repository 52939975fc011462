"""The playground: every hidden node's own map, the answer's map, and keys that change all of it live."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from epochal.core.explain.boundary import axes, plane
from epochal.data.tables.painted import MOST, Point
from epochal.data.tables.synthetic import sample_named
from epochal.data.tables.table import TableError
from epochal.tui.runner.run import Run
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.command_line import CommandScreen
from epochal.tui.screens.playground.lessons import LESSONS
from epochal.tui.screens.playground.showing import Brush, PlaygroundView
from epochal.tui.widgets.key_lines import Key, KeyLines

MOST_NODES, MOST_LAYERS = 64, 6


class Playground(PlaygroundView):
    """A run, its network as maps, and the keys of `Bench`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "Focus", key_display="arrows"),
        Binding("right", "move(1, 0)", "Layer after", show=False),
        Binding("up", "move(0, -1)", "Node above", show=False),
        Binding("down", "move(0, 1)", "Node below", show=False),
        Binding("plus,equals_sign", "nodes(1)", "Nodes", key_display="+ -"),
        Binding("minus", "nodes(-1)", "Fewer nodes", show=False),
        Binding("a", "add_layer", "Add layer"),
        Binding("x", "remove_layer", "Remove layer"),
        Binding("o", "feature", "Feature off/on"),
        Binding("c", "columns", "Other axes"),
        Binding("d", "discrete", "Discretise", show=False),
        Binding("p", "paint", "Paint", show=False),
        Binding("backspace", "unpaint", "Take back", show=False),
        *(Binding(str(n), f"point({n - 1})", f"Paint class {n}", show=False) for n in range(1, 10)),
        Binding("right_parenthesis", "size(1)", "Points", key_display="( )", show=False),
        Binding("left_parenthesis", "size(-1)", "Fewer points", show=False),
        Binding("right_curly_bracket", "noise(1)", "Noise", key_display="{ }", show=False),
        Binding("left_curly_bracket", "noise(-1)", "Less noise", show=False),
        Binding("right_square_bracket", "share(1)", "Training share", key_display="[ ]", show=False),
        Binding("left_square_bracket", "share(-1)", "Fewer training rows", show=False),
        Binding("n", "again", "New start", show=False),
        Binding("f", "lesson", "Failures", show=False),
        Binding("l", "link", "Link", show=False),
        Binding("escape,j,q", "dismiss(None)", "Back", key_display="esc"),
    ]

    DEFAULT_CSS = "Playground KeyLines { height: 2; }"

    def on_mount(self) -> None:
        """Name the keys of the second line too."""
        keys = [
            *([Key("p", "Paint")] if self._run.dataset.examples.classes else []),
            Key("d", "Discretise"),
            Key("f", "Failures"),
            Key("l", "Link"),
            Key("n", "New start"),
            Key("[ ]", "Training share"),
        ]
        if sample_named(self._state.table):
            keys += [Key("( )", "Points"), Key("{ }", "Noise")]
        self.query_one(KeyLines).show_second(keys)

    # What the keys do.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Noise and number of points are those of synthetic tables; points are painted as classes."""
        match action:
            case "noise" | "size":
                return sample_named(self._state.table) is not None
            case "paint":
                return bool(self._run.dataset.examples.classes)
            case "point" | "unpaint":
                return self._brush is not None
            case _:
                return super().check_action(action, parameters)

    def action_move(self, across: int, down: int) -> None:
        """Go to another node or input; while painting, move the brush."""
        if self._brush:
            columns, rows = self._answer.room
            self._brush = Brush(
                min(max(self._brush.across + across / columns, 0.0), 1 - 0.5 / columns),
                min(max(self._brush.up - down / rows, 0.5 / rows), 1 - 0.5 / rows),
            )
        else:
            hidden = self._run.settings.hidden
            layer = min(max(self._focus[0] + across, 0), len(hidden))
            most = hidden[layer - 1] if layer else len(self._inputs())
            self._focus = layer, min(max(self._focus[1] + down, 0), most - 1)
        self.look()

    def action_nodes(self, by: int) -> None:
        """A node more or less in the layer in focus, while it trains."""
        hidden, layer = list(self._run.settings.hidden), self._focus[0]
        if not layer or layer > len(hidden):
            self._say("Go to a hidden layer first, with left and right; a adds one.")
            return
        if not 1 <= hidden[layer - 1] + by <= MOST_NODES:
            self._say(f"A layer has 1 to {MOST_NODES} nodes here; x removes it.")
            return
        hidden[layer - 1] += by
        self._reshape(hidden, (layer, min(self._focus[1], hidden[layer - 1] - 1)))

    def action_add_layer(self) -> None:
        """A hidden layer more, as large as the one in focus, after it."""
        hidden = list(self._run.settings.hidden)
        if len(hidden) >= MOST_LAYERS:
            self._say(f"More than {MOST_LAYERS} hidden layers have no room here.")
            return
        layer = min(self._focus[0], len(hidden))
        hidden.insert(layer, hidden[layer - 1] if layer and hidden else 4)
        self._reshape(hidden, (layer + 1, 0))

    def action_remove_layer(self) -> None:
        """Remove the hidden layer in focus."""
        hidden, layer = list(self._run.settings.hidden), self._focus[0]
        if not 1 <= layer <= len(hidden):
            self._say("Go to a hidden layer first, with left and right.")
            return
        del hidden[layer - 1]
        self._reshape(hidden, (min(layer, len(hidden)), 0))

    def action_feature(self) -> None:
        """Leave the input in focus out, or use it again; training begins anew."""
        on, off = self._run.dataset.features, self._state.ignored
        layer, place = self._focus
        if layer:
            self._say("Go to an input first, with left; o turns it off or on.")
        elif place < len(on) and len(on) == 1:
            self._say("The last feature stays.")
        elif place < len(on):
            self._take(ignored=(*off, on[place]))
        elif place - len(on) < len(off):
            self._take(ignored=tuple(name for name in off if name != off[place - len(on)]))

    def action_columns(self) -> None:
        """Show the plane of the next two features."""
        training = self._run.training
        usable = axes(training).tolist() if training else []
        if training is None or len(usable) < 3:
            self._say("There are no other two features to show.")
            return
        pairs = [(one, two) for place, one in enumerate(usable) for two in usable[place + 1 :]]
        now = tuple(sorted(self._plane_axes(training)))
        chosen = pairs[(pairs.index(now) + 1) % len(pairs)] if now in pairs else pairs[0]
        features = training.examples.features
        self._state = replace(self._state, axes=tuple(features[axis].name for axis in chosen))
        self.look()

    def action_discrete(self) -> None:
        """The class answered alone, without how sure that is; or that again."""
        self._state = replace(self._state, discrete=not self._state.discrete)
        self.look()

    def action_paint(self) -> None:
        """Take up the brush, or lay it down: then what was painted is trained on."""
        self._brush = Brush() if self._brush is None else None
        self.refresh_bindings()
        if self._brush is None and self._state.points != self._learned_points:
            self._take()
        else:
            self.look()

    def action_point(self, kind: int) -> None:
        """Paint a point of that class at the brush."""
        training, classes = self._run.training, self._run.dataset.examples.classes
        if training is None or self._brush is None or kind >= len(classes) or len(self._state.points) >= MOST:
            return
        grid = plane(training, *self._plane_axes(training), 2, 2)
        spans = grid.x_span, grid.y_span
        shares = self._brush.across, self._brush.up
        cells = {
            name: float(f"{low + share * (high - low):.4g}")
            for name, (low, high), share in zip(self._axis_names(), spans, shares, strict=True)
        }
        self._state = replace(self._state, points=(*self._state.points, Point(cells, classes[kind])))
        self.look()

    def action_unpaint(self) -> None:
        """Take the last painted point away."""
        self._state = replace(self._state, points=self._state.points[:-1])
        self.look()

    def action_size(self, by: int) -> None:
        """Twice as many points of a synthetic table, or half as many."""
        if sample := sample_named(self._state.table):
            self._take(table=sample.larger(by).text)

    def action_noise(self, by: int) -> None:
        """More or less noise in the points of a synthetic table."""
        if sample := sample_named(self._state.table):
            self._take(table=sample.noisier(by).text)

    def action_share(self, by: int) -> None:
        """A larger or smaller share of training rows; training begins anew."""
        held_out = min(max(round(self._run.settings.held_out - 0.1 * by, 2), 0.1), 0.9)
        self._take(settings=self._run.settings.model_copy(update={"held_out": held_out}))

    def action_again(self) -> None:
        """Begin again, from the weights of the next seed."""
        seed = (self._run.settings.seed + 1) % 2**32
        self._take(settings=self._run.settings.model_copy(update={"seed": seed}))

    @work(exit_on_error=False)
    async def action_lesson(self) -> None:
        """A failure worth seeing, in ten seconds."""
        titles = {name: lesson.title for name, lesson in LESSONS.items()}
        chosen = await self.app.push_screen_wait(Ask("Which failure is to be seen?", titles))
        if chosen:
            self._state = LESSONS[chosen].state
            self._focus = (1, 0)
            self._take(settings=self._state.settings)
            self._say(LESSONS[chosen].sentence)

    def action_link(self) -> None:
        """All of this as one line, which another lab opens; copied too."""
        self.app.push_screen(CommandScreen(self.state.command, " It opens this playground."))

    def _reshape(self, hidden: list[int], focus: tuple[int, int]) -> None:
        try:
            run = self._bench.reshape(tuple(hidden))
        except ValueError as error:
            self._say(str(error))
            return
        self._focus = focus
        self._follow(run)

    def _take(self, **changed: object) -> None:
        """Train anew on a state that is otherwise in these parts; what cannot be is said."""
        settings = changed.pop("settings", self._run.settings)
        state = replace(self._state, settings=settings, **changed)  # type: ignore[arg-type]
        try:
            run = self._bench.take(state)
        except (TableError, ValueError) as error:
            self._say(str(error))
            return
        self._state = state
        self._follow(run)

    def _follow(self, run: Run | None) -> None:
        self._said = ""
        if run:
            self._learned_points = self._state.points
            self.show_instead(run)

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.look()
