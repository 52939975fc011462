"""The outcome of a run: the weights it keeps and, of these very weights, the evaluation and the findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import (
    Evaluation,
    Predictions,
    decision_threshold,
    held_out_predictions,
    judge,
    operating_point_of,
)
from epochal.core.evaluation.wording import in_words
from epochal.core.findings.finding import Finding
from epochal.core.findings.findings import findings
from epochal.core.findings.result import looked_often
from epochal.core.network.network import Network
from epochal.core.network.predictor import Predictor
from epochal.core.network.temperature import tempered
from epochal.core.training.completion import complete, completion_in_words, final_network
from epochal.core.training.history import Epoch
from epochal.core.training.training import Training

Stopped = Literal["finished", "early", "diverged", "stopped", "interrupted"]


@dataclass(frozen=True, eq=False, repr=False)
class Outcome:
    """What a run has come to; a training that goes on afterwards changes nothing in it.

    `training` is the run itself, for its table, settings, split and preparation; never for its weights, which
    are `network`'s: those of `kept_epoch`.
    """

    training: Training
    network: Network
    kept_epoch: int
    epochs: int
    seconds: float
    ending: Stopped
    answers: Predictions
    threshold: float
    evaluation: Evaluation
    findings: tuple[Finding, ...]
    settings_judged: int
    """How many different settings, these among them, have been judged by the same held-out rows."""

    def __repr__(self) -> str:
        return f"Outcome({self.ending} after {self.epochs} epochs: {in_words(self.evaluation)})"

    @property
    def predictor(self) -> Predictor:
        """What predicts with the kept weights."""
        return Predictor(self.training.preparation, self.network)

    @property
    def kept(self) -> Epoch | None:
        """The measures of the kept epoch; None before the first."""
        number = self.kept_epoch or self.epochs
        return self.training.history[number - 1] if number else None

    @property
    def members(self) -> tuple[Network, ...]:
        """The networks whose mean answers, each with the temperature; of most runs one."""
        completion, own = self.training.completion, self.training.kept_network
        return own, *(tempered(one, completion.temperature) for one in completion.others)

    @property
    def completion_in_words(self) -> list[str]:
        """What the answers are besides those of one network as it was trained, if they are."""
        return completion_in_words(self.training)

    def at_threshold(self, threshold: float) -> Outcome:
        """The same weights, with the second of two classes answered from another probability on."""
        evaluation = _judged(self.training, self.network, self.answers, threshold, is_own=False)
        found = _all_findings(self.training, evaluation, self.settings_judged)
        return replace(self, threshold=threshold, evaluation=evaluation, findings=found)


def outcome_of(
    training: Training,
    unfinished: Literal["stopped", "interrupted"] = "stopped",
    settings_judged: int = 1,
    *,
    completes: bool = True,
) -> Outcome:
    """The outcome of a training that rests between two epochs, without any change to its weights.

    `unfinished` is the ending of one that could have gone on; `settings_judged` is as in `Outcome`. One that
    has ended is first completed (other members trained, a temperature fitted), unless it `completes` not.

        examples = epochal.read_table("iris").dataset().examples
        training = epochal.Training(examples, epochal.Settings(hidden=8, epochs=5))
        for epoch in training:
            print(epoch.number, epoch.training_error, epoch.held_out_error)
        print(epochal.outcome_of(training).evaluation.accuracy)
    """
    if completes:
        complete(training)
    network = final_network(training)
    answers = held_out_predictions(training, network)
    threshold = decision_threshold(training, network)
    evaluation = _judged(training, network, answers, threshold, is_own=True)
    history = training.history
    return Outcome(
        training=training,
        network=network,
        kept_epoch=training.kept_epoch,
        epochs=history.length,
        seconds=history[-1].seconds if history.length else 0.0,
        ending=unfinished if training.ending == "running" else training.ending,
        answers=answers,
        threshold=threshold,
        evaluation=evaluation,
        findings=_all_findings(training, evaluation, settings_judged),
        settings_judged=settings_judged,
    )


def _judged(
    training: Training, network: Network, answers: Predictions, threshold: float, *, is_own: bool
) -> Evaluation:
    """The evaluation, and of two classes what another threshold would buy."""
    evaluation = judge(training, answers, threshold)
    if isinstance(evaluation, ClassEvaluation):
        point = operating_point_of(training, network, answers, threshold, is_own=is_own)
        return replace(evaluation, operating=point)
    return evaluation


def _all_findings(training: Training, evaluation: Evaluation, settings_judged: int) -> tuple[Finding, ...]:
    return (*findings(training, evaluation), *looked_often(settings_judged))
