"""`epochal validate`: the same training on many splits, and what they say together."""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from epochal.tui.cli.automatic import is_automatic, preset_options, settings_given
from epochal.tui.cli.candidates import complete_table
from epochal.tui.cli.jobs import jobs_option, workers
from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    json_option,
    say,
    setting_options,
    table_options,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from epochal.core.rows.examples import Examples
    from epochal.core.settings import Settings
    from epochal.core.studies.cross_validation import Fold
    from epochal.core.studies.resampling import ScoreSummary, Summary


@click.command()
@click.argument("table", shell_complete=complete_table)
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
    metavar="N",
    help="Number of repeats, each with new folds; 5 if not given, or 1 with a search in every fold.",
)
@click.option(
    "--against",
    metavar="NAME,...",
    default="",
    help="Other models on the same folds: linear, knn; with scikit-learn also mlp, boosting, forest.",
)
@table_options
@preset_options
@setting_options
@jobs_option
@json_option
def validate(
    table: str,
    folds: int,
    repeats: int | None,
    against: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Cross-validate settings on TABLE: repeated, stratified k-fold.

    With the preset auto every fold searches for settings on its own training rows (nested cross-validation).
    Every row is held out once in each repeat; --held-out is not used. The interval for the mean is Nadeau and
    Bengio's, which allows for the training rows that folds share.

    Example: epochal validate column_2C_weka --preset sensible --folds 10 --repeats 5
    """
    from epochal.core.studies.auto.nested import nested_cross_validate
    from epochal.core.studies.comparison import in_words
    from epochal.core.studies.cross_validation import MOST_REPEATS, cross_validate
    from epochal.core.studies.resampling import summarise, summary_sentences
    from epochal.core.studies.rivals import rival_folds
    from epochal.data.runs.result import plain_values, table_of
    from epochal.data.tables.decisions import decisions

    if repeats and repeats > MOST_REPEATS:
        raise Fault(f"Folds are repeated {MOST_REPEATS:,} times at most, not {repeats:,} times.")
    settings, given = settings_given(options)
    searches = is_automatic(options)
    repeats = repeats or (1 if searches else 5)
    rival_names = _rival_names(against)
    dataset = dataset_named(table, options)
    started = perf_counter()
    done: list[Fold] = []
    expected = folds * repeats
    with workers(options, _seconds_of(dataset.examples, settings, expected, options)) as executor:
        try:
            if searches:
                trainings = nested_cross_validate(
                    dataset.examples,
                    settings,
                    given,
                    folds,
                    repeats,
                    budget=options["budget"],
                    executor=executor,
                )
            else:
                trainings = cross_validate(dataset.examples, settings, folds, repeats, executor=executor)
            finished = _watched(trainings, done, expected)
        except ValueError as error:
            raise Fault(str(error)) from None
        if not done:
            raise Fault("Stopped before the first fold was evaluated: there is no result.")
        summary = summarise(done)
        rivals = {}
        for name in rival_names if finished else ():
            others = rival_folds(name, dataset.examples, folds, repeats, settings.seed, executor)
            if summary_of := _rival(name, others, expected):
                rivals[name] = summary_of
    seconds = perf_counter() - started
    if as_json:
        report = {
            "table": plain_values(table_of(dataset)),
            "preset": options["preset"],
            "settings": {
                name: value
                for name, value in settings.model_dump(mode="json").items()
                if not searches or name in (*given, "seed")
            },
            **_measures(summary),
            **(
                {"against": {name: _rival_record(summary, one) for name, one in rivals.items()}}
                if rivals
                else {}
            ),
            "stopped": "finished" if finished else "interrupted",
            "seconds": seconds,
        }
        click.echo(json.dumps(report))
    else:
        if not finished:
            say([f"Stopped after {len(done)} of {folds * repeats} trainings."])
        each = ", each after a search for its settings," if searches else ""
        trainings_in_words = f"{len(done)} trainings{each} in {seconds:.1f} s."
        compared = [in_words(name, summary, one) for name, one in rivals.items()]
        say([*decisions(dataset).sentences, *summary_sentences(summary), *compared, trainings_in_words])
    if not finished:
        raise SystemExit(130)


def _watched(trainings: Iterator[Fold], done: list[Fold], expected: int, label: str = "Validating") -> bool:
    """Collect the folds, with a bar on stderr if that is a terminal; False when it was interrupted."""
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    try:
        with click.progressbar(length=expected, label=label, file=sys.stderr, hidden=hidden) as bar:
            for fold in trainings:
                done.append(fold)
                bar.update(1)
    except KeyboardInterrupt:
        return False
    return True


def _rival_names(text: str) -> list[str]:
    from epochal.core.studies.rivals import RIVALS

    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in RIVALS:
            raise click.UsageError(f"--against takes {', '.join(RIVALS)}, not {name!r}.")
    return list(dict.fromkeys(names))


def _seconds_of(examples: Examples, settings: Settings, trainings: int, options: Mapping[str, Any]) -> float:
    from epochal.core.studies.auto.budget import default_budget, seconds_of_folds

    if is_automatic(options):
        return trainings * (options["budget"] or default_budget(len(examples)))
    return seconds_of_folds(examples, [settings], trainings)


def _rival(name: str, trainings: Iterator[Fold], expected: int) -> Summary | None:
    """A rival on the same folds; None when it was interrupted. Fault when it cannot be had."""
    from epochal.core.studies.resampling import summarise

    done: list[Fold] = []
    try:
        finished = _watched(trainings, done, expected, label=name)
    except ValueError as error:
        raise Fault(str(error)) from None
    return summarise(done) if done and finished else None


def _rival_record(ours: Summary, theirs: Summary) -> dict[str, object]:
    from epochal.core.studies.comparison import difference

    return {
        **{
            name: _spread(spread)
            for name, spread in theirs.measures.items()
            if not name.startswith("baseline")
        },
        "gain_of_the_network": _spread(difference(ours, theirs)),
    }


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
