"""What is learned from what: a table, its target, and the columns a prediction is made from."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Examples, Feature, Task
from epochal.core.rows.extremes import extremes
from epochal.data.tables.date_features import BETWEEN, features_of
from epochal.data.tables.rules import normal
from epochal.data.tables.table import Column, Table, TableError
from epochal.data.tables.unrepresentable import Unrepresentable

TARGET_NAMES = ("class", "target", "label", "outcome", "y", "diagnosis", "species")
DOUBTFUL_NAMES = ("class", "y", "species")
CLASS_NAMES = ("class", "label", "diagnosis", "species")
FEWEST_ROWS = 4
FEW_VALUES = 20
ROWS_A_CLASS = 5

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class LeftOut:
    """A column no prediction is made from, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples made from a table, and the columns left out of them, `ignored` among them by request.

    `rows` is the table's row, from 0, of each example. `ambiguous` means that the target could as well
    be of the other task, so a person should be asked.
    """

    table: Table
    examples: Examples
    target: str
    task: Task
    rows: Rows
    ignored: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    ambiguous: bool = False
    without_target: int = 0

    def __repr__(self) -> str:
        return f"Dataset({self.table.name}: {self.target} from {len(self.examples.features)} features)"

    def is_equal(self, other: Dataset) -> bool:
        """Whether the same is learned from the same cells."""
        mine, theirs = self.table, other.table
        same_cells = mine is theirs or (bool(mine.sha256) and mine.sha256 == theirs.sha256)
        learned = [(one.target, one.task, one.features, one.examples.classes) for one in (self, other)]
        return same_cells and learned[0] == learned[1] and np.array_equal(self.rows, other.rows)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns a prediction is made from."""
        return tuple(feature.name for feature in self.examples.features)


class TargetNeeded(TableError):
    """The column that would be predicted cannot be: a person has to name another."""


def guess_target(table: Table) -> str:
    """The column that is called like a target, else the last one.

    Where that one cannot be predicted a person is asked: taking another would answer another question.
    """
    if table.target in table.names:
        return table.target
    lowered = {name.strip().lower(): name for name in reversed(table.names)}
    return next((lowered[name] for name in TARGET_NAMES if name in lowered), table.names[-1])


def is_doubtful(table: Table, name: str) -> bool:
    """Whether a name such as class or y may be that of a feature: it stands neither first nor last."""
    if name == table.target:
        return False
    names = [one.name for one in table.columns if one.kind != "identifier" or one.name == name]
    return name.strip().lower() in DOUBTFUL_NAMES and name not in (names[0], names[-1])


def is_named_like_a_target(name: str) -> bool:
    """Whether a column's name says that it is the target."""
    return name.strip().lower() in TARGET_NAMES


def dataset_from(
    table: Table, target: str | None = None, ignore: Collection[str] = (), task: Task | None = None
) -> Dataset:
    """Decide the target, the task and the features, and make examples of the rows that have a target.

    Raises TableError when a name is mistyped or when there is nothing to learn.
    """
    ignore = [_named(table, name).name for name in ignore]
    column = _named(table, guess_target(table) if target is None else target)
    if target is None and is_doubtful(table, column.name):
        raise TargetNeeded(
            f"{column.name} may be the target, by its name, but stands among the other columns:"
            f" name it, or another{_usable(table, column.name)}"
        )
    if column.name in ignore:
        raise TableError(f"{column.name} is the target, so it cannot be left out: name another target")
    if column.kind not in ("number", "category"):
        last = ", the last column," if target is None and not is_named_like_a_target(column.name) else ""
        raise TargetNeeded(
            f"{column.name}{last} holds {_plural(column.kind)}, so it cannot be predicted:"
            f" name another target{_usable(table, column.name)}"
        )
    decided, ambiguous, said = _task(column, task)
    rows = np.flatnonzero(~column.empty)
    notes = [said] if said else []
    if without := table.rows - len(rows):
        they = "row has no {}, the target, and is" if without == 1 else "rows have no {}, the target, and are"
        notes.append(f"{without:,} {they.format(column.name)} set aside.")
    if len(rows) < FEWEST_ROWS:
        raise TableError(f"Only {len(rows)} rows have a {column.name}: learning needs at least {FEWEST_ROWS}")
    chosen, left_out, made = _features(table, column, ignore, rows)
    notes += made
    if not chosen:
        reasons = "; ".join(f"{one.name}: {one.reason}" for one in left_out)
        raise TableError(f"No column is left to predict {column.name} from ({reasons})")
    inputs = np.column_stack([_inputs(one)[rows] for one in chosen])
    features = tuple(Feature(one.name, () if one.numeric else one.categories) for one in chosen)
    unused = _unused(table, {column.name, *(one.name for one in chosen)}, rows)
    if decided == "classification":
        targets, classes = _classes(column, rows)
        examples = Examples(features, inputs, targets, classes, (column.name,), unused=unused)
        notes += _about_classes(targets, classes)
    else:
        values = np.asarray(column.values[rows], np.float64)[:, None]
        if np.ptp(values) == 0:
            raise TargetNeeded(
                f"Every {column.name} is {column.text(int(rows[0]))}: there is nothing to learn"
            )
        examples = Examples(features, inputs, values, (), (column.name,), unused=unused)
    if found := extremes(examples):
        raise Unrepresentable(found, rows)
    return Dataset(
        table=table,
        examples=examples,
        target=column.name,
        task=decided,
        rows=rows,
        ignored=tuple(ignore),
        left_out=tuple(left_out),
        notes=tuple(notes),
        ambiguous=ambiguous,
        without_target=without,
    )


