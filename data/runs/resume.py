"""Going on with a recorded run: its table as it was then, its training as of the last state."""

from __future__ import annotations

from pathlib import Path

from epochal.core.training.gate import StepGate
from epochal.core.training.resume import resumed
from epochal.core.training.training import Training
from epochal.data.runs.database import HistoryError
from epochal.data.runs.metadata import present_versions
from epochal.data.runs.queries import state_of
from epochal.data.runs.record import RecordedRun
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import TableError


def dataset_of(run: RecordedRun) -> Dataset:
    """What the run learns from; HistoryError when its table has changed or is gone."""
    told = run.metadata.table
    try:
        table = open_table(told.spoken, **run.reading)
        if (table.sha256, table.rows) != (told.sha256, told.rows):
            raise HistoryError(
                f"{told.spoken} has changed since run {run.id} began, so the run cannot go on as it was:"
                " put the table back as it was, or train anew"
            )
        return dataset_from(table, told.target, told.ignored, told.task)
    except TableError as error:
        sentence = str(error).rstrip(".")
        raise HistoryError(f"Run {run.id} cannot go on without its table. {sentence}") from None
    # What the history says of the reading may be anything a file can hold.
    except (TypeError, ValueError, LookupError):
        raise HistoryError(f"Run {run.id} does not say how its table was read") from None


def has_its_state(folder: Path | None, run: RecordedRun) -> None:
    """HistoryError where the history has not kept, or no longer has, the network of a run that has ended."""
    if folder is None or state_of(folder, run) is None:
        raise HistoryError(
            f"The network of run {run.id} is not in the history: train it anew (l: its settings)"
        )


def training_of(folder: Path, run: RecordedRun, dataset: Dataset, gate: StepGate | None = None) -> Training:
    """The training as of the run's last state, from its first epoch where there is none.

    It ends with the bytes of a run never interrupted where `versions_since` names nothing. HistoryError
    when it cannot go on.
    """
    state, settings = state_of(folder, run), run.settings
    if state is None and run.metadata.branch:
        raise HistoryError(f"Run {run.id} is a branch of another, and has no state from which it could go on")
    try:
        if state is None:
            return Training(dataset.examples, settings, gate=gate)
        return resumed(dataset.examples, settings, state, gate=gate)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise HistoryError(f"Run {run.id} cannot go on: {str(error).rstrip('.')}") from None


def versions_since(run: RecordedRun) -> list[str]:
    """What has changed since that may change a result's last digits, as `numpy 2.0 is now 2.1`."""
    then = run.metadata.versions
    return [
        f"{name} {then.get(name, 'unknown')} is now {version}"
        for name, version in present_versions().items()
        if name != "epochal" and then.get(name) != version
    ]
