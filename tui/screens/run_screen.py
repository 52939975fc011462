"""Full screens about one run: they follow it and the cursor, and let it pause, go on and step."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType

from epochal.tui.runner.cursor import EVERYWHERE, epoch_shown, follow
from epochal.tui.runner.run import Run, Weights
from epochal.tui.screens.dialog import Dialog
from epochal.tui.widgets.heat import TRUECOLOR

DRAWING_SHARE = 0.1
"""A screen that follows a run spends no more of its time than this on drawing it."""


class RunScreen(Dialog[ScreenResultType]):
    """Calls `look` whenever the run has another epoch or another phase, or the cursor was moved.

    It looks at the run every `TICK` seconds at most, by copies of its weights, each taken between two epochs.
    """

    TICK = 0.2

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "pause", "Pause"),
        Binding("t", "go_on", "Go on"),
        Binding("s", "step", "Step"),
        *EVERYWHERE,
    ]

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._run = run
        self._weights: Weights | None = None
        self._seen: tuple[int | None, str, int | None] = (None, "", None)

    def look(self) -> None:
        """Show the run as it is now: `_weights`, None before there are any."""
        raise NotImplementedError

    def begin_to_follow(self) -> None:
        """Look at the run now, and from now on as it goes and as the cursor moves."""
        follow(self, self.look_again)
        self._tick()

    def show_instead(self, run: Run) -> None:
        """Follow another run from now on."""
        self._run, self._seen = run, (None, "", None)
        self.refresh_bindings()
        self.look_again()

    def look_again(self) -> None:
        """Look, if anything is otherwise than when last looked at."""
        run, epoch = self._run, epoch_shown(self)
        weights = run.weights_at(epoch)
        seen = (weights.epoch if weights else None, run.phase, epoch)
        if seen == self._seen:
            return
        if seen[1] != self._seen[1]:
            self.refresh_bindings()
        self._seen, self._weights = seen, weights
        self.look()

    def _tick(self) -> None:
        """Look; between two looks sleep ten times as long as one took."""
        started = perf_counter()
        self.look_again()
        spent = perf_counter() - started
        self.set_timer(max(self.TICK, spent / DRAWING_SHARE), self._tick)

    @property
    def phase_in_words(self) -> str:
        """`training`, `stopped early`, ..."""
        return "stopped early" if self._run.phase == "early" else self._run.phase

    @property
    def colour_depth(self) -> int:
        """How many colours the terminal has."""
        system = self.app.console.color_system
        return {"standard": 16, "windows": 16, "256": 256}.get(system or "", TRUECOLOR)

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
        self.look_again()

    def action_go_on(self) -> None:
        """Train on."""
        self._run.go_on()
        self.look_again()

    def action_step(self) -> None:
        """Train for one epoch."""
        self._run.step()
        self.look_again()
