"""The lab on the screen: its panes side by side or one at a time, what its keys do, what the panes tell."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from epochal.data.configuration import configured_theme
from epochal.data.preferences import prefer, preference
from epochal.tui.keys import bindings, in_words
from epochal.tui.lab.cells import ask_about_cell
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PANES
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.lab.full_screens.tables import show_profile
from epochal.tui.lab.lab import Lab
from epochal.tui.lab.layout import PANES, PanesOnScreen
from epochal.tui.lab.palette import Palette
from epochal.tui.lab.playground import open_playground
from epochal.tui.lab.suspending import come_back_whole
from epochal.tui.lab.waiting import ask_about_waiting
from epochal.tui.panes.data import DataPane
from epochal.tui.panes.settings import SettingsPane
from epochal.tui.runner.cursor import EVERYWHERE
from epochal.tui.runner.failures import say_failure
from epochal.tui.screens.help import Help, keys_here
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.text import visible
from epochal.tui.widgets.text_input import TextInput


class EpochalApp(PanesOnScreen):
    """The whole lab."""

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
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        *EVERYWHERE,
    ]

    def on_load(self) -> None:
        """Take the colours that are configured, else those that were chosen last."""
        theme = configured_theme() or preference("theme")
        if theme in self.available_themes:
            self.theme = theme

    class HistoryTroubled(Message):
        """The history of runs cannot be written, or can be again: then the sentence is empty."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    def on_mount(self) -> None:
        """Tell of a history that cannot be written, and ask about a run that waits."""
        self.recorder.tell = lambda sentence: self.post_message(self.HistoryTroubled(sentence))
        if self.recorder.problem:
            self.recorder.tell(self.recorder.problem)
        if self._driver:
            come_back_whole(self, self._driver)
        if self.playground:
            self.call_after_refresh(open_playground, self, self.playground)
        else:
            self.run_worker(ask_about_waiting(self), exit_on_error=False)

    def watch_theme(self, theme: str) -> None:
        """Remember it for the next time."""
        if self.is_running:
            prefer("theme", theme)

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

    def action_focus_next(self) -> None:
        """The next pane; in front of the panes, the next thing that takes keys."""
        if len(self.screen_stack) == 1:
            self.action_next_pane(1)
        else:
            super().action_focus_next()

    def action_focus_previous(self) -> None:
        """The pane before; in front of the panes, what takes keys before this."""
        if len(self.screen_stack) == 1:
            self.action_next_pane(-1)
        else:
            super().action_focus_previous()

    def action_next_pane(self, by: int) -> None:
        """Go to the next pane, or the one before."""
        self.action_pane(PANES[(PANES.index(self.pane_shown) + by) % len(PANES)])

    def action_show(self, name: str) -> None:
        """Open one of the full screens, or what asks before it acts."""
        waiting = FULL_SCREENS[name].open(self)
        if waiting:
            self.ask(waiting)

    def action_help(self) -> None:
        """The keys of the screen in front, what one is looking at, and every other key."""
        here = [one for one in EVERY_COMMAND if one.action != "suspend_process" or not self.is_web]
        self.push_screen(Help(keys_here(self.screen), in_words(here, IN_PANES)))

    def action_toggle_log(self) -> None:
        """Logarithmic or plain error axis."""
        self.error_pane.action_toggle_log()

    def action_show_accuracy(self) -> None:
        """The held-out accuracy on the chart, or the errors again."""
        self.error_pane.action_toggle_accuracy()

    def action_random_row(self) -> None:
        """A random held-out row into the prediction form."""
        self.result_pane.action_random_row()

    # What panes and runs tell.

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
            self.say("The run history can be written again.")

    @on(SettingsPane.Changed)
    def _settings_changed(self) -> None:
        # As they are typed now: a message that is late would put back what was typed before.
        if typed := self.settings_pane.typed:
            pane = self.settings_pane
            self.change_settings(typed, pane.typed_automatic, edit=pane.form.edits)

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

    @on(DataPane.ColumnChosen)
    def _column_chosen(self, event: DataPane.ColumnChosen) -> None:
        if len(self.screen_stack) == 1 and not self.is_asking:
            show_profile(self, event.column)

    @on(DataPane.CellChosen)
    def _cell_chosen(self, event: DataPane.CellChosen) -> None:
        self.ask(ask_about_cell(self, event.row, event.column))
