"""`epochal inspect`: what the reader makes of a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from epochal.tui.cli.candidates import complete_table
from epochal.tui.cli.options import json_option, learned_from, reading_from, say, table_options
from epochal.tui.cli.profiling import check_report, profile_options, profile_read, write_report


@click.command()
@click.argument("table", shell_complete=complete_table)
@table_options
@profile_options
@json_option
def inspect(
    table: str, as_json: bool, wants_profile: bool, report: Path | None, force: bool, **options: Any
) -> None:
    """Show how TABLE is read, and what is wrong where.

    Exit code 1 when the table cannot be used as it is.

    With --profile, also what to look at before training: each column's distribution by class, how much it
    says about the target, what goes together, and what is suspicious.

    Example: epochal inspect patients.csv --profile --report patients.html
    """
    from epochal.data.tables.bundled import open_table
    from epochal.data.tables.dataset import Dataset
    from epochal.data.tables.inspection import inspection
    from epochal.data.tables.table import Table, TableError
    from epochal.tui.reporting.profile_json import profile_json
    from epochal.tui.reporting.profile_words import profile_lines

    check_report(report, force=force)
    read: Table | TableError
    learned: Dataset | TableError | None = None
    try:
        read = open_table(table, **reading_from(options))
        try:
            learned = learned_from(read, options)
        except TableError as error:
            learned = error
    except TableError as error:
        read = error
    inspected: dict[str, Any] = {**inspection(read, learned)}
    profile = profile_read(read, learned) if wants_profile or report else None
    if as_json:
        if wants_profile:
            inspected["profile"] = profile_json(profile) if profile else None
        click.echo(json.dumps(inspected))
    else:
        say([*_inspection_lines(inspected), *(profile_lines(profile) if profile and wants_profile else ())])
    if profile and report:
        write_report(profile, table, report, force=force)
    raise SystemExit(0 if isinstance(learned, Dataset) else 1)


def _inspection_lines(report: Any) -> list[str]:
    from epochal.data.tables.decisions import REASONS

    lines = [f"{report['rows']:,} rows, {len(report['columns'])} columns"]
    if dialect := report["dialect"]:
        between = {",": "commas", ";": "semicolons", "\t": "tabs"}.get(dialect["delimiter"])
        header = "names the columns" if dialect["header"] else "is the first row"
        lines.append(
            f"{dialect['encoding']}, {between or repr(dialect['delimiter'])} between cells, "
            f"line {dialect['first_line']} {header}"
        )
    lines += [
        f"  {column['name']}: {column['type']}"
        + (f", {column['missing']:,} missing" if column["missing"] else "")
        for column in report["columns"]
    ]
    if report["target"]:
        reason = f", {REASONS[report['target_reason']]}" if report["target_reason"] else ""
        task = f" ({report['task']})" if report["task"] else ""
        lines.append(f"Target: {report['target']}{task}{reason}")
    lines += report["notes"]
    lines += [f"{one['sentence']}: {one['options']}" for one in report["offers"]]
    lines += [
        f"line {one['line']}, column {one['column']}: {one['kind']}: {one['excerpt']}"
        for one in report["problems"]
    ]
    return lines
