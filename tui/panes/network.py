"""The network beside the other panes, where the screen is wide: it follows the run and the cursor."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from epochal.core.explain.node_statistics import Probe
from epochal.tui.runner.cursor import named
from epochal.tui.runner.run import Run
from epochal.tui.screens.network.picture import picture_of
from epochal.tui.screens.network.view import NetworkView
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS

EMPTY = ["Here the network will be drawn as it learns.", "Press t to train, and n to go through its nodes."]


class NetworkPane(Vertical):
    """To be looked at; n goes inside."""

    run_shown: reactive[Run | None] = reactive(None)
    epoch_shown: reactive[int | None] = reactive(None, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="network-pane", classes="pane")
        self.border_title = "n Network"
        self._said = Lines(EMPTY, id="network-said")
        self._view = NetworkView(ascii_only=not GLYPHS, id="network-beside")
        self._view.can_focus = False
        self._probe: Probe | None = None
        self._seen: tuple[Run | None, int, int | None] = (None, -1, None)

    def compose(self) -> ComposeResult:
        """Which epoch it is, and the drawing."""
        yield self._said
        yield self._view

    def watch_run_shown(self) -> None:
        """Another run, another network."""
        self._probe = None
        self.tick()

    def watch_epoch_shown(self) -> None:
        """The network of another epoch."""
        self.tick()

    def on_show(self) -> None:
        """Catch up with what has come while it was hidden."""
        self.tick()

    def tick(self) -> None:
        """Draw what is new, if it can be seen."""
        run = self.run_shown
        if not self.is_mounted or not self.display:
            return
        weights = run.weights_at(self.epoch_shown) if run else None
        self._view.display = weights is not None
        if run is None or run.training is None or weights is None:
            self._said.write([run.failure] if run and run.failure else EMPTY)
            return
        seen = (run, weights.epoch, self.epoch_shown)
        if seen == self._seen:
            return
        self._seen = seen
        self._probe = probe = self._probe or Probe.of(run.training)
        self._said.write([named(self, run, weights).capitalize()])
        self._view.show(picture_of(probe, probe.training.network.with_parameters(weights.parameters)))
