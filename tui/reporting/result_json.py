"""What a training run came to, as other programs read it: the keys of `epochal train --json`."""

from __future__ import annotations

import dataclasses
import hashlib
from math import isfinite

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import sentences
from epochal.core.outcome import Outcome
from epochal.data.tables.dataset import Dataset

Json = dict[str, object]


def table_record(dataset: Dataset) -> Json:
    """What was learned from."""
    return {
        "name": dataset.table.name,
        "rows": dataset.table.rows,
        "features": [feature.name for feature in dataset.examples.features],
        "target": dataset.target,
        "classes": list(dataset.examples.classes),
        "task": dataset.task,
        "rows_left_out": dataset.table.rows_left_out,
    }


def record(dataset: Dataset, outcome: Outcome) -> Json:
    """One run as plain values."""
    training, network, kept = outcome.training, outcome.network, outcome.kept
    split = training.split
    return {
        "table": table_record(dataset),
        "settings": training.settings.model_dump(mode="json"),
        "split": {
            "train": len(split.train),
            "held_out": len(split.held_out),
            "validation": len(split.validation),
            "stratified": split.stratified,
        },
        "network": {
            "layers": list(network.layers),
            "parameters": len(network.parameters),
        },
        "epochs": outcome.epochs,
        "kept_epoch": outcome.kept_epoch,
        "changes": [dataclasses.asdict(change) for change in training.changes],
        "stopped": outcome.ending,
        "loss": training.loss_name,
        "error": {
            "train": kept.training_error if kept else _finite(training.error_before),
            "held_out": kept.held_out_error if kept else None,
        },
        "held_out": _held_out(outcome.evaluation),
        "in_words": sentences(outcome.evaluation),
        "findings": [dataclasses.asdict(finding) for finding in outcome.findings],
        "seconds": outcome.seconds,
        "epochs_per_second": outcome.epochs / outcome.seconds if outcome.seconds else 0.0,
        "weights_sha256": hashlib.sha256(network.parameters.tobytes()).hexdigest(),
    }


def _finite(value: float) -> float | None:
    """JSON knows no infinity."""
    return value if isfinite(value) else None


def _held_out(evaluation: Evaluation) -> Json:
    if isinstance(evaluation, ClassEvaluation):
        return {
            "rows": evaluation.rows,
            "correct": evaluation.correct,
            "accuracy": evaluation.accuracy,
            "interval": list(evaluation.interval),
            "level": evaluation.level,
            "baseline": evaluation.baseline,
            "baseline_class": evaluation.baseline_class,
            "p_value": evaluation.p_value,
            "confusion": evaluation.confusion.tolist(),
            "auc": evaluation.auc,
            "balanced_accuracy": evaluation.balanced_accuracy,
            "matthews": evaluation.matthews,
            "log_loss": evaluation.log_loss,
            "brier": evaluation.brier,
            "beats_baseline": evaluation.beats_baseline,
            "per_class": [dataclasses.asdict(measures) for measures in evaluation.per_class],
        }
    return {
        "rows": evaluation.rows,
        "rmse": evaluation.rmse,
        "mae": evaluation.mae,
        "r2": evaluation.r2,
        "baseline_rmse": evaluation.baseline_rmse,
        "interval": list(evaluation.interval) if evaluation.interval else None,
        "level": evaluation.level,
        "beats_baseline": evaluation.beats_baseline,
    }
