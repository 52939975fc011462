"""Tasks of a study: parts of its work, carried out here or by an executor, whose results come in order.

How the work is cut depends on the work alone, never on who carries it out: a member of a stack agrees with
the same training alone to rounding, so another cut could change its last bits.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Executor, wait
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from epochal.core.network.network import parameter_count
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.examples import Examples
from epochal.core.settings import Settings
from epochal.core.training.gate import OpenGate, StepGate
from epochal.core.training.population import ROWS_BUDGET, STEP_BUDGET

Part = TypeVar("Part")
Result = TypeVar("Result")

# So many networks of a stack share the cost of its calls well enough; there are to be so many tasks at least,
# unless that would make them smaller than this.
MOST_TOGETHER, FEWEST_TASKS, FEWEST_TOGETHER = 16, 4, 5

# Seconds from one look at the gate to the next while others work.
GLANCE = 0.05


@runtime_checkable
class SendsOnce(Protocol):
    """An executor to whose workers a large value goes once, for all tasks that name it."""

    def scatter(self, value: object) -> object:
        """What stands for the value among the arguments of a task."""


Work = Callable[[Examples, Part, StepGate | None], Result]


def carried_out(
    work: Work[Part, Result],
    examples: Examples,
    parts: Sequence[Part],
    gate: StepGate | None,
    executor: Executor | None,
) -> Iterator[Result]:
    """The result of each part, in their order; what nobody waits for any more is cancelled.

    Without an executor the steps wait for the gate; with one it is this iterator that does.
    """
    if executor is None:
        for part in parts:
            yield work(examples, part, gate)
        return
    gate = gate or OpenGate()
    for result in looked_for(work, examples, parts, executor):
        if result is not None:
            yield result
        elif gate.closed:
            gate.wait()


def looked_for(
    work: Work[Part, Result], examples: Examples, parts: Sequence[Part], executor: Executor
) -> Iterator[Result | None]:
    """The result of each part, in their order, and None now and then while the next is not there."""
    held = executor.scatter(examples) if isinstance(executor, SendsOnce) else examples
    futures = [executor.submit(work, held, part, None) for part in parts]  # type: ignore[arg-type]
    try:
        while futures:
            while not wait(futures[:1], GLANCE).done:
                yield None
            yield futures.pop(0).result()
    finally:
        for future in futures:
            future.cancel()


def in_order(parts: Sequence[Sequence[int]], results: Iterator[Sequence[Result]]) -> Iterator[Result]:
    """The results of members, by their places from 0 on, as soon as those before them are there."""
    waiting: dict[int, Result] = {}
    place = 0
    for part, of_part in zip(parts, results, strict=True):
        waiting.update(zip(part, of_part, strict=True))
        while place in waiting:
            yield waiting.pop(place)
            place += 1


def cut(kinds: Sequence[Hashable], most: Callable[[int], int]) -> list[tuple[int, ...]]:
    """Members of one kind together, in parts of much the same size; the part with the first member first.

    `most` says how many at most go with the member at a place.
    """
    groups: dict[Hashable, list[int]] = {}
    for place, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(place)
    fair = max(FEWEST_TOGETHER, -(-len(kinds) // FEWEST_TASKS))
    parts = []
    for group in groups.values():
        count = -(-len(group) // max(1, min(most(group[0]), fair, MOST_TOGETHER)))
        parts += [tuple(part.tolist()) for part in np.array_split(group, count)]
    return sorted(parts)


def most_together(examples: Examples, settings: Settings, training_rows: int, rows: int) -> int:
    """How many networks of these settings suit a processor's cache and the memory; `rows` are all it has."""
    optimizer = OPTIMIZERS[settings.optimizer].value
    if optimizer.rule is None:
        return 1  # it finds its own steps: nothing is shared
    columns = sum(len(feature.categories) or 1 for feature in examples.features)
    outputs = len(examples.classes) or len(examples.outputs)
    layers = (columns, *settings.hidden, outputs)
    batch = training_rows if settings.batch_size == "full" else min(settings.batch_size, training_rows)
    numbers = (5 * sum(layers[1:]) + columns) * batch + (5 + optimizer.memory) * parameter_count(layers)
    size = np.dtype(settings.precision).itemsize
    of_rows = 4 * rows * (columns + outputs) * size
    return int(max(1, min(STEP_BUDGET // (numbers * size), ROWS_BUDGET // of_rows)))
