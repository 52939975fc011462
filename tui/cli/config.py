"""`epochal config`: what is configured, who says so, and a file to say it in."""

from __future__ import annotations

import json

import click

from epochal.tui.cli.options import Fault, json_option, say


@click.command()
@click.option("--init", is_flag=True, help="Write the file, every key explained and none set.")
@json_option
def config(init: bool, as_json: bool) -> None:
    """Show the configuration, of one TOML file or of EPOCHAL_*.

    Its keys are theme, default preset, history and jobs.

    A variable comes before the file, and an option of a command before both.

    Example: epochal config --init
    """
    from epochal.data.configuration import (
        ConfigurationError,
        configuration,
        configuration_path,
        is_there,
        write_template,
    )
    from epochal.data.paths import refusal

    path = configuration_path()
    if init:
        if path is None:
            raise Fault("There is no home folder to write a configuration to: set HOME, or EPOCHAL_HOME.")
        try:
            write_template(path)
        except OSError as error:
            raise Fault(f"Nothing was written to {path}: {refusal(error)}.") from None
    try:
        found = configuration()
    except ConfigurationError as error:
        raise Fault(f"{error}.") from None
    _check_theme(found["theme"].value, found["theme"].source)
    if as_json:
        values = {name: {"value": one.value, "source": one.source} for name, one in found.items()}
        click.echo(json.dumps({"path": str(path or ""), "keys": values}))
        return
    hint = "" if path and is_there(path) else " (not there: epochal config --init writes it)"
    say([f"File: {path or 'none, as there is no home folder'}{hint}"])
    for name, one in found.items():
        shown = "not set" if one.value is None else json.dumps(one.value)
        say([f"{name:<8} {shown:<16} {one.source:<16} {one.key.sentence}"])


def _check_theme(theme: object, source: str) -> None:
    """Fault where Textual has no such theme."""
    from textual.theme import BUILTIN_THEMES

    if theme is not None and theme not in BUILTIN_THEMES:
        where = source if source.startswith("EPOCHAL") else f"The configuration, {source}"
        raise Fault(f"{where}: theme is one of {', '.join(sorted(BUILTIN_THEMES))}, not {theme!r}.")
