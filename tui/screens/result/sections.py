"""The parts of a result in full: lines of measures, plots of what is traded and trusted, the mistakes."""

from __future__ import annotations

import numpy as np

from epochal.core.evaluation.curves import roc_curve
from epochal.core.evaluation.evaluation import ClassEvaluation, decide
from epochal.core.evaluation.judgement import Predictions
from epochal.core.evaluation.regression import QUANTILES, NumberEvaluation
from epochal.core.evaluation.wording import percent
from epochal.core.numerals import figure
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.table import Column, Table
from epochal.tui.runner.run import Run
from epochal.tui.widgets.plot import Curve, Plot
from epochal.tui.widgets.text import GLYPHS, fit, width_of

Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

PERCENT = (0.0, 100.0)
_NAME = 16


def threshold_line(threshold: float, positive: str, width: int) -> str:
    """A slider: `Threshold 0.50 for Normal ─────●─────`."""
    words = f"{fit(positive, min(width_of(positive), _NAME))} from a probability of {threshold:.2f} on "
    cells = min(width - len(words), 41)
    if cells < 11:
        return words.strip()
    rail, knob = ("─", "●") if GLYPHS else ("-", "O")
    place = round(threshold * (cells - 1))
    return words + rail * place + knob + rail * (cells - 1 - place)


def measure_lines(evaluation: ClassEvaluation | NumberEvaluation) -> list[str]:
    """A table of measures, class by class or output by output, and those of the whole below."""
    return _number_lines(evaluation) if isinstance(evaluation, NumberEvaluation) else _class_lines(evaluation)


def _class_lines(evaluation: ClassEvaluation) -> list[str]:
    width = max(5, min(_NAME, max(map(width_of, evaluation.classes))))
    lines = [f"{'class':{width}}  rows  answered  precision   recall       F1"]
    for one in evaluation.per_class:
        shares = [f"{'none' if share is None else percent(share):>8}" for share in (one.recall, one.f1)]
        precision = "none" if one.precision is None else percent(one.precision)
        name = fit(one.name, width)
        lines.append(f"{name} {one.support:>5,} {one.predicted:>9,} {precision:>10} {shares[0]} {shares[1]}")
    whole = [
        ("balanced accuracy", evaluation.balanced_accuracy, percent),
        ("AUC", evaluation.auc, "{:.3f}".format),
        ("Matthews correlation", evaluation.matthews, "{:.2f}".format),
        ("Brier score", evaluation.brier, "{:.3f}".format),
        ("log loss", evaluation.log_loss, "{:.3f} nats".format),
    ]
    said = [f"{name} {written(value)}" for name, value, written in whole if value is not None]
    text = ", ".join(said)
    return [*lines, "", f"{text[:1].upper()}{text[1:]}." if text else ""]


def _number_lines(evaluation: NumberEvaluation) -> list[str]:
    lines = []
    for name, value, interval in (
        ("RMSE (typical error)", evaluation.rmse, evaluation.interval),
        ("MAE (mean distance)", evaluation.mae, evaluation.mae_interval),
        ("R2 (share explained)", evaluation.r2, evaluation.r2_interval),
    ):
        if value is not None:
            sure = f"  {figure(interval[0])} to {figure(interval[1])}" if interval else ""
            lines.append(f"{name:24}{figure(value):>10}{sure}")
    if evaluation.baseline_rmse is not None:
        lines.append(f"{'RMSE of the mean':24}{figure(evaluation.baseline_rmse):>10}")
    for output in evaluation.outputs:
        if not output.residual_quantiles:
            continue
        lines += ["", f"True minus predicted {fit(output.name, min(len(output.name), 30))}:"]
        heads = [f"{100 * share:g} %" for share in QUANTILES]
        values = [figure(value) for value in output.residual_quantiles]
        cell = max(map(len, [*heads, *values])) + 1
        lines += ["".join(f"{text:>{cell}}" for text in texts) for texts in (heads, values)]
    return ["", *lines]


def roc_plot(
    answers: Predictions, classes: tuple[str, ...], positive: int, threshold: float
) -> tuple[list[str], Plot]:
    """The trade between finding one class and taking others for it, with the threshold's own point."""
    name = fit(classes[positive], min(len(classes[positive]), _NAME))
    scores, truth = answers.outputs[:, positive], answers.targets == positive
    curve = roc_curve(scores, truth)
    found_label = f"% of {name} found"
    if curve is None:
        return [f"No curve: the held-out rows are all {name}, or none is."], Plot(
            (), PERCENT, x_label="false %", y_label=found_label
        )
    curves = [
        Curve("network", 100 * curve.false_positive_rate, 100 * curve.true_positive_rate),
        Curve("guessing", np.array(PERCENT), np.array(PERCENT), "secondary", "dashes"),
    ]
    said = scores >= threshold if len(classes) == 2 else decide(answers.outputs) == positive
    found, false = float(np.mean(said[truth])), float(np.mean(said[~truth]))
    curves.append(Curve("now", np.array([100 * false]), np.array([100 * found]), "accent", "squares"))
    metadata = f"{percent(found)} of {name} found, {percent(false)} of the others taken for it."
    if len(classes) > 2:
        metadata = f"{name} against the rest (- and + choose): {metadata}"
    return [metadata], Plot(curves, PERCENT, x_label="false %", y_label=found_label)


