"""A run as it was after one of its epochs: its network then, and what the held-out rows say of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from epochal.core.evaluation.judgement import (
    Evaluation,
    Predictions,
    decision_threshold,
    held_out_predictions,
    judge,
)
from epochal.core.network.network import Network
from epochal.core.network.predictor import Predictor
from epochal.core.training.training import Training
from epochal.core.training.weight_history import Weights

PICKED = "An epoch picked by looking at the held-out rows is no longer judged fairly by them."


@dataclass(frozen=True, eq=False)
class RunSnapshot:
    """Worked out as it is asked for; the training may go on meanwhile, as nothing of its own is read."""

    training: Training
    weights: Weights
    ensemble: Network | None = None
    """What answers besides these weights, for the end of a run of several networks."""

    @cached_property
    def network(self) -> Network:
        """The network with the weights of that epoch."""
        if self.ensemble is not None:
            return self.ensemble
        own = self.training.network
        return own.with_parameters(self.weights.parameters)

    @cached_property
    def predictor(self) -> Predictor:
        """What predicts as the run would have done then."""
        return Predictor(self.training.preparation, self.network)

    @cached_property
    def answers(self) -> Predictions:
        """The answers for the held-out rows."""
        return held_out_predictions(self.training, self.network)

    @cached_property
    def threshold(self) -> float:
        """As the settings say; a balanced one is this network's own."""
        return decision_threshold(self.training, self.network)

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the run would have been worth, had it been stopped then."""
        return self.evaluation_at(self.threshold)

    def evaluation_at(self, threshold: float) -> Evaluation:
        """The same with another threshold."""
        return judge(self.training, self.answers, threshold)
