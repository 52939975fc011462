"""Findings on underfitting: a quick, freer network does better on rows that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from epochal.core.evaluation.chances import log_losses
from epochal.core.evaluation.figures import figures
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.findings.finding import Finding, Subject
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Floats, Rows, Split, generator
from epochal.core.settings import Settings
from epochal.core.training.training import Training

check = Subject()

# Of fewer training rows a quarter tells too little; more than these tell nothing new.
FEWEST_ROWS, MOST_ROWS = 400, 8000
MOST_JUDGED = 1000
BATCH, STEPS, LONGEST = 64, 800, 60
FREE_NODES = 32
# What counts as better: a tenth less loss, beyond two standard errors of the difference.
SHARE, ERRORS = 0.9, 2.0


@dataclass(frozen=True)
class Comparison:
    """The mean loss of a run and of the freer network on the same training rows, which only the run has seen.

    Of classes log loss in nats, of numbers the root of the mean squared error.
    """

    rows: int
    own: float
    freer: float
    settings: Settings
    is_better: bool


@check
def underfit(training: Training, evaluation: Evaluation) -> Iterator[Finding]:
    """A network too small or too much held back for what its rows could teach it."""
    rows, settings = len(training.split.train), training.settings
    is_free = sum(settings.hidden) >= FREE_NODES and settings.l2 <= 2.0 * freer_l2(rows)
    if is_free or rows < FEWEST_ROWS or training.ending not in ("finished", "early"):
        return
    compared = compare_with_freer(training)
    if compared.is_better:
        own, freer = figures(compared.own, compared.freer)
        measure = "a log loss" if training.examples.classes else "a typical error"
        yield Finding(
            "underfit",
            "warning",
            f"A freer network, trained for a moment, has {measure} of {freer} on {compared.rows:,} training "
            f"rows that it has not seen; this one has {own} on the same rows, which it was trained on.",
            f"Use the preset auto, or try hidden layers {compared.settings.hidden[0]}, activation relu, "
            f"initial weights he, schedule cosine and L2 {freer_l2(rows):.1g}.",
        )


def freer_l2(rows: int) -> float:
    """An L2 that fades with the rows, as the data then say more than the penalty."""
    return min(0.02, 5.0 / rows)


def freer_settings(settings: Settings, rows: int) -> Settings:
    """The settings of the freer network for so many training rows: a moment's work."""
    epochs = int(np.clip(STEPS * BATCH // rows, 5, LONGEST))
    return Settings(
        hidden=(64,),
        activation="relu",
        initial_weights="he",
        schedule="cosine",
        learning_rate=0.005,
        l2=freer_l2(rows),
        epochs=epochs,
        batch_size=BATCH,
        precision="float32",
        scaling=settings.scaling if settings.scaling in ("standard", "robust") else "standard",
        class_weights=settings.class_weights,
        seed=settings.seed,
    )


def compare_with_freer(training: Training) -> Comparison:
    """Train the freer network on three quarters of the training rows, and judge both on the last quarter."""
    rng = generator(training.settings.seed, "validation", 1)
    rows = rng.permutation(training.split.train)[:MOST_ROWS]
    quarter = min(len(rows) // 4, MOST_JUDGED)
    fitted, judged = np.sort(rows[quarter:]), np.sort(rows[:quarter])
    settings = freer_settings(training.settings, len(fitted))
    freer = Training(
        training.examples,
        settings,
        split_rows=Split(fitted, judged, stratified=False),
        gate=training.gate,
    )
    for _ in freer:
        pass
    own_losses = _losses(training, Predictor(training.preparation, training.kept_network), judged)
    freer_losses = _losses(training, freer.predictor, judged)
    gains = own_losses - freer_losses
    error = float(gains.std(ddof=1)) / len(judged) ** 0.5
    own, other = float(own_losses.mean()), float(freer_losses.mean())
    is_better = bool(other < SHARE * own and gains.mean() > ERRORS * error)
    if not training.examples.classes:
        own, other = own**0.5, other**0.5
    return Comparison(len(judged), own, other, settings, is_better)


def _losses(training: Training, predictor: Predictor, rows: Rows) -> Floats:
    """A row's log loss, or its squared error; of several outputs each in units of its spread."""
    examples = training.examples
    outputs = predictor.outputs(examples.inputs[rows])
    if examples.classes:
        return log_losses(outputs, examples.targets[rows].astype(np.intp))
    off = outputs - examples.targets[rows].reshape(len(rows), -1)
    if off.shape[1] > 1:
        off = off / training.preparation.target_spread
    return np.asarray(np.square(off).mean(axis=1))
