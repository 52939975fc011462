"""A run judged: what its network answers for the held-out rows, what that is worth, where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from epochal.core.costs import Costs, read_costs
from epochal.core.evaluation.curves import balanced_threshold
from epochal.core.evaluation.evaluation import ClassEvaluation, decide, evaluate_classes, rarer_of
from epochal.core.evaluation.operating_point import OperatingPoint, chosen_threshold, operating_point
from epochal.core.evaluation.regression import NumberEvaluation, deviance, evaluate_numbers
from epochal.core.network.network import Network
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Floats, Rows
from epochal.core.training.completion import complete, final_network
from epochal.core.training.training import Training

Evaluation = ClassEvaluation | NumberEvaluation


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network answers for some rows of its examples: rows x classes, or rows x numbers."""

    rows: Rows
    outputs: Floats
    targets: NDArray[np.float64] | NDArray[np.intp]
    """One class index a row, or rows x numbers."""


def held_out_predictions(training: Training, network: Network | None = None) -> Predictions:
    """The predictions for the held-out rows, by the network the run keeps; or by another such network."""
    return _answers(training, training.split.held_out, network)


def _answers(training: Training, rows: Rows, network: Network | None) -> Predictions:
    examples = training.examples
    targets = examples.targets[rows]
    targets = targets.astype(np.intp) if examples.classes else targets.reshape(len(rows), -1)
    predictor = Predictor(training.preparation, network or final_network(training))
    return Predictions(rows, predictor.outputs(examples.inputs[rows]), targets)


def decision_threshold(training: Training, network: Network | None = None) -> float:
    """The probability from which on the second of two classes is answered.

    As the settings say. A balanced one, or that of least cost, is chosen on the training rows alone.
    """
    settings = training.settings
    if costs := read_costs(settings.cost):
        return suited_threshold(training, network, costs)
    return balanced(training, network) if settings.threshold == "balanced" else settings.threshold


def balanced(training: Training, network: Network | None = None) -> float:
    """The threshold of highest balanced accuracy on the training rows; one half for more than two classes."""
    if len(training.examples.classes) != 2:
        return 0.5
    learned = _answers(training, training.split.train, network)
    return balanced_threshold(learned.outputs[:, 1], learned.targets == 1)


def suited_threshold(training: Training, network: Network | None, costs: Costs | None) -> float:
    """The threshold of least cost on the training rows, or without costs of highest F1 of the rarer class.

    One half for more than two classes.
    """
    if len(training.examples.classes) != 2:
        return 0.5
    learned = _answers(training, training.split.train, network)
    return chosen_threshold(
        learned.outputs[:, 1], learned.targets == 1, rarer_is_second=_rarer_is_second(training), costs=costs
    )


def operating_point_of(
    training: Training, network: Network, answers: Predictions, threshold: float, *, is_own: bool
) -> OperatingPoint | None:
    """What a threshold buys on the held-out rows: the one that answers or, while that is 0.5, a better one.

    `is_own` says whether the run has it from its own settings. None where there is no threshold to choose, or
    no held-out row of either class.
    """
    second = answers.targets == 1
    if not (network.kind.has_threshold and network.kind.has_probabilities) or len(np.unique(second)) < 2:
        return None
    settings, is_second = training.settings, _rarer_is_second(training)
    costs = read_costs(settings.cost)
    is_better = threshold == 0.5 and not costs
    chosen = suited_threshold(training, network, None) if is_better else threshold
    name, scores = training.examples.classes[int(is_second)], answers.outputs[:, 1]
    point = operating_point(name, chosen, scores, second, rarer_is_second=is_second)
    is_chosen = is_better or (is_own and (costs is not None or settings.threshold == "balanced"))
    return replace(point, costs=costs, is_chosen=is_chosen)


def _rarer_is_second(training: Training) -> bool:
    targets = training.examples.targets[training.split.train].astype(np.intp)
    return bool(rarer_of(np.bincount(targets, minlength=2)))


def judge(training: Training, answers: Predictions, threshold: float = 0.5) -> Evaluation:
    """The answers held against the truth; the threshold matters to two classes only."""
    examples, train = training.examples, training.split.train
    if examples.classes:
        counts = np.bincount(examples.targets[train].astype(np.intp), minlength=len(examples.classes))
        return evaluate_classes(
            answers.outputs,
            answers.targets,
            examples.classes,
            counts,
            threshold,
            seed=training.settings.seed,
        )
    learned = examples.targets[train].reshape(len(train), -1).astype(np.float64)
    targets, means = answers.targets.astype(np.float64), learned.mean(axis=0)
    found = evaluate_numbers(answers.outputs, targets, means, examples.outputs, training.settings.seed)
    if not training.network.kind.asking_losses or not len(targets):
        return found
    own, baseline = (deviance(training.loss_name, mean, targets) for mean in (answers.outputs, means))
    return replace(found, deviance=own, baseline_deviance=baseline)


def evaluate(training: Training) -> Evaluation:
    """What the held-out rows say of a run, completed where it lacks anything, with the weights it keeps."""
    complete(training)
    return judge(training, held_out_predictions(training), decision_threshold(training))


def mistakes(answers: Predictions, threshold: float = 0.5) -> Rows:
    """Places in `answers` where another class was answered, those furthest from the truth first.

    With numbers, all places, the largest error first; of several outputs, in units of their spread.
    """
    if answers.targets.ndim == 1:
        truth = answers.targets.astype(np.intp)
        wrong = np.flatnonzero(decide(answers.outputs, threshold) != truth)
        given_to_truth = answers.outputs[wrong, truth[wrong]]
        return wrong[np.argsort(given_to_truth, kind="stable")]
    spread = answers.targets.std(axis=0)
    errors = np.abs(answers.outputs - answers.targets) / np.where(spread > 0.0, spread, 1.0)
    return np.argsort(-errors.max(axis=1), kind="stable")


def kept_in_words(training: Training) -> str:
    """Which epoch's weights a run with patience ends with, and why."""
    kept, patience = training.kept_epoch, training.settings.patience
    ended = (
        f"Stopped early after {training.history.length:,} epochs, {patience:,} of them without progress: "
        if training.ending == "early"
        else ""
    )
    rows = len(training.split.validation)
    return f"{ended}kept are the weights of epoch {kept:,}, the best by {rows:,} validation rows."
