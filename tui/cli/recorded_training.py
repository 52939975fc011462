"""Training without a screen: a bar on stderr, every epoch in the history, an end between two epochs."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import click

from epochal.core.evaluation.judgement import kept_in_words
from epochal.core.evaluation.wording import sentences
from epochal.core.findings.finding import noticed
from epochal.core.network.temperature import FITTED
from epochal.core.outcome import Outcome, outcome_of
from epochal.core.settings import written
from epochal.core.training.completion import completing
from epochal.core.training.training import Training
from epochal.data.paths import with_target
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.recording import Recording
from epochal.data.runs.result import RunResult, plain_values, result_of
from epochal.data.tables.decisions import decisions
from epochal.data.user_files import home
from epochal.tui.cli.departure import Departure
from epochal.tui.cli.options import Fault, say
from epochal.tui.widgets.text import visible

if TYPE_CHECKING:
    from epochal.data.runs.metadata import RunMetadata, SearchOfRun
    from epochal.data.tables.dataset import Dataset
    from epochal.tui.cli.options import Places

    Written = tuple[Places, list[str]]

# Seconds that the history may take to write the rest of a run once a signal asks to leave.
LAST_WRITING = 0.8
# And without one.
LONGEST_WRITING = 60.0


@dataclass(frozen=True, eq=False)
class RecordedOutcome:
    """The outcome of a training, its number in the history if it has one, and the signal that ended it.

    `decided` are the sentences on what was decided about the table.
    """

    decided: list[str]
    outcome: Outcome
    result: RunResult
    number: int | None
    signal: int


def recorder(*, no_history: bool) -> Recorder:
    """The history of the user's own folder; what troubles it is said on stderr."""
    return Recorder.open(None if no_history else home(), _warn)


def _warn(sentence: str) -> None:
    if sentence:
        click.echo(visible(sentence), err=True)


def trained(
    dataset: Dataset, training: Training, recording: Recording, recorder: Recorder, departure: Departure
) -> RecordedOutcome:
    """Train to the end, or until a signal asks to leave, and judge what there is.

    `departure` is the training's floor. The recorder is closed: all is in the history when this returns.
    """
    with departure.listening():
        is_between_epochs = _watched(training, recording, departure) and _completed(training, departure)
        state = training.state() if is_between_epochs else None
        outcome = outcome_of(training, "interrupted", completes=False)
        result = result_of(dataset, outcome)
        recording.end(outcome.ending, result, state)
        if not _closed(recorder, departure):
            _warn(f"This run is not {'' if recording.id is None else 'to its end '}in the history.")
    return RecordedOutcome(decisions(dataset).sentences, outcome, result, recording.id, departure.signal)


def _closed(recorder: Recorder, departure: Departure) -> bool:
    """Close the history, however busy the machine and its disk are, unless a signal asks to leave."""
    end = monotonic() + LONGEST_WRITING
    while not recorder.close(LAST_WRITING):
        if departure.signal or not recorder.is_at_work or monotonic() > end:
            return False
    return True


def _watched(training: Training, recording: Recording, departure: Departure) -> bool:
    """Train, with a bar on stderr if that is a terminal; False when it ended within an epoch."""
    epochs = training.settings.epochs
    bar = click.progressbar(
        length=epochs,
        label="Training",
        file=sys.stderr,
        hidden=not sys.stderr.isatty() or os.environ.get("TERM") == "dumb",
        update_min_steps=max(epochs // 100, 1),
    )
    departure.is_training = True
    try:
        with bar:
            bar.update(training.history.length)
            for _ in recording.epochs(training):
                bar.update(1)
                if departure.closed:
                    break
    except KeyboardInterrupt:
        return False
    finally:
        departure.is_training = False
    return True


def _completed(training: Training, departure: Departure) -> bool:
    """Train what the settings ask for besides, with a bar of its own; True, also when a signal ends it."""
    settings = training.settings
    if settings.networks == 1 and settings.temperature != FITTED:
        return True
    what = "The other networks" if settings.networks > 1 else "Temperature"
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    departure.is_training = True
    try:
        shown = 0
        with click.progressbar(length=100, label=what, file=sys.stderr, hidden=hidden) as bar:
            for share in completing(training):
                if departure.closed:
                    break
                bar.update(int(100 * share) - shown)
                shown = int(100 * share)
    except KeyboardInterrupt:
        pass
    finally:
        departure.is_training = False
    return True


def written_to(
    places: Places, recorded: RecordedOutcome, dataset: Dataset, metadata: RunMetadata, *, force: bool
) -> Written:
    """Write what was asked for of a training that has ended: the files that are there now, and troubles."""
    from epochal.tui.reporting.outputs import NotWritten, Trained, write

    if not places:
        return {}, []
    if not recorded.outcome.epochs:
        names = ", ".join(str(path) for path in places.values())
        return {}, [f"No epoch was trained to its end, so nothing was written to {names}."]
    trained = Trained(dataset, recorded.outcome, metadata, recorded.number or 0)
    files, troubles = {}, []
    for output, path in places.items():
        try:
            write(output, trained, path, force=force)
            files[output] = path
        except NotWritten as error:
            troubles.append(str(error))
    return files, troubles


def show(
    recorded: RecordedOutcome,
    written_files: Written,
    *,
    as_json: bool,
    search: SearchOfRun | None = None,
    again: str = "",
) -> None:
    """Print the outcome of a training, and the files it was written to: one JSON object, or sentences.

    `search` is the one that found its settings, and `again` the command that repeats it without the search.
    """
    files, _ = written_files
    if as_json:
        names = {output.name: str(path) for output, path in files.items()}
        found = {} if search is None else {"search": search.model_dump(mode="json"), "command": again}
        run = {"run": recorded.number, "files": names, **found}
        click.echo(json.dumps({**plain_values(recorded.result), **run}))
    else:
        _show_sentences(recorded, [] if search is None else [*search.sentences])
        if search is not None:
            say([f"To repeat it without the search: {again}"])
        say(f"Wrote {output.what} to {with_target(path)}." for output, path in files.items())


def _show_sentences(recorded: RecordedOutcome, searched: list[str]) -> None:
    outcome = recorded.outcome
    training = outcome.training
    lines = [
        *recorded.decided,
        *searched,
        training.network.in_words(),
        *sentences(outcome.evaluation),
        *outcome.completion_in_words,
    ]
    if kept := outcome.kept:
        if training.settings.patience and outcome.kept_epoch:
            lines.append(kept_in_words(training))
        lines.append(
            f"Training error {kept.training_error:.4f}, held-out error {kept.held_out_error:.4f} "
            f"after {outcome.epochs:,} epochs in {outcome.seconds:.2f} s."
        )
    lines += noticed(outcome.findings, lines)
    say(lines)
    if recorded.signal and recorded.number:
        click.echo(f"Interrupted. To go on: epochal runs resume {recorded.number}", err=True)


def leave(recorded: RecordedOutcome, written_files: Written) -> None:
    """End as the training did: sentences for what went wrong, a code of its own for a signal."""
    training, (_, troubles) = recorded.outcome.training, written_files
    if training.diverged_at:
        ran_away = (
            f"Training diverged in epoch {training.diverged_at:,}: "
            f"try a learning rate a tenth of {written(training.settings.learning_rate)}."
        )
        troubles = [*troubles, ran_away]
    if troubles and not recorded.signal:
        raise Fault("\n".join(troubles))
    if recorded.signal:
        for trouble in troubles:
            click.echo(visible(trouble), err=True)
        raise SystemExit(128 + recorded.signal)
