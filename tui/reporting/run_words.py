"""A recorded run in words: when it began, its result, and the settings that are not the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from epochal.core.findings.finding import noticed
from epochal.core.settings import DECLARATIONS, written
from epochal.data.runs.record import RecordedRun
from epochal.data.runs.result import HeldOutClasses, HeldOutNumbers, RunResult
from epochal.data.tables.decisions import REASONS


def when(run: RecordedRun) -> str:
    """The minute it began, by the clock of this place: `2026-11-24 16:49`."""
    return f"{datetime.fromtimestamp(run.started):%Y-%m-%d %H:%M}"


def when_exactly(run: RecordedRun) -> str:
    """The second it began, with what this place's clock differs from others', as programs read it."""
    return datetime.fromtimestamp(run.started).astimezone().isoformat(" ", "seconds")


@dataclass(frozen=True)
class Score:
    """The headline measure of a run on its held-out rows.

    `figure` is the accuracy, or the error of numbers below 0, so that more is better.
    """

    text: str = "-"
    short: str = "-"
    figure: float = float("-inf")


def score(run: RecordedRun) -> Score:
    """The accuracy, or the error of numbers, with its interval; a dash where it was not evaluated."""
    held_out = run.result.held_out if run.result else None
    if isinstance(held_out, HeldOutClasses) and held_out.accuracy is not None:
        return _accuracy(held_out.accuracy, held_out.interval or (0.0, 1.0))
    if isinstance(held_out, HeldOutNumbers) and held_out.rmse is not None:
        return _error(held_out.rmse, held_out.interval)
    return Score()


def _accuracy(accuracy: float, interval: tuple[float, float]) -> Score:
    low, high = (100 * end for end in interval)
    percent = f"{100 * accuracy:.1f} %"
    return Score(f"{percent} ({low:.1f} to {high:.1f})", f"{percent} ({low:.0f}-{high:.0f})", accuracy)


def _error(error: float, interval: tuple[float, float] | None) -> Score:
    if interval is None:
        return Score(f"error {error:.4g}", f"{error:.3g}", -error)
    low, high = interval
    return Score(
        f"error {error:.4g} ({low:.4g} to {high:.4g})", f"{error:.3g} ({low:.3g}-{high:.3g})", -error
    )


def how_it_ended(run: RecordedRun) -> str:
    """Before `after 12 of 300 epochs`."""
    return {"early": "stopped early", "stopped": "stopped by hand"}.get(run.ending, run.ending)


def changed_settings(run: RecordedRun) -> str:
    """The settings that are not the usual ones, as options: `--l2 0.1 --seed 3`; empty where all are."""
    return " ".join(
        f"{DECLARATIONS[name].option} {written(value)}"
        for name, value in run.metadata.settings.items()
        if name in DECLARATIONS and value != DECLARATIONS[name].default
    )


def sentences(run: RecordedRun) -> list[str]:
    """All that is known of it, but its epochs."""
    table, split, result = run.metadata.table, run.metadata.split, run.result or RunResult()
    heading = f"Run {run.id}" + (f", {run.name}" if run.name else "")
    lines = [
        f"{heading}: begun {when(run)}, {how_it_ended(run)} after {run.epochs:,} of {run.planned:,} epochs,"
        f" {run.seconds:.2f} s.",
        *(line for line in (run.note, run.trouble) if line),
        *([f"To go on: epochal runs resume {run.id}"] if run.can_go_on else []),
        *(result_in_words(result) or [f"Result: {score(run).text}."]),
        f"Changed settings: {changed_settings(run) or 'none'}.",
    ]
    if search := run.metadata.search:
        lines += search.sentences
    if branch := run.metadata.branch:
        changed = " ".join(f"{name} {written(value)}" for name, value in branch.changed.items())
        lines.append(f"A branch of another run, from epoch {branch.epoch:,}: {changed or 'nothing changed'}.")
    lines += [
        f"Table {table.spoken}: {table.rows:,} rows, predicting {table.target};"
        f" {split.train:,} training rows, {split.held_out:,} held out."
        f" Network {'-'.join(map(str, run.metadata.layers))}, {run.metadata.parameters:,} parameters.",
    ]
    return [*lines, *decided_in_words(result), *found_in_words(result)]


def decided_in_words(result: RunResult) -> list[str]:
    """What was decided about the table before anything was learned; nothing where it was not recorded yet."""
    table = result.table
    if table is None or table.target_reason not in REASONS:
        return []
    return [f"Target: {table.target}, {REASONS[table.target_reason]}.", *table.notes]


def result_in_words(result: RunResult) -> list[str]:
    """The evaluation on the held-out rows, as it was said when the run ended."""
    return list(result.in_words)


def found_in_words(result: RunResult) -> list[str]:
    """What was noticed about the run, and what could be done about it."""
    return noticed(result.findings, result.in_words)
