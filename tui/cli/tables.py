"""`epochal tables`: the tables that come with the program."""

from __future__ import annotations

import json

import click

from epochal.tui.cli.options import json_option


@click.command()
@json_option
def tables(as_json: bool) -> None:
    """List the tables that come with the program.

    Example: epochal tables
    """
    from epochal.data.tables.bundled import tables as bundled

    if as_json:
        keys = ("name", "rows", "columns", "task", "sentence")
        click.echo(json.dumps({"tables": [{key: getattr(t, key) for key in keys} for t in bundled()]}))
        return
    for table in bundled():
        click.echo(f"{table.name:<15} {table.rows:>5,} rows {table.columns:>3} columns  {table.sentence}")
