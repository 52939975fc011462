"""`epochal doctor`: what a report of a fault should say of the machine."""

from __future__ import annotations

import json

import click

from epochal.tui.cli.options import json_option, say


@click.command()
@json_option
def doctor(as_json: bool) -> None:
    """Say what Epochal runs on: libraries, terminal, history.

    Paste it into a report of a fault: nothing in it is about your tables but the history's place.

    Example: epochal doctor
    """
    from epochal.tui.reporting.diagnosis import diagnosis, in_words

    found = diagnosis()
    if as_json:
        click.echo(json.dumps(found))
    else:
        say(in_words(found))
