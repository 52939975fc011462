"""The budget of a search: which space, how many inner folds and how many rows so many seconds can pay for.

The seconds are those of a cost model of a usual processor, not the clock's: equal seeds and budgets give the
same choice on any machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.studies.auto.halving import RUNGS
from epochal.core.studies.auto.space import (
    ARCHITECTURES,
    FEW_ARCHITECTURES,
    STRENGTHS,
    WIDE_ARCHITECTURES,
    WIDE_STRENGTHS,
    Space,
    Variants,
    candidates,
)

# Training rows, and the seconds that their search and their final training are to take.
ANCHORS = ((25, 1.0), (250, 2.0), (8_000, 10.0), (160_000, 60.0))

# Rows that a search looks at: beyond, a sample says as well which settings are better.
MOST_ROWS = 20_000

# What an epoch of a member costs besides its steps, and a step of a stack: its calls, and the
# arithmetic of each member. Measured by
# `python benchmarks/auto_cost.py` in float32 with Adam on one core of a server processor without AVX-512.
SECONDS_AN_EPOCH = 60e-6
SECONDS_A_STEP = 30e-6
SECONDS_A_WEIGHT = 6e-9
SECONDS_A_WEIGHT_AND_ROW = 0.08e-9
SECONDS_A_NODE_AND_ROW = 6e-9
# As many networks of one shape go together at most.
TOGETHER = 24


@dataclass(frozen=True)
class Effort:
    """How thoroughly to search: a space, and folds of the training rows; 1 is one validation share."""

    space: Space
    folds: int


# From here on a quarter of the rows says enough, and seconds are better spent on steps than on folds.
MANY_ROWS = 2_500

WIDE = [Space(WIDE_ARCHITECTURES, WIDE_STRENGTHS, steps) for steps in (12_000, 6_000, 3_000)]
USUAL = [Space(ARCHITECTURES, STRENGTHS, steps) for steps in (12_000, 8_000, 5_000, 3_000, 2_000, 1_200)]
FEW = [Space(FEW_ARCHITECTURES, STRENGTHS, steps) for steps in (2_000, 1_000, 500, 250)]
LEAST = tuple(Effort(space, 1) for space in (*USUAL[3:], *FEW))

EFFORTS_FOR_FEW_ROWS = (
    *(Effort(space, folds) for space in WIDE for folds in (5, 3)),
    *(Effort(USUAL[3], folds) for folds in (5, 3, 2)),
    *LEAST,
)
EFFORTS_FOR_MANY_ROWS = (
    *(Effort(space, folds) for space in WIDE[:2] for folds in (3, 1)),
    *(Effort(space, 1) for space in USUAL[:3]),
    *LEAST,
)


def efforts_for(rows: int) -> tuple[Effort, ...]:
    """From the most thorough to the least, for a table of so many training rows."""
    return EFFORTS_FOR_MANY_ROWS if rows >= MANY_ROWS else EFFORTS_FOR_FEW_ROWS


def default_budget(rows: int) -> float:
    """Seconds for a table of so many training rows: a power law between the anchors, and beyond the last."""
    size = log(max(rows, ANCHORS[0][0]))
    for (low, few), (high, many) in pairwise(ANCHORS):
        if rows <= high or high == ANCHORS[-1][0]:
            share = (size - log(low)) / (log(high) - log(low))
            return exp(log(few) + share * (log(many) - log(few)))
    raise AssertionError("the anchors are in ascending order")


def seconds_of_epoch(settings: Settings, rows: int, columns: int, outputs: int, together: int = 1) -> float:
    """An epoch of one of some equal networks that train together, by the cost model."""
    batch = rows if settings.batch_size == "full" else min(settings.batch_size, rows)
    layers = (columns, *settings.hidden, outputs)
    weights = sum((below + 1) * above for below, above in pairwise(layers))
    of_row = SECONDS_A_WEIGHT_AND_ROW * weights + SECONDS_A_NODE_AND_ROW * sum(layers[1:])
    of_step = SECONDS_A_STEP / together + SECONDS_A_WEIGHT * weights + batch * of_row
    return SECONDS_AN_EPOCH + -(-rows // batch) * of_step


def seconds_of_folds(examples: Examples, candidates: Sequence[Settings], trainings: int) -> float:
    """So many trainings of each candidate on much the whole table, by the cost model."""
    columns = sum(len(feature.categories) or 1 for feature in examples.features)
    outputs = len(examples.classes) or len(examples.outputs)
    epochs = (
        one.epochs * seconds_of_epoch(one, len(examples), columns, outputs, TOGETHER // 2)
        for one in candidates
    )
    return trainings * sum(epochs)


def seconds_of_search(made: Sequence[Settings], folds: int, rows: int, columns: int, outputs: int) -> float:
    """Successive halving of these candidates on so many folds, by the cost model."""
    learned = round(rows * (1.0 - 1.0 / folds)) if folds > 1 else round(0.75 * rows)
    alike = Counter((one.hidden, one.activation) for one in made)
    full = 0.0
    for one in made:
        together = min(TOGETHER, folds * alike[one.hidden, one.activation])
        full += one.epochs * seconds_of_epoch(one, learned, columns, outputs, together)
    return folds * full * share_of_work()


def share_of_work() -> float:
    """How much of the epochs of all candidates successive halving trains."""
    reached, taking_part, share = 0.0, 1.0, 0.0
    for reach, goes_on in RUNGS:
        share += (reach - reached) * taking_part
        reached, taking_part = reach, goes_on
    return share


def effort_for(
    seconds: float,
    rows: int,
    columns: int,
    outputs: int,
    base: Settings,
    fixed: Collection[str],
    *,
    variants: Variants | None = None,
) -> Effort:
    """The most thorough effort whose search and final training fit into the seconds, or the least of all."""
    efforts = efforts_for(rows)
    for effort in efforts:
        if effort.folds > 1 and rows < 4 * effort.folds:
            continue
        sample = min(rows, MOST_ROWS)
        made = candidates(effort.space, rows, base, fixed, variants)
        final = max(one.epochs * seconds_of_epoch(one, rows, columns, outputs) for one in made)
        if seconds_of_search(made, effort.folds, sample, columns, outputs) + final <= seconds:
            return effort
    return efforts[-1]
