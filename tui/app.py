"""The lab: owns the table, the settings and the run, and routes the panes' news to one another."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import ClassVar

import numpy as np
from textual import events, on, work
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

from core.findings import looked_often
from core.settings import Settings
from data.bundled import spoken_name
from data.dataset import Dataset, dataset_from
from data.reading import Reading
from data.recorder import Recorder
from data.table import TableError
from tui.floor import Gate
from tui.form import Form
from tui.lines import Lines
from tui.opening import asked_about_task, opened
from tui.panes.data import DataPane
from tui.panes.error import ErrorPane
from tui.panes.result import ResultPane
from tui.panes.settings import SettingsPane
from tui.run import Run
from tui.screens.ask import Ask
from tui.text import UNICODE, paragraph, visible

PANES = ("data", "settings", "error", "result")

# The screen looks at the history this often at most, and spends no more of its time than this on it.
TICK = 0.1
DRAWING_SHARE = 0.1

SMALLEST = (60, 15)
ALL_PANES_FROM = (110, 32)


class EpochalApp(App[None]):
    """Four panes on one screen, or one at a time where there is no room for four."""

    TITLE = "Epochal"
    CSS_PATH = "epochal.tcss"
    COMMAND_PALETTE_BINDING = "ctrl+p"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "Train"),
        Binding("t", "pause", "Pause"),
        Binding("t", "go_on", "Go on"),
        Binding("s", "step", "Step"),
        Binding("x", "stop", "Stop"),
        Binding("z", "reset", "Reset"),
        Binding("v", "result", "Full result"),
        Binding("p", "predict", "Predict a file", show=False),
        Binding("w", "write_model", "Write the model", show=False),
        Binding("c", "validate", "Cross-validate", show=False),
        Binding("g", "search", "Find settings", show=False),
        Binding("o", "open", "Open", show=False),
        Binding("d", "reading", "How it is read", show=False),
        Binding("n", "network", "Network", show=False),
        Binding("e", "boundary", "Boundary", show=False),
        Binding("m", "microscope", "Microscope", show=False),
        Binding("a", "article", "Article", show=False),
        Binding("1", "pane('data')", "Panes", key_display="1-4"),
        Binding("2", "pane('settings')", "Settings", show=False),
        Binding("3", "pane('error')", "Error", show=False),
        Binding("4", "pane('result')", "Result", show=False),
        Binding("tab", "next_pane(1)", "Pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "Pane before", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    dataset: reactive[Dataset | None] = reactive(None, init=False)
    run_shown: reactive[Run | None] = reactive(None, init=False)
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
        gate: Gate | None = None,
        reading: Reading | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__()
        self.recorder = recorder or Recorder.open(None)
        self._reading: Reading = reading or {}
        self.settings = settings or Settings()
        self.set_reactive(EpochalApp.dataset, dataset)
        self.gate = gate or Gate()
        self._timer: Timer | None = None
        # The settings already judged by the same held-out rows, which a seed and a share draw.
        self._judged: dict[tuple[int, float], set[Settings]] = {}
        self._top = Lines(id="top")
        self.data_pane = DataPane()
        self.settings_pane = SettingsPane(self.settings)
        self.error_pane = ErrorPane()
        self.result_pane = ResultPane()

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """One line of state, the panes, one line of keys; or a sentence where nothing fits."""
        self._fit(self.size)
        yield self._top
        with Container(id="panes"):
            yield self.data_pane.data_bind(EpochalApp.dataset)
            yield self.error_pane.data_bind(EpochalApp.run_shown)
            yield self.settings_pane.data_bind(EpochalApp.dataset)
            yield self.result_pane.data_bind(EpochalApp.dataset, EpochalApp.run_shown)
        yield Static(paragraph([f"Epochal needs at least {SMALLEST[0]} x {SMALLEST[1]} cells."]), id="small")
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Show the table; the panes follow what the app owns."""
        self._focus_pane()
        self._tell_top()
        self.recorder.tell = lambda sentence: self.post_message(self.HistoryTroubled(sentence))
        if self.recorder.problem:
            self.recorder.tell(self.recorder.problem)

    def on_resize(self, event: events.Resize) -> None:
        """All panes where they fit, else one at a time."""
        self._fit(event.size)
        self._tell_top()

    def _fit(self, size: Size) -> None:
        # Called before the panes exist too, since giving them their classes then costs no second styling.
        width, height = size
        self.screen.set_class(width < SMALLEST[0] or height < SMALLEST[1], "-small")
        self.screen.set_class(width >= ALL_PANES_FROM[0] and height >= ALL_PANES_FROM[1], "-all-panes")
        self.screen.set_class(not UNICODE, "-ascii")

    def watch_pane_shown(self) -> None:
        """Bring a pane to the front."""
        for pane in self.query(".pane"):
            pane.set_class(pane.id == self.pane_shown, "-shown")
        self._tell_top()

    def watch_run_shown(self) -> None:
        """Name the run's state above."""
        self._tell_top()

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
        # Behind a full screen nothing is drawn: Textual would send what covers it again each time.
        if len(self.screen_stack) < 2 or self.screen.styles.background.a < 1.0:
            self.error_pane.tick()
            self.result_pane.tick()
        spent = perf_counter() - started
        if self.run_shown and self.run_shown.is_active:
            self._timer = self.set_timer(max(TICK, spent / DRAWING_SHARE), self._tick)

    # What the keys do.

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
            case "result":
                return bool(self.run_shown and self.run_shown.evaluation)
            case _:
                return super().check_action(action, parameters)

    def action_train(self) -> None:
        """Begin a run."""
        self._start()
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
        elif run := self._start(paused=True):
            run.step()
        self._show_training()

    def action_stop(self) -> None:
        """End the run and judge what there is."""
        if self.run_shown:
            self.run_shown.stop()

    def action_reset(self) -> None:
        """Forget the run; ask first if it is still going."""

        def forget() -> None:
            if self.run_shown:
                self.run_shown.stop()
            self.run_shown = None

        self._unless_running("Stop this run and forget it?", forget)

    def action_open(self) -> None:
        """Choose another table."""
        from tui.screens.open import Open

        async def choose() -> None:
            table = self.dataset.table if self.dataset else None
            is_a_file = table is not None and spoken_name(table) == table.path
            folder = Path(table.path).parent if table and is_a_file else Path()
            name = await self.push_screen_wait(Open(folder.absolute()))
            if name:
                self._load(name, {})

        self._unless_running("Stop this run and open another table?", choose)

    def action_reading(self) -> None:
        """Say how the file is to be read."""
        from tui.screens.reading import ReadingScreen

        async def choose() -> None:
            if self.dataset is None or not self.dataset.table.path:
                self.notify("This table is made by the program, not read from a file.", markup=False)
                return
            name = spoken_name(self.dataset.table)
            reading = await self.push_screen_wait(ReadingScreen(name, self._reading))
            if reading is not None:
                self._load(name, reading)

        self._unless_running("Stop this run and read the file in another way?", choose)

    @work
    async def action_result(self) -> None:
        """The result in full: confusion, curves, every mistake."""
        from tui.screens.result import ResultScreen

        run = self.run_shown
        if run is None or run.evaluation is None:
            return
        chosen = await self.push_screen_wait(ResultScreen(run))
        self.result_pane.show_again()
        if chosen and run is self.run_shown:
            what, example = chosen
            if what == "row":
                self.result_pane.show_row(example)
                self.action_pane("result")
            else:
                self.data_pane.view.move_to(int(run.dataset.rows[example]))
                self.action_pane("data")

    def action_network(self) -> None:
        """The network, drawn: every node, its weights, and what is lost without it."""
        from tui.screens.network import NetworkScreen

        if self.run_shown is None:
            self.notify("There is no network yet. Press t to train one, or s for one epoch.", markup=False)
        else:
            self.push_screen(NetworkScreen(self.run_shown))

    def action_boundary(self) -> None:
        """What the network answers over any two features."""
        from tui.screens.boundary import BoundaryScreen

        if self.run_shown is None:
            self.notify("There is no boundary yet. Press t to train, or s for one epoch.", markup=False)
        else:
            self.push_screen(BoundaryScreen(self.run_shown))

    def action_microscope(self) -> None:
        """The next step, number by number."""
        from tui.screens.microscope import look_closely

        if self.run_shown or not self._wrong_setting():
            look_closely(self, self.dataset, self.settings, self.gate, self.run_shown)

    @work(exclusive=True)
    async def action_predict(self) -> None:
        """Predict every row of a file, and write what comes of it."""
        from tui.predicting import predict_file

        run = self.run_shown
        if run is None or not run.length:
            self.notify("Nothing has been learned yet. Press t to train.", markup=False)
        elif run.phase == "training":
            self.notify("The weights still change: t pauses, x stops.", markup=False)
        else:
            await predict_file(self, run)

    @work(exclusive=True)
    async def action_write_model(self) -> None:
        """Write the trained network to a file."""
        from tui.model_writing import write_model

        run = self.run_shown
        if run is None or not run.length:
            self.notify("Nothing has been learned yet. Press t to train.", markup=False)
        elif run.phase == "training":
            self.notify("The weights still change: t pauses, x stops.", markup=False)
        else:
            await write_model(self, run)

    def action_validate(self) -> None:
        """Judge the settings on every row, fold by fold."""
        from tui.screens.validation import ValidationScreen

        async def validate() -> None:
            if self._wrong_setting() or self.dataset is None:
                return
            if self.run_shown:
                self.run_shown.stop()
            await self.push_screen_wait(ValidationScreen(self.dataset, self.settings, self.gate))

        self._unless_running("Stop this run and cross-validate?", validate)

    def action_search(self) -> None:
        """Find settings that suit the table, on its training rows."""
        from tui.screens.search import SearchScreen

        async def find() -> None:
            if self._wrong_setting() or self.dataset is None:
                return
            if self.run_shown:
                self.run_shown.stop()
            found = await self.push_screen_wait(SearchScreen(self.dataset, self.settings, self.gate))
            if found:
                self.settings_pane.show_settings(found)

        self._unless_running("Stop this run and look for settings?", find)

    def action_help(self) -> None:
        """What one is looking at, and every key."""
        from tui.screens.help import Help

        self.push_screen(Help())

    def action_article(self) -> None:
        """How a tutorial came to print 62.00 %, defect by defect."""
        from tui.screens.article import ArticleScreen

        self.push_screen(ArticleScreen(self.gate))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that works now, by name, in the palette."""
        actions = [
            ("Train", "t: begin a run", "train"),
            ("Pause", "t: wait at the end of this epoch", "pause"),
            ("Go on", "t: train on", "go_on"),
            ("Step", "s: train for one epoch, then wait", "step"),
            ("Stop", "x: end the run and judge what there is", "stop"),
            ("Reset", "z: forget the run", "reset"),
            ("Full result", "v: confusion, ROC, calibration, every mistake", "result"),
            ("Network", "n: every node and weight, and what is lost without a node", "network"),
            ("Boundary", "e: what is answered over any two features", "boundary"),
            (
                "Microscope",
                "m: one training step, number by number, and a check of its gradients",
                "microscope",
            ),
            ("Predict a file", "p: every row of it, into a new file", "predict"),
            ("Write the model", "w: the trained network, into a new file that predicts", "write_model"),
            ("Cross-validate", "c: judge the settings on every row, fold by fold", "validate"),
            ("Find settings", "g: try values on the training rows, rank them", "search"),
            ("Open a table", "o: one of ours, or a file of yours", "open"),
            ("How the file is read", "d: its delimiter, encoding, header, bad rows", "reading"),
            ("Article", "a: how a tutorial came to print 62.00 %, defect by defect", "article"),
            ("Help", "?: what am I looking at, and all keys", "help"),
            ("Dark or light", "choose other colours", "change_theme"),
            ("Quit", "ctrl+q", "quit"),
        ]
        for title, sentence, action in actions:
            if self.check_action(action, ()):
                yield SystemCommand(title, sentence, partial(self.run_action, action))
        yield SystemCommand("Log axis", "l: logarithmic or plain", self.error_pane.action_toggle_log)
        yield SystemCommand("Random held-out row", "r: predict it", self.result_pane.action_random_row)
        for index, name in enumerate(PANES, 1):
            yield SystemCommand(f"Pane {name.title()}", f"{index}: go there", partial(self.action_pane, name))

    def _start(self, *, paused: bool = False) -> Run | None:
        """Begin a run with the settings as typed; a wrong one gets the cursor instead."""
        if self._wrong_setting():
            return None
        assert self.dataset is not None
        run = Run(
            self.dataset,
            self.settings,
            self.gate,
            lambda run: self.post_message(self.RunEnded(run)),
            self.recorder,
            self._reading,
        )
        self.run_shown = run
        self.settings_pane.form.locked = True
        run.start(paused=paused)
        if self._timer:
            self._timer.stop()
        self._tick()
        return run

    def _wrong_setting(self) -> bool:
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
            judged = self._judged.setdefault((run.settings.seed, run.settings.held_out), set())
            judged.add(run.settings)
            run.findings += looked_often(len(judged))
        if run is self.run_shown:
            self.settings_pane.form.locked = False
            self.error_pane.tick()
            self.result_pane.show_again()
            self._tell_top()

    @on(HistoryTroubled)
    def _tell_of_history(self, event: HistoryTroubled) -> None:
        if event.sentence:
            self.notify(visible(event.sentence), severity="warning", timeout=15, markup=False)
        else:
            self.notify("The run history is being written again.", markup=False)

    # What the panes tell.

    @on(SettingsPane.Changed)
    def _settings_changed(self, event: SettingsPane.Changed) -> None:
        self.settings = event.settings

    @on(Form.Refused)
    def _locked(self, event: Form.Refused) -> None:
        def unlock() -> None:
            if self.run_shown:
                self.run_shown.stop()
            event.form.locked = False
            event.form.action_edit()

        self._unless_running("Stop this run, keep its result, and change the settings?", unlock)

    @on(DataPane.CellChosen)
    @work
    async def _cell_chosen(self, event: DataPane.CellChosen) -> None:
        assert self.dataset is not None
        dataset = self.dataset
        answers = {"row": f"Try row {event.row + 1:,} in the prediction form"}
        if event.column != dataset.target:
            answers["target"] = f"Predict {event.column}"
            ignored = event.column in dataset.ignored
            answers["ignore"] = f"{'Use' if ignored else 'Leave out'} {event.column}"
        answer = await self.push_screen_wait(Ask(f"Row {event.row + 1:,}, {event.column}", answers))
        if answer == "row":
            self._try_row(dataset, event.row)
        elif answer == "target":
            self._learn(dataset, event.column, tuple(n for n in dataset.ignored if n != event.column))
        elif answer == "ignore":
            ignored_now = set(dataset.ignored) ^ {event.column}
            self._learn(dataset, dataset.target, tuple(ignored_now))

    def _try_row(self, dataset: Dataset, table_row: int) -> None:
        example = int(np.searchsorted(dataset.rows, table_row))
        if example < len(dataset.rows) and dataset.rows[example] == table_row:
            self.result_pane.show_row(example)
            self.action_pane("result")
        else:
            self.notify(f"Row {table_row + 1:,} has no {dataset.target}, so it was set aside.", markup=False)

    def _learn(self, dataset: Dataset, target: str, ignored: tuple[str, ...]) -> None:
        async def change() -> None:
            try:
                learned = dataset_from(dataset.table, target=target, ignore=ignored)
            except TableError as error:
                await self.push_screen_wait(Ask(str(error), {"back": "Back"}))
            else:
                self._show_dataset(await asked_about_task(self, learned))

        self._unless_running("Stop this run and learn something else?", change)

    @work(exclusive=True)
    async def _load(self, name: str, reading: Reading) -> None:
        found = await opened(self, name, reading)
        if found:
            dataset, self._reading = found
            self._show_dataset(dataset)

    def _show_dataset(self, dataset: Dataset) -> None:
        if self.run_shown:
            self.run_shown.stop()
        self.run_shown = None
        self._judged.clear()
        self.settings_pane.form.locked = False
        self.dataset = dataset
        self._tell_top()

    @work
    async def _unless_running(self, question: str, act: Callable[[], Awaitable[None] | None]) -> None:
        """Act at once when nothing trains; else ask first."""
        run = self.run_shown
        if run and run.is_active:
            where = f"Epoch {run.length:,} of {run.settings.epochs:,}. {question}"
            if await self.push_screen_wait(Ask(where, {"yes": "Yes", "no": "No, go on"})) != "yes":
                return
        if (waiting := act()) is not None:
            await waiting
