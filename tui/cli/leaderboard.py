"""`epochal search` without `--vary`: the space of the preset auto, its leaderboard, and the winner judged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from epochal.core.settings import DECLARATIONS, written
from epochal.tui.cli.automatic import interruptible_search, settings_given
from epochal.tui.cli.options import Fault, say

if TYPE_CHECKING:
    from epochal.core.studies.auto.report import Candidate, SearchReport
    from epochal.data.tables.dataset import Dataset

SHOWN = 20
COLUMNS = ("hidden", "activation", "l2", "learning_rate", "epochs")
# How many times the budget of `train` this one has: whoever asks for a search has come for it.
TIMES_THE_BUDGET = 5


def search_by_itself(dataset: Dataset, options: Mapping[str, Any], *, as_json: bool) -> None:
    """Search the default space on the training rows, rank it, and judge the winner on the held-out rows.

    Fault when nothing can be trained. Exit code 130 when it was interrupted; then the best so far is judged.
    """
    from epochal.core.evaluation.wording import sentences
    from epochal.core.outcome import outcome_of
    from epochal.core.training.training import Training
    from epochal.data.tables.decisions import decisions

    started = perf_counter()
    settings, given = settings_given(options)
    search, finished = interruptible_search(dataset.examples, settings, given, options, TIMES_THE_BUDGET)
    if search.remark:
        raise Fault(search.remark)
    try:
        report = search.report()
    except ValueError as error:
        raise Fault(str(error)) from None
    training = Training(dataset.examples, report.winner.settings)
    for _ in training:
        pass
    outcome = outcome_of(training)
    seconds = perf_counter() - started
    if as_json:
        from epochal.data.runs.metadata import search_of
        from epochal.data.runs.result import plain_values, result_of, table_of

        won = plain_values(result_of(dataset, outcome))
        told = {
            "table": plain_values(table_of(dataset)),
            "search": search_of(report).model_dump(mode="json"),
            "best": report.winner.settings.model_dump(mode="json"),
            "held_out": won["held_out"],
            "stopped": "finished" if finished else "interrupted",
            "seconds": seconds,
        }
        click.echo(json.dumps(told))
    else:
        stopped = [] if finished else ["Stopped before the end: these are the standings so far."]
        say(
            [
                *decisions(dataset).sentences,
                *stopped,
                "",
                *leaderboard(report),
                "",
                *report.sentences(),
                "Trained on all training rows; on the held-out rows, which took no part in the search:",
                *sentences(outcome.evaluation),
                f"{seconds:.1f} s.",
            ]
        )
    if not finished:
        raise SystemExit(130)


def leaderboard(report: SearchReport) -> list[str]:
    """A row for each of the best candidates: place, loss, whether it can be told from the best, settings."""
    head = ["", f"Validation {report.loss_name}", "", *(DECLARATIONS[name].title for name in COLUMNS)]
    rows = [_row(report, place, one) for place, one in enumerate(report.candidates[:SHOWN])]
    widths = [max(len(row[index]) for row in [head, *rows]) for index in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    if len(report.candidates) > SHOWN:
        lines.append(f"and {len(report.candidates) - SHOWN} more, which ended earlier.")
    return lines


def _row(report: SearchReport, place: int, one: Candidate) -> list[str]:
    from epochal.core.numerals import significant

    if place == report.chosen:
        mark = "chosen"
    elif one.is_indistinguishable:
        mark = "as good"
    else:
        mark = "" if one.is_finalist else f"ended at {one.epochs}"
    settings = [written(getattr(one.settings, name)) for name in COLUMNS]
    return [str(place + 1), significant(one.loss, 3), mark, *settings]
