"""A dataset: which column of a table is to be learned, and from which others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from core.examples import Examples, Feature, Rows, Task
from data.table import Column, Table, TableError

USUAL_TARGETS = ("class", "target", "label", "outcome", "y", "diagnosis", "species")
FEWEST_ROWS = 4


@dataclass(frozen=True, eq=False)
class Dataset:
    """Examples made from a table. `rows` is the table row of each example, counted from 0.

    `left_out` names the columns not learned from, each with the reason; `ignored` those among them
    that somebody asked to leave out.
    """

    table: Table
    examples: Examples
    target: str
    guessed_target: str
    ignored: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    rows: Rows
    notes: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """Classification or regression."""
        return self.examples.task


def guess_target(table: Table) -> str:
    """A column called what targets are usually called, else the last one."""
    by_name = {name.strip().lower(): name for name in table.names}
    return next((by_name[name] for name in USUAL_TARGETS if name in by_name), table.names[-1])


def dataset_from(table: Table, target: str | None = None, ignore: Sequence[str] = ()) -> Dataset:
    """Examples for learning `target` from every other usable column.

    Raises TableError if a column does not exist, if too little is left, or if there is only one class.
    """
    guessed = guess_target(table)
    chosen = target if target is not None else guessed
    for name in (chosen, *ignore):
        if name not in table.names:
            near = get_close_matches(name, table.names, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" There are: {', '.join(table.names[:20])}."
            raise TableError(f"{table.name} has no column {name}.{hint}")
    answer = table.column(chosen)
    if answer.kind not in ("number", "category"):
        raise TableError(
            f"{chosen} is {answer.kind} with {len(answer.categories)} different values: no target."
        )
    present = ~np.isnan(answer.values) if answer.kind == "number" else answer.values >= 0
    rows = np.flatnonzero(present)
    notes = []
    if len(rows) < table.rows:
        notes.append(f"{table.rows - len(rows):,} rows without {chosen} are set aside.")
    if len(rows) < FEWEST_ROWS:
        raise TableError(
            f"{table.name} has {len(rows)} rows with {chosen}: at least {FEWEST_ROWS} are needed."
        )
    features, left_out = [], []
    for column in table.columns:
        reason = "left out on your word" if column.name in ignore else _unusable(column, rows)
        if column.name == chosen:
            continue
        if reason:
            left_out.append((column.name, reason))
            notes.append(f"{column.name} is {reason}.")
        else:
            features.append(column)
    if not features:
        raise TableError(f"{table.name} has no column to learn {chosen} from.")
    inputs = np.column_stack([_inputs(column)[rows] for column in features])
    named = tuple(Feature(c.name, c.categories if c.kind == "category" else ()) for c in features)
    if answer.kind == "number":
        numbers = answer.values[rows].astype(np.float64)[:, None]
        if numbers.min() == numbers.max():
            raise TableError(f"{chosen} is {numbers[0, 0]:g} in every row: there is nothing to predict.")
        examples = Examples(named, inputs, numbers, outputs=(chosen,))
    else:
        kinds = [k for k in range(len(answer.categories)) if (answer.values[rows] == k).any()]
        if len(kinds) < 2:
            raise TableError(
                f"{chosen} is {answer.categories[kinds[0]]} in every row: there is nothing to predict."
            )
        classes = tuple(answer.categories[k] for k in kinds)
        examples = Examples(named, inputs, np.searchsorted(kinds, answer.values[rows]), classes)
    return Dataset(table, examples, chosen, guessed, tuple(ignore), tuple(left_out), rows, tuple(notes))


def _unusable(column: Column, rows: Rows) -> str:
    """Why a column cannot be learned from; nothing if it can."""
    if column.kind not in ("number", "category"):
        return f"left out: {column.kind}, {len(column.categories):,} different values"
    values = column.values[rows]
    present = values[~np.isnan(values)] if column.kind == "number" else values[values >= 0]
    if not len(present) or present.min() == present.max():
        return "left out: it is the same in every row"
    return ""


def _inputs(column: Column) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column as `Examples.inputs` wants it: NaN for a missing category too."""
    values = column.values.astype(np.float64)
    if column.kind == "category":
        values[values < 0] = np.nan
    return values
