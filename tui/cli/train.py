"""`epochal train`: one training run, evaluated on its held-out rows."""

from __future__ import annotations

from typing import Any

import click

from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    history_option,
    json_option,
    output_options,
    places_in,
    reading_from,
    setting_options,
    settings_from,
    table_options,
)


@click.command()
@click.argument("table")
@table_options
@setting_options
@json_option
@output_options
@history_option
def train(table: str, as_json: bool, force: bool, no_history: bool, **options: Any) -> None:
    """Train on TABLE and evaluate on its held-out rows.

    Example: epochal train column_2C_weka --hidden 10 --epochs 500 --json
    """
    from epochal.core.training.training import Training
    from epochal.data.runs.record import run_metadata
    from epochal.tui.cli.departure import Departure
    from epochal.tui.cli.recorded_training import leave, recorder, show, trained, written_to

    settings = settings_from(options)
    places = places_in({**options, "force": force})
    dataset = dataset_named(table, options)
    departure = Departure()
    try:
        training = Training(dataset.examples, settings, gate=departure)
    except ValueError as error:
        raise Fault(str(error)) from None
    metadata = run_metadata(dataset, training, reading_from(options))
    with recorder(no_history=no_history) as history:
        recording = history.begin(metadata, training.history)
        outcome = trained(dataset, training, recording, history, departure)
    files = written_to(places, outcome, dataset, metadata, force=force)
    show(outcome, files, as_json=as_json)
    leave(outcome, files)
