"""What may be done in the lab: other settings, runs, another table; each change can be taken back."""

from __future__ import annotations

from epochal.core.settings import Settings
from epochal.core.studies.auto.report import SearchReport
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.data.tables.synthetic import SYNTHETIC
from epochal.tui.lab.opening import opened
from epochal.tui.lab.state import LabState
from epochal.tui.lab.undo import Change
from epochal.tui.reporting.settings_words import changes_in_words
from epochal.tui.runner.room import lack_of_memory
from epochal.tui.runner.run import Branch, Run
from epochal.tui.runner.settings_search import Automatic


class Lab(LabState):
    """The lab as full screens and commands know it."""

    # Settings.

    def change_settings(
        self, settings: Settings, automatic: Automatic | None = None, *, edit: int | None = None
    ) -> None:
        """Train with these from now on, or search around them; the pane follows.

        The keys of one `edit` are undone together.
        """
        if (settings, automatic) == (self.settings, self.automatic):
            return
        before = {"automatic": self.automatic, "settings": self.settings}
        what = changes_in_words(settings, self.settings)
        self.changes.note(Change("auto" if automatic and not self.automatic else what, before, edit))
        self.automatic, self.settings = automatic, settings

    def wrong_setting(self) -> bool:
        """Whether a setting as typed is wrong, which then gets the cursor; else it is taken as typed.

        What is typed reaches the lab by a message, and a key may come before it.
        """
        typed = self.settings_pane.typed
        if typed is None:
            self.action_pane("settings")
            self.settings_pane.go_to_error()
            self.notify("Correct the marked setting first.", severity="warning")
            return True
        self.change_settings(typed, self.settings_pane.typed_automatic)
        if self.dataset and (lack := lack_of_memory(self.dataset.examples, typed)):
            self.action_pane("settings")
            self.notify(lack, severity="warning")
            return True
        return False

    def turn_back(self, change: Change | None, *, again: bool = False) -> None:
        """Put back what there was before a change, or make it again."""
        if change is None:
            return
        for name, value in change.before.items():
            setattr(self, name, value)
        run = self.run_shown
        self.settings_pane.form.locked = run is not None and run.is_active
        if "run_shown" in change.before:
            self.follow()
        self.say(f"{'Done again' if again else 'Undone'}: {change.in_words}.")

    # Runs.

    def begin(self, *, paused: bool = False) -> Run | None:
        """Begin a run with the settings as typed; a wrong one gets the cursor instead."""
        if self.wrong_setting():
            return None
        assert self.dataset is not None
        run = self.new_run(self.dataset, self.settings, automatic=self.automatic)
        self.show_run(run, paused=paused)
        return run

    def train_found(self, report: SearchReport) -> None:
        """Train the winner of a search that has been made; its report becomes the run's."""
        assert self.dataset is not None
        self.change_settings(report.winner.settings, self.automatic)
        self.show_run(self.new_run(self.dataset, self.settings, automatic=Automatic(found=report)))

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
        run = Run(
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
        run.pool = self.pool
        return run

    def _post_found(self, run: Run) -> None:
        self.post_message(self.SettingsFound(run))

    def _post_end(self, run: Run) -> None:
        self.post_message(self.RunEnded(run))

    def show_run(self, run: Run, *, paused: bool = False) -> None:
        """Begin a run, and follow it from now on in place of the one before."""
        self._hold_against(self.run_shown)
        self.run_shown = run
        self.settings_pane.form.locked = True
        run.start(paused=paused)
        self.follow()

    def forget_run(self) -> None:
        """Show no run; it can be brought back."""
        if self.run_shown:
            self.run_shown.stop()
            self.changes.note(Change("the run is forgotten", {"run_shown": self.run_shown}))
            self._hold_against(self.run_shown)
        self.run_shown = None

    def _hold_against(self, run: Run | None) -> None:
        """Compare the next run with this one, unless another one is marked as the one to beat."""
        before = self.run_before
        is_marked = before is not None and before is self.run_to_beat and before.dataset is self.dataset
        if run and run.length and run.dataset is self.dataset and not is_marked:
            self.run_before = run

    def mark_run(self) -> None:
        """Mark the run shown as the one to beat, or take the mark away from it."""
        run = self.run_shown
        if run is None or not run.length:
            self.say("There is no run yet to mark as the one to beat. Press t to train.")
        elif self.run_to_beat is run:
            self.run_to_beat = None
            self.say("Each run is compared with the one before it again.")
        else:
            self.run_to_beat = self.run_before = run
            self.say("This is the run to beat: the next ones are compared with it. B takes the mark away.")

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
            dataset, reading = found
            if reading == self.reading and self.learns_from(dataset):
                self.say(f"{dataset.table.name} is open already, read in this way: nothing is changed.")
            else:
                self.show_dataset(dataset, reading)

    def learns_from(self, dataset: Dataset) -> bool:
        """Whether it is what is learned from now, so that a run on it stays what it is."""
        now = self.dataset
        return now is not None and now.is_equal(dataset)

    def show_dataset(
        self, dataset: Dataset, reading: Reading | None = None, settings: Settings | None = None
    ) -> None:
        """Learn from this from now on; a run that still goes is stopped.

        Unless `settings` are given, those found for one table are not carried on to another one.
        """
        if self.run_shown:
            self.run_shown.stop()
        said = (
            ""
            if settings
            else f"The settings are those for {dataset.table.name} again; u brings the others back."
        )
        settings = settings or self._settings_for(dataset)
        before = {name: getattr(self, name) for name in ("reading", "settings", "dataset", "run_shown")}
        is_same = self.dataset is not None and dataset.table is self.dataset.table
        what = "what is learned from the table" if is_same else f"table {dataset.table.name}"
        self.changes.note(Change(what, before))
        self.run_shown = self.run_before = None
        self._judged.clear()
        self.seed_study = None
        self.settings_pane.form.locked = False
        self.reading = self.reading if reading is None else reading
        self.dataset = dataset
        if settings != self.settings:
            self.settings = settings
            if said:
                self.say(said)

    def _settings_for(self, dataset: Dataset) -> Settings:
        """Those that this table had; of a table seen for the first time, those that the lab began with."""
        before, now = (spoken_name(one.table) if one else "" for one in (self.dataset, dataset))
        if before == now or {before.partition(":")[0], now.partition(":")[0]} <= set(SYNTHETIC):
            return self.settings
        self._settings_of[before] = self.settings
        return self._settings_of.get(now, self._first_settings)