def _unused(table: Table, used: Collection[str], rows: Rows) -> Rows | None:
    """Equal numbers for rows that are equal in all columns but the used ones; None without such columns."""
    numbers: Rows | None = None
    for column in table.columns:
        if column.name not in used:
            codes = np.unique(column.values[rows], return_inverse=True)[1]
            pairs = codes if numbers is None else numbers * (codes.max() + 1) + codes
            numbers = np.unique(pairs, return_inverse=True)[1]
    return numbers


def _named(table: Table, name: str) -> Column:
    try:
        return table.column(normal(name))
    except KeyError:
        raise TableError(f"There is no column called {name}{_near_choices(table, name)}") from None


def _near_choices(table: Table, name: str) -> str:
    folded = {one.lower(): one for one in table.names if one != name}
    near = [folded[one] for one in difflib.get_close_matches(name.lower(), folded, 3, 0.6)]
    if near:
        return f": did you mean {' or '.join(near)}?"
    shown = ", ".join(one for one in table.names[:12] if one != name)
    return f": the columns are {shown}" + (", ..." if len(table.names) > 12 else "")


def _usable(table: Table, but: str) -> str:
    """The columns that may be predicted, as a hint."""
    names = [one.name for one in table.columns if one.kind in ("number", "category") and one.name != but]
    if not names:
        return ""
    return f", such as {', '.join(names[:12])}" + (" and others" if len(names) > 12 else "")


def _task(column: Column, asked: Task | None) -> tuple[Task, bool, str]:
    """The task, whether it could be the other, and the sentence that says so."""
    if not column.numeric:
        if asked == "regression":
            raise TableError(f"{column.name} holds words, not numbers: it can only be classified")
        return "classification", False, ""
    values = column.values[~column.empty]
    distinct = np.unique(values)
    whole = bool(np.all(distinct == np.floor(distinct)))
    if asked is not None:
        if asked == "classification" and len(distinct) > max(FEW_VALUES, len(values) / ROWS_A_CLASS):
            raise TableError(
                f"{column.name} has {len(distinct)} different values, too many for classes: choose regression"
            )
        return asked, False, ""
    if len(distinct) <= 2:
        return "classification", False, ""
    if whole and len(distinct) <= FEW_VALUES and column.name.strip().lower() in CLASS_NAMES:
        return "classification", False, ""
    if whole and len(distinct) <= FEW_VALUES:
        default: Task = "classification" if len(distinct) * ROWS_A_CLASS <= len(values) else "regression"
        other = "regression" if default == "classification" else "classification"
        said = (
            f"{column.name} has {len(distinct)} different whole numbers: taken as {default}, but it could be"
            f" {other} too."
        )
        return default, True, said
    return "regression", False, ""


def _features(
    table: Table, target: Column, ignore: Collection[str], rows: Rows
) -> tuple[list[Column], list[LeftOut], list[str]]:
    """The features, the columns that are none, and what to say of features that were made of dates."""
    chosen: list[Column] = []
    left_out: list[LeftOut] = []
    notes: list[str] = []
    for column in table.columns:
        if column is target:
            continue
        made = [] if column.name in ignore else features_of(column)
        made = [one for one in made if not _reason_against(one, (), rows)]
        if made:
            chosen += made
            parts = ", ".join(one.name.removeprefix(column.name + BETWEEN) for one in made)
            notes.append(f"{column.name} holds dates, of which features were made: {parts}.")
        elif reason := _reason_against(column, ignore, rows):
            left_out.append(LeftOut(column.name, reason))
        else:
            chosen.append(column)
    return chosen, left_out, notes


def _reason_against(column: Column, ignore: Collection[str], rows: Rows) -> str:
    if column.name in ignore:
        return "was not wanted"
    if column.kind not in ("number", "category"):
        return f"holds {_plural(column.kind)}"
    values = column.values[rows]
    filled = values[~column.empty[rows]]
    if not filled.size:
        return "holds nothing"
    if (filled == filled[0]).all() and filled.size == values.size:
        return "is the same in every row"
    return ""


def _plural(kind: str) -> str:
    return {"date": "dates", "text": "free text", "identifier": "a name or number for each row"}[kind]


def _inputs(column: Column) -> NDArray[np.float64]:
    values = column.values.astype(np.float64)
    if not column.numeric:
        values[column.empty] = np.nan
    return values


def _classes(column: Column, rows: Rows) -> tuple[NDArray[np.intp], tuple[str, ...]]:
    """Class indices, and the classes that occur: numbers ascending, words in the column's order."""
    values = column.values[rows]
    distinct, first, targets = np.unique(values, return_index=True, return_inverse=True)
    if len(distinct) == 1:
        raise TargetNeeded(
            f"Every {column.name} is {column.text(int(rows[0]))}: with one class there is nothing to learn"
        )
    if len(distinct) == len(rows) or (len(distinct) > len(rows) / 2 and len(distinct) > FEW_VALUES):
        raise TargetNeeded(
            f"{column.name} has {len(distinct)} classes for {len(rows)} rows: name another target"
        )
    return targets.astype(np.intp), tuple(column.text(int(rows[row])) for row in first)


def _about_classes(targets: NDArray[np.intp], classes: tuple[str, ...]) -> list[str]:
    counts = np.bincount(targets)
    return [
        f"Only one row is {name}, so it cannot be both learned and held out."
        for name, count in zip(classes, counts, strict=True)
        if count == 1
    ]
