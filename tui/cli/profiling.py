"""The profile of a table on the command line: in words, as JSON, and as a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from epochal.tui.cli.options import Fault, force_option, new_place

if TYPE_CHECKING:
    from epochal.core.profile.profile import Profile
    from epochal.data.tables.dataset import Dataset
    from epochal.data.tables.table import Table, TableError

Command = TypeVar("Command", bound=Callable[..., Any])

ENDINGS = (".html", ".md")


def profile_options(command: Command) -> Command:
    """Whether the columns are profiled, and where a page of it is written."""
    command = force_option(command)
    command = click.option(
        "--report",
        type=click.Path(path_type=Path),
        metavar="FILE.html",
        help="Write the profile on one page, with pictures: .html or .md.",
    )(command)
    return click.option(
        "--profile",
        "wants_profile",
        is_flag=True,
        help="Say what each column holds, by class, and what it says about the target.",
    )(command)


def check_report(report: Path | None, *, force: bool) -> None:
    """Fault when the page could not be written: better said before the table is read."""
    if report is None:
        return
    if report.suffix.lower() not in ENDINGS:
        raise Fault(
            f"{report.name} must end in {' or '.join(ENDINGS)}, to say what the report is written as."
        )
    new_place(report, force=force)


def profile_read(read: Table | TableError, learned: Dataset | TableError | None) -> Profile | None:
    """The profile of what was learned from, else of the table, as far as it was understood."""
    from epochal.data.tables.profiling import profile_of
    from epochal.data.tables.table import TableError

    if learned is not None and not isinstance(learned, TableError):
        return profile_of(learned)
    table = read.table if isinstance(read, TableError) else read
    return profile_of(table) if table is not None and table.columns else None


def write_report(profile: Profile, name: str, path: Path, *, force: bool) -> None:
    """The page, as HTML or, by the file's ending, as Markdown; Fault says why there is none."""
    from epochal.tui.reporting.outputs import NotWritten, write_profile

    try:
        write_profile(profile, name, path, force=force)
    except NotWritten as error:
        raise Fault(str(error)) from None
