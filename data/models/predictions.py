"""Predictions for a whole table: its columns found by name, and its rows written with what is predicted."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

import numpy as np

from epochal.core.evaluation.evaluation import decide
from epochal.core.outcome import Outcome
from epochal.core.rows.examples import Feature, Floats
from epochal.data.atomic_write import whole_file
from epochal.data.tables.dataset import Dataset, Rows
from epochal.data.tables.date_features import feature_named
from epochal.data.tables.table import Column, Table, TableError

# Rows written between two looks at whether to go on; also the memory of one piece of text.
STRETCH = 10_000

# Bytes of a name made from another: most systems allow 255, of which endings and parts take some.
LONGEST_STEM = 180


def inputs_from(table: Table, features: Sequence[Feature]) -> tuple[Floats, list[str]]:
    """Rows x features as in `Examples.inputs`, and a note for each thing that should be known.

    Columns are found by their names; others are left alone. A category no network has seen counts as none
    of the known ones. TableError when a column is not there, or holds words where numbers were learned.
    """
    found = [feature_named(table, feature.name) for feature in features]
    absent = [feature.name for feature, column in zip(features, found, strict=True) if column is None]
    if absent:
        raise TableError(_absent(absent, table))
    notes: list[str] = []
    columns = [
        _inputs(column, feature, notes) for column, feature in zip(found, features, strict=True) if column
    ]
    return np.column_stack(columns), notes


def _absent(absent: list[str], table: Table) -> str:
    near = get_close_matches(absent[0], table.names, n=1)
    hint = f" (is {near[0]} meant?)" if near else ""
    rest = ", ".join(absent[1:6]) + (f" and {len(absent) - 6:,} more" if len(absent) > 6 else "")
    more = f", nor {rest}, which the network learned from" if rest else ""
    return f"{table.name} has no column {absent[0]}{hint}{more}"


def _inputs(column: Column, feature: Feature, notes: list[str]) -> Floats:
    missing = column.empty
    if missing.any():
        notes.append(f"{feature.name}: {int(missing.sum()):,} missing cells were filled as in training.")
    if not feature.categories:
        if column.numeric:
            return np.asarray(column.values, dtype=np.float64)
        if missing.all():
            return np.full(len(missing), np.nan)
        row = int(np.flatnonzero(~missing)[0])
        raise TableError(
            f"{feature.name} holds words such as {column.text(row)[:40]!r} in row {row + 1:,}, "
            "where the network learned from numbers"
        )
    place = {name: float(index) for index, name in enumerate(feature.categories)}
    if column.numeric:
        values, first = np.unique(column.values[~missing], return_index=True)
        texts = [column.text(int(row)) for row in np.flatnonzero(~missing)[first]]
        codes = np.full(len(missing), np.nan)
        codes[~missing] = np.array([place.get(text, len(place)) for text in texts])[
            np.searchsorted(values, column.values[~missing])
        ]
    else:
        known = np.array([*(place.get(text, len(place)) for text in column.categories), np.nan])
        codes = known[column.values.astype(np.intp)]
    strange = codes == len(place)
    if strange.any():
        example = column.text(int(np.flatnonzero(strange)[0]))[:40]
        notes.append(
            f"{feature.name}: {int(strange.sum()):,} cells hold what was not in training, "
            f"such as {example!r}; they count as none of the known categories."
        )
    return codes


def write_predictions(
    path: Path,
    table: Table,
    outputs: Floats,
    classes: tuple[str, ...],
    threshold: float = 0.5,
    *,
    force: bool = False,
) -> None:
    """A new CSV file of what `write_rows` writes, there when it is complete: never half a file.

    Raises FileExistsError rather than overwrite, unless `force` is given; OSError when it cannot be written.
    """
    with whole_file(path, force=force) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        write_rows(file, table, outputs, classes, threshold)
        file.flush()
        file.detach()


def write_held_out(path: Path, dataset: Dataset, outcome: Outcome, *, force: bool = False) -> None:
    """A new CSV file of the held-out rows, with their numbers in the table (from 1) and predictions.

    Raises what `write_predictions` raises.
    """
    answers, threshold = outcome.answers, outcome.threshold
    with whole_file(path, force=force) as raw:
        file = io.TextIOWrapper(raw, encoding="utf-8", newline="")
        classes = dataset.examples.classes
        write_rows(file, dataset.table, answers.outputs, classes, threshold, dataset.rows[answers.rows])
        file.flush()
        file.detach()


def write_rows(
    file: TextIO,
    table: Table,
    outputs: Floats,
    classes: tuple[str, ...],
    threshold: float = 0.5,
    rows: Rows | None = None,
) -> None:
    """The table's columns, `predicted`, and with classes a `probability_` of each, as lines of CSV.

    All rows, or those named, from 0, each of which then begins with its number, from 1.
    """
    writer = csv.writer(file, lineterminator="\n")
    numbered = [] if rows is None else ["row"]
    writer.writerow([*numbered, *table.names, "predicted", *(f"probability_{name}" for name in classes)])
    answers = decide(outputs, threshold) if classes else None
    places = np.arange(table.rows) if rows is None else rows
    for start in range(0, len(places), STRETCH):
        writer.writerows(
            [
                *((row + 1,) if numbered else ()),
                *(column.text(row) for column in table.columns),
                *(
                    [f"{value:.10g}" for value in outputs[place]]
                    if answers is None
                    else [classes[answers[place]], *(f"{share:.6f}" for share in outputs[place])]
                ),
            ]
            for place, row in enumerate(places[start : start + STRETCH].tolist(), start)
        )


def free_name(path: Path, kind: str = "predicted", suffix: str = ".csv") -> Path:
    """A new path beside a table, for its predictions: `patients-predicted.csv`, numbered if taken.

    What cannot be seen or typed becomes an underscore, and a name near the longest there can be is cut.
    """
    plain = "".join(one if one.isprintable() else "_" for one in path.name.split(".")[0])
    stem = plain.encode()[:LONGEST_STEM].decode(errors="ignore").strip() or "table"
    number = 1
    while True:
        numbered = "" if number == 1 else f"-{number}"
        candidate = path.parent / f"{stem}-{kind}{numbered}{suffix}"
        if not os.path.lexists(candidate):
            return candidate
        number += 1
