"""Models in a notebook: loaded from a file, saved to one, and asked about data frames."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Floats
from epochal.data.exports.pages import Block, Grid, Heading, Paragraph, html_fragment
from epochal.data.models import model as models
from epochal.data.models.model_file import load_model, save_model
from epochal.data.models.predictions import Predictions
from epochal.data.models.table_columns import wanted_names
from epochal.data.models.typed_tables import typed_inputs
from epochal.data.models.worth import worth_in_words
from epochal.data.tables.frames import table_from
from epochal.data.tables.rows import Rows, TableRows, open_rows
from epochal.data.tables.table import Table, TableError

AT_ONCE = 10_000
"""Rows that are predicted at a time."""


class Model(models.Model):
    """A trained network with all that it takes to predict: `load` opens one, `Run.model` is that of a run.

    `target`, `classes`, `features`, `settings` and `evaluation` say what it is; `threshold` is the
    probability from which on the second of two classes is predicted.

        model = epochal.train("iris", settings="sensible", epochs=50).model
        print(model.predict_proba({name.name: [5.0, 1.0] for name in model.features}))
    """

    @classmethod
    def of(cls, model: models.Model) -> Self:
        """The same model, to be asked about data frames."""
        return cls(**{one.name: getattr(model, one.name) for one in fields(model)})

    def predict(self, table: object) -> NDArray[np.generic]:
        """The predicted class of each row, or its number (several a row for several targets).

        `table` is anything that `read_table` takes, with the columns that the model learned from; others
        play no part. Missing cells and unknown categories are dealt with as in training. TableError says
        which column is lacking, or what is no number.
        """
        outputs = self._outputs(table)
        kind = self.predictor.network.kind
        if not kind.has_classes:
            return outputs[:, 0] if outputs.shape[1] == 1 else outputs
        chosen = np.asarray(kind.decide(outputs, self.threshold), np.intp)
        return np.array(self.classes)[chosen]

    def predict_proba(self, table: object) -> Floats:
        """Rows x `classes` of probabilities. TypeError for a model that predicts numbers."""
        if not self.classes:
            raise TypeError(
                f"{self.target} is a number: there are no probabilities; predict gives the number."
            )
        return self._outputs(table)

    def save(self, path: str | os.PathLike[str], *, force: bool = False) -> None:
        """Write it to a new file, or over the one that is there with `force`."""
        save_model(path, self, force=force)

    def _outputs(self, table: object) -> Floats:
        source, inputs = self._source(table)
        if inputs is None:
            parts = [batch.outputs for batch in Predictions(self, source).batches()]
        else:
            parts = [self.outputs(inputs[at : at + AT_ONCE]) for at in range(0, len(inputs), AT_ONCE)]
        outputs = np.concatenate(parts) if parts else np.empty((0, len(self.classes) or len(self.names)))
        if np.isnan(outputs).any():
            row = int(np.flatnonzero(np.isnan(outputs).any(axis=1))[0]) + 1
            raise TableError(f"Nothing comes of numbers so far beyond those in training as in row {row:,}")
        return outputs

    def _source(self, table: object) -> tuple[Rows, Floats | None]:
        """The rows, and their inputs where these are known without reading any text; one row is enough."""
        if isinstance(table, str | os.PathLike):
            return open_rows(table, wanted_names(self)), None
        read = table if isinstance(table, Table) else table_from(table, to_learn=False)
        return TableRows(read), typed_inputs(self, read) if read.rows else None

    def _repr_html_(self) -> str:
        return html_fragment(list(_shown(self)))


def _shown(model: Model) -> Iterator[Block]:
    yield Heading(f"Model of {model.target}")
    yield Paragraph(model.predictor.network.in_words() + ".")
    for line in worth_in_words(model):
        yield Paragraph(line)
    rows = [
        [one.name, ", ".join(one.categories[:6]) + (" ..." if len(one.categories) > 6 else "") or "number"]
        for one in model.features[:60]
    ]
    yield Grid(("predicted from", "holds"), rows)


def load(path: str | os.PathLike[str]) -> Model:
    """Open a model that `save`, `epochal train --save` or the lab has written.

    It predicts without the table it learned from. ModelError says why a file is none.

        run = epochal.train("iris", settings="sensible", epochs=50)
        epochal.save(run, "iris.npz")
        model = epochal.load("iris.npz")
        assert (model.predict("iris") == run.predict("iris")).all()
    """
    return Model.of(load_model(path))


def save(model: models.Model | object, path: str | os.PathLike[str], *, force: bool = False) -> Path:
    """Write a model, or the model of a run, to a new file; over the one that is there with `force`."""
    held = model if isinstance(model, models.Model) else getattr(model, "model", None)
    if not isinstance(held, models.Model):
        raise TypeError(f"A model or a run can be saved, not {type(model).__name__}.")
    save_model(path, held, force=force)
    return Path(path)
