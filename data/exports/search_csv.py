"""The candidates of a search as a table: a row each, the best first, as other programs read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from epochal.core.settings import DECLARATIONS, written
from epochal.core.studies.auto.report import SearchReport
from epochal.core.studies.search import EvaluatedCandidate

MARKS = ("rank", "chosen", "finalist", "indistinguishable")


def search_csv(report: SearchReport) -> str:
    """Each candidate's loss, its difference from the lowest with the 95 % interval, and all its settings.

    The loss is `log_loss`, in nats, or `rmse`; a cell is empty where there is no number.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    measure = report.loss_name.lower().replace(" ", "_")
    writer.writerow((*MARKS, measure, "difference", "low", "high", "epochs_trained", *DECLARATIONS))
    for place, one in enumerate(report.candidates):
        apart = one.difference
        writer.writerow(
            (
                place + 1,
                int(place == report.chosen),
                int(one.is_finalist),
                int(one.is_indistinguishable),
                _number(one.loss),
                *(("", "", "") if apart is None else map(_number, (apart.mean, apart.low, apart.high))),
                one.epochs,
                *(written(getattr(one.settings, name)) for name in DECLARATIONS),
            )
        )
    return file.getvalue()


def grid_csv(ranked: Sequence[EvaluatedCandidate]) -> str:
    """Of cross-validated candidates the mean, deviation and interval of their score, and all settings."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    name = ranked[0].summary.scoring.headline
    writer.writerow(("rank", name, "deviation", "low", "high", *DECLARATIONS))
    for place, one in enumerate(ranked, 1):
        score = one.score
        spread = "" if score.std is None else _number(score.std)
        low, high = map(_number, score.interval) if score.interval else ("", "")
        settings = (written(getattr(one.settings, name)) for name in DECLARATIONS)
        writer.writerow((place, _number(score.mean), spread, low, high, *settings))
    return file.getvalue()


def _number(value: float) -> str:
    return repr(value) if abs(value) != float("inf") else ""
