"""Predictions as CSV: the table's own cells as they are written, and beside them what is predicted."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from epochal.core.evaluation.evaluation import decide
from epochal.core.outcome import Outcome
from epochal.core.rows.examples import Floats
from epochal.data.atomic_write import whole_file
from epochal.data.models.predictions import Predictions
from epochal.data.tables.bundled import spoken_name
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.decisions import some
from epochal.data.tables.files import Watch
from epochal.data.tables.notations import is_number
from epochal.data.tables.options import Reading
from epochal.data.tables.rows import open_rows
from epochal.data.tables.table import Table, TableError

# Rows written between two looks at whether to go on; also the memory of one piece of text.
STRETCH = 10_000

# Bytes of a name made from another: most systems allow 255, of which endings and parts take some.
LONGEST_STEM = 180

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Layout:
    """The columns of a file of predictions: those kept of the table, by place, and those that are added.

    `notes` say which of the added ones have another name than usual, as the table has that one too.
    """

    kept: tuple[int, ...]
    header: tuple[str, ...]
    added: tuple[str, ...]
    classes: tuple[str, ...]
    threshold: float
    probabilities: bool
    notes: tuple[str, ...] = ()

    def cells(self, outputs: Floats, spread: Floats | None = None) -> list[list[str]]:
        """What is added to each row: empty where nothing is predicted."""
        broken = np.isnan(outputs).any(axis=1)
        if not self.classes:
            cells = [[f"{value:.10g}" for value in row] for row in outputs.tolist()]
        else:
            names = [escaped(name) for name in self.classes]
            answers = [names[answer] for answer in decide(outputs, self.threshold)]
            shares = outputs.tolist() if self.probabilities else [[]] * len(outputs)
            cells = [
                [answer, *(f"{share:.6f}" for share in row)]
                for answer, row in zip(answers, shares, strict=True)
            ]
        if spread is not None:
            cells = [
                [*row, *(f"{one:.6g}" for one in apart)]
                for row, apart in zip(cells, spread.tolist(), strict=True)
            ]
        for place in np.flatnonzero(broken).tolist():
            cells[place] = [""] * len(self.added)
        return cells


def layout(
    names: Sequence[str],
    classes: tuple[str, ...],
    threshold: float,
    *,
    outputs: tuple[str, ...] = ("target",),
    kept: tuple[int, ...] | None = None,
    probabilities: bool = True,
    spread: bool = False,
) -> Layout:
    """The layout for a table with these columns, of which those `kept` are written, None for all.

    With `spread` how far apart an ensemble's members are is added last.
    """
    kept = tuple(range(len(names))) if kept is None else kept
    header = tuple(names[place] for place in kept)
    usual = ["predicted"] if classes or len(outputs) == 1 else [f"predicted_{name}" for name in outputs]
    if probabilities:
        usual += [f"probability_{name}" for name in classes]
    if spread:
        usual += ["spread"] if classes or len(outputs) == 1 else [f"spread_{name}" for name in outputs]
    added: list[str] = []
    notes: list[str] = []
    for name in usual:
        free, number = name, 1
        while free in header or free in added:
            number += 1
            free = f"{name}_{number}"
        if free != name:
            notes.append(f"The table has a column {name} already: the new one is called {free}.")
        added.append(free)
    return Layout(
        kept=kept,
        header=header,
        added=tuple(added),
        classes=classes,
        threshold=threshold,
        probabilities=probabilities,
        notes=tuple(notes),
    )


def escaped(text: str) -> str:
    """A text of ours that no spreadsheet takes for a formula: an apostrophe before it where one would."""
    return f"'{text}" if text.startswith(FORMULA) and not is_number(text) else text


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines of CSV that give the same cells back."""
    file = io.StringIO(newline="")
    minimal = csv.writer(file, lineterminator="\n")
    full = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        # A bare carriage return would end the line for who reads it.
        (full if any("\r" in cell for cell in row) else minimal).writerow(row)
    return file.getvalue()


def prediction_lines(predictions: Predictions, shape: Layout, watch: Watch | None = None) -> Iterator[str]:
    """The file, piece by piece: the header, then some rows at a time."""
    yield csv_text([[*shape.header, *shape.added]])
    for batch in predictions.batches(watch):
        for start in range(0, len(batch.rows), STRETCH):
            part = slice(start, start + STRETCH)
            made = shape.cells(batch.outputs[part], None if batch.spread is None else batch.spread[part])
            yield csv_text(
                [
                    [*(row[place] for place in shape.kept), *cells]
                    for row, cells in zip(batch.rows[part], made, strict=True)
                ]
            )


def layout_for(
    predictions: Predictions, keep: Collection[str] | None = None, *, probabilities: bool = True
) -> Layout:
    """The layout of a table's predictions; only the columns in `keep` are written, None for all.

    TableError when one of them is not there.
    """
    model, source = predictions.model, predictions.source
    for name in keep or ():
        if name not in source.names:
            raise TableError(f"There is no column {name} to keep: the columns are {some(source.names)}")
    return layout(
        source.header,
        model.classes,
        model.threshold,
        outputs=model.names,
        kept=None if keep is None else tuple(at for at, name in enumerate(source.names) if name in keep),
        probabilities=probabilities,
        spread=bool(model.members),
    )


def write_predictions(
    path: Path,
    predictions: Predictions,
    shape: Layout | None = None,
    *,
    force: bool = False,
    watch: Watch | None = None,
) -> None:
    """A new CSV file, there when it is complete: never half a file.

    Raises FileExistsError rather than overwrite, unless `force` is given; OSError when it cannot be written;
    TableError when the table has changed.
    """
    with whole_file(path, force=force) as file:
        for text in prediction_lines(predictions, shape or layout_for(predictions), watch):
            file.write(text.encode("utf-8", "replace"))


def write_held_out(
    path: Path, dataset: Dataset, outcome: Outcome, reading: Reading | None = None, *, force: bool = False
) -> None:
    """A new CSV file of the held-out rows, with their numbers in the table (from 1) and predictions.

    The cells are as they are written in the table's file, if that is still the one learned from when it is
    read as `reading` says. Raises what `write_predictions` raises.
    """
    answers = outcome.answers
    shape = layout(("row", *dataset.table.names), dataset.examples.classes, outcome.threshold)
    rows = dataset.rows[answers.rows]
    own = _cells_of(dataset.table, rows, reading or {})
    with whole_file(path, force=force) as file:
        file.write(csv_text([[*shape.header, *shape.added]]).encode("utf-8", "replace"))
        for start in range(0, len(rows), STRETCH):
            part = slice(start, start + STRETCH)
            made = zip(rows[part].tolist(), own[part], shape.cells(answers.outputs[part]), strict=True)
            lines = [[str(row + 1), *given, *cells] for row, given, cells in made]
            file.write(csv_text(lines).encode("utf-8", "replace"))


def _cells_of(table: Table, rows: NDArray[np.intp], reading: Reading) -> list[list[str]]:
    """The cells of these rows as they are written; as they were read, where the file is not there to tell."""
    wanted, found, at = set(rows.tolist()), dict[int, list[str]](), 0
    with contextlib.suppress(TableError):
        source = open_rows(spoken_name(table), table.names, **reading)
        for batch in source.batches():
            found |= {place: row for place, row in enumerate(batch.rows, at) if place in wanted}
            at += len(batch.rows)
        if at == table.rows and source.names == table.names and source.sha256 == table.sha256:
            return [found[row] for row in rows.tolist()]
    return [[one.text(row) for one in table.columns] for row in rows.tolist()]


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
