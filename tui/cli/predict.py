"""`epochal predict`: a saved model's answers for the rows of a table."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import click

from epochal.tui.cli.candidates import complete_model, complete_table
from epochal.tui.cli.options import (
    Fault,
    file_reading_options,
    force_option,
    json_option,
    new_place,
    reading_from,
    reading_told,
    say_csv,
    sentence,
)
from epochal.tui.cli.runs import say_aside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from epochal.data.models.model import Model
    from epochal.data.models.prediction_files import Layout
    from epochal.data.models.predictions import Predicted, Predictions

Json = dict[str, object]


@click.command()
@click.argument("model", shell_complete=complete_model)
@click.argument("table", shell_complete=complete_table)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Write to a new file, not to stdout.",
)
@click.option(
    "--keep",
    metavar="COLUMN,...",
    default="all",
    help="The table's columns that come out beside the predictions; all if not given, or none.",
)
@click.option(
    "--probabilities/--no-probabilities",
    default=True,
    help="Whether a probability of each class comes out too; it does if not given.",
)
@force_option
@file_reading_options
@json_option
def predict(
    model: str,
    table: str,
    output: Path | None,
    keep: str,
    probabilities: bool,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Predict every row of TABLE with MODEL.

    MODEL is a file from `epochal train --save` or the lab. Columns are found by name, in any order, and read
    by the types that were learned; others are ignored. The output has the table's own cells as they are
    written, then `predicted`, and for classes the probability of each. One row is enough.

    Example: epochal predict model.npz new.csv --output predicted.csv
    """
    from epochal.data.models.prediction_files import layout_for
    from epochal.data.models.predictions import Predictions
    from epochal.data.models.table_columns import wanted_names
    from epochal.data.tables.rows import open_rows
    from epochal.data.tables.table import TableError

    if output:
        new_place(output, force=force)
    learned = opened_model(model, " The model comes first, then the table." * table.endswith(".npz"))
    try:
        with reading_told(table) as watch:
            rows = open_rows(table, wanted_names(learned), watch=watch, **reading_from(options))
            predictions = Predictions(learned, rows, watch)
        shape = layout_for(predictions, _kept(keep), probabilities=probabilities)
        if output:
            _write(predictions, shape, output, force=force)
        if as_json:
            _print_json(predictions, shape, output)
        elif not output:
            _print_csv(predictions, shape)
    except TableError as error:
        raise Fault(sentence(error)) from None
    if as_json:
        return
    for note in (*predictions.notes, *shape.notes):
        say_aside(note)
    if output:
        from epochal.data.tables.wording import counted

        count = counted(predictions.rows, "prediction was", "predictions were")
        say_aside(f"{count} written to {output}.")


def opened_model(path: str, hint: str = "") -> Model:
    """The model in a file named on the command line; Fault says why there is none, and the hint."""
    from epochal.data.models.model import ModelError
    from epochal.data.models.model_file import load_model

    try:
        return load_model(path)
    except ModelError as error:
        raise Fault(f"{error}{hint}") from None


def _kept(keep: str) -> Collection[str] | None:
    if keep.strip().lower() in ("all", "none"):
        return None if keep.strip().lower() == "all" else ()
    from epochal.data.tables.names import names_in

    return names_in(keep)


def _write(predictions: Predictions, shape: Layout, output: Path, *, force: bool) -> None:
    from epochal.data.models.prediction_files import write_predictions
    from epochal.data.paths import refusal

    try:
        with reading_told(predictions.source.name, "Predicting") as watch:
            write_predictions(output, predictions, shape, force=force, watch=watch)
    except OSError as error:
        raise Fault(f"Nothing was written to {output}: {refusal(error)}.") from None


def _print_csv(predictions: Predictions, shape: Layout) -> None:
    from epochal.data.models.prediction_files import prediction_lines

    for text in prediction_lines(predictions, shape):
        say_csv(text)


def _print_json(predictions: Predictions, shape: Layout, output: Path | None) -> None:
    """One JSON object, written as it is made: the lists are as long as the table."""
    with ExitStack() as stack:
        lists = {
            name: stack.enter_context(TemporaryFile("w+", encoding="utf-8"))
            for name in ("predicted", "probabilities", *(["spread"] if predictions.model.members else []))
        }
        for batch in predictions.batches():
            for name, values in _answers(predictions.model, batch, shape):
                file = lists[name]
                file.write((", " if file.tell() else "") + json.dumps(values)[1:-1])
        for text in _json_pieces(predictions, shape, output, lists):
            click.echo(text, nl=False)


def _answers(model: Model, batch: Predicted, shape: Layout) -> Iterator[tuple[str, list[object]]]:
    """Of some rows, what is predicted and the probabilities; null where nothing comes of a row's numbers."""
    import numpy as np

    from epochal.core.evaluation.evaluation import decide

    outputs: Any = batch.outputs
    broken = np.isnan(outputs).any(axis=1).tolist()
    values: list[Any] = outputs.tolist()
    if model.classes:
        answers: list[Any] = [model.classes[answer] for answer in decide(outputs, model.threshold)]
        if shape.probabilities:
            none = [None] * len(model.classes)
            yield "probabilities", [none if bad else row for bad, row in zip(broken, values, strict=True)]
    else:
        answers = [row[0] if len(row) == 1 else row for row in values]
    if batch.spread is not None:
        apart = [row[0] if len(row) == 1 else row for row in batch.spread.tolist()]
        yield "spread", [None if bad else one for bad, one in zip(broken, apart, strict=True)]
    yield "predicted", [None if bad else answer for bad, answer in zip(broken, answers, strict=True)]


def _json_pieces(
    predictions: Predictions, shape: Layout, output: Path | None, lists: Mapping[str, IO[str]]
) -> Iterator[str]:
    model = predictions.model
    head: Json = {"rows": predictions.rows, "target": model.target, "classes": list(model.classes)}
    tail: Json = {
        "notes": [*predictions.notes, *shape.notes],
        "left_out": [{"name": one.name, "reason": one.reason} for one in predictions.left_out],
        "rows_left_out": predictions.rows_left_out,
        "cells": predictions.cells,
        "columns": [*shape.header, *shape.added],
        "learned_from": {
            **model.table.model_dump(mode="json"),
            **(model.decisions.model_dump(mode="json") if model.decisions else {}),
        },
        "output": str(output) if output else None,
    }
    yield json.dumps(head)[:-1]
    for name, file in lists.items():
        yield f', "{name}": ['
        file.seek(0)
        while text := file.read(1 << 20):
            yield text
        yield "]"
    yield ", " + json.dumps(tail)[1:] + "\n"
