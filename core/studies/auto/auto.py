"""The preset `auto`: settings that fit a table, found on its training rows within a budget of seconds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Executor
from math import sqrt

import numpy as np

from epochal.core.network.losses import BY_TASK
from epochal.core.network.output_kind import kind_for
from epochal.core.rows.examples import Examples, Split, split
from epochal.core.rows.folds import inner_splits
from epochal.core.rows.preparation import prepare
from epochal.core.settings import DECLARATIONS, Settings
from epochal.core.studies.auto.budget import (
    MOST_ROWS,
    default_budget,
    effort_for,
    seconds_of_epoch,
    share_of_work,
)
from epochal.core.studies.auto.choice import Choice, choose, difference
from epochal.core.studies.auto.halving import Standing, SuccessiveHalving
from epochal.core.studies.auto.report import Candidate, SearchReport
from epochal.core.studies.auto.space import Variants, candidates
from epochal.core.training.gate import StepGate

# From so many rows on, clipping outliers is tried: with fewer, twice the candidates cost more than they find.
MANY = 1_500
# With fewer training rows nothing can be said of settings: each part would have one row or two.
FEWEST = 8
# Of a normal distribution one value in 3,000 is as far from the median.
FAR = 3.0
# An exponential distribution has a skewness of 2, a Poisson one with a mean of 4 has 0.5.
SKEWED, SKEWED_COUNT = 1.0, 0.5
# With fewer numbers above 0 a part of the rows may have none.
FEWEST_ABOVE_0 = 0.05


class AutoSearch:
    """A search for settings; each item is an epoch of some candidates, `choice` the best so far.

    Only the training rows of the split are looked at: the held-out rows take part in nothing. The settings
    named in `fixed` stay as in `base`. Where there is nothing to search for, all being fixed, or nothing to
    search by, it has no items, and its settings are those given. `tried` names the candidates oneself, and
    `folds` those of the training rows that compare them. ValueError when none can be trained.
    """

    def __init__(
        self,
        examples: Examples,
        base: Settings,
        fixed: Collection[str] = (),
        *,
        budget: float | None = None,
        split_rows: Split | None = None,
        gate: StepGate | None = None,
        tried: Sequence[Settings] = (),
        folds: int = 5,
    ) -> None:
        self.examples, self.base, self.fixed = examples, base, frozenset(fixed)
        self.split = split_rows or split(examples, base.held_out, base.seed)
        inner = examples.take(self.split.train)
        self.rows = len(inner)
        columns = len(prepare(examples, self.split.train, base.scaling).kept)
        kind = kind_for(
            examples,
            *(getattr(base, name) if name in self.fixed else "" for name in ("activation", "loss")),
        )
        outputs = kind.nodes(len(examples.classes), len(examples.outputs))
        self._has_probabilities = kind.has_probabilities
        self.budget = default_budget(self.rows) if budget is None else budget
        variants = Variants(scalings_for(inner), losses_for(inner))
        self.effort = effort_for(
            self.budget, self.rows, columns, outputs, base, self.fixed, variants=variants
        )
        self.sampled = min(self.rows, MOST_ROWS)
        if self.sampled < self.rows:
            share = self.sampled / self.rows
            inner = inner.take(split(inner, share, base.seed).held_out)
        self.has_too_few_rows = self.rows < FEWEST
        if self.has_too_few_rows:
            self.fixed = frozenset(DECLARATIONS)
        self.folds = folds if tried else self.effort.folds
        self.candidates, raced = (
            list(tried) or candidates(self.effort.space, rows, base, self.fixed, variants)
            for rows in (self.rows, len(inner))
        )
        linear = [place for place, one in enumerate(raced) if not one.hidden]
        splits = (
            [Split(np.arange(len(inner)), np.arange(1), stratified=False)]
            if self.has_too_few_rows
            else inner_splits(inner, self.folds, base.seed)
        )
        self._race = SuccessiveHalving(inner, raced, splits, protected=linear, gate=gate)
        self._costs = [seconds_of_epoch(one, len(inner), columns, outputs, 8) for one in raced]
        epochs = [one.epochs for one in raced]
        whole = sum(cost * count for cost, count in zip(self._costs, epochs, strict=True))
        self._planned = whole * self.folds * share_of_work()

    def __iter__(self) -> Iterator[None]:
        return self

    def __next__(self) -> None:
        if self.needs_no_search:
            raise StopIteration
        return next(self._race)

    def train_by(self, executor: Executor | None) -> None:
        """Have the networks of each rung trained by an executor; said before the first item is asked for."""
        self._race.executor = executor

    def close(self) -> None:
        """Nobody asks for another epoch: what an executor still works on is cancelled."""
        self._race.close()

    @property
    def needs_no_search(self) -> bool:
        """Whether there is one candidate alone: everything is fixed, or the rows are too few."""
        return len(self.candidates) == 1

    @property
    def remark(self) -> str:
        """A sentence where the rows are too few to search by; else empty."""
        if not self.has_too_few_rows:
            return ""
        return f"No search for settings: {self.rows} training rows are too few to compare candidates by."

    def standings(self) -> list[Standing]:
        """All candidates as they stand, the best first."""
        return self._race.standings()

    def choice(self) -> Choice:
        """The best so far. ValueError before the first rung, or when every candidate has diverged."""
        return choose(self.standings())

    @property
    def has_choice(self) -> bool:
        """Whether the candidates have been compared at least once."""
        return self._race.is_judged

    @property
    def progress(self) -> float:
        """The share of the planned work that is done, by the cost model."""
        done = sum(
            cost * epochs for cost, epochs in zip(self._costs, self._race.epochs_trained(), strict=True)
        )
        return min(1.0, done / self._planned)

    def report(self) -> SearchReport:
        """The account of the search so far. ValueError as `choice` raises it."""
        standings, choice = self.standings(), self.choice()
        alike = {one.place for one in (choice.best, *choice.indistinguishable)}
        has_classes = bool(self.examples.classes)
        listed = tuple(
            Candidate(
                self.settings() if one.place == choice.chosen.place else self.candidates[one.place],
                one.epochs,
                one.loss if has_classes else sqrt(one.loss),
                one.is_running,
                one.place in alike,
                difference(one, choice.best, is_rooted=not has_classes),
            )
            for one in standings
        )
        return SearchReport(
            fixed=tuple(name for name in DECLARATIONS if name in self.fixed),
            budget=self.budget,
            folds=self.folds,
            rows=self.sampled,
            training_rows=self.rows,
            loss_name="log loss" if has_classes else "RMSE",
            candidates=listed,
            chosen=[one.place for one in standings].index(choice.chosen.place),
        )

    def settings(self) -> Settings:
        """The chosen settings, for all training rows, with the temperature that its probabilities ask for."""
        if self.needs_no_search:
            return self.candidates[0]
        place = self.choice().chosen.place
        found = self.candidates[place]
        if "temperature" in self.fixed or not self._has_probabilities:
            return found
        return found.model_copy(update={"temperature": self._race.temperature_of(place)})


def scalings_for(examples: Examples) -> tuple[str, ...]:
    """The standard scaling, and beside it the smooth clip where many rows have far outliers."""
    return ("standard", "smooth-clip") if len(examples) >= MANY and has_outliers(examples) else ("standard",)


def losses_for(examples: Examples) -> tuple[str, ...]:
    """The usual loss, and of one number from 0 on that is skewed to the right the deviances that suit it."""
    targets = examples.targets.astype(np.float64).reshape(len(examples), -1)
    if (
        examples.classes
        or targets.shape[1] != 1
        or targets.min() < 0.0
        or np.mean(targets > 0.0) < FEWEST_ABOVE_0
    ):
        return (BY_TASK,)
    off = targets - targets.mean()
    skewness = float(np.mean(off**3)) / max(float(targets.std()) ** 3, 1e-300)
    if skewness > SKEWED:
        return (BY_TASK, "poisson", "gamma") if targets.min() > 0.0 else (BY_TASK, "poisson")
    is_count = bool((targets % 1.0 == 0.0).all())
    return (BY_TASK, "poisson") if is_count and skewness > SKEWED_COUNT else (BY_TASK,)


def has_outliers(examples: Examples) -> bool:
    """Whether a number is farther from its column's median than `FAR` times the distance of the quartiles."""
    for index, feature in enumerate(examples.features):
        column = examples.inputs[:, index]
        known = column[~np.isnan(column)]
        if feature.categories or not len(known):
            continue
        quarter, median, three_quarters = np.percentile(known, (25.0, 50.0, 75.0))
        farthest = float(np.abs(known - median).max())
        if farthest > FAR * float(three_quarters - quarter) and len(np.unique(known[:1000])) > 2:
            return True
    return False
