"""`epochal train`: one training run, evaluated on its held-out rows."""

from __future__ import annotations

from typing import Any

import click

from epochal.tui.cli.automatic import found_settings, preset_options, settings_given
from epochal.tui.cli.candidates import complete_table
from epochal.tui.cli.jobs import jobs_option
from epochal.tui.cli.options import (
    Fault,
    dataset_named,
    history_option,
    json_option,
    output_options,
    places_in,
    reading_from,
    setting_options,
    table_options,
)


@click.command()
@click.argument("table", shell_complete=complete_table)
@table_options
@preset_options
@jobs_option
@setting_options
@json_option
@output_options
@history_option
def train(table: str, as_json: bool, force: bool, no_history: bool, **options: Any) -> None:
    """Train on TABLE and evaluate on its held-out rows.

    Settings that fit the table are found first, by a search on its training rows alone; those that are given
    stay as they are. With a preset other than auto nothing is searched.

    Example: epochal train column_2C_weka --hidden 10 --json
    """
    from epochal.core.training.size import size_in_words
    from epochal.core.training.training import Training
    from epochal.data.runs.metadata import run_metadata
    from epochal.tui.cli.departure import Departure
    from epochal.tui.cli.recorded_training import leave, recorder, show, trained, written_to
    from epochal.tui.reporting.equivalent_command import command_for
    from epochal.tui.runner.room import lack_of_memory

    settings_given(options)
    places = places_in({**options, "force": force})
    dataset = dataset_named(table, options)
    settings, search = found_settings(dataset.examples, options)
    if lack := lack_of_memory(dataset.examples, settings):
        raise Fault(lack)
    departure = Departure()
    try:
        training = Training(dataset.examples, settings, gate=departure)
    except ValueError as error:
        raise Fault(str(error)) from None
    if said := size_in_words(training.network.layers, settings, len(dataset.examples)):
        click.echo(said, err=True)
    reading = reading_from(options)
    metadata = run_metadata(dataset, training, reading, search=search)
    with recorder(no_history=no_history) as history:
        recording = history.begin(metadata, training.history)
        outcome = trained(dataset, training, recording, history, departure)
    files = written_to(places, outcome, dataset, metadata, force=force)
    show(
        outcome, files, as_json=as_json, search=metadata.search, again=command_for(dataset, settings, reading)
    )
    leave(outcome, files)
