"""`epochal export`: a saved model in a form that needs no Epochal."""

from __future__ import annotations

from pathlib import Path

import click

from tui.options import Fault, new_place
from tui.predict import opened_model
from tui.runs_command import say_aside


@click.command()
@click.argument("model")
@click.option(
    "--python",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="One Python file to read and run: it needs only NumPy.",
)
@click.option("--force", is_flag=True, help="Replace the file that is there.")
def export(model: str, python: Path | None, force: bool) -> None:
    """Write MODEL, a file that `epochal train --save` or the lab has written, in another form.

    Example: epochal export model.npz --python model.py
    """
    from data.python_export import python_source
    from data.writing import whole_file

    if python is None:
        raise click.UsageError("Say which form: --python FILE.py")
    new_place(python, force=force)
    content = python_source(opened_model(model)).encode("ascii")
    try:
        with whole_file(python, force=force) as file:
            file.write(content)
    except OSError as error:
        raise Fault(f"Nothing was written to {python}: {error.strerror or error}.") from None
    say_aside(f"The model was written to {python}. To run it: python {python} TABLE.csv")
