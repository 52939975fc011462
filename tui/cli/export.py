"""`epochal export`: a saved model in a form that needs no Epochal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from epochal.data.paths import refusal, with_target
from epochal.tui.cli.candidates import complete_model
from epochal.tui.cli.options import Fault, new_place
from epochal.tui.cli.predict import opened_model
from epochal.tui.cli.runs import say_aside

if TYPE_CHECKING:
    from epochal.data.models.model import Model


FORMS = {
    "python": ("FILE.py", "A Python program that predicts, with NumPy alone."),
    "sql": ("FILE.sql", "One SELECT that predicts, for a database."),
    "c": ("FILE.c", "One C file that predicts, without further libraries."),
    "onnx": ("FILE.onnx", "An ONNX graph, for other programs."),
    "card": ("FILE.md", "A model card: what it is, how well it does, its limits."),
}

# What is said of a file besides.
HINTS = {
    "python": " To run it: python {} TABLE.csv",
    "c": " To build it: cc -O2 -o predict {} -lm",
    "sql": " Name your table in its first FROM.",
}


def _form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name, (metavar, sentence) in reversed(FORMS.items()):
        place = click.Path(path_type=Path)
        command = click.option(f"--{name}", type=place, metavar=metavar, help=sentence)(command)
    return command


@click.command()
@click.argument("model", shell_complete=complete_model)
@_form_options
@click.option("--force", is_flag=True, help="Replace the files that are there.")
def export(model: str, force: bool, **places: Path | None) -> None:
    """Export MODEL as a program, a statement or a card.

    MODEL is a file from `epochal train --save` or the lab.

    Example: epochal export model.npz --python model.py
    """
    wanted = {name: path for name in FORMS if (path := places[name])}
    if not wanted:
        named = [f"--{name} {metavar}" for name, (metavar, _) in FORMS.items()]
        raise click.UsageError(f"Say what to write: {', '.join(named[:-1])} or {named[-1]}")
    for path in wanted.values():
        new_place(path, force=force)
    opened = opened_model(model)
    for name, path in wanted.items():
        _write(path, _content(name, opened), force=force)
        hint = HINTS.get(name, "").format(path)
        say_aside(f"The model was written to {with_target(path)}.{hint}")


def _content(form: str, model: Model) -> bytes:
    from epochal.data.models.model import ModelError

    try:
        match form:
            case "python":
                from epochal.data.exports.python import python_source

                return python_source(model).encode("ascii")
            case "c":
                from epochal.data.exports.c import c_source

                return c_source(model).encode("ascii")
            case "sql":
                from epochal.data.exports.sql import sql_source

                return sql_source(model).encode("utf-8", "replace")
            case "card":
                from epochal.data.exports.card import card
                from epochal.data.exports.pages import markdown

                return markdown(card(model)).encode("utf-8", "replace")
            case _:
                return _graph(model)
    except ModelError as error:
        raise Fault(str(error)) from None


def _graph(model: Model) -> bytes:
    try:
        from epochal.data.exports.onnx import onnx_bytes
    except ImportError:
        raise Fault("Writing ONNX needs a further package: install epochal[onnx].") from None
    return onnx_bytes(model)


def _write(path: Path, content: bytes, *, force: bool) -> None:
    from epochal.data.atomic_write import whole_file

    try:
        with whole_file(path, force=force) as file:
            file.write(content)
    except OSError as error:
        raise Fault(f"Nothing was written to {path}: {refusal(error)}.") from None
