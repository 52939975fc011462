"""Predictions for a table of any length: its rows gone through twice, in little memory, and given back.

Columns are found by their names and read as what the model learned from (`feature_cells`); the first time
through finds what is wrong, so that nothing is written of a table that is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from epochal.core.rows.examples import Floats
from epochal.data.models.model import Model
from epochal.data.models.number_cells import NumberCells, convention_of
from epochal.data.models.table_columns import columns_of
from epochal.data.tables.dataset import LeftOut
from epochal.data.tables.decisions import left_out_in_words, some
from epochal.data.tables.files import Watch
from epochal.data.tables.gathering import MOST_PROBLEMS
from epochal.data.tables.rows import Rows
from epochal.data.tables.table import Problem, TableError
from epochal.data.tables.wording import counted

NOT_LEARNED = "was not learned from"


@dataclass(frozen=True, eq=False)
class Predicted:
    """Some rows: the cells as they are written, and rows x classes of probabilities, or rows x numbers.

    `spread` is as `Model.spread` gives it. A row whose numbers are so far beyond those in training that
    nothing comes of them has NaN for all.
    """

    rows: list[list[str]]
    outputs: Floats
    spread: Floats | None = None


class Predictions:
    """What a model predicts of a table. Raises TableError at once where the table does not fit the model.

    `found` rows there are; `rows` were predicted, and `rows_left_out` not, when the batches are exhausted.
    """

    def __init__(self, model: Model, source: Rows, watch: Watch | None = None) -> None:
        self.model, self.source = model, source
        self.rows = self.rows_left_out = self.found = 0
        self._columns = columns_of(model, source)
        self._numbers = [one.cells for one in self._columns if isinstance(one.cells, NumberCells)]
        self._overflowed: list[int] = []
        self._look(watch)

    def _look(self, watch: Watch | None) -> None:
        """Find how numbers are written, and refuse what cannot be read."""
        pending = self._numbers
        while pending or not self.found:
            again: list[NumberCells] = []
            self.found = 0
            for batch in self.source.batches(watch):
                self.found += len(batch.rows)
                again += [
                    one
                    for one in pending
                    if one.look([row[one.place - 1] for row in batch.rows], batch.lines)
                ]
            if not self.found:
                self.source.refuse(())
                name = self.source.name
                raise TableError(f"{name} has a header and no rows below it: nothing can be predicted")
            pending = list(dict.fromkeys(again))
            if not pending:
                convention = convention_of(self._numbers, self.source.convention)
                pending = [one for one in self._numbers if one.is_in_doubt(convention)]
            for one in pending:
                one.keep_texts()
        doubts = [one.decide(convention) for one in self._numbers]
        self.source.refuse([*filter(None, doubts), *self._strays()])

    def _strays(self) -> list[Problem]:
        """The first cells that are no numbers where numbers are needed."""
        found: list[Problem] = []
        odd = [one for one in self._numbers if not one.is_plain]
        for batch in self.source.batches() if odd else ():
            for one in odd:
                found += one.strays([row[one.place - 1] for row in batch.rows], batch.lines)
            if len(found) > MOST_PROBLEMS:
                break
        return found

    def batches(self, watch: Watch | None = None) -> Iterator[Predicted]:
        """The rows with their predictions, once more from the first one on; counts begin anew."""
        self.rows = self.rows_left_out = 0
        self._overflowed = []
        for one in self._columns:
            one.cells.begin()
        footnotes = self.source.footnotes if self.source.drops_bad_rows else frozenset[int]()
        for batch in self.source.batches(watch):
            rows, lines = batch.rows, batch.lines
            good = np.fromiter((line not in footnotes for line in lines), bool, len(lines))
            for number in self._numbers:
                good &= number.are_readable([row[number.place - 1] for row in rows])
            if not good.all():
                kept = np.flatnonzero(good).tolist()
                self.rows_left_out += len(rows) - len(kept)
                rows, lines = [rows[at] for at in kept], [lines[at] for at in kept]
            if rows:
                yield self._predicted(rows, lines)
        self.rows_left_out += self.source.passed_over

    def _predicted(self, rows: list[list[str]], lines: Sequence[int]) -> Predicted:
        inputs = np.empty((len(rows), len(self.model.features)))
        for one in self._columns:
            inputs[:, one.features] = one.cells.read([row[one.place] for row in rows], lines)
        outputs = self.model.outputs(inputs)
        broken = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if len(broken):
            outputs[broken] = np.nan
            self._overflowed += [lines[at] for at in broken[: MOST_PROBLEMS - len(self._overflowed)].tolist()]
        self.rows += len(rows)
        return Predicted(rows, outputs, self.model.spread(inputs, outputs))

    @property
    def left_out(self) -> list[LeftOut]:
        """The table's columns that play no part, and why."""
        learned = {self.source.names[one.place] for one in self._columns}
        decided = self.model.decisions.left_out if self.model.decisions else ()
        reasons = {one.name: f"{one.reason} in the table learned from" for one in decided}
        return [
            LeftOut(name, reasons.get(name, NOT_LEARNED))
            for name in self.source.names
            if name not in learned and name != self.model.target
        ]

    @property
    def notes(self) -> list[str]:
        """What should be known of the predictions, once the batches are exhausted."""
        notes = [*self.source.notes, *left_out_in_words(self.left_out, "not used")]
        for one in self._columns:
            notes += one.cells.notes()
        if self.rows_left_out:
            notes.append(
                f"{counted(self.rows_left_out, 'row was', 'rows were')} left out because of problems."
            )
        if self._overflowed:
            lines = some([f"{line:,}" for line in self._overflowed])
            notes.append(
                f"Nothing comes of numbers so far beyond those in training as in line {lines}: no prediction "
                "there. Look whether they are right."
            )
        return notes

    @property
    def cells(self) -> list[dict[str, str | int]]:
        """For each feature with such cells, how many cannot be used as they stand, by reason."""
        counted_cells = [(one.cells.feature.name, one.cells.counts.report()) for one in self._columns]
        return [{"column": name, **counts} for name, counts in counted_cells if any(counts.values())]
