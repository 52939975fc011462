"""The panes on the screen: side by side or one at a time, and how they follow the run."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Size
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from epochal.tui.keys import Group
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.lab.lab import Lab
from epochal.tui.lab.training_keys import TrainingKeys
from epochal.tui.widgets.key_lines import Key, KeyLines
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import GLYPHS, visible
from epochal.tui.widgets.too_small import TooSmall, is_too_small

if TYPE_CHECKING:
    from epochal.tui.panes.network import NetworkPane

if TYPE_CHECKING:
    from epochal.tui.panes.network import NetworkPane

PANES = ("data", "settings", "error", "result")

# The screen looks at the history this often at most, and spends no more of its time than this on it.
TICK = 0.1
DRAWING_SHARE = 0.1

ALL_PANES_FROM = (100, 32)
# From here on the network is drawn beside the four.
NETWORK_FROM = (180, 40)
# And from here on there is room for a second line of keys.
TWO_LINES_FROM = (100, 30)


class PanesOnScreen(TrainingKeys):
    """Four panes on one screen, or one at a time where there is no room for four."""

    pane_shown: reactive[str] = reactive("data", init=False)

    network_pane: NetworkPane | None = None
    _timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """One line of state, the panes, one line of keys; or a sentence where nothing fits."""
        self._top, self._keys = Lines(id="top"), KeyLines()
        self._fit(self.size)
        yield self._top
        with Container(id="panes"):
            yield self.data_pane.data_bind(Lab.dataset)
            yield self.error_pane.data_bind(Lab.run_shown, Lab.run_before)
            yield self.settings_pane.data_bind(
                Lab.dataset, Lab.reading, Lab.settings, Lab.automatic, Lab.run_shown
            )
            yield self.result_pane.data_bind(Lab.dataset, Lab.settings, Lab.run_shown, Lab.run_before)
        yield TooSmall(self.size)
        yield self._keys

    def on_mount(self) -> None:
        """Show the table; the panes follow what the lab owns."""
        self._focus_pane()
        self._tell_top()
        self._add_network()

    def on_resize(self, event: events.Resize) -> None:
        """All panes where they fit, else one at a time."""
        self._fit(event.size)
        self._add_network()
        self._tell_top()

    def _add_network(self) -> None:
        """Draw the network too where there is room; only then is it imported."""
        if self.network_pane or not self.screen_stack[0].has_class("-network"):
            return
        from epochal.tui.panes.network import NetworkPane

        self.network_pane = NetworkPane().data_bind(Lab.run_shown)
        self.screen_stack[0].query_one("#panes").mount(self.network_pane, after=self.error_pane)

    def _fit(self, size: Size) -> None:
        # Called before the panes exist too, since giving them their classes then costs no second styling.
        width, height = size
        # The lab's own, even while another screen is in front of it.
        lab = self.screen_stack[0]
        lab.set_class(is_too_small(size), "-small")
        for one in lab.query(TooSmall):
            one.fit(size)
        rooms = {"-all-panes": ALL_PANES_FROM, "-network": NETWORK_FROM, "-two-lines": TWO_LINES_FROM}
        for name, (columns, rows) in rooms.items():
            lab.set_class(width >= columns and height >= rows, name)
        lab.set_class(not GLYPHS, "-ascii")

    def watch_pane_shown(self) -> None:
        """Bring a pane to the front."""
        for pane in self.query(".pane"):
            pane.set_class(pane.id == self.pane_shown, "-shown")
        self._tell_top()

    def watch_run_shown(self) -> None:
        """Name the run's state above; the cursor was the run's before."""
        self.epoch_shown = None
        self._tell_top()

    def watch_epoch_shown(self, before: int | None, now: int | None) -> None:
        """Show the panes that epoch, and the keys that work at one."""
        self.look_back()
        if (before is None) != (now is None):
            self.refresh_bindings()

    def look_back(self) -> None:
        """Show the panes the epoch of the cursor, unless a full screen hides them: then once it is left."""
        if not self._is_covered:
            self.error_pane.epoch_shown = self.result_pane.epoch_shown = self.epoch_shown
            if self.network_pane:
                self.network_pane.epoch_shown = self.epoch_shown

    @property
    def _is_covered(self) -> bool:
        """Whether a full screen hides the panes: Textual would send what covers them again each time."""
        return len(self.screen_stack) > 1 and self.screen.styles.background.a == 1.0

    def on_descendant_focus(self) -> None:
        """The pane with the focus is the one shown."""
        # The message may come when the lab is being left, and has no screen any more.
        focused = self.focused if self.screen_stack else None
        for widget in focused.ancestors_with_self if focused else ():
            if isinstance(widget, Widget) and widget.id in PANES:
                self.pane_shown = str(widget.id)

    def _tell_top(self) -> None:
        table = visible(self.dataset.table.name) if self.dataset else "no table"
        panes = " ".join(
            f"[{i} {name.title()}]" if name == self.pane_shown else f" {i} {name.title()} "
            for i, name in enumerate(PANES, 1)
        )
        state = self.run_shown.phase if self.run_shown else "not trained"
        self._top.write([f"Epochal {panes} {table}, {state}"])
        self._keys.show_second(self._full_screens())
        self.refresh_bindings()

    def _full_screens(self) -> list[Key]:
        """Those that there is something in: first what looks inside, before training what judges settings."""
        run = self.run_shown
        first: Group = "Look inside" if run and run.length else "Tables and files"
        screens = [one for one in FULL_SCREENS.values() if one.ready(self) and one.is_offered(self)]
        groups = [
            [one.command for one in screens if one.command.group == group] for group in (first, "Judge")
        ]
        return [Key(one.key_in_words, one.title) for group in groups for one in group]

    def _focus_pane(self) -> None:
        target: Widget = {
            "data": self.data_pane.view,
            "settings": self.settings_pane.form,
            "error": self.error_pane,
            "result": self.result_pane.form,
        }[self.pane_shown]
        # At once, not with the next message as `focus` would: the next key may already be waiting.
        target.screen.set_focus(target)

    def watch_dataset(self) -> None:
        """Name the table above."""
        self._tell_top()

    def follow(self) -> None:
        """Look at the run now, and again and again while it goes."""
        if self._timer:
            self._timer.stop()
        self._tick()

    def _tick(self) -> None:
        """Follow the run while it goes; between two looks sleep ten times as long as one took."""
        started = perf_counter()
        if not self._is_covered:
            self.error_pane.tick()
            self.result_pane.tick()
            if self.network_pane:
                self.network_pane.tick()
        spent = perf_counter() - started
        if self.run_shown and self.run_shown.is_active:
            self._timer = self.set_timer(max(TICK, spent / DRAWING_SHARE), self._tick)

    def show_training(self) -> None:
        """Show the run where only one pane is shown, and it is none that follows it."""
        self._tell_top()
        if (
            self.run_shown
            and not self.screen.has_class("-all-panes")
            and self.pane_shown in ("data", "settings")
        ):
            self.action_pane("error")
