"""The result of a run as it is stored, and as `epochal train --json` prints it: one schema for both."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import sentences
from epochal.core.outcome import Outcome
from epochal.data.runs.stored import Stored
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.decisions import decisions

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class _Part(Stored):
    """Each key may be absent, since an earlier version may not have written it; one that is there is right.

    What a newer version has added is kept.
    """

    model_config = ConfigDict(extra="allow", strict=True)


class ResultLeftOut(_Part):
    """A column no prediction is made from, as `epochal.data.tables.dataset.LeftOut`."""

    name: str = ""
    reason: str = ""


class ResultTable(_Part):
    """What was learned from, and what was decided about it, as `epochal.data.tables.decisions`."""

    name: str = ""
    rows: int = 0
    features: tuple[str, ...] = ()
    target: str = ""
    classes: tuple[str, ...] = ()
    task: str = ""
    rows_left_out: int = 0
    rows_without_target: int = 0
    target_reason: str = ""
    left_out: tuple[ResultLeftOut, ...] = ()
    notes: tuple[str, ...] = ()


class ResultSplit(_Part):
    """Rows on each side."""

    train: int = 0
    held_out: int = 0
    validation: int = 0
    stratified: bool = False


class ResultNetwork(_Part):
    """Nodes of each layer, and how many numbers are learned."""

    layers: tuple[int, ...] = ()
    parameters: int = 0
    networks: int = 1
    temperature: float = 1.0


class ResultChange(_Part):
    """A setting that was changed while the run trained, from this epoch on."""

    epoch: int = 0
    setting: str = ""
    value: float = 0.0


class ResultError(_Part):
    """The loss of the kept epoch; None where it was not measured."""

    train: float | None = None
    held_out: float | None = None


class ResultFinding(_Part):
    """A finding, as `epochal.core.findings.finding.Finding`."""

    code: str = ""
    severity: str = ""
    sentence: str = ""
    advice: str = ""


class ResultClass(_Part):
    """Precision, recall and F1 of one class; None where there is nothing to divide by."""

    name: str = ""
    support: int = 0
    predicted: int = 0
    precision: float | None = None
    recall: float | None = None
    f1: float | None = None


class ResultRanking(_Part):
    """How the rarer of two classes ranks by its probability, as `Ranking`."""

    name: str = ""
    rows: int = 0
    base_rate: Share = 0.0
    auc: Share = 0.0
    auc_interval: tuple[Share, Share] = (0.0, 1.0)
    p_value: float = 1.0
    average_precision: Share = 0.0
    average_precision_interval: tuple[Share, Share] = (0.0, 1.0)
    level: float = 0.95


class ResultChances(_Part):
    """Log loss and Brier score beside those of the classes' shares, as `Chances`."""

    log_loss: float = 0.0
    base_log_loss: float = 0.0
    brier: float = 0.0
    base_brier: float = 0.0
    gain: float = 0.0
    gain_interval: tuple[float, float] = (0.0, 0.0)


class ResultOperatingPoint(_Part):
    """What a threshold chosen on training rows buys, as `OperatingPoint`."""

    name: str = ""
    threshold: float = 0.5
    rows: int = 0
    found: int = 0
    alarms: int = 0
    cost: float | None = None


class HeldOutClasses(_Part):
    """The evaluation of a classifier, as `ClassEvaluation`."""

    rows: int = 0
    correct: int = 0
    accuracy: Share | None = None
    interval: tuple[Share, Share] | None = None
    level: float | None = None
    baseline: Share | None = None
    baseline_class: str = ""
    p_value: float | None = None
    confusion: tuple[tuple[int, ...], ...] = ()
    auc: float | None = None
    balanced_accuracy: float | None = None
    matthews: float | None = None
    log_loss: float | None = None
    brier: float | None = None
    beats_baseline: bool | None = None
    is_useful: bool | None = None
    per_class: tuple[ResultClass, ...] = ()
    ranking: ResultRanking | None = None
    chances: ResultChances | None = None
    operating_point: ResultOperatingPoint | None = None


class HeldOutNumbers(_Part):
    """The evaluation of a regression, as `NumberEvaluation`."""

    rows: int = 0
    rmse: float | None = None
    mae: float | None = None
    r2: float | None = None
    baseline_rmse: float | None = None
    interval: tuple[float, float] | None = None
    level: float | None = None
    beats_baseline: bool | None = None
    deviance: float | None = None
    baseline_deviance: float | None = None


def _kind(value: Any) -> Literal["classes", "numbers"]:
    is_numbers = isinstance(value, HeldOutNumbers) or (isinstance(value, dict) and "rmse" in value)
    return "numbers" if is_numbers else "classes"


