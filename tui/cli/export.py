"""`epochal export`: a saved model in a form that needs no Epochal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from epochal.data.paths import refusal, with_target
from epochal.tui.cli.options import Fault, new_place
from epochal.tui.cli.predict import opened_model
from epochal.tui.cli.runs import say_aside

if TYPE_CHECKING:
    from epochal.data.models.model import Model


@click.command()
@click.argument("model")
@click.option(
    "--python",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="A Python program that predicts, with NumPy alone.",
)
@click.option(
    "--onnx",
    type=click.Path(path_type=Path),
    metavar="FILE.onnx",
    help="An ONNX graph, for other programs.",
)
@click.option("--force", is_flag=True, help="Replace the files that are there.")
def export(model: str, python: Path | None, onnx: Path | None, force: bool) -> None:
    """Export MODEL, a file from `epochal train --save` or the lab, as Python or ONNX.

    Example: epochal export model.npz --python model.py
    """
    from epochal.data.exports.python import python_source

    wanted = [path for path in (python, onnx) if path]
    if not wanted:
        raise click.UsageError("Say what to write: --python FILE.py or --onnx FILE.onnx")
    for path in wanted:
        new_place(path, force=force)
    opened = opened_model(model)
    if python:
        _write(python, python_source(opened).encode("ascii"), force=force)
        say_aside(f"The model was written to {with_target(python)}. To run it: python {python} TABLE.csv")
    if onnx:
        _write(onnx, _graph(opened), force=force)
        say_aside(f"The model was written to {with_target(onnx)}.")


def _graph(model: Model) -> bytes:
    from epochal.data.models.model import ModelError

    try:
        from epochal.data.exports.onnx import onnx_bytes
    except ImportError:
        raise Fault("Writing ONNX needs a further package: install epochal[onnx].") from None
    try:
        return onnx_bytes(model)
    except ModelError as error:
        raise Fault(str(error)) from None


def _write(path: Path, content: bytes, *, force: bool) -> None:
    from epochal.data.atomic_write import whole_file

    try:
        with whole_file(path, force=force) as file:
            file.write(content)
    except OSError as error:
        raise Fault(f"Nothing was written to {path}: {refusal(error)}.") from None
