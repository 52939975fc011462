"""The network, drawn: every node and its weights, live, and what is lost when a node is turned off."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Footer

from core.inside import HeldOut, Node, Probe, without
from core.wording import figure, percent
from tui.cursor import EVERYWHERE, epoch_shown, follow, named
from tui.inked import Ink, Inked, Line
from tui.lines import Lines
from tui.network_drawing import Picture
from tui.network_view import NetworkView
from tui.node_card import NodeCard, node_in_full
from tui.run import Run, Weights
from tui.text import UNICODE, fit, visible

# The screen looks at the run this often at most, and spends no more of its time than this on it.
TICK = 0.2
DRAWING_SHARE = 0.1

FIGURES = 44
"""The width of the figures before a bar."""

_BAR, _REST = "━─" if UNICODE else "#."

WIDTHS = [(0, "-narrow"), (110, "-medium"), (160, "-wide")]


class NetworkScreen(ModalScreen[None]):
    """Follows a run by copies of its weights, each taken between two epochs; never changes the run's own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "turn_off", "Off / on"),
        Binding("t", "pause", "Pause"),
        Binding("t", "go_on", "Go on"),
        Binding("s", "step", "Step"),
        Binding("escape,n,q", "dismiss(None)", "Back", key_display="esc"),
        *EVERYWHERE,
    ]
    HORIZONTAL_BREAKPOINTS = WIDTHS

    DEFAULT_CSS = """
    NetworkScreen {
        background: $background;
        & #network-top { height: 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        & #network { height: 1fr; }
        & NetworkView { width: 1fr; padding: 0; }
        & NodeCard { width: 33; margin: 0 0 0 1; padding: 0 0 0 1; border-left: solid $foreground 30%; }
        &.-medium NodeCard { width: 44; }
        &.-wide NodeCard { width: 60; }
        &.-ascii NodeCard { border-left: ascii $foreground 30%; }
        & Worth { height: 2; background: $panel; }
    }
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._probe: Probe | None = None
        self._off: set[Node] = set()
        self._weights: Weights | None = None
        self._seen: tuple[int | None, str, int | None] = (None, "", None)
        self._picture: Picture | None = None
        self._top = Lines([""], id="network-top")
        self._view = NetworkView(ascii_only=not UNICODE, id="drawing")
        self._card = NodeCard(id="node")
        self._worth = Worth(id="worth")

    def compose(self) -> ComposeResult:
        """What is shown, above; the drawing, and the node in focus; what the network is worth; the keys."""
        yield self._top
        with Horizontal(id="network"):
            yield self._view
            yield self._card
        yield self._worth
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to follow the run, and the cursor."""
        follow(self, self._follow)
        self.set_class(not UNICODE, "-ascii")
        self.set_focus(self._view)
        self._tick()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pause and go on take turns on one key; none of them works on a run that has ended."""
        match action:
            case "pause":
                return self._run.phase == "training"
            case "go_on":
                return self._run.phase == "paused"
            case "step":
                return self._run.is_active
            case _:
                return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Wait at the end of the epoch."""
        self._run.pause()
        self._follow()

    def action_go_on(self) -> None:
        """Train on."""
        self._run.go_on()
        self._follow()

    def action_step(self) -> None:
        """Train for one epoch."""
        self._run.step()
        self._follow()

    def action_turn_off(self) -> None:
        """Set the node's outgoing weights to 0, in a copy; or undo that."""
        node, picture = self._view.at, self._picture
        if picture is None:
            return
        if node[0] == len(picture.layers) - 1:
            self.notify(
                "An output has no outgoing weights to turn off. Choose a node before it.", markup=False
            )
            return
        self._off ^= {node}
        self._look()

    def _tick(self) -> None:
        """Follow the run; between two looks sleep ten times as long as one took."""
        started = perf_counter()
        self._follow()
        spent = perf_counter() - started
        self.set_timer(max(TICK, spent / DRAWING_SHARE), self._tick)

    def _follow(self) -> None:
        run = self._run
        weights = run.weights_at(epoch_shown(self))
        seen = (weights.epoch if weights else None, run.phase, epoch_shown(self))
        if seen == self._seen:
            return
        if seen[1] != self._seen[1]:
            self.refresh_bindings()
        self._seen, self._weights = seen, weights
        self._look()

    def _look(self) -> None:
        run, weights = self._run, self._weights
        training = run.training
        if training is None or weights is None:
            self._top.write([f" Network   {run.failure or 'Getting ready...'}"])
            return
        self._probe = probe = self._probe or Probe.of(training)
        whole = probe.network(weights.parameters)
        network = without(whole, self._off) if self._off else whole
        layers = probe.layers(network)
        settings, examples = training.settings, training.examples
        hidden = [f"{nodes:,} {settings.activation}" for nodes in settings.hidden]
        link = "linear" if whole.link == "identity" else whole.link
        titles = [f"{whole.layers[0]:,} inputs", *hidden, f"{whole.layers[-1]:,} {link}"]
        two = whole.link in ("sigmoid", "step")
        answers = [examples.classes[1]] if two else list(examples.classes or examples.outputs)
        self._picture = Picture(
            layers,
            titles,
            training.preparation.names,
            answers,
            frozenset(self._off),
            settings.activation,
            whole.link,
        )
        phase = "stopped early" if run.phase == "early" else run.phase
        looked_at = "" if probe.rows == len(training.split.train) else f", {probe.rows:,} training rows of it"
        turned_off = f", without {len(self._off)} of its nodes" if self._off else ""
        self._top.write(
            [f" Network, {named(self, run, weights)}, {phase}{turned_off}{looked_at}   {whole.in_words()}"]
        )
        self._view.show(self._picture)
        self._show_node()
        threshold = run.threshold_at(epoch_shown(self))
        before = probe.worth(whole, threshold)
        after = probe.worth(network, threshold) if self._off else None
        self._worth.show(before, after, [self._called(node) for node in sorted(self._off)])

    def _called(self, node: Node) -> str:
        assert self._picture is not None
        layer, place = node
        if layer == 0:
            return f"input {visible(self._picture.names[place])}"
        deep = len(self._picture.layers) > 3
        return f"layer {layer} node {place + 1}" if deep else f"node {place + 1}"

    @on(NetworkView.Moved)
    def _show_node(self) -> None:
        picture, at = self._picture, self._view.at
        if picture:
            self._card.show(node_in_full(picture, at))


