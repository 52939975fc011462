"""One run in the lab: a worker thread that trains, and what the screen may ask of it.

The screen sets wishes (`pause`, `go_on`, `step`, `stop`) and reads the history; the worker owns the
network. Each run is its own object and posts itself when it is done, so that news of a run that has
been replaced is never taken for the new one's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from core.findings import Finding, findings
from core.judgement import Answers, Evaluation, decision_threshold, held_out_answers, judge
from core.moment import Moment
from core.settings import Settings
from core.step import Floor
from core.timeline import Timeline, Weights
from core.training import Training
from data.dataset import Dataset
from data.reading import Reading
from data.recorder import Recorder, Recording
from data.resuming import training_of
from data.run_file import HistoryError
from data.run_record import RecordedRun, about_run
from tui.record import record

__all__ = ["Phase", "Run", "Weights"]

Phase = Literal["training", "paused", "finished", "early", "diverged", "stopped", "failed"]


class Run:
    """A training run in a thread of its own, from preparation to evaluation.

    `went_on` is the recorded run that this one continues; dataset and settings are then its own, and the
    timeline begins where it goes on. `is_waiting` says that the worker rests between two epochs.
    """

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        floor: Floor,
        ended: Callable[[Run], object],
        recorder: Recorder | None = None,
        reading: Reading | None = None,
        went_on: RecordedRun | None = None,
    ) -> None:
        self.dataset, self.settings = dataset, settings
        self.training: Training | None = None
        self.answers: Answers | None = None
        self.threshold = 0.5
        self.chosen_threshold: float | None = None
        self.evaluation: Evaluation | None = None
        self.findings: list[Finding] = []
        self.failure = ""
        self.phase: Phase = "training"
        self.recording: Recording | None = None
        self.timeline: Timeline | None = None
        self.is_waiting = False
        self._ended_with: Weights | None = None
        self._moment: Moment | None = None
        self._floor, self._ended = floor, ended
        self._recorder, self._reading = recorder or Recorder.open(None), reading
        self._went_on = went_on
        self._wish = threading.Condition()
        self._stopping = self._leaving = False
        self._steps = 0
        self._thread = threading.Thread(target=self._work, name="epochal-training", daemon=True)

    def start(self, *, paused: bool = False) -> None:
        """Begin; a paused run gets ready and waits for `step` or `go_on`."""
        if paused:
            self.pause()
        self._thread.start()

    @property
    def is_active(self) -> bool:
        """Whether the worker may still add epochs."""
        return self.phase in ("training", "paused")

    @property
    def length(self) -> int:
        """Epochs so far."""
        return self.training.history.length if self.training else 0

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
        return self._thread.ident is None or self.join(seconds)

    @property
    def weights(self) -> Weights | None:
        """Those of the newest epoch, of a run that has ended those it is left with; None before the first."""
        return self.weights_at(None)

    def weights_at(self, epoch: int | None) -> Weights | None:
        """Those of the nearest epoch that is kept; of no epoch in particular, as `weights`."""
        if self._ended_with and epoch in (None, self._ended_with.epoch):
            return self._ended_with
        if self.timeline is None:
            return None
        return self.timeline.at(self.timeline.last if epoch is None else epoch)

    def moment(self, epoch: int | None) -> Moment | None:
        """The run as it was after the nearest epoch that is kept; of no epoch in particular, as it is."""
        weights = self.weights_at(epoch)
        if self.training is None or weights is None:
            return None
        if self._moment is None or self._moment.weights.epoch != weights.epoch:
            self._moment = Moment(self.training, weights)
        return self._moment

    def threshold_at(self, epoch: int | None) -> float:
        """The threshold a person has chosen; else that of the run, or of its network at an epoch."""
        if epoch is None and self.evaluation:
            return self.threshold
        if self.chosen_threshold is not None:
            return self.chosen_threshold
        moment = self.moment(epoch)
        return moment.threshold if moment else self.threshold

    @property
    def best_epoch(self) -> int | None:
        """The epoch that patience would keep; without patience that of least held-out error, None before any.

        The latter is to be looked at only: nothing is chosen by held-out rows.
        """
        if self.settings.patience:
            return (self.training.kept_epoch if self.training else 0) or None
        return self.timeline.best if self.timeline else None

    def judge_at(self, threshold: float | None) -> None:
        """Answer the second of two classes from this probability on, or as the settings say: judge anew."""
        assert self.training is not None
        self.chosen_threshold = threshold
        if self.answers:
            self.threshold = decision_threshold(self.training) if threshold is None else threshold
            self.evaluation = self.evaluation_at(self.threshold)

    def evaluation_at(self, threshold: float) -> Evaluation:
        """What a finished run is worth at this threshold."""
        assert self.training is not None
        assert self.answers is not None
        return judge(self.training, self.answers, threshold)

    def _wants(self, phase: Phase, steps: int = 0) -> None:
        with self._wish:
            if self.is_active:
                self.phase = phase
                self._steps = self._steps + steps if steps else 0
                self._wish.notify()

    def join(self, seconds: float) -> bool:
        """Wait for the worker; whether it is done."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        ending: Phase = "failed"
        try:
            self.training = self._new_training()
            self.timeline = Timeline(self.training.last_parameters, self.length)
            about = about_run(self.dataset, self.training, self._reading)
            self.recording = self._recorder.begin(about, self.training.history, self._went_on)
            self._train(self.training, self.timeline, self.recording)
            state = self.training.state()
            if self._leaving and self.training.ending == "running":
                self.recording.end("interrupted", state=state)
                return
            self.training.keep_best()
            kept = self.training.network.parameters.copy()
            self._ended_with = Weights(self.training.kept_epoch, kept)
            if self.length:
                self.answers = held_out_answers(self.training)
                self.threshold, self.chosen_threshold = decision_threshold(self.training), None
                evaluation = judge(self.training, self.answers, self.threshold)
                self.findings = findings(self.training, evaluation)
                self.evaluation = evaluation
            ending = "stopped" if self.training.ending == "running" else self.training.ending
            result = record(self.dataset, self.training, self.evaluation, ending) if self.evaluation else None
            self.recording.end(ending, result, state)
        except (ValueError, MemoryError, HistoryError) as error:
            self.failure = str(error) or "There is not enough memory for this network and table."
            if self.recording:
                self.recording.end("failed")
        with self._wish:
            self.phase = ending
        self._ended(self)

    def _new_training(self) -> Training:
        folder = self._recorder.folder
        if self._went_on and folder:
            return training_of(folder, self._went_on, self.dataset, self._floor)
        return Training(self.dataset.examples, self.settings, floor=self._floor)

    def _train(self, training: Training, timeline: Timeline, recording: Recording) -> None:
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
            epoch = next(training, None)
            if epoch is None:
                return
            timeline.append(
                training.last_parameters, epoch.validation_error if with_patience else epoch.held_out_error
            )
            if recording.is_due:
                recording.keep(training.state())
