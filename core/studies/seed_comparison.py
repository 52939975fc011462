"""Seed noise: how far apart the runs of a fan end, and whether a change of settings does more than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from epochal.core.evaluation.distributions import t_quantile
from epochal.core.numerals import figure
from epochal.core.studies.seed_study import SeedStudy


@dataclass(frozen=True)
class Difference:
    """The mean over the seeds of a second fan's figure less the first's, and a 95 % interval for it.

    Pairs are of one seed and one split (a paired t interval, Student 1908): it covers what seeds do, not
    what other rows would do. The interval is None where all pairs differ by the same.
    """

    mean: float
    interval: tuple[float, float] | None
    pairs: int

    @property
    def beyond_noise(self) -> bool:
        """Whether the interval leaves 0 out."""
        if self.interval is None:
            return self.mean != 0.0
        return self.interval[0] > 0.0 or self.interval[1] < 0.0


def are_paired(first: SeedStudy, second: SeedStudy) -> bool:
    """Whether both have the same seeds and the same split of, it is up to the caller, the same table."""
    alike = (
        ("seed", "held_out", "patience", "validation") if second.settings.patience else ("seed", "held_out")
    )
    same = all(getattr(first.settings, name) == getattr(second.settings, name) for name in alike)
    return same and bool(first.settings.patience) == bool(second.settings.patience)


def difference(first: Sequence[float], second: Sequence[float], level: float = 0.95) -> Difference:
    """Of the second, seed by seed, less the first. ValueError with fewer than two pairs."""
    pairs = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    count = len(pairs)
    if count < 2:
        raise ValueError("A seed study needs at least two seeds.")
    mean, deviation = float(pairs.mean()), float(pairs.std(ddof=1))
    if deviation == 0.0:
        return Difference(mean, None, count)
    reach = t_quantile(0.5 + level / 2, count - 1) * deviation / sqrt(count)
    return Difference(mean, (mean - reach, mean + reach), count)


def fan_in_words(study: SeedStudy) -> list[str]:
    """The median and the range over the seeds that are done."""
    if not study.results:
        return []
    errors = [results.error for results in study.results]
    lines = [f"{len(study.results)} of {study.seeds} seeds are done." if not study.is_complete else ""]
    lines.append(f"Held-out error over {len(errors)} seeds: {_spread(errors)}.")
    if study.results[0].right is not None:
        counts = [results.right or 0 for results in study.results]
        low, middle, high = (float(np.quantile(counts, share)) for share in (0.0, 0.5, 1.0))
        lines.append(
            f"Right of {study.held_out_rows:,} held-out rows: median {middle:g}, fewest {low:g}, "
            f"most {high:g}."
        )
    else:
        lines.append(f"Typical error: {_spread([results.rmse or 0.0 for results in study.results])}.")
    if diverged := sum(results.ending == "diverged" for results in study.results):
        lines.append(f"{diverged} of them diverged: try a smaller learning rate.")
    return [line for line in lines if line]


def _spread(values: Sequence[float]) -> str:
    ordered = np.sort(values)
    middle, low, high = (figure(float(value)) for value in (np.median(ordered), ordered[0], ordered[-1]))
    return f"median {middle}, lowest {low}, highest {high}"


def comparison_in_words(before: SeedStudy, after: SeedStudy) -> list[str]:
    """Whether the change of settings between two complete fans does more than seeds do."""
    if not are_paired(before, after):
        return ["The previous seed study held out other rows, or had other seeds: the two are not compared."]
    errors = difference([one.error for one in before.results], [one.error for one in after.results])
    lines = [_difference_in_words("Held-out error", errors, lower_is_better=True)]
    if before.results[0].right is not None:
        rights = difference(
            [one.right or 0 for one in before.results], [one.right or 0 for one in after.results]
        )
        lines.append(_difference_in_words("Rows right", rights, lower_is_better=False))
    lines.append(
        f"Both are judged by the same {after.held_out_rows:,} rows: other rows may differ more than that."
    )
    return lines


def _difference_in_words(what: str, found: Difference, *, lower_is_better: bool) -> str:
    if found.mean == 0.0:
        return f"{what}: the same."
    side = "lower" if found.mean < 0 else "higher"
    better = "better" if (found.mean < 0) == lower_is_better else "worse"
    span = ""
    if found.interval:
        low, high = sorted(
            abs(end) if found.beyond_noise else np.sign(found.mean) * end for end in found.interval
        )
        span = f", 95 % interval {figure(low)} to {figure(high)}"
    verdict = (
        f"{better}, beyond the noise of the seeds" if found.beyond_noise else "within the noise of the seeds"
    )
    return f"{what} {figure(abs(found.mean))} {side} on average{span}: {verdict}."
