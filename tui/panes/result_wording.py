"""The Result pane in words: the verdict, the run before, settings changed since, a past epoch."""

from __future__ import annotations

from epochal.core.evaluation.judgement import Evaluation, kept_in_words
from epochal.core.evaluation.paired import Judged, compared_in_words
from epochal.core.evaluation.snapshot import PICKED, RunSnapshot
from epochal.core.evaluation.wording import sentences
from epochal.core.findings.finding import noticed
from epochal.core.settings import Settings, written
from epochal.core.training.completion import completion_in_words
from epochal.tui.reporting.settings_words import changes_in_words
from epochal.tui.runner.run import Run


def of_settings_before(run: Run, settings: Settings) -> list[str]:
    """That the result belongs to other settings than those that would be trained with now, if so."""
    if run.settings == settings:
        return []
    return [f"Of the settings before the change: {changes_in_words(run.settings, settings)}. t trains anew."]


def beside_the_run_before(before: Run | None, run: Run) -> list[str]:
    """What the run before came to on the same held-out rows, and whether the difference is beyond chance."""
    first, second = (_judged(one) if one else None for one in (before, run))
    if before is None or before is run or first is None or second is None:
        return []
    return [compared_in_words(first, second, name_of(before, run))]


def name_of(before: Run, run: Run) -> str:
    """`run 4, learning rate 0.1`: which run it was, and what it had otherwise."""
    number = before.recording.id if before.recording else None
    name = f"run {number}" if number else "the run before"
    return f"{name}, {changes_in_words(before.settings, run.settings)}"


def _judged(run: Run) -> Judged | None:
    if run.evaluation is None or run.answers is None:
        return None
    return Judged(run.answers, run.threshold, run.evaluation)


SEARCHING = [
    "Searching settings that fit this table.",
    "Candidates train side by side on a part of the training rows; the rest of these judges them, and the "
    "better ones go on. The held-out rows take no part.",
]


def verdict(run: Run) -> list[str]:
    """What the run is worth, in sentences; a running figure is marked as running."""
    training = run.training
    if run.failure:
        rest = [f"The {run.length:,} epochs before that are kept."] if run.length else []
        return [run.failure, *rest]
    if training is None or run.length == 0:
        if training is not None and training.diverged_at:
            return [_diverged(run)]
        if run.is_searching:
            return SEARCHING
        if run.phase == "stopped":
            return ["Stopped before anything was trained."]
        return ["Getting ready..."]
    last = training.history[-1]
    if run.evaluation is None and run.is_completing:
        lacking = "the other networks of the ensemble" if run.settings.networks > 1 else "the temperature"
        return [f"All epochs are trained. Now {lacking}, on the training rows; x does without."]
    if run.evaluation is None:
        rows = len(training.split.held_out)
        figure = f"held-out error {last.held_out_error:.4f}"
        if run.dataset.examples.classes:
            figure = (
                f"{last.held_out_accuracy:.1%} of {rows:,} held-out rows right, ".replace("%", " %") + figure
            )
        return [
            f"Running, epoch {last.number:,} of {run.settings.epochs:,}: {figure}.",
            "This may still change.",
        ]
    lines = [f"Branch {run.branch.in_words}."] if run.branch else []
    lines += [*sentences(run.evaluation), *completion_in_words(training)]
    if run.phase == "diverged":
        lines.insert(0, _diverged(run))
    if run.threshold != 0.5 and len(run.dataset.examples.classes) == 2:
        name = run.dataset.examples.classes[1]
        lines.insert(0, f"{name} is answered from a probability of {run.threshold:.2f} on.")
    if run.phase == "stopped":
        lines.insert(0, f"Stopped after {run.length:,} of {run.settings.epochs:,} epochs.")
    if run.settings.patience and training.kept_epoch:
        lines.insert(0, kept_in_words(training))
    kept = training.history[training.kept_epoch - 1]
    lines.append(f"Held-out error {kept.held_out_error:.4f}, training error {kept.training_error:.4f}.")
    lines += noticed(run.findings, lines)
    if run.metadata and run.metadata.search:
        lines += run.metadata.search.sentences
    elif run.search and run.search.search.remark:
        lines.append(run.search.search.remark)
    return lines


def looking_back(run: Run, snapshot: RunSnapshot, evaluation: Evaluation) -> list[str]:
    """What the run would have been worth at a past epoch, in sentences, and what that figure is not."""
    training, epoch = snapshot.training, snapshot.weights.epoch
    lines = [f"Looking back at epoch {epoch:,} of {run.settings.epochs:,}:", *sentences(evaluation)]
    if run.branch and epoch > run.branch.weights.epoch:
        lines.insert(0, f"Branch {run.branch.in_words}.")
    if epoch:
        at = training.history[epoch - 1]
        lines.append(f"Held-out error {at.held_out_error:.4f}, training error {at.training_error:.4f}.")
    return [*lines, PICKED]


def _diverged(run: Run) -> str:
    assert run.training is not None
    kept = f"the weights of epoch {run.length:,} are kept" if run.length else "nothing was learned"
    return (
        f"Training diverged in epoch {run.training.diverged_at:,}; {kept}. "
        f"Try a learning rate a tenth of {written(run.settings.learning_rate)}, or scale the columns."
    )