HeldOut = Annotated[
    Annotated[HeldOutClasses, Tag("classes")] | Annotated[HeldOutNumbers, Tag("numbers")],
    Discriminator(_kind),
]


class RunResult(_Part):
    """The outcome of a run as plain values."""

    table: ResultTable | None = None
    settings: dict[str, object] = Field(default_factory=dict)
    split: ResultSplit | None = None
    network: ResultNetwork | None = None
    epochs: int = 0
    kept_epoch: int = 0
    changes: tuple[ResultChange, ...] = ()
    stopped: str = ""
    loss: str = ""
    error: ResultError | None = None
    held_out: HeldOut | None = None
    in_words: tuple[str, ...] = ()
    findings: tuple[ResultFinding, ...] = ()
    seconds: float = 0.0
    epochs_per_second: float = 0.0
    weights_sha256: str = ""


def plain_values(stored: _Part) -> dict[str, Any]:
    """The keys that were written, as plain values."""
    return stored.model_dump(exclude_unset=True)


def result_text(result: RunResult) -> str:
    """As the history keeps it."""
    return json.dumps(plain_values(result))


def table_of(dataset: Dataset) -> ResultTable:
    """What is learned from."""
    decided = decisions(dataset)
    return ResultTable(
        name=dataset.table.name,
        rows=dataset.table.rows,
        features=tuple(feature.name for feature in dataset.examples.features),
        target=dataset.target,
        classes=dataset.examples.classes,
        task=dataset.task,
        rows_left_out=decided.rows_left_out,
        rows_without_target=decided.rows_without_target,
        target_reason=decided.target_reason,
        left_out=tuple(ResultLeftOut(name=one.name, reason=one.reason) for one in decided.left_out),
        notes=decided.notes,
    )


def result_of(dataset: Dataset, outcome: Outcome) -> RunResult:
    """One run's outcome, to be stored or printed."""
    training, kept, split = outcome.training, outcome.kept, outcome.training.split
    rows = {part: len(getattr(split, part)) for part in ("train", "held_out", "validation")}
    return RunResult(
        table=table_of(dataset),
        settings=training.settings.model_dump(mode="json"),
        split=ResultSplit(**rows, stratified=split.stratified),
        network=_network(outcome),
        epochs=outcome.epochs,
        kept_epoch=outcome.kept_epoch,
        changes=tuple(ResultChange(**dataclasses.asdict(change)) for change in training.changes),
        stopped=outcome.ending,
        loss=training.loss_name,
        error=ResultError(
            train=kept.training_error if kept else _finite(training.error_before),
            held_out=kept.held_out_error if kept else None,
        ),
        held_out=_held_out(outcome.evaluation),
        in_words=(*sentences(outcome.evaluation), *outcome.completion_in_words),
        findings=tuple(ResultFinding(**dataclasses.asdict(finding)) for finding in outcome.findings),
        seconds=outcome.seconds,
        epochs_per_second=outcome.epochs / outcome.seconds if outcome.seconds else 0.0,
        weights_sha256=hashlib.sha256(outcome.network.parameters.tobytes()).hexdigest(),
    )


def _network(outcome: Outcome) -> ResultNetwork:
    """What is not as usual, an ensemble or a temperature, is written beside the usual keys."""
    trained = outcome.training.network
    found = ResultNetwork(layers=trained.layers, parameters=len(trained.parameters))
    networks, temperature = len(outcome.members), outcome.training.completion.temperature
    unusual = {"networks": networks if networks > 1 else None, "temperature": temperature}
    return found.model_copy(update={key: value for key, value in unusual.items() if value not in (None, 1.0)})


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if isfinite(value) else None


def _held_out(evaluation: Evaluation) -> HeldOutClasses | HeldOutNumbers:
    """The fields of the evaluation that have the schema's names."""
    schema = HeldOutClasses if isinstance(evaluation, ClassEvaluation) else HeldOutNumbers
    found: dict[str, object] = {name: getattr(evaluation, name, None) for name in schema.model_fields}
    if isinstance(evaluation, ClassEvaluation):
        ranking, chances, point = evaluation.ranking, evaluation.chances, evaluation.operating
        found["ranking"] = ResultRanking(**dataclasses.asdict(ranking)) if ranking else None
        found["chances"] = ResultChances(**dataclasses.asdict(chances)) if chances else None
        asked = ("name", "threshold", "rows", "found", "alarms", "cost")
        found["operating_point"] = point and ResultOperatingPoint(
            **{key: getattr(point, key) for key in asked}
        )
        found["confusion"] = tuple(map(tuple, evaluation.confusion.tolist()))
        found["per_class"] = tuple(ResultClass(**dataclasses.asdict(one)) for one in evaluation.per_class)
    return schema.model_validate(found)
