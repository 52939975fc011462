"""The network, drawn: every node and its weights, live, and what is lost when a node is turned off."""

from __future__ import annotations

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from epochal.core.explain.ablation import each_without, fixed, heaviest, means
from epochal.core.explain.node_statistics import Node, Probe
from epochal.core.network.network import Network
from epochal.core.numerals import figure
from epochal.tui.runner.cursor import epoch_shown, named
from epochal.tui.runner.run import Run
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.network.ablation_table import Worth
from epochal.tui.screens.network.drawing import Picture
from epochal.tui.screens.network.node_card import NodeCard, node_in_full
from epochal.tui.screens.network.picture import picture_of
from epochal.tui.screens.network.view import NetworkView
from epochal.tui.screens.run_screen import RunScreen
from epochal.tui.widgets.key_lines import KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible

HINT = "x turns the node off, f holds it at its mean, in a copy; o: the weightiest."

REMARKS = {None: "", False: "turned off: it is not used", True: "held at its mean on every row"}

WIDTHS = [(0, "-narrow"), (110, "-medium"), (160, "-wide")]


class NetworkScreen(RunScreen[None]):
    """Turns nodes off in a copy of the network; never changes the run's own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "turn_off(False)", "Off/on"),
        Binding("f", "turn_off(True)", "Fixed/free"),
        Binding("o", "go_to_heaviest", "Weightiest"),
        Binding("u", "undo", "Undo"),
        Binding("escape,n,q", "dismiss(None)", "Back", key_display="esc"),
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
        & Worth { height: 3; background: $panel; }
    }
    """

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._probe: Probe | None = None
        # Whether a node is held at its mean rather than turned off, in the order in which that was done.
        self._off: dict[Node, bool] = {}
        # What was found out, and when: of another epoch it is no longer so.
        self._hint = (HINT, self._seen)
        self._picture: Picture | None = None
        self._top = Lines([""], id="network-top")
        self._view = NetworkView(ascii_only=not GLYPHS, id="drawing")
        self._card = NodeCard(id="node")
        self._worth = Worth(id="worth")

    def compose(self) -> ComposeResult:
        """What is shown, above; the drawing, and the node in focus; what the network is worth; the keys."""
        yield self._top
        with Horizontal(id="network"):
            yield self._view
            yield self._card
        yield self._worth
        yield KeyLines()

    def on_mount(self) -> None:
        """Begin to follow the run, and the cursor."""
        self.watch(self._view, "at", self._show_node, init=False)
        self.set_class(not GLYPHS, "-ascii")
        self.set_focus(self._view)
        self.begin_to_follow()

    def action_turn_off(self, at_its_mean: bool) -> None:
        """Have the node answer 0, or its mean, whatever the row, in a copy; or undo that."""
        node, picture = self._view.at, self._picture
        if picture is None:
            return
        if node[0] == len(picture.layers) - 1:
            self.notify(
                "An output has no outgoing weights to turn off. Choose a node before it.", markup=False
            )
            return
        if self._off.pop(node, None) is not at_its_mean:
            self._off[node] = at_its_mean
        self._hint = (HINT, self._seen)
        self.look()

    def action_undo(self) -> None:
        """Turn on again what was turned off last."""
        if self._off:
            self._view.go_to(self._off.popitem()[0])
            self.look()

    @work(exclusive=True, exit_on_error=False)
    async def action_go_to_heaviest(self) -> None:
        """Go to the hidden node without which the held-out error is largest."""
        probe, weights = self._probe, self._weights
        if probe is None or weights is None:
            return
        network = probe.training.network.with_parameters(weights.parameters)
        if len(network.layers) < 3:
            self._hint = ("There is no hidden node.", self._seen)
            self.look()
            return
        threshold = self._run.threshold_at(epoch_shown(self))
        worths = await off_screen(lambda: each_without(probe, network, threshold), "Turning off each node")
        node = heaviest(worths)
        self._view.go_to(node)
        before, after = probe.worth(network, threshold).error, worths[node].error
        self._hint = (
            f"Most important: {self._called(node)}, without it error {figure(after)}, not {figure(before)}."
            " x turns it off.",
            self._seen,
        )
        self.look()

    def look(self) -> None:
        """Draw the network of the epoch, and say what it is worth."""
        run, weights = self._run, self._weights
        training = run.training
        if training is None or weights is None:
            self._top.write([f" Network   {run.failure or 'Getting ready...'}"])
            return
        self._probe = probe = self._probe or Probe.of(training)
        whole = probe.training.network.with_parameters(weights.parameters)
        network = fixed(whole, self._numbers(probe, whole)) if self._off else whole
        self._picture = picture_of(probe, network, self._off)
        looked_at = "" if probe.rows == len(training.split.train) else f", {probe.rows:,} training rows of it"
        turned_off = f", {self._changed()}" if self._off else ""
        said = f" Network, {named(self, run, weights)}, {self.phase_in_words}{turned_off}{looked_at}"
        shape = f"   {whole.in_words()}"
        self._top.write([said + shape if len(said + shape) <= self.size.width else said])
        self._view.show(self._picture)
        self._show_node()
        threshold = run.threshold_at(epoch_shown(self))
        before = probe.worth(whole, threshold)
        after = probe.worth(network, threshold) if self._off else None
        hint = self._hint[0] if self._hint[1] == self._seen else HINT
        other = self._changed(named=True) if self._off else hint
        self._worth.show(before, after, other, training.examples.classes)

    def _numbers(self, probe: Probe, whole: Network) -> dict[Node, float]:
        held = means(probe, whole, [node for node, at_its_mean in self._off.items() if at_its_mean])
        return {node: held.get(node, 0.0) for node in self._off}

    def _changed(self, *, named: bool = False) -> str:
        """`Without node 3; node 5 at its mean`, or only how many nodes there are of each."""
        said = []
        for at_its_mean in (False, True):
            nodes = sorted(node for node, held in self._off.items() if held is at_its_mean)
            if nodes:
                called = ", ".join(map(self._called, nodes)) if named else f"{len(nodes)} of its nodes"
                said.append(f"{called} at the mean" if at_its_mean else f"without {called}")
        sentence = "; ".join(said)
        return sentence[0].upper() + sentence[1:] if named else sentence

    def _called(self, node: Node) -> str:
        assert self._picture is not None
        layer, place = node
        if layer == 0:
            return f"input {visible(self._picture.names[place])}"
        deep = len(self._picture.layers) > 3
        return f"layer {layer} node {place + 1}" if deep else f"node {place + 1}"

    def _show_node(self) -> None:
        picture, at = self._picture, self._view.at
        if picture:
            self._card.show(node_in_full(picture, at, REMARKS[self._off.get(at)]))
