"""What the held-out rows said of a stored model, in sentences."""

from __future__ import annotations

from epochal.core.numerals import figure
from epochal.data.models.model import ClassScores, Model, RegressionScores


def worth_in_words(model: Model) -> list[str]:
    """Its measure with the interval, and what the simplest answer reaches."""
    match model.evaluation:
        case ClassScores(rows=0) | RegressionScores(rows=0) | None:
            return ["No rows were held out, so how well it predicts new ones is unknown."]
        case ClassScores(rows=rows, correct=correct, interval=(low, high), level=level) as found:
            said = [
                f"Of {rows:,} rows held out from training it got {correct:,} right: {correct / rows:.1%} "
                f"({level:.0%} interval {low:.1%} to {high:.1%})."
            ]
            if found.baseline is not None:
                said.append(f"Always answering {found.baseline_class} gets {found.baseline:.1%}.")
            if found.auc is not None:
                said.append(f"AUC {found.auc:.3f}, where guessing has 0.5.")
            return said
        case RegressionScores(rows=rows, rmse=rmse, interval=interval, level=level) as found:
            sure = ""
            if interval:
                sure = f" ({level:.0%} interval {figure(interval[0])} to {figure(interval[1])})"
            error = figure(rmse or 0.0)
            said = [f"On {rows:,} rows held out from training its typical error (RMSE) is {error}{sure}."]
            if found.baseline_rmse is not None:
                said.append(f"Always answering the mean of the training rows: {figure(found.baseline_rmse)}.")
            if found.r2 is not None:
                said.append(f"R2 {found.r2:.3f}.")
            return said
