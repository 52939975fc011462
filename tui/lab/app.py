"""The lab on the screen: its panes side by side or one at a time, what its keys do, what the panes tell."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Static

from epochal.tui.keys import bindings, in_words
from epochal.tui.lab.cells import ask_about_cell
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PANES
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.lab.lab import Lab
from epochal.tui.lab.palette import Palette
from epochal.tui.lab.suspending import come_back_whole
from epochal.tui.lab.training_keys import TrainingKeys
from epochal.tui.lab.waiting import ask_about_waiting
from epochal.tui.panes.data import DataPane
from epochal.tui.panes.settings import SettingsPane
from epochal.tui.runner.cursor import EVERYWHERE
from epochal.tui.runner.failures import say_failure
from epochal.tui.screens.help import Help
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import UNICODE, paragraph, visible
from epochal.tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from epochal.tui.panes.network import NetworkPane

if TYPE_CHECKING:
    from epochal.tui.panes.network import NetworkPane

PANES = ("data", "settings", "error", "result")

# The screen looks at the history this often at most, and spends no more of its time than this on it.
TICK = 0.1
DRAWING_SHARE = 0.1

SMALLEST = (60, 15)
ALL_PANES_FROM = (110, 32)
# From here on the network is drawn beside the four.
NETWORK_FROM = (180, 40)


class EpochalApp(TrainingKeys):
    """Four panes on one screen, or one at a time where there is no room for four."""

    TITLE = "Epochal"
    CSS_PATH = "epochal.tcss"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    COMMANDS = {Palette}  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(EVERY_COMMAND),
        Binding("1", "pane('data')", "Panes", key_display="1-4"),
        Binding("2", "pane('settings')", "Settings", show=False),
        Binding("3", "pane('error')", "Error", show=False),
        Binding("4", "pane('result')", "Result", show=False),
        Binding("tab", "next_pane(1)", "Pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        *EVERYWHERE,
    ]

    pane_shown: reactive[str] = reactive("data", init=False)

    network_pane: NetworkPane | None = None
    _timer: Timer | None = None

    class HistoryTroubled(Message):
        """The history of runs cannot be written, or can be again: then the sentence is empty."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """One line of state, the panes, one line of keys; or a sentence where nothing fits."""
        self._top = Lines(id="top")
        self._fit(self.size)
        yield self._top
        with Container(id="panes"):
            yield self.data_pane.data_bind(Lab.dataset)
            yield self.error_pane.data_bind(Lab.run_shown)
            yield self.settings_pane.data_bind(Lab.dataset, Lab.reading, Lab.settings, Lab.automatic)
            yield self.result_pane.data_bind(Lab.dataset, Lab.run_shown)
        yield Static(paragraph([f"Epochal needs at least {SMALLEST[0]} x {SMALLEST[1]} cells."]), id="small")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Show the table; the panes follow what the lab owns."""
        self._focus_pane()
        self._tell_top()
        self._add_network()
        self.recorder.tell = lambda sentence: self.post_message(self.HistoryTroubled(sentence))
        if self.recorder.problem:
            self.recorder.tell(self.recorder.problem)
        if self._driver:
            come_back_whole(self, self._driver)
        self.run_worker(ask_about_waiting(self), exit_on_error=False)

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

        self.network_pane = NetworkPane().data_bind(EpochalApp.run_shown)
        self.screen_stack[0].query_one("#panes").mount(self.network_pane, after=self.error_pane)

    def _fit(self, size: Size) -> None:
        # Called before the panes exist too, since giving them their classes then costs no second styling.
        width, height = size
        # The lab's own, even while another screen is in front of it.
        lab = self.screen_stack[0]
        lab.set_class(width < SMALLEST[0] or height < SMALLEST[1], "-small")
        for name, (columns, rows) in {"-all-panes": ALL_PANES_FROM, "-network": NETWORK_FROM}.items():
            lab.set_class(width >= columns and height >= rows, name)
        lab.set_class(not UNICODE, "-ascii")

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
        for widget in self.focused.ancestors_with_self if self.focused else ():
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
        self.refresh_bindings()

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

    # What the keys do.

    async def action_interrupt(self) -> None:
        """Ctrl+C leaves as Ctrl+Q does; in a field where text is selected it copies that."""
        field = self.focused
        if isinstance(field, TextInput) and not field.selection.is_empty:
            field.action_copy()
            self.say("Copied what is selected; ctrl+q quits.")
        else:
            await self.action_quit()

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        self.pane_shown = name
        self._focus_pane()

    def action_next_pane(self, by: int) -> None:
        """Go to the next pane, or the one before."""
        self.action_pane(PANES[(PANES.index(self.pane_shown) + by) % len(PANES)])

    def action_show(self, name: str) -> None:
        """Open one of the full screens, or what asks before it acts."""
        waiting = FULL_SCREENS[name].open(self)
        if waiting:
            self.ask(waiting)

    def action_help(self) -> None:
        """What one is looking at, and every key."""
        self.push_screen(Help(in_words(EVERY_COMMAND, IN_PANES)))

    def action_toggle_log(self) -> None:
        """Logarithmic or plain error axis."""
        self.error_pane.action_toggle_log()

    def action_random_row(self) -> None:
        """A random held-out row into the prediction form."""
        self.result_pane.action_random_row()

    # What panes and runs tell.

    def show_training(self) -> None:
        """Show the run where only one pane is shown, and it is none that follows it."""
        self._tell_top()
        if (
            self.run_shown
            and not self.screen.has_class("-all-panes")
            and self.pane_shown in ("data", "settings")
        ):
            self.action_pane("error")

    @on(Lab.RunEnded)
    def _ended(self, event: Lab.RunEnded) -> None:
        run = event.run
        self.remember_judged(run)
        if run is self.run_shown:
            self.settings_pane.form.locked = False
            self.error_pane.tick()
            self.result_pane.show_again()
            if self.network_pane:
                self.network_pane.tick()
            self._tell_top()
            if run.failure:
                say_failure(self, run.failure)

    @on(HistoryTroubled)
    def _tell_of_history(self, event: HistoryTroubled) -> None:
        if event.sentence:
            self.notify(visible(event.sentence), severity="warning", timeout=15, markup=False)
        else:
            self.say("The run history is being written again.")

    @on(SettingsPane.Changed)
    def _settings_changed(self, event: SettingsPane.Changed) -> None:
        self.change_settings(event.settings, event.automatic)

    @on(Lab.SettingsFound)
    def _settings_found(self, event: Lab.SettingsFound) -> None:
        if event.run is self.run_shown and self.automatic:
            self.change_settings(event.run.settings, self.automatic)

    @on(Form.Refused)
    def _locked(self, event: Form.Refused) -> None:
        self.ask(self._unlock(event.form))

    async def _unlock(self, form: Form) -> None:
        if await self.may_stop("Stop this run, keep its result, and change the settings?"):
            if self.run_shown:
                self.run_shown.stop()
            form.locked = False
            form.action_edit()

    @on(DataPane.CellChosen)
    def _cell_chosen(self, event: DataPane.CellChosen) -> None:
        self.ask(ask_about_cell(self, event.row, event.column))
