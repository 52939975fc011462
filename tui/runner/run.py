"""One run in the lab: a worker thread that trains, and what the screen may ask of it.

The screen sets wishes (`pause`, `go_on`, `step`, `stop`) and reads the history; the worker owns the network.
Each run posts itself when it is done, so that news of a replaced one are never taken for the new one's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from epochal.core.evaluation.judgement import decision_threshold
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.outcome import Outcome, outcome_of
from epochal.core.settings import DECLARATIONS, Settings, written
from epochal.core.training.gate import StepGate
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory, Weights
from epochal.data.runs.database import HistoryError
from epochal.data.runs.metadata import BranchOfRun, RunMetadata, run_metadata
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.recording import Recording
from epochal.data.runs.result import result_of
from epochal.data.runs.resume import training_of
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import Reading
from epochal.tui.runner.branching import branch_of
from epochal.tui.runner.settings_search import Automatic, SearchesFirst
from epochal.tui.runner.worker import Worker

__all__ = ["Branch", "Phase", "Run", "Weights"]

Phase = Literal["training", "paused", "finished", "early", "diverged", "stopped", "failed"]


@dataclass(frozen=True, eq=False)
class Branch:
    """Where a run leaves another, and the settings it has otherwise than that one had then."""

    run: Run
    weights: Weights
    changed: dict[str, object]

    @property
    def in_words(self) -> str:
        """`from epoch 412: optimizer adam, learning rate 0.01`."""
        changed = ", ".join(f"{DECLARATIONS[n].title.lower()} {written(v)}" for n, v in self.changed.items())
        return f"from epoch {self.weights.epoch:,}: {changed or 'the same settings'}"


class Run(SearchesFirst):
    """A training run in a thread of its own, from preparation to evaluation.

    `went_on` is the recorded run that this one continues; dataset and settings are then its own, and the
    timeline begins where it goes on, as that of a `branch` does where it leaves the other run. `is_waiting`
    says that the worker rests between two epochs.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        gate: StepGate,
        ended: Callable[[Run], object],
        recorder: Recorder | None = None,
        reading: Reading | None = None,
        went_on: RecordedRun | None = None,
        branch: Branch | None = None,
        judged: frozenset[Settings] = frozenset(),
        automatic: Automatic | None = None,
        found: Callable[[Run], object] | None = None,
    ) -> None:
        super().__init__(settings, automatic)
        self.dataset = dataset
        self._judged, self._found = judged, found
        self.phase: Phase = "training"
        self.metadata: RunMetadata | None = None
        self.recording: Recording | None = None
        self._gate, self._ended, self.is_waiting = gate, ended, False
        self._recorder, self._reading = recorder or Recorder.open(None), reading
        self._went_on, self.branch = went_on, branch
        self._steered: dict[str, float] = {}
        self._wish = threading.Condition()
        self._stopping, self._leaving, self._steps = False, False, 0
        self._worker = Worker(self._work, self._failed, "Training", expected=(ValueError, HistoryError))

    def start(self, *, paused: bool = False) -> None:
        """Begin; a paused run gets ready and waits for `step` or `go_on`."""
        if paused:
            self.pause()
        self._worker.start()

    @property
    def is_active(self) -> bool:
        """Whether the worker may still add epochs."""
        return self.phase in ("training", "paused")

    @property
    def before(self) -> Run | None:
        """The run that this one branched off, unless its layers are others."""
        left = self.branch.run if self.branch else None
        return left if left and left.settings.hidden == self.settings.hidden else None

    @property
    def left_at(self) -> int:
        """The epoch at which it branched off."""
        return self.branch.weights.epoch if self.branch else 0

    def outcome_now(self) -> Outcome:
        """That of a run that has ended; that of one that is paused, as if it were stopped here."""
        if self.outcome:
            return self.outcome
        assert self.training is not None
        outcome, chosen = self._outcome(self.training), self.chosen_threshold
        return outcome if chosen is None else outcome.at_threshold(chosen)

    def _outcome(self, training: Training) -> Outcome:
        return outcome_of(training, settings_judged=len(self._judged | {self.settings}), completes=False)

    def pause(self) -> None:
        """Wait at the end of this epoch."""
        self._wants("paused")

    def go_on(self) -> None:
        """Train on."""
        self._wants("training")

    def step(self) -> None:
        """Train for one epoch, then wait again."""
        self._wants("paused", steps=1)

    def stop(self) -> None:
        """End at the end of this epoch and evaluate what there is."""
        with self._wish:
            self._stopping = True
            self._wish.notify()

    def leave(self, seconds: float) -> bool:
        """End at the end of this epoch, unjudged, to be gone on with another day; whether it has ended."""
        self._leaving = True
        self.stop()
        return not self._worker.has_begun or self.join(seconds)

    def steer(self, setting: str, value: object) -> None:
        """Use another value from the next epoch on; ValueError with a sentence where that cannot be."""
        if self.training is None or not self.is_active:
            raise ValueError("No run is training. Press t to start one.")
        checked = self.training.steerable(setting, value)
        with self._wish:
            self._steered[setting] = checked

    @property
    def can_be_steered(self) -> bool:
        """Whether it takes steps whose settings can be others in the next epoch."""
        return self.is_active and OPTIMIZERS[self.settings.optimizer].value.takes_steps

    @property
    def settings_now(self) -> Settings:
        """The settings as they are from the next epoch on."""
        return self.settings_at(self.length + 1).model_copy(update=self._steered)

    def owner_of(self, epoch: int) -> Run:
        """The run that trained this epoch: this one, or where it is a branch, perhaps one that it left."""
        run = self
        while (left := run.before) and epoch <= run.left_at:
            run = left
        return run

    def judge_at(self, threshold: float | None) -> None:
        """Answer the second of two classes from this probability on, or as the settings say: judge anew."""
        assert self.training is not None
        self.chosen_threshold = threshold
        if self.outcome:
            asked = decision_threshold(self.training) if threshold is None else threshold
            self.outcome = self.outcome.at_threshold(asked)

    def _wants(self, phase: Phase, steps: int = 0) -> None:
        with self._wish:
            if self.is_active:
                self.phase = phase
                self._steps = self._steps + steps if steps else 0
                self._wish.notify()

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        return self._worker.join(seconds)

    def _work(self) -> None:
        found = self.searched(self.dataset.examples, self._gate, lambda: not self._stopping)
        if self.search and self._stopping:
            self._end("stopped")
            return
        self.training = self._new_training()
        self.weight_history = WeightHistory(self.training.last_parameters, self.length)
        self.metadata = run_metadata(
            self.dataset, self.training, self._reading, branch=self._branch_record(), search=found
        )
        # One that is only looked at is not in the history.
        is_looked_at = self.phase == "paused" and not (self._went_on or self.branch)
        recorder = Recorder.open(None) if is_looked_at else self._recorder
        self.recording = recorder.begin(self.metadata, self.training.history, self._went_on)
        if self._went_on and recorder.has_lost(self.recording):
            self._failed(f"Run {self._went_on.id} is training now, in another process.")
            return
        if self.branch:  # there is no other way to go on with it
            self.recording.keep(self.training.state())
        self._train(self.training, self.weight_history, self.recording, is_recorded=not is_looked_at)
        self.completed(self.training, lambda: not self._stopping)
        state = self.training.state()
        if self._leaving and self.training.ending == "running":
            self.recording.end("interrupted", state=state)
            return
        self._ended_with = Weights(self.training.kept_epoch, self.training.kept_network.parameters)
        outcome = self._outcome(self.training) if self.length else None
        if outcome:
            self.chosen_threshold, self.outcome = None, outcome
        ending = "stopped" if self.training.ending == "running" else self.training.ending
        self.recording.end(ending, result_of(self.dataset, outcome) if outcome else None, state)
        self._end(ending)

    def settings_found(self) -> None:
        """Tell the lab, which shows them."""
        if self._found:
            self._found(self)

    def _failed(self, sentence: str) -> None:
        """End with what there is: the epochs before the exception stay."""
        self.failure = sentence
        try:
            if self.recording:
                self.recording.end("failed")
        finally:
            self._end("failed")

    def _end(self, ending: Phase) -> None:
        with self._wish:
            self.phase = ending
        self._ended(self)

    def _branch_record(self) -> BranchOfRun | None:
        recording = self.branch.run.recording if self.branch else None
        if not self.branch or not recording:
            return None
        changed = self.settings.model_dump(mode="json", include=set(self.branch.changed))
        return BranchOfRun(run=recording.key, epoch=self.left_at, changed=changed)

    def _branched(self, branch: Branch) -> Training:
        while not branch.run.join(0.1):  # it ends with the epoch it is in, and is judged
            pass
        assert branch.run.training is not None
        return branch_of(
            branch.run.training, branch.weights, self.settings, self.dataset.examples, self._gate
        )

    def _new_training(self) -> Training:
        if self.branch:
            return self._branched(self.branch)
        folder = self._recorder.folder
        if self._went_on and folder:
            return training_of(folder, self._went_on, self.dataset, self._gate)
        return Training(self.dataset.examples, self.settings, gate=self._gate)

    def _train(
        self,
        training: Training,
        weight_history: WeightHistory,
        recording: Recording,
        *,
        is_recorded: bool,
    ) -> None:
        with_patience = bool(self.settings.patience)
        while not self._stopping:
            if self.phase == "paused":
                recording.keep(training.state())
                with self._wish:
                    self.is_waiting = True
                    self._wish.wait_for(lambda: self.phase != "paused" or self._steps or self._stopping)
                    self.is_waiting = False
                    if self._stopping:
                        return
                    self._steps = max(self._steps - 1, 0)
            if self._steered and training.ending == "running":
                with self._wish:
                    wished, self._steered = self._steered, {}
                for setting, value in wished.items():
                    training.steer(setting, value)
            if not is_recorded and self.metadata:
                self.recording = recording = self._recorder.begin(self.metadata, training.history)
                is_recorded = True
            epoch = next(training, None)
            if epoch is None:
                return
            weight_history.append(
                training.last_parameters, epoch.validation_error if with_patience else epoch.held_out_error
            )
            if recording.is_due:
                recording.keep(training.state())
