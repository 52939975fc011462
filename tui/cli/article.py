"""`epochal article`: the tutorial replayed, as published or with some of its ten defects repaired."""

from __future__ import annotations

import json
import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import click

from epochal.tui.cli.options import Fault, json_option, say

if TYPE_CHECKING:
    from epochal.core.article.replay import Replay
    from epochal.core.article.training import ArticleTraining


@click.command()
@click.option(
    "--repair", "repairs", multiple=True, metavar="NAME", help="A defect to repair, or all; may be repeated."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, metavar="N", show_default=True, help="Random seed."
)
@click.option("--list", "listing", is_flag=True, help="List the ten defects and what each of them did.")
@json_option
def article(repairs: tuple[str, ...], seed: int, listing: bool, as_json: bool) -> None:
    """Replay the tutorial that prints 62.00 % for any weights.

    It prints the tutorial's ten lines, then what they mean. --repair repairs one of its defects by name.

    Example: epochal article --repair argmax-of-one-column --seed 1
    """
    from epochal.core.article.defects import DEFECTS
    from epochal.core.article.training import ArticleTraining
    from epochal.data.tables.bundled import open_table
    from epochal.data.tables.dataset import dataset_from

    if listing:
        for defect in DEFECTS:
            say([defect.name, *(f"  {text}" for text in (defect.fault, defect.effect, defect.repair))])
        return
    try:
        training = ArticleTraining(dataset_from(open_table("column_2C_weka")).examples, repairs, seed)
    except ValueError as error:
        raise Fault(str(error)) from None
    started = perf_counter()
    try:
        _watched(training, quiet=as_json)
    except KeyboardInterrupt:
        click.echo(f"Stopped in epoch {len(training.curve)} of {training.epochs}.", err=True)
        raise SystemExit(130) from None
    replay = training.replay()
    if as_json:
        click.echo(json.dumps(_record(replay, perf_counter() - started)))
    else:
        say([replay.printed_lines[-1], "", *replay.in_words()])


def _watched(training: ArticleTraining, *, quiet: bool) -> None:
    """Train; say the tutorial's lines as they come, and on stderr, if that is a terminal, how far it is."""
    from epochal.core.article.training import PRINTED_EVERY

    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    for epoch in training:
        if epoch.number % 10 == 0 and not hidden:
            click.echo(f"\rEpoch {epoch.number} of {training.epochs}\r", err=True, nl=False)
        if epoch.number and epoch.number % PRINTED_EVERY == 0 and not quiet:
            click.echo(f"Epoch : {epoch.number} , error : {epoch.error}")
    if not hidden:
        click.echo("\r" + " " * 24 + "\r", err=True, nl=False)


def _record(replay: Replay, seconds: float) -> dict[str, object]:
    return {
        "repairs": list(replay.repairs),
        "seed": replay.seed,
        "printed_accuracy": replay.printed_accuracy,
        "printed_lines": list(replay.printed_lines),
        "true_accuracy": replay.true_accuracy,
        "interval": list(replay.interval),
        "held_out_rows": replay.held_out_rows,
        "held_out_right": replay.held_out_right,
        "held_out_classes": dict(replay.held_out_classes),
        "baseline": replay.baseline,
        "baseline_class": replay.baseline_class,
        "p_value": replay.p_value,
        "beats_baseline": replay.beats_baseline,
        "errors": list(replay.errors),
        "curve": list(replay.curve),
        "seconds": seconds,
    }
