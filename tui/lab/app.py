"""The lab: owns the table, the settings and the run, and routes the panes' news to one another."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from textual import events, on
from textual.actions import parse
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Footer, Static
from textual.worker import Worker

from epochal.core.settings import Settings
from epochal.core.studies.seed_study import SeedStudy
from epochal.core.training.steering import next_rate
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.options import Reading
from epochal.data.tables.table import TableError
from epochal.tui.keys import COMMANDS, bindings
from epochal.tui.lab.full_screens import SHOWN
from epochal.tui.lab.opening import asked_about_task, opened
from epochal.tui.lab.suspending import come_back_whole
from epochal.tui.panes.data import DataPane
from epochal.tui.panes.error import ErrorPane
from epochal.tui.panes.result import ResultPane
from epochal.tui.panes.settings import SettingsPane
from epochal.tui.runner.cursor import EVERYWHERE, moved
from epochal.tui.runner.failures import SaysFailures, say_failure
from epochal.tui.runner.run import Branch, Run
from epochal.tui.runner.step_gate import ScreenGate
from epochal.tui.screens.ask import Ask
from epochal.tui.widgets.form import Form
from epochal.tui.widgets.plain_lines import Lines
from epochal.tui.widgets.text import UNICODE, paragraph, visible
from epochal.tui.widgets.text_input import TextInput

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


class EpochalApp(SaysFailures, App[None]):
    """Four panes on one screen, or one at a time where there is no room for four."""

    TITLE = "Epochal"
    CSS_PATH = "epochal.tcss"
    COMMAND_PALETTE_BINDING = "ctrl+p"

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(),
        Binding("1", "pane('data')", "Panes", key_display="1-4"),
        Binding("2", "pane('settings')", "Settings", show=False),
        Binding("3", "pane('error')", "Error", show=False),
        Binding("4", "pane('result')", "Result", show=False),
        Binding("tab", "next_pane(1)", "Pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        *EVERYWHERE,
    ]

    dataset: reactive[Dataset | None] = reactive(None, init=False)
    reading: reactive[Reading] = reactive[Reading](Reading, init=False)
    run_shown: reactive[Run | None] = reactive(None, init=False)
    # The cursor of the time machine; None is the newest epoch, or what a run that has ended is left with.
    epoch_shown: reactive[int | None] = reactive(None, init=False, repaint=False)
    pane_shown: reactive[str] = reactive("data", init=False)

    class RunEnded(Message):
        """A run has ended, perhaps one that is no longer shown."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class HistoryTroubled(Message):
        """The history of runs cannot be written, or can be again: then the sentence is empty."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings | None = None,
        gate: ScreenGate | None = None,
        reading: Reading | None = None,
        recorder: Recorder | None = None,
        *,
        any_table: bool = False,
    ) -> None:
        """`any_table` says that nobody has asked for this one, so that another may be shown as well."""
        super().__init__()
        self.any_table = any_table
        self.recorder = recorder or Recorder.open(None)
        self.set_reactive(EpochalApp.reading, reading or {})
        self.settings = settings or Settings()
        self.set_reactive(EpochalApp.dataset, dataset)
        self.gate = gate or ScreenGate()
        # The last seed fan of this table.
        self.seed_study: SeedStudy | None = None
        self._question: Worker[None] | None = None
        self._timer: Timer | None = None
        # The settings already judged by the same held-out rows, which a seed and a share draw.
        self._judged: dict[tuple[int, float], set[Settings]] = {}
        self._top = Lines(id="top")
        self.data_pane = DataPane()
        self.settings_pane = SettingsPane(self.settings)
        self.error_pane = ErrorPane()
        self.result_pane = ResultPane()
        self.network_pane: NetworkPane | None = None

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """One line of state, the panes, one line of keys; or a sentence where nothing fits."""
        self._fit(self.size)
        yield self._top
        with Container(id="panes"):
            yield self.data_pane.data_bind(EpochalApp.dataset)
            yield self.error_pane.data_bind(EpochalApp.run_shown)
            yield self.settings_pane.data_bind(EpochalApp.dataset, EpochalApp.reading)
            yield self.result_pane.data_bind(EpochalApp.dataset, EpochalApp.run_shown)
        yield Static(paragraph([f"Epochal needs at least {SMALLEST[0]} x {SMALLEST[1]} cells."]), id="small")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Show the table; the panes follow what the app owns."""
        self._focus_pane()
        self._tell_top()
        self._add_network()
        self.recorder.tell = lambda sentence: self.post_message(self.HistoryTroubled(sentence))
        if self.recorder.problem:
            self.recorder.tell(self.recorder.problem)
        if self._driver:
            come_back_whole(self, self._driver)
        from epochal.tui.lab.waiting import ask_about_waiting

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys that work now, for the footer: one of train, pause and go on, and stop while it goes."""
        phase = self.run_shown.phase if self.run_shown else None
        match action:
            case "train":
                return phase not in ("training", "paused")
            case "pause":
                return phase == "training"
            case "go_on":
                return phase == "paused"
            case "stop":
                return phase in ("training", "paused")
            case "reset":
                return phase is not None
            case "show" if parameters == ("result",):
                run = self.run_shown
                return bool(run and (run.evaluation or (self.epoch_shown is not None and run.weight_history)))
            case _:
                return super().check_action(action, parameters)

    def action_train(self) -> None:
        """Begin a run."""
        self.begin()
        self._show_training()

    def action_pause(self) -> None:
        """Wait at the end of the epoch."""
        if self.run_shown:
            self.run_shown.pause()
        self._show_training()

    def action_go_on(self) -> None:
        """Train on."""
        if self.run_shown:
            self.run_shown.go_on()
        self._show_training()

    def action_step(self) -> None:
        """Train for one epoch."""
        if self.run_shown and self.run_shown.is_active:
            self.run_shown.step()
        elif run := self.begin(paused=True):
            run.step()
        self._show_training()

    def action_stop(self) -> None:
        """End the run and judge what there is."""
        if self.run_shown:
            self.run_shown.stop()

    def action_reset(self) -> None:
        """Forget the run; ask first if it is still going."""
        self.ask(self._reset())

    async def _reset(self) -> None:
        if await self.may_stop("Stop this run and forget it?"):
            if self.run_shown:
                self.run_shown.stop()
            self.run_shown = None

    def action_show(self, name: str) -> None:
        """Open one of the full screens, or what asks before it acts."""
        waiting = SHOWN[name](self)
        if waiting:
            self.ask(waiting)

    def ask(self, question: Coroutine[object, object, None]) -> None:
        """Go through a question and what follows its answer; unheard while another one is not over.

        Of two keys in one burst, the second would otherwise end the first one's question unanswered.
        """
        if len(self.screen_stack) > 1 or self.is_asking:
            question.close()
        else:
            self._question = self.run_worker(question, exit_on_error=False)

    @property
    def is_asking(self) -> bool:
        """Whether a question, or what follows its answer, is not over."""
        return self._question is not None and not self._question.is_finished

    def action_move_epoch(self, by: int) -> None:
        """Go back to the run as it was so many epochs before, or on from there."""
        if self.run_shown:
            self.epoch_shown = moved(self.run_shown, self.epoch_shown, by)

    def action_change_rate(self, by: int) -> None:
        """The next higher learning rate, or lower below 0, of 0.01, 0.02, 0.05, 0.1 and so on."""
        if self.run_shown:
            self.steer("learning_rate", next_rate(self.run_shown.settings_now.learning_rate, by))

    def steer(self, setting: str, value: object) -> None:
        """Change a setting of the run while it trains; what cannot be done is said."""
        try:
            if self.run_shown:
                self.run_shown.steer(setting, value)
        except ValueError as error:
            self.say(str(error))
        self.error_pane.tick()

    def action_show_first_epoch(self) -> None:
        """Go back to where the run began."""
        if self.run_shown and self.run_shown.weight_history:
            self.epoch_shown = self.run_shown.first_epoch

    def action_show_best_epoch(self) -> None:
        """Go to the epoch that patience keeps, or else to that of least held-out error."""
        if self.run_shown and self.run_shown.best_epoch is not None:
            self.epoch_shown = self.run_shown.best_epoch

    def action_show_newest_epoch(self) -> None:
        """Back to the newest epoch, and to the result of a run that has ended."""
        self.epoch_shown = None

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that works now, by name, in the palette."""
        for one in COMMANDS:
            if self.check_action(*parse(one.action)[1:]):
                sentence = f"{one.key_in_words}: {one.sentence}"
                yield SystemCommand(one.title, sentence, partial(self.run_action, one.action))
        yield SystemCommand("Dark or light", "Choose other colours", partial(self.run_action, "change_theme"))
        yield SystemCommand("Log axis", "l: logarithmic or plain", self.error_pane.action_toggle_log)
        yield SystemCommand("Random held-out row", "r: predict it", self.result_pane.action_random_row)
        for index, name in enumerate(PANES, 1):
            yield SystemCommand(f"Pane {name.title()}", f"{index}: go there", partial(self.action_pane, name))

    def begin(self, *, paused: bool = False) -> Run | None:
        """Begin a run with the settings as typed; a wrong one gets the cursor instead."""
        if self.wrong_setting():
            return None
        assert self.dataset is not None
        run = self.new_run(self.dataset, self.settings)
        self.show_run(run, paused=paused)
        return run

    def new_run(
        self,
        dataset: Dataset,
        settings: Settings,
        branch: Branch | None = None,
        went_on: RecordedRun | None = None,
    ) -> Run:
        """A run of this lab: it waits for its floor, is written into its history, and tells it of its end."""
        judged = (
            self._judged.get((settings.seed, settings.held_out), set()) if dataset is self.dataset else set()
        )
        return Run(
            dataset,
            settings,
            self.gate,
            self._post_end,
            self.recorder,
            self.reading,
            went_on=went_on,
            branch=branch,
            settings_judged=len(judged | {settings}),
        )

    def _post_end(self, run: Run) -> None:
        self.post_message(self.RunEnded(run))

    def show_run(self, run: Run, *, paused: bool = False) -> None:
        """Begin a run, and follow it from now on in place of the one before."""
        self.run_shown = run
        self.settings_pane.form.locked = True
        run.start(paused=paused)
        if self._timer:
            self._timer.stop()
        self._tick()

    def wrong_setting(self) -> bool:
        """Whether a setting is wrong, which then gets the cursor."""
        wrong = self.settings_pane.first_error()
        if wrong:
            self.action_pane("settings")
            self.settings_pane.form.go_to(wrong)
            self.notify("Mend the marked setting first.", severity="warning", markup=False)
        return wrong is not None

    def _show_training(self) -> None:
        self._tell_top()
        if (
            self.run_shown
            and not self.screen.has_class("-all-panes")
            and self.pane_shown in ("data", "settings")
        ):
            self.action_pane("error")

    @on(RunEnded)
    def _ended(self, event: RunEnded) -> None:
        run = event.run
        if run.evaluation and run.dataset is self.dataset:
            self._judged.setdefault((run.settings.seed, run.settings.held_out), set()).add(run.settings)
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

    # What the panes tell.

    @on(SettingsPane.Changed)
    def _settings_changed(self, event: SettingsPane.Changed) -> None:
        self.settings = event.settings

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
        self.ask(self._ask_about_cell(event))

    async def _ask_about_cell(self, event: DataPane.CellChosen) -> None:
        assert self.dataset is not None
        dataset = self.dataset
        answers = {"row": f"Try row {event.row + 1:,} in the prediction form"}
        ignored = event.column in dataset.ignored
        others = tuple(name for name in dataset.ignored if name != event.column)
        if event.column != dataset.target:
            answers["target"] = f"Predict {event.column}"
            answers["ignore"] = f"{'Use' if ignored else 'Leave out'} {event.column}"
        answer = await self.push_screen_wait(Ask(f"Row {event.row + 1:,}, {event.column}", answers))
        if answer == "row":
            self._try_row(dataset, event.row)
        elif answer == "target":
            await self._learn(dataset, event.column, others)
        elif answer == "ignore":
            await self._learn(dataset, dataset.target, others if ignored else (*others, event.column))

    def _try_row(self, dataset: Dataset, table_row: int) -> None:
        example = int(np.searchsorted(dataset.rows, table_row))
        if example < len(dataset.rows) and dataset.rows[example] == table_row:
            self.result_pane.show_row(example)
            self.action_pane("result")
        else:
            self.say(f"Row {table_row + 1:,} has no {dataset.target}, so it was set aside.")

    async def _learn(self, dataset: Dataset, target: str, ignored: tuple[str, ...]) -> None:
        if not await self.may_stop("Stop this run and learn something else?"):
            return
        try:
            learned = dataset_from(dataset.table, target=target, ignore=ignored)
        except TableError as error:
            await self.push_screen_wait(Ask(str(error), {"back": "Back"}))
        else:
            self.show_dataset(await asked_about_task(self, learned))

    async def load(self, name: str, reading: Reading) -> None:
        """Read a table and show it, unless the person leaves it; from a worker only."""
        found = await opened(self, name, reading)
        if found:
            dataset, self.reading = found
            self.show_dataset(dataset)

    def show_dataset(self, dataset: Dataset) -> None:
        """Learn from this from now on; a run that still goes is stopped."""
        if self.run_shown:
            self.run_shown.stop()
        self.run_shown = None
        self._judged.clear()
        self.seed_study = None
        self.settings_pane.form.locked = False
        self.dataset = dataset
        self._tell_top()

    async def may_stop(self, question: str) -> bool:
        """Whether nothing trains, or the person says yes; from a worker only."""
        run = self.run_shown
        if not run or not run.is_active:
            return True
        where = f"Epoch {run.length:,} of {run.settings.epochs:,}. {question}"
        return await self.push_screen_wait(Ask(where, {"yes": "Yes", "no": "No, go on"})) == "yes"

    def say(self, sentence: str) -> None:
        """Show a sentence in a corner for a while."""
        self.notify(sentence, markup=False)