def calibration_plot(evaluation: ClassEvaluation) -> tuple[list[str], Plot]:
    """What came true against what was said, a point with its interval for each tenth."""
    bins = evaluation.reliability
    subject = evaluation.classes[1] if len(evaluation.classes) == 2 else "the answer"
    said = np.array([100 * one.probability for one in bins])
    true = np.array([100 * one.observed for one in bins])
    reach = [(100 * low, 100 * high, np.nan) for low, high in (one.interval for one in bins)]
    curves = [
        Curve("as said", np.array(PERCENT), np.array(PERCENT), "secondary", "dashes"),
        Curve("95 % interval", np.repeat(said, 3), np.array(reach).ravel(), "primary"),
        Curve("came true", said, true, "accent", "squares"),
    ]
    outside = sum(not low <= one.probability <= high for one in bins for low, high in [one.interval])
    metadata = (
        f"Where the probability of {fit(subject, min(len(subject), _NAME))} was said to be x %, it came true "
        f"in y % of rows. {outside} of {len(bins)} points are off by more than chance."
    )
    return [metadata], Plot(curves, PERCENT, x_label="said %", y_label="came true %")


def predicted_plot(answers: Predictions, name: str) -> tuple[list[str], Plot]:
    """Each held-out row: what was predicted against what is true."""
    predicted, true = answers.outputs[:, 0], answers.targets[:, 0].astype(np.float64)
    order = np.argsort(true, kind="stable")
    low, high = float(min(true.min(), predicted.min())), float(max(true.max(), predicted.max()))
    span = (low, high) if low < high else (low - 1.0, high + 1.0)
    ends = np.array(span)
    curves = [
        Curve("exact", ends, ends, "secondary", "dashes"),
        Curve("held-out rows", true[order], predicted[order], "accent", "dots"),
    ]
    shown = fit(name, min(len(name), _NAME))
    return [f"Every held-out row: above the line too much {shown}, below it too little."], Plot(
        curves, span, x_label="true", y_label=f"predicted {shown}"
    )


def error_plot(answers: Predictions, run: Run) -> tuple[list[str], Plot]:
    """How many rows are at most so far off, of the network and of always answering the mean."""
    assert run.training is not None
    true = answers.targets[:, 0].astype(np.float64)
    learned = run.training.examples.targets[run.training.split.train]
    mean = float(learned.reshape(len(learned), -1)[:, 0].mean())
    off = np.sort(np.abs(answers.outputs[:, 0] - true))
    mean_off = np.sort(np.abs(mean - true))
    share = 100 * np.arange(1, len(true) + 1) / len(true)
    farthest = float(max(off[-1], mean_off[-1])) or 1.0
    curves = [
        Curve("network", off, share),
        Curve("training mean", mean_off, share, "secondary", "dashes"),
    ]
    half = figure(float(np.median(off)))
    return [f"Half of the held-out rows are off by at most {half}."], Plot(
        curves, (0.0, farthest), x_label="off by", y_label="% of rows"
    )


def mistakes_table(dataset: Dataset, answers: Predictions, places: Rows) -> Table:
    """A table of rows judged, in the order given: how wrong, which row, truth, answer, its own cells."""
    rows = dataset.rows[answers.rows[places]]
    # What they are sorted by comes first, where no width hides it.
    row = Column("table row", "identifier", rows.astype(np.float64) + 1)
    classes = dataset.examples.classes
    if classes:
        answered = answers.outputs[places].argmax(axis=1).astype(np.int32)
        truth = answers.targets[places].astype(np.int32)
        if len(classes) == 2:
            answered = 1 - truth
        given = answers.outputs[places, truth]
        columns = [
            Column("% for the true", "number", np.round(100 * given, 1)),
            row,
            Column("true", "category", truth, classes),
            Column("answered", "category", answered, classes),
        ]
    else:
        true, predicted = answers.targets[places, 0].astype(np.float64), answers.outputs[places, 0]
        columns = [
            Column("off by", "number", _rounded(predicted - true)),
            row,
            Column("true", "number", true),
            Column("predicted", "number", _rounded(predicted)),
        ]
    for column in dataset.table.columns:
        if column.name != dataset.target:
            columns.append(Column(column.name, column.kind, column.values[rows], column.categories))
    return Table("mistakes", tuple(columns))


def _rounded(
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """To about four significant digits of the largest."""
    largest = float(np.abs(values).max(initial=0.0))
    return values if largest == 0.0 else np.round(values, max(0, 3 - int(np.floor(np.log10(largest)))))