class Worth(Inked):
    """The held-out rows: how many the network answers rightly, and how many without what is turned off."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._before: HeldOut | None = None
        self._after: HeldOut | None = None
        self._off: list[str] = []

    def show(self, before: HeldOut, after: HeldOut | None, off: list[str]) -> None:
        """Show what it is worth as it is, and without the nodes named, if any are off."""
        self._before, self._after, self._off = before, after, off
        self.redraw()

    def lines(self, width: int, height: int) -> list[Line]:
        """Two lines with their figures, and a bar each where numbers of rows are shown."""
        before, after = self._before, self._after
        if before is None:
            return []
        label = min(max(24, width // 3), 44)
        first: Line = [(fit(" Held out, as it is", label), "strong"), *_figures(before, None, width - label)]
        if after is None:
            return [
                first,
                [(" x turns the node in focus off, in a copy: its outgoing weights become 0.", "muted")],
            ]
        return [
            first,
            [
                (fit(f" Without {', '.join(self._off)}", label), "bad"),
                *_figures(after, before, width - label),
            ],
        ]


def _figures(worth: HeldOut, before: HeldOut | None, width: int) -> Line:
    """The figures, the difference to those before, and a bar."""
    ink: Ink = "good" if before is None else "bad"
    if worth.right is None:
        assert worth.rmse is not None
        text = f"typical error {figure(worth.rmse)} on {worth.rows:,} rows"
        if before is not None and before.rmse is not None:
            text += f", {_change(worth.rmse - before.rmse)}"
        return [(text, "text")]
    text = f"{worth.right:,} of {worth.rows:,} rows right, {percent(worth.right / worth.rows)}"
    if before is not None and before.right is not None:
        difference = worth.right - before.right
        ink = "bad" if difference < 0 else "good"
        text += (
            f", {abs(difference):,} {'fewer' if difference < 0 else 'more'}" if difference else ", as many"
        )
    cells = width - FIGURES - 1
    if cells < 10:
        return [(text, "text")]
    filled = round(cells * worth.right / worth.rows)
    return [(fit(text, FIGURES), "text"), (_BAR * filled, ink), (_REST * (cells - filled), "muted")]


def _change(difference: float) -> str:
    return f"{figure(abs(difference))} {'more' if difference > 0 else 'less'}" if difference else "the same"
