"""`epochal predict`: a saved model's answers for the rows of a table."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epochal.data.paths import refusal, with_target
from epochal.tui.cli.options import (
    Fault,
    force_option,
    json_option,
    new_place,
    reading_from,
    reading_options,
    say_csv,
    sentence,
    table_named,
)
from epochal.tui.cli.runs import say_aside

if TYPE_CHECKING:
    from epochal.core.rows.examples import Floats
    from epochal.data.models.model import Model
    from epochal.data.tables.table import Table

Json = dict[str, object]


@click.command()
@click.argument("model")
@click.argument("table")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Write to a new file, not to stdout.",
)
@force_option
@reading_options
@json_option
def predict(model: str, table: str, output: Path | None, force: bool, as_json: bool, **options: Any) -> None:
    """Predict every row of TABLE with MODEL.

    MODEL is a file from `epochal train --save` or the lab. Columns are found by name, in any order; others
    are ignored. The output has the table's columns, `predicted`, and for classes the probability of each.

    Example: epochal predict model.npz new.csv --output predicted.csv
    """
    from epochal.data.models.predictions import inputs_from, write_predictions
    from epochal.data.tables.table import TableError

    if output:
        new_place(output, force=force)
    learned = opened_model(model, " The model comes first, then the table." * table.endswith(".npz"))
    reading = reading_from(options)
    # Words the network learned as words stay as they are written, even where these look like numbers.
    words = (feature.name for feature in learned.features if feature.categories)
    reading["as_text"] = (*reading["as_text"], *words)
    try:
        read = table_named(table, reading)
        inputs, notes = inputs_from(read, learned.features)
    except TableError as error:
        raise Fault(sentence(error)) from None
    notes = [*read.notes, *_unused(read, learned), *notes]
    outputs = learned.outputs(inputs)
    _all_finite(outputs)
    if output:
        try:
            write_predictions(output, read, outputs, learned.classes, learned.threshold, force=force)
        except OSError as error:
            raise Fault(f"Nothing was written to {output}: {refusal(error)}.") from None
    if as_json:
        click.echo(json.dumps(_record(learned, outputs, notes, output)))
        return
    for note in notes:
        say_aside(note)
    if output:
        say_aside(f"{read.rows:,} predictions were written to {with_target(output)}.")
    else:
        _print(read, outputs, learned)


def opened_model(path: str, hint: str = "") -> Model:
    """The model in a file named on the command line; Fault says why there is none, and the hint."""
    from epochal.data.models.model import ModelError
    from epochal.data.models.model_file import load_model

    try:
        return load_model(path)
    except ModelError as error:
        raise Fault(f"{error}{hint}") from None


def _unused(table: Table, model: Model) -> list[str]:
    known = {model.target, *(feature.name for feature in model.features)}
    extra = [name for name in table.names if name not in known]
    if not extra:
        return []
    shown = ", ".join(extra[:8]) + (f" and {len(extra) - 8:,} more" if len(extra) > 8 else "")
    return [f"Not used, as the network did not learn from it: {shown}."]


def _all_finite(outputs: Floats) -> None:
    import numpy as np

    broken = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
    if len(broken):
        raise Fault(
            f"Row {broken[0] + 1:,} holds numbers too far beyond those in training to predict from: "
            "check them."
        )


def _record(model: Model, outputs: Floats, notes: list[str], output: Path | None) -> Json:
    from epochal.core.evaluation.evaluation import decide

    if model.classes:
        predicted: list[object] = [model.classes[answer] for answer in decide(outputs, model.threshold)]
    else:
        predicted = outputs[:, 0].tolist() if outputs.shape[1] == 1 else outputs.tolist()
    return {
        "rows": len(outputs),
        "target": model.target,
        "classes": list(model.classes),
        "predicted": predicted,
        "probabilities": outputs.tolist() if model.classes else [],
        "notes": notes,
        "output": str(output) if output else None,
    }


def _print(table: Table, outputs: Floats, model: Model) -> None:
    from epochal.data.models.predictions import write_rows

    lines = io.StringIO(newline="")
    write_rows(lines, table, outputs, model.classes, model.threshold)
    say_csv(lines.getvalue())
