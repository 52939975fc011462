"""`epochal search`: settings tried on training rows, ranked, the winner judged on held-out rows."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from epochal.core.settings import DECLARATIONS, SettingError, written
from epochal.core.studies.sampling import SAMPLES, Range, range_in, sampled
from epochal.tui.cli.automatic import preset_options, settings_given
from epochal.tui.cli.candidates import complete_table
from epochal.tui.cli.jobs import jobs_option, workers
from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    force_option,
    history_option,
    json_option,
    new_place,
    say,
    setting_options,
    table_options,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from epochal.core.studies.search import EvaluatedCandidate
    from epochal.data.tables.dataset import Dataset

SHOWN = 20


@click.command()
@click.argument("table", shell_complete=complete_table)
@click.option(
    "--vary",
    multiple=True,
    metavar="NAME=VALUE,...",
    help="A setting and the values to try, or a range to draw from, such as learning_rate=1e-4..1e-1 log. "
    "It may be repeated. Values with commas in them stand between spaces. "
    "Without any, networks of several sizes, each with L2 from strong to weak, are tried.",
)
@click.option(
    "--samples",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help=f"Settings to draw where there is a range; {SAMPLES} if not given.",
)
@click.option(
    "--halving",
    is_flag=True,
    help="Train all for few epochs, the better half for more, and so on (successive halving).",
)
@click.option(
    "--folds",
    type=click.IntRange(2),
    default=5,
    metavar="N",
    show_default=True,
    help="Folds of the cross-validation on the training rows.",
)
@click.option(
    "--repeats",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    show_default=True,
    help="Repeats of it, each with new folds.",
)
@table_options
@preset_options
@setting_options
@jobs_option
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE.csv", help="All candidates, as CSV."
)
@force_option
@json_option
@history_option
def search(
    table: str,
    vary: tuple[str, ...],
    samples: int | None,
    halving: bool,
    folds: int,
    repeats: int,
    csv_file: Path | None,
    force: bool,
    as_json: bool,
    no_history: bool,
    **options: Any,
) -> None:
    """Search hyperparameters on TABLE by cross-validation.

    Every combination is cross-validated on the training rows alone, and the best is then evaluated on the
    held-out rows; with --halving the worse ones end early. Without --vary the default space of the preset
    auto is searched by successive halving, with five times its budget.

    Example: epochal search iris --vary l2=0,0.01 --vary "hidden=4 10 16,8"
    """
    from epochal.core.evaluation.wording import sentences
    from epochal.core.studies.auto.budget import seconds_of_folds
    from epochal.core.studies.search import candidates, ranked, refit_and_evaluate
    from epochal.core.studies.search import search as judge_all
    from epochal.data.exports.search_csv import grid_csv, search_csv
    from epochal.data.tables.decisions import decisions

    if csv_file:
        new_place(csv_file, force=force)
    if halving and repeats > 1:
        raise click.UsageError("--halving compares on the folds of one repeat: leave --repeats out.")

    def by_halving(dataset: Dataset, **named: Any) -> None:
        from epochal.tui.cli.leaderboard import search_by_itself

        search_by_itself(
            dataset,
            options,
            lambda report: _write(csv_file, search_csv(report), force=force),
            as_json=as_json,
            no_history=no_history,
            **named,
        )

    if not vary:
        settings_given(options)
        by_halving(dataset_named(table, options))
        return
    values = dict(map(_varied, vary))
    try:
        base = settings_given(options)[0]
        if samples or any(isinstance(each, Range) for each in values.values()):
            settings = sampled(base, values, samples or SAMPLES)
        else:
            settings = candidates(base, values)  # type: ignore[arg-type]
    except SettingError as error:
        raise Fault(f"{error}.") from None
    dataset = dataset_named(table, options)
    if halving:
        by_halving(dataset, tried=settings, folds=folds)
        return
    expected = seconds_of_folds(dataset.examples, settings, folds * repeats)
    started = perf_counter()
    judged: list[EvaluatedCandidate] = []
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    finished = True
    try:
        with (
            workers(options, expected) as executor,
            click.progressbar(length=len(settings), label="Searching", file=sys.stderr, hidden=hidden) as bar,
        ):
            for one in judge_all(dataset.examples, settings, folds, repeats, executor=executor):
                judged.append(one)
                bar.update(1)
    except KeyboardInterrupt:
        finished = False
    except ValueError as error:
        raise Fault(str(error)) from None
    if not judged:
        raise Fault("Stopped before the first settings were evaluated: there is no result.")
    order = ranked(judged)
    _write(csv_file, grid_csv(order), force=force)
    outcome = refit_and_evaluate(dataset.examples, order[0])
    seconds = perf_counter() - started
    if as_json:
        from epochal.data.runs.result import plain_values, result_of, table_of

        won = plain_values(result_of(dataset, outcome))
        report = {
            "table": plain_values(table_of(dataset)),
            "candidates": [_candidate(one, place, values) for place, one in enumerate(order, 1)],
            "best": order[0].settings.model_dump(mode="json"),
            "held_out": won["held_out"],
            "folds": folds,
            "repeats": repeats,
            "stopped": "finished" if finished else "interrupted",
            "seconds": seconds,
        }
        click.echo(json.dumps(report))
    else:
        if not finished:
            say([f"Stopped after {len(judged)} of {len(settings)} candidates."])
        options_of_best = " ".join(
            f"{DECLARATIONS[name].option} {written(getattr(order[0].settings, name))}" for name in values
        )
        say(
            [
                *decisions(dataset).sentences,
                "",
                *_lines(order, list(values)),
                "",
                f"With {options_of_best}, on held-out rows, which the search never saw:",
                *sentences(outcome.evaluation),
                f"{len(judged) * folds * repeats:,} trainings in {seconds:.1f} s.",
            ]
        )
    if not finished:
        raise SystemExit(130)


def _write(path: Path | None, text: str, *, force: bool) -> None:
    """Write what was asked for, whole or not at all."""
    from epochal.data.atomic_write import whole_file
    from epochal.data.paths import refusal

    if path is None:
        return
    try:
        with whole_file(path, force=force) as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        raise Fault(f"Nothing was written to {path}: {refusal(error)}.") from None


def _varied(text: str) -> tuple[str, Range | list[str]]:
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    if not equals or not values.strip():
        raise click.UsageError(
            f"--vary takes a setting and its values, as in learning_rate=0.001,0.01, not {text!r}."
        )
    try:
        if found := range_in(values):
            return name, found
    except ValueError as error:
        raise click.UsageError(f"{error}.") from None
    between = None if " " in values.strip() or name == "hidden" else ","
    return name, [value.strip() for value in values.split(between) if value.strip()]


def _candidate(one: EvaluatedCandidate, place: int, values: Mapping[str, object]) -> dict[str, object]:
    score = one.score
    return {
        "rank": place,
        "settings": {name: one.settings.model_dump(mode="json")[name] for name in values},
        one.summary.scoring.headline: {
            "mean": score.mean,
            "std": score.std,
            "interval": score.interval,
        },
        "scores": list(score.scores),
    }


def _lines(order: list[EvaluatedCandidate], names: list[str]) -> list[str]:
    from epochal.core.studies.search import is_indistinguishable

    scoring = order[0].summary.scoring
    titles = [DECLARATIONS[name].title for name in names]
    rows = [
        [
            str(place),
            scoring.written(one.score.mean),
            "as good" if place > 1 and is_indistinguishable(order[0], one) else "",
            *(written(getattr(one.settings, name)) for name in names),
        ]
        for place, one in enumerate(order[:SHOWN], 1)
    ]
    head = ["", scoring.heading, "", *titles]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    if len(order) > SHOWN:
        lines.append(f"and {len(order) - SHOWN} more, none better.")
    if any(row[2] for row in rows):
        lines.append("Indistinguishable from the best by these folds.")
    return lines
