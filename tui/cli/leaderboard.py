"""`epochal search` without `--vary`: the space of the preset auto, its leaderboard, and the winner judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from epochal.core.settings import DECLARATIONS, written
from epochal.tui.cli.automatic import interruptible_search, settings_given
from epochal.tui.cli.options import Fault, reading_from, say

if TYPE_CHECKING:
    from epochal.core.studies.auto.report import Candidate, SearchReport
    from epochal.data.tables.dataset import Dataset

SHOWN = 20
COLUMNS = ("hidden", "activation", "l2", "learning_rate", "epochs")
# How many times the budget of `train` this one has: whoever asks for a search has come for it.
TIMES_THE_BUDGET = 5


def search_by_itself(
    dataset: Dataset,
    options: Mapping[str, Any],
    keep: Callable[[SearchReport], None],
    *,
    as_json: bool,
    no_history: bool,
    **named: Any,
) -> None:
    """Search on the training rows by successive halving, rank, and judge the winner on the held-out rows.

    The default space, unless `tried` is among what `named` tells the search.

    The winner is a run of the history, with every candidate; `keep` is given the report before. Fault when
    nothing can be trained. Exit code 130 when the search was interrupted; then the best so far is judged.
    """
    from epochal.core.evaluation.wording import sentences
    from epochal.core.training.training import Training
    from epochal.data.runs.metadata import run_metadata
    from epochal.tui.cli.departure import Departure
    from epochal.tui.cli.recorded_training import recorder, trained

    started = perf_counter()
    settings, given = settings_given(options)
    search, finished = interruptible_search(
        dataset.examples, settings, given, options, TIMES_THE_BUDGET, **named
    )
    if search.remark:
        raise Fault(search.remark)
    try:
        report = search.report()
    except ValueError as error:
        raise Fault(str(error)) from None
    keep(report)
    departure = Departure()
    training = Training(dataset.examples, report.winner.settings, gate=departure)
    metadata = run_metadata(dataset, training, reading_from(options), search=report)
    with recorder(no_history=no_history) as history:
        recording = history.begin(metadata, training.history)
        recorded = trained(dataset, training, recording, history, departure)
    seconds = perf_counter() - started
    outcome = recorded.outcome
    if as_json:
        from epochal.data.runs.result import plain_values

        won = plain_values(recorded.result)
        assert metadata.search is not None
        told = {
            "table": won["table"],
            "search": metadata.search.model_dump(mode="json"),
            "best": report.winner.settings.model_dump(mode="json"),
            "held_out": won["held_out"],
            "run": recorded.number,
            "stopped": "finished" if finished else "interrupted",
            "seconds": seconds,
        }
        click.echo(json.dumps(told))
    else:
        stopped = [] if finished else ["Stopped before the end: these are the standings so far."]
        say(
            [
                *recorded.decided,
                *stopped,
                "",
                *leaderboard(report),
                "",
                *report.sentences(),
                "Trained on all training rows; on the held-out rows, which took no part in the search:",
                *sentences(outcome.evaluation),
                *outcome.completion_in_words,
                f"{seconds:.1f} s.",
            ]
        )
    if not finished or recorded.signal:
        raise SystemExit(130)


def leaderboard(report: SearchReport) -> list[str]:
    """A row for each of the best candidates: place, loss, whether it can be told from the best, settings."""
    to_best = "Difference to the lowest (95 %)"
    titles = (DECLARATIONS[name].title for name in COLUMNS)
    head = ["", f"Validation {report.loss_name}", "", to_best, *titles]
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
    apart = one.difference.in_words if one.difference else ""
    return [str(place + 1), significant(one.loss, 3), mark, apart, *settings]
