"""What every number means: the formula of each, and what its own code says of it, source included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from docs.pages.markdown import cell, page, paragraphs
from docs.pages.schemas import attribute_docstrings
from epochal.core.evaluation import (  # fmt: skip
    bootstrap,
    chances,
    curves,
    distributions,
    evaluation,
    intervals,
    operating_point,
    paired,
    ranking,
    regression,
)
from epochal.core.explain import gradient_check, importance, principal_components, what_if
from epochal.core.findings import result
from epochal.core.profile import association, information
from epochal.core.studies import resampling, seed_comparison

INTRODUCTION = """\
Every figure on the screen, in a report or in `--json`, with its formula, and with what its code says of it: the words
below each formula are the docstring of the function that works it out, with the source it follows."""


@dataclass(frozen=True)
class Figure:
    """A number by its usual name, its formula in plain signs, and what documents it."""

    name: str
    formula: str
    documented: object
    attribute: str = ""

    @property
    def said(self) -> list[str]:
        """What the code says of it."""
        if self.attribute:
            assert isinstance(self.documented, type)
            return [attribute_docstrings(self.documented)[self.attribute]]
        return paragraphs(self.documented)


CLASSES = (
    Figure("Accuracy", "k / n: rows answered rightly, of the held-out rows", evaluation.ClassEvaluation),
    Figure(
        "Interval of the accuracy",
        "(k + z^2/2 +- z sqrt(k (1 - k/n) + z^2/4)) / (n + z^2),  z = 1.96 for 95 %",
        intervals.wilson,
    ),
    Figure("Baseline", "rows of that class / n", evaluation.ClassEvaluation, "baseline"),
    Figure(
        "No-information rate",
        "max over classes of (rows of the class) / n",
        evaluation.ClassEvaluation,
        "no_information_rate",
    ),
    Figure(
        "Beyond chance (p)",
        "sum over i from k to n of C(n, i) p^i (1 - p)^(n - i),  p the no-information rate",
        distributions.binomial_tail,
    ),
    Figure(
        "Precision, recall and F1",
        "tp / (tp + fp),  tp / (tp + fn),  2 tp / (2 tp + fp + fn)",
        evaluation.ClassMeasures,
    ),
    Figure("ROC curve", "(fp / negatives, tp / positives) at every threshold", curves.roc_curve),
    Figure("AUC", "P(score of a positive > score of a negative) + P(equal) / 2", curves.auc),
    Figure(
        "Interval of the AUC",
        "AUC +- z sqrt(var of the positives' placements / m + var of the negatives' / n)",
        ranking.auc_interval,
    ),
    Figure(
        "AUC beyond chance (p)",
        "1 - Phi((AUC - 1/2) m n / sqrt(variance of ranks with ties))",
        ranking.rank_test,
    ),
    Figure(
        "Average precision",
        "mean over positives of (positives / rows) scored at least as high",
        ranking.average_precision,
    ),
    Figure("Log loss", "mean of -ln(probability of the row's class)", chances.log_losses),
    Figure("Brier score", "mean of (probability - 1 or 0)^2", chances.brier),
    Figure("Gain over the base rate", "log loss of the classes' shares - log loss", chances.Chances),
    Figure(
        "Calibration chart",
        "share that came true in each bin, beside the mean of what was said",
        curves.reliability,
    ),
    Figure(
        "Calibration finding",
        "z = sum((y - p) (1 - 2p)) / sqrt(sum((1 - 2p)^2 p (1 - p))),  said above 3",
        result.calibration,
    ),
    Figure(
        "Balanced threshold", "argmax over t of the mean of both classes' recalls", curves.balanced_threshold
    ),
    Figure(
        "Chosen threshold",
        "argmin over t of miss * misses + alarm * alarms,  or argmax of F1",
        operating_point.chosen_threshold,
    ),
)

NUMBERS = (
    Figure(
        "RMSE, MAE and R2",
        "sqrt(mean(e^2)),  mean(|e|),  1 - sum(e^2) / sum((y - mean y)^2),  e = target - prediction",
        regression.OutputMeasures,
    ),
    Figure("Measures of several numbers", "the plain mean over the outputs", regression.NumberEvaluation),
    Figure(
        "Baseline of numbers", "RMSE of the training rows' mean", regression.NumberEvaluation, "baseline_rmse"
    ),
    Figure(
        "Interval of the RMSE",
        "quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))) of the measure over rows drawn again",
        bootstrap.bootstrap_intervals,
    ),
    Figure(
        "Poisson and gamma deviance",
        "2 mean(y ln(y/p) - (y - p)),  2 mean((y - p)/p - ln(y/p))",
        regression.deviance,
    ),
)

STUDIES = (
    Figure(
        "Interval over folds",
        "mean +- t sqrt((1/J + test/train) s^2),  J folds, s^2 their variance",
        intervals.corrected_interval,
    ),
    Figure("Mean over folds", "mean and deviation of each measure over the folds", resampling.ScoreSummary),
    Figure(
        "Two runs on the same rows (p)",
        "2 sum over i up to min(gained, lost) of C(n, i) / 2^n,  n = gained + lost",
        paired.exact_two_sided,
    ),
    Figure(
        "Two settings over seeds", "mean(d) +- t s_d / sqrt(seeds),  d by seed", seed_comparison.Difference
    ),
)

INSIDE = (
    Figure("Importance", "figure - mean figure with the feature's column permuted", importance.Importance),
    Figure(
        "Push of a feature", "d output / d feature * (value - usual value)", what_if.gradient_attributions
    ),
    Figure("Smallest change that flips", "|new - old| / deviation of the feature", what_if.Counterfactual),
    Figure(
        "Principal components",
        "eigenvectors of X'X / n,  share = eigenvalue / sum",
        principal_components.components,
    ),
    Figure("Gradient check", "(E(w + h) - E(w - h)) / 2h beside the gradient", gradient_check.gradient_check),
)

TABLES = (
    Figure("Correlation", "sum(x y) / sqrt(sum(x^2) sum(y^2)),  both around their mean", association.pearson),
    Figure("Rank correlation", "the same of ranks", association.spearman),
    Figure(
        "Correlation ratio",
        "sqrt(1 - (1 - between / total) (n - 1) / (n - categories))",
        association.correlation_ratio,
    ),
    Figure(
        "Cramer's V",
        "sqrt(max(0, chi^2 / n - (r - 1)(c - 1) / (n - 1)) / (min(r', c') - 1)),  r' = r - (r - 1)^2 / (n - 1)",
        association.cramers_v,
    ),
    Figure(
        "Explains so much of the target",
        "(bits - chance) / (entropy - chance),  0 unless beyond every shuffle",
        information.Information,
    ),
)

PARTS = {
    "Classes": CLASSES,
    "Numbers": NUMBERS,
    "Many trainings": STUDIES,
    "Inside the network": INSIDE,
    "The table": TABLES,
}


def numbers_page() -> str:
    """Each figure with formula and docstring."""
    return page("What every number means", INTRODUCTION, *_sections())


def _sections() -> Iterator[str]:
    for title, figures in PARTS.items():
        yield f"## {title}"
        for one in figures:
            yield "\n\n".join([f"### {one.name}", f"```text\n{one.formula}\n```", *map(cell, one.said)])
