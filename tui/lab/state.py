"""The state of the lab: its table, its settings and its run, each with one owner; and its questions."""

from __future__ import annotations

from collections.abc import Coroutine
from weakref import WeakKeyDictionary

from textual.message import Message
from textual.notifications import SeverityLevel
from textual.reactive import reactive
from textual.worker import Worker

from epochal.core.profile.profile import Profile
from epochal.core.settings import Settings
from epochal.core.studies.seed_study import SeedStudy
from epochal.data.runs.recorder import Recorder
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.tui.lab.keyboard import KeysInOrder
from epochal.tui.lab.undo import Changes
from epochal.tui.panes.data import DataPane
from epochal.tui.panes.error import ErrorPane
from epochal.tui.panes.result import ResultPane
from epochal.tui.panes.settings import SettingsPane
from epochal.tui.reporting.playground_state import PlaygroundState
from epochal.tui.runner.failures import SaysFailures
from epochal.tui.runner.run import Run
from epochal.tui.runner.settings_search import Automatic
from epochal.tui.runner.step_gate import ScreenGate
from epochal.tui.runner.worker_pool import WorkerPool
from epochal.tui.screens.ask import Ask
from epochal.tui.widgets.notice import notice_on, say_on_screen


class LabState(SaysFailures, KeysInOrder):
    """What is learned from, with which settings, and what came of it; the app below shows it."""

    dataset: reactive[Dataset | None] = reactive(None, init=False)
    reading: reactive[Reading] = reactive[Reading](Reading, init=False)
    settings: reactive[Settings] = reactive[Settings](Settings, init=False, repaint=False)
    # Whether settings are found for the table before a run; None where they are trained as they are.
    automatic: reactive[Automatic | None] = reactive[Automatic | None](None, init=False, repaint=False)
    run_shown: reactive[Run | None] = reactive(None, init=False)
    # The run that the next one is held against: the one before, or one that was marked.
    run_before: reactive[Run | None] = reactive(None, init=False, repaint=False)
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
        pool: WorkerPool | None = None,
        playground: PlaygroundState | None = None,
    ) -> None:
        """`any_table` says that nobody has asked for this one, so that another may be shown as well.

        `playground` is the state to open at once.
        """
        super().__init__()
        self.playground = playground
        self.any_table = any_table
        self.recorder = recorder or Recorder.open(None)
        self.set_reactive(LabState.reading, reading or {})
        self.set_reactive(LabState.settings, settings or Settings())
        self.set_reactive(LabState.automatic, automatic)
        self.set_reactive(LabState.dataset, dataset)
        self.gate = gate or ScreenGate()
        self.pool = pool or WorkerPool()
        self.run_to_beat: Run | None = None
        # The last seed study of this table.
        self.seed_study: SeedStudy | None = None
        self.changes = Changes()
        # What was seen of a table, for as long as it is there.
        self.profiles: WeakKeyDictionary[Dataset, Profile] = WeakKeyDictionary()
        self._question: Worker[None] | None = None
        # A table that comes back gets the settings it had; another one those that the lab began with.
        self._first_settings = self.settings
        self._settings_of: dict[str, Settings] = {}
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
        """Show a sentence above the keys for a while."""
        self.notify(sentence)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say this on the screen in front, where it covers nothing, and on no other; never as markup."""
        say_on_screen(self, message, severity, timeout)

    def clear_notifications(self) -> None:
        """Take away what is said, on every screen."""
        for screen in self.screen_stack:
            if notice := notice_on(screen):
                notice.clear()

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
