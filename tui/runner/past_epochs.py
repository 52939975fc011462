"""The epochs of a run that can be gone back to: weights, predictions and threshold as they were then."""

from __future__ import annotations

from epochal.core.evaluation.judgement import Evaluation, Predictions
from epochal.core.evaluation.snapshot import RunSnapshot
from epochal.core.findings.finding import Finding
from epochal.core.outcome import Outcome
from epochal.core.settings import Settings
from epochal.core.training.steering import steered
from epochal.core.training.training import Training
from epochal.core.training.weight_history import WeightHistory, Weights


class PastEpochs:
    """What a run keeps of its epochs, and of those of the run that it branched off, if it did."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.training: Training | None = None
        self.outcome: Outcome | None = None
        self.chosen_threshold: float | None = None
        self.weight_history: WeightHistory | None = None
        self._ended_with: Weights | None = None
        self._snapshot: RunSnapshot | None = None

    @property
    def before(self) -> PastEpochs | None:
        """The run that this one branched off."""
        return None

    @property
    def left_at(self) -> int:
        """The epoch at which it branched off."""
        return 0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What a person should be told about a run that has ended."""
        return self.outcome.findings if self.outcome else ()

    @property
    def evaluation(self) -> Evaluation | None:
        """What the held-out rows say of a run that has ended."""
        return self.outcome.evaluation if self.outcome else None

    @property
    def answers(self) -> Predictions | None:
        """Its predictions for the held-out rows, once it has ended."""
        return self.outcome.answers if self.outcome else None

    @property
    def threshold(self) -> float:
        """The probability from which on it answers the second of two classes."""
        return self.outcome.threshold if self.outcome else 0.5

    @property
    def length(self) -> int:
        """Epochs so far."""
        return self.training.history.length if self.training else 0

    @property
    def weights(self) -> Weights | None:
        """Those of the newest epoch, of a run that has ended those it is left with; None before the first."""
        return self.weights_at(None)

    def weights_at(self, epoch: int | None) -> Weights | None:
        """Those of the nearest epoch that is kept; of no epoch in particular, as `weights`."""
        if self._ended_with and epoch in (None, self._ended_with.epoch):
            return self._ended_with
        if self.weight_history is None:
            return None
        if self.before and epoch is not None and epoch < self.weight_history.first:
            return self.before.weights_at(epoch)
        return self.weight_history.at(self.weight_history.last if epoch is None else epoch)

    @property
    def first_epoch(self) -> int:
        """The first that can be gone back to, before the branch too; 0 before there is any."""
        if self.before:
            return self.before.first_epoch
        return self.weight_history.first if self.weight_history else 0

    def moved(self, epoch: int, by: int) -> int:
        """The kept epoch nearest to so many epochs later, or earlier below 0; another one if there is one."""
        if self.weight_history is None:
            return epoch
        first = self.weight_history.first
        before = self.before
        if before and (epoch + by < first or (epoch <= first and by < 0)):
            return min(before.moved(min(epoch, first), by + max(epoch - first, 0)), first)
        return (
            self.weight_history.moved(epoch, by)
            if epoch >= first
            else self.weight_history.at(epoch + by).epoch
        )

    def settings_at(self, epoch: int) -> Settings:
        """The settings that an epoch was trained with."""
        return steered(self.settings, self.training.changes if self.training else (), epoch)

    def snapshot(self, epoch: int | None) -> RunSnapshot | None:
        """The run as it was after the nearest epoch that is kept; of no epoch in particular, as it is."""
        weights = self.weights_at(epoch)
        if self.training is None or weights is None:
            return None
        if self._snapshot is None or self._snapshot.weights.epoch != weights.epoch:
            self._snapshot = RunSnapshot(self.training, weights)
        if epoch is None and self.outcome and self.training.completion.others:
            return RunSnapshot(self.training, weights, self.outcome.network)
        return self._snapshot

    def threshold_at(self, epoch: int | None) -> float:
        """The threshold a person has chosen; else that of the run, or of its network at an epoch."""
        if epoch is None and self.evaluation:
            return self.threshold
        if self.chosen_threshold is not None:
            return self.chosen_threshold
        snapshot = self.snapshot(epoch)
        return snapshot.threshold if snapshot else self.threshold

    @property
    def best_epoch(self) -> int | None:
        """The epoch that patience would keep; without patience that of least held-out error, None before any.

        The latter is to be looked at only: nothing is chosen by held-out rows.
        """
        if self.settings.patience:
            return (self.training.kept_epoch if self.training else 0) or None
        own = self.weight_history.best if self.weight_history else None
        before = self.before.best_epoch if self.before else None
        if self.training is None or before is None or before > self.training.history.length:
            return own
        history = self.training.history
        if before > self.left_at:
            return own
        if own is None or history[before - 1].held_out_error <= history[own - 1].held_out_error:
            return before
        return own
