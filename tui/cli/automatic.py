"""The preset on the command line: fixed settings, or those that a search finds for the table."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from epochal.core.presets import AUTO, PRESET_OPTIONS, PRESETS
from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings
from epochal.tui.cli.jobs import workers
from epochal.tui.cli.options import Fault

if TYPE_CHECKING:
    from epochal.core.rows.examples import Examples
    from epochal.core.studies.auto.auto import AutoSearch
    from epochal.core.studies.auto.report import SearchReport

Command = TypeVar("Command", bound=Callable[..., Any])

# Steps of the bar: a search knows how far it is as a share.
BAR = 1000


def preset_options(command: Command) -> Command:
    """Which settings those are that are not given, and how long a search for them may take."""
    command = click.option(
        "--budget",
        type=click.FloatRange(0.1),
        metavar="SECONDS",
        help="What a search for settings may take; by the number of rows if not given.",
    )(command)
    return click.option(
        "--preset",
        type=click.Choice(list(PRESET_OPTIONS)),
        default=AUTO,
        envvar="EPOCHAL_PRESET",
        show_default=True,
        help="Settings that are not given: found by a search on the training rows (auto), or fixed ones.",
    )(command)


def settings_given(options: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """The preset's settings with those given in their place, and the names of those given.

    Fault names the first wrong one.
    """
    given = {name: options[name] for name in DECLARATIONS if options[name] is not None}
    try:
        return read_settings(given, PRESETS.get(PRESET_OPTIONS[options["preset"]])), tuple(given)
    except SettingError as error:
        raise Fault(f"{error}.") from None


def is_automatic(options: Mapping[str, Any]) -> bool:
    """Whether settings are to be searched for."""
    return bool(options["preset"] == AUTO)


def found_settings(examples: Examples, options: Mapping[str, Any]) -> tuple[Settings, SearchReport | None]:
    """The settings to train with, and the report of the search that found them, if there was one.

    Fault when nothing can be trained; exit code 130 when the search is interrupted.
    """
    settings, given = settings_given(options)
    if not is_automatic(options):
        return settings, None
    search, finished = interruptible_search(examples, settings, given, options)
    if not finished:
        click.echo("Stopped during the search for settings: nothing was trained.", err=True)
        raise SystemExit(130)
    if search.needs_no_search:
        if search.remark:
            click.echo(search.remark, err=True)
        return search.settings(), None
    try:
        return search.settings(), search.report()
    except ValueError as error:
        raise Fault(str(error)) from None


def interruptible_search(
    examples: Examples,
    settings: Settings,
    given: tuple[str, ...],
    options: Mapping[str, Any],
    times: int = 1,
    **named: Any,
) -> tuple[AutoSearch, bool]:
    """Search to the end, or until Ctrl+C; and whether it was finished.

    The budget is the option's, or `times` the usual one; `named` is what else the search is told. A bar on
    stderr says how far it is, if that is a terminal. Fault when nothing can be trained.
    """
    from epochal.core.studies.auto.auto import AutoSearch
    from epochal.core.studies.auto.budget import default_budget

    usual = times * default_budget(round(len(examples) * (1.0 - settings.held_out)))
    budget = options["budget"] or usual
    hidden = not sys.stderr.isatty() or os.environ.get("TERM") == "dumb"
    try:
        search = AutoSearch(examples, settings, given, budget=budget, **named)
        if search.needs_no_search:
            return search, True
        with (
            workers(options, budget) as executor,
            click.progressbar(length=BAR, label="Searching", file=sys.stderr, hidden=hidden) as bar,
        ):
            search.train_by(executor)
            shown = 0
            for _ in search:
                if not hidden and (reached := int(BAR * search.progress)) > shown:
                    bar.update(reached - shown)
                    shown = reached
            bar.update(BAR - shown)
    except ValueError as error:
        raise Fault(str(error)) from None
    except KeyboardInterrupt:
        return search, False
    return search, True
