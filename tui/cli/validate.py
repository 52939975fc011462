"""`epochal validate`: the same training on many splits, and what they say together."""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    json_option,
    say,
    setting_options,
    settings_from,
    table_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from epochal.core.studies.cross_validation import Fold
    from epochal.core.studies.resampling import ScoreSummary, Summary


@click.command()
@click.argument("table")
@click.option(
    "--folds",
    type=click.IntRange(2),
    default=10,
    metavar="N",
    show_default=True,
    help="Number of folds.",
)
@click.option(
    "--repeats",
    type=click.IntRange(1),
    default=5,
    metavar="N",
    show_default=True,
    help="Number of repeats, each with new folds.",
)
@table_options
@setting_options
@json_option
def validate(table: str, folds: int, repeats: int, as_json: bool, **options: Any) -> None:
    """Cross-validate settings on TABLE: repeated, stratified k-fold cross-validation.

    Every row is held out once in each repeat; --held-out is not used. The interval for the mean is Nadeau and
    Bengio's, which allows for the training rows that folds share.

    Example: epochal validate column_2C_weka --folds 10 --repeats 5
    """
    from epochal.core.studies.cross_validation import cross_validate
    from epochal.core.studies.resampling import summarise, summary_sentences
    from epochal.data.runs.result import plain_values, table_of
    from epochal.data.tables.decisions import decisions

    settings = settings_from(options)
    dataset = dataset_named(table, options)
    started = perf_counter()
    done: list[Fold] = []
    try:
        trainings = cross_validate(dataset.examples, settings, folds, repeats)
        finished = _watched(trainings, done, folds * repeats)
    except ValueError as error:
        raise Fault(str(error)) from None
    if not done:
        raise Fault("Stopped before the first fold was evaluated: there is no result.")
    summary = summarise(done)
    seconds = perf_counter() - started
    if as_json:
        report = {
            "table": plain_values(table_of(dataset)),
            "settings": settings.model_dump(mode="json"),
            **_measures(summary),
            "stopped": "finished" if finished else "interrupted",
            "seconds": seconds,
        }
        click.echo(json.dumps(report))
    else:
        if not finished:
            say([f"Stopped after {len(done)} of {folds * repeats} trainings."])
        trainings_in_words = f"{len(done)} trainings in {seconds:.1f} s."
        say([*decisions(dataset).sentences, *summary_sentences(summary), trainings_in_words])
    if not finished:
        raise SystemExit(130)


def _watched(trainings: Iterator[Fold], done: list[Fold], expected: int) -> bool:
    """Collect the folds, with a bar on stderr if that is a terminal; False when it was interrupted."""
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    try:
        with click.progressbar(length=expected, label="Validating", file=sys.stderr, hidden=hidden) as bar:
            for fold in trainings:
                done.append(fold)
                bar.update(1)
    except KeyboardInterrupt:
        return False
    return True


def _measures(summary: Summary) -> dict[str, object]:
    return {
        **{
            name: _spread(spread)
            for name, spread in summary.measures.items()
            if not name.startswith("baseline")
        },
        "gain": _spread(summary.improvement) if summary.improvement else None,
        "baseline": summary.baseline,
        "baseline_answer": summary.baseline_answer,
        "beats_baseline": summary.beats_baseline,
        "level": summary.level,
        "interval_method": "Nadeau-Bengio corrected resampled t",
        "folds": list(summary.score.scores),
        "trainings": [
            {
                "repeat": fold.repeat,
                "fold": fold.number,
                "train": len(fold.split.train),
                "held_out": len(fold.split.held_out),
                **{name: getattr(fold.evaluation, name) for name in summary.measures},
                "epochs": fold.epochs,
                "stopped": fold.ending,
            }
            for fold in summary.folds
        ],
    }


def _spread(spread: ScoreSummary) -> dict[str, object]:
    return {"mean": spread.mean, "std": spread.std, "interval": spread.interval}
