"""One run on its way into the history: what its trainer gives, and what of it is not in the file yet."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator

from epochal.core.training.history import Epoch, History
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training
from epochal.data.runs.checkpoints import bare
from epochal.data.runs.metadata import MEASURES, RunMetadata
from epochal.data.runs.record import Ending, RecordedRun
from epochal.data.runs.result import RunResult, result_text
from epochal.data.runs.writing import Identity, News, Progress

# At most so many seconds of states are lost with the process.
CHECKPOINT_EVERY = 2.0
# Writing states takes no more than this share of the time.
CHECKPOINT_SHARE = 0.02


class Recording:
    """One run, as its trainer sees it: given a state now and then, and the end once.

    `is_due` asks for a state at the end of this epoch. `id` is the run's number in the history, None
    as long as it has none; `progress`, how much of it is in the file, is the recorder's.
    """

    def __init__(
        self, wake: threading.Condition, metadata: RunMetadata, history: History, went_on: RecordedRun | None
    ) -> None:
        self.is_due = False
        self.id: int | None = None
        self._wake, self._history = wake, history
        # The result of such a run stays in the file until it has come to its end again.
        self._had_ended = went_on is not None and not went_on.can_go_on
        self._went_on = went_on
        if went_on is None:
            self._identity = Identity(uuid.uuid4().hex, time.time(), metadata)
            self.progress = Progress()
        else:
            self.id = went_on.id
            # Epochs measured otherwise by another version are written anew, all in one way.
            is_alike = went_on.metadata.measures == MEASURES
            known = went_on.metadata.model_copy(update={"measures": MEASURES})
            self._identity = Identity(went_on.key, went_on.started, known)
            self.progress = Progress(epochs=history.length if is_alike else 0)
        self._state: TrainingState | None = None
        self._state_epoch = -1
        self.ending: Ending = "running"
        self._result: str | None = None

    @property
    def key(self) -> str:
        """What the run is known by in every file, whatever its number there."""
        return self._identity.key

    def keep(self, state: TrainingState) -> None:
        """A state to go on from if the process ends; taken between two epochs."""
        self.is_due = False
        with self._wake:
            # The epochs themselves are in the history; only how many they are goes with the state.
            self._state_epoch = len(state.history)
            self._state = bare(state)

    @property
    def kept(self) -> tuple[int, TrainingState] | None:
        """The epoch of the state last kept, and that state, which leaves out its history."""
        with self._wake:
            return None if self._state is None else (self._state_epoch, self._state)

    def end(
        self, ending: Ending, result: RunResult | None = None, state: TrainingState | None = None
    ) -> None:
        """How the run ended, its result, and its last state."""
        text = None if result is None else result_text(result)
        with self._wake:
            if state is not None:
                self.keep(state)
            self.ending, self._result = ending, text
            self._wake.notify_all()

    def epochs(self, training: Training) -> Iterator[Epoch]:
        """The training's epochs, with a state kept whenever one is due."""
        for epoch in training:
            if self.is_due:
                self.keep(training.state())
            yield epoch

    def news(self) -> News | None:
        """What is not in the file yet; None when there is nothing."""
        done = self.progress
        with self._wake:
            state, epoch, ending, result = self._state, self._state_epoch, self.ending, self._result
        if self._had_ended and ending == "running":
            return None
        # The state before the rows: all epochs up to it are then among them.
        rows = self._history.rows()
        if state is not None and epoch == done.checkpoint and not state.has_weights_alone:
            state = None
        # The result of a run when it was interrupted is true of it until it has another epoch.
        if ending == "running" and self._went_on and self._went_on.epochs == len(rows):
            result = self._went_on.result_text
        if done.is_entered and len(rows) == done.epochs and state is None and ending == "running":
            return None
        return News(
            identity=self._identity,
            number=self.id,
            is_entered=done.is_entered,
            epochs=done.epochs,
            rows=rows,
            state=state,
            state_epoch=epoch,
            ending=ending,
            result=result,
        )

    def written(self, news: News, number: int | None, seconds: float) -> None:
        """Note that the file has it, as a run of this number, which took so long; no number: it is lost."""
        done = self.progress
        if number is None:
            done.is_lost = True
            return
        self.id = number
        done.is_entered, done.epochs = True, len(news.rows)
        done.has_ended = news.ending != "running"
        if news.state:
            done.checkpoint = news.state_epoch
            done.kept_at, done.cost = time.monotonic(), seconds

    def ask_for_state(self) -> None:
        """Make a state due when the last one is old enough."""
        done = self.progress
        pause = max(CHECKPOINT_EVERY, done.cost / CHECKPOINT_SHARE)
        if self.ending == "running" and time.monotonic() - done.kept_at >= pause:
            self.is_due = True

    @property
    def is_lost(self) -> bool:
        """Whether another process has gone on with the run, or somebody has deleted it."""
        return self.progress.is_lost

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be written of it."""
        return self.progress.has_ended or self.progress.is_lost

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return self._history.rows().nbytes + (self._state.vectors.nbytes if self._state else 0)
