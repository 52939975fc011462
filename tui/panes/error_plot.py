"""What the Error pane's chart shows: errors or accuracy of a run, the run before, and which epochs."""

from __future__ import annotations

import numpy as np

from epochal.core.chart.axis import Span
from epochal.core.chart.thinning import Floats
from epochal.core.evaluation.intervals import wilson
from epochal.core.network.losses import ERROR_IN_WORDS
from epochal.tui.runner.run import Branch, Run
from epochal.tui.widgets.plot import Band, Curve, Plot

FEWEST_EPOCHS = 8.0
"""Nobody zooms in on fewer."""


def plot_of(
    run: Run,
    before: Run | None,
    length: int,
    cursor: int | None,
    *,
    window: Span | None,
    log: bool,
    accuracy: bool,
) -> Plot:
    """The first epochs of a run, so many of them, over the `window` or over all that are planned."""
    training = run.training
    assert training is not None
    by_accuracy = accuracy and bool(run.dataset.examples.classes)
    bands: list[Band] = []
    span = window or (0.0, span_of(length, run.settings.epochs))
    if by_accuracy:
        curves, bands = _accuracy(run, length, span)
        curves = _run_before(run, before, "held_out_accuracy", 100.0) + curves
    else:
        curves = _run_before(run, before, "held_out_error") + _errors(run, length)
    marks = [float(change.epoch - 1) for change in training.changes]
    if run.branch:
        curves += [] if by_accuracy else _left(run.branch)
        marks.append(float(run.branch.weights.epoch))
    return Plot(
        curves,
        span,
        log and not by_accuracy,
        y_label="held-out accuracy, %" if by_accuracy else ERROR_IN_WORDS[training.loss_name],
        cursor=cursor,
        marks=marks,
        bands=bands,
        end_labels=True,
        settled=not run.is_active or window is not None,
    )


def _errors(run: Run, length: int) -> list[Curve]:
    """The training error, thin; the held-out error, thick; that of the rows that stop it, in dots."""
    training = run.training
    assert training is not None
    column = training.history.column
    numbers = column("number")[:length]
    curves = [
        Curve("training", numbers, column("training_error")[:length], "primary"),
        Curve("held-out", numbers, column("held_out_error")[:length], "warning", "thick"),
    ]
    if run.settings.patience:
        curves.append(Curve("validation", numbers, column("validation_error")[:length], "success", "dots"))
    return curves


def _accuracy(run: Run, length: int, span: Span) -> tuple[list[Curve], list[Band]]:
    """The held-out accuracy, its 95 % interval, and what always answering the most frequent class gets."""
    training = run.training
    assert training is not None
    held_out = training.split.held_out
    numbers = training.history.column("number")[:length]
    shares = training.history.column("held_out_accuracy")[:length]
    rows = len(held_out)
    if not rows:
        return [], []
    right = np.rint(shares * rows).astype(np.intp)
    low, high = _intervals(right, rows)
    most = np.bincount(run.dataset.examples.targets[held_out].astype(np.intp)).max() / rows
    curves = [
        Curve("baseline", np.array(span), np.full(2, 100.0 * most), "secondary", "dashes"),
        Curve("accuracy", numbers, 100.0 * shares, "warning", "thick"),
    ]
    return curves, [Band("95 % interval", numbers, 100.0 * low, 100.0 * high)]


def _intervals(right: np.ndarray[tuple[int], np.dtype[np.intp]], rows: int) -> tuple[Floats, Floats]:
    """Wilson's interval for each epoch; few numbers of right answers differ."""
    counts, places = np.unique(right, return_inverse=True)
    ends = np.array([wilson(count, rows) for count in counts.tolist()])
    return ends[places, 0], ends[places, 1]


def _run_before(run: Run, before: Run | None, measure: str, unit: float = 1.0) -> list[Curve]:
    """That measure of the run before, faint; where a branch left that run, it is drawn anyway."""
    if (
        before is None
        or before is run
        or before.training is None
        or (run.branch and run.branch.run is before)
    ):
        return []
    if run.training is None or before.training.loss_name != run.training.loss_name:
        return []
    history, length = before.training.history, before.training.history.length
    values = unit * history.column(measure)[:length]
    return [Curve("run before", history.column("number")[:length], values, "dim", "dots")]


def _left(branch: Branch) -> list[Curve]:
    """The errors of the run that a branch left, from there on."""
    training = branch.run.training
    if training is None:
        return []
    rows = slice(max(branch.weights.epoch - 1, 0), training.history.length)
    numbers = training.history.column("number")[rows]
    return [
        Curve("before", numbers, training.history.column("training_error")[rows], "secondary", "dots"),
        Curve("before", numbers, training.history.column("held_out_error")[rows], "accent", "crosses"),
    ]


def span_of(length: int, planned: int) -> float:
    """The planned epochs, or while only few of very many are done, the next power of two."""
    return float(min(planned, max(64, 2 ** int(np.ceil(np.log2(max(length, 1) * 1.0001))))))


def zoomed(window: Span, whole: Span, at: float, by: float) -> Span | None:
    """A window `by` times as wide around an epoch; None where that would be all there is."""
    low, high = window
    wide = max((high - low) * by, FEWEST_EPOCHS)
    if wide >= whole[1] - whole[0]:
        return None
    share = min(max((at - low) / (high - low), 0.0), 1.0)
    start = min(max(at - share * wide, whole[0]), whole[1] - wide)
    return start, start + wide


def following(window: Span, epoch: float) -> Span:
    """The window moved as little as shows an epoch, with some room around that."""
    low, high = window
    room = (high - low) / 10
    if epoch < low + room and low > 0.0:
        start = max(epoch - room, 0.0)
    elif epoch > high:
        start = epoch + room - (high - low)
    else:
        return window
    return start, start + (high - low)
