"""The lab's state: its table, its settings and its run, and what may be done with them."""

from __future__ import annotations

from collections.abc import Coroutine
from weakref import WeakKeyDictionary

from textual.app import App
from textual.message import Message
from textual.reactive import reactive
from textual.worker import Worker

from epochal.core.profile.profile import Profile
from epochal.core.settings import Settings
from epochal.core.studies.seed_study import SeedStudy
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.tui.lab.opening import opened
from epochal.tui.panes.data import DataPane
from epochal.tui.panes.error import ErrorPane
from epochal.tui.panes.result import ResultPane
from epochal.tui.panes.settings import SettingsPane
from epochal.tui.runner.failures import SaysFailures
from epochal.tui.runner.run import Branch, Run
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.runner.step_gate import ScreenGate
from epochal.tui.screens.ask import Ask


class Lab(SaysFailures, App[None]):
    """What is learned from, with which settings, and what came of it; the app below shows it."""

    dataset: reactive[Dataset | None] = reactive(None, init=False)
    reading: reactive[Reading] = reactive[Reading](Reading, init=False)
    settings: reactive[Settings] = reactive[Settings](Settings, init=False, repaint=False)
    # Whether settings are found for the table before a run; None where they are trained as they are.
    automatic: reactive[Automatic | None] = reactive[Automatic | None](None, init=False, repaint=False)
    run_shown: reactive[Run | None] = reactive(None, init=False)
    # The cursor of the time machine; None is the newest epoch, or what a run that has ended is left with.
    epoch_shown: reactive[int | None] = reactive(None, init=False, repaint=False)

    class RunEnded(Message):
        """A run has ended, perhaps one that is no longer shown."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    class SettingsFound(Message):
        """The search of a run has found its settings."""

        def __init__(self, run: Run) -> None:
            super().__init__()
            self.run = run

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings | None = None,
        gate: ScreenGate | None = None,
        reading: Reading | None = None,
        recorder: Recorder | None = None,
        *,
        any_table: bool = False,
        automatic: Automatic | None = None,
    ) -> None:
        """`any_table` says that nobody has asked for this one, so that another may be shown as well."""
        super().__init__()
        self.any_table = any_table
        self.recorder = recorder or Recorder.open(None)
        self.set_reactive(Lab.reading, reading or {})
        self.set_reactive(Lab.settings, settings or Settings())
        self.set_reactive(Lab.automatic, automatic)
        self.set_reactive(Lab.dataset, dataset)
        self.gate = gate or ScreenGate()
        # The last seed study of this table.
        self.seed_study: SeedStudy | None = None
        # What was seen of a table, for as long as it is there.
        self.profiles: WeakKeyDictionary[Dataset, Profile] = WeakKeyDictionary()
        self._question: Worker[None] | None = None
        # The settings already judged by the same held-out rows, which a seed and a share draw.
        self._judged: dict[tuple[int, float], set[Settings]] = {}
        self.data_pane = DataPane()
        self.settings_pane = SettingsPane(self.settings, automatic)
        self.error_pane = ErrorPane()
        self.result_pane = ResultPane()

    # What the app shows it by.

    def action_pane(self, name: str) -> None:
        """Go to a pane."""
        raise NotImplementedError

    def look_back(self) -> None:
        """Show the panes the epoch of the cursor."""
        raise NotImplementedError

    def follow(self) -> None:
        """Show the run as it goes, from now on."""
        raise NotImplementedError

    def show_training(self) -> None:
        """Bring a pane to the front that follows the run."""
        raise NotImplementedError

    def say(self, sentence: str) -> None:
        """Show a sentence in a corner for a while."""
        self.notify(sentence, markup=False)

    # Questions.

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

    async def may_stop(self, question: str) -> bool:
        """Whether nothing trains, or the person says yes; from a worker only."""
        run = self.run_shown
        if not run or not run.is_active:
            return True
        where = f"Epoch {run.length:,} of {run.settings.epochs:,}. {question}"
        return await self.push_screen_wait(Ask(where, {"yes": "Yes", "no": "No, go on"})) == "yes"

    # Settings.

    def change_settings(self, settings: Settings, automatic: Automatic | None = None) -> None:
        """Train with these from now on, or search around them; the pane follows."""
        self.automatic = automatic
        self.settings = settings

    def wrong_setting(self) -> bool:
        """Whether a setting as typed is wrong, which then gets the cursor; else it is taken as typed.

        What is typed reaches the lab by a message, and a key may come before it.
        """
        wrong = self.settings_pane.first_error()
        if wrong:
            self.action_pane("settings")
            self.settings_pane.form.go_to(wrong)
            self.notify("Mend the marked setting first.", severity="warning", markup=False)
        elif self.settings_pane.typed != self.settings:
            self.change_settings(self.settings_pane.typed, self.settings_pane.typed_automatic)
        return wrong is not None

    # Runs.

    def begin(self, *, paused: bool = False) -> Run | None:
        """Begin a run with the settings as typed; a wrong one gets the cursor instead."""
        if self.wrong_setting():
            return None
        assert self.dataset is not None
        run = self.new_run(self.dataset, self.settings, automatic=self.automatic)
        self.show_run(run, paused=paused)
        return run

    def new_run(
        self,
        dataset: Dataset,
        settings: Settings,
        branch: Branch | None = None,
        went_on: RecordedRun | None = None,
        automatic: Automatic | None = None,
    ) -> Run:
        """A run of this lab: it waits for its gate, is written into its history, and tells it of its end."""
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
            judged=frozenset(judged),
            automatic=automatic,
            found=self._post_found,
        )

    def _post_found(self, run: Run) -> None:
        self.post_message(self.SettingsFound(run))

    def _post_end(self, run: Run) -> None:
        self.post_message(self.RunEnded(run))

    def show_run(self, run: Run, *, paused: bool = False) -> None:
        """Begin a run, and follow it from now on in place of the one before."""
        self.run_shown = run
        self.settings_pane.form.locked = True
        run.start(paused=paused)
        self.follow()

    def remember_judged(self, run: Run) -> None:
        """Count the settings of a run that was judged among those that its held-out rows have judged."""
        if run.evaluation and run.dataset is self.dataset:
            self._judged.setdefault((run.settings.seed, run.settings.held_out), set()).add(run.settings)

    def steer(self, setting: str, value: object) -> None:
        """Change a setting of the run while it trains; what cannot be done is said."""
        try:
            if self.run_shown:
                self.run_shown.steer(setting, value)
        except ValueError as error:
            self.say(str(error))
        self.error_pane.tick()

    # Tables.

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
