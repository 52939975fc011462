"""`epochal inspect`: what the reader makes of a table."""

from __future__ import annotations

import json
from typing import Any

import click

from epochal.tui.cli.options import json_option, learned_from, reading_from, say, table_options


@click.command()
@click.argument("table")
@table_options
@json_option
def inspect(table: str, as_json: bool, **options: Any) -> None:
    """Say what the reader makes of TABLE: its dialect, its columns, what is wrong and where.

    Exit code 1 when the table cannot be used as it is.

    Example: epochal inspect patients.csv --json
    """
    from epochal.data.tables.bundled import open_table
    from epochal.data.tables.dataset import Dataset
    from epochal.data.tables.inspection import inspection
    from epochal.data.tables.table import Table, TableError

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
    report = inspection(read, learned)
    if as_json:
        click.echo(json.dumps(report))
    else:
        say(_inspection_lines(report))
    raise SystemExit(0 if isinstance(learned, Dataset) else 1)


def _inspection_lines(report: Any) -> list[str]:
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
        lines.append(f"To predict: {report['target']}" + (f" ({report['task']})" if report["task"] else ""))
    lines += report["notes"]
    lines += [
        f"line {one['line']}, column {one['column']}: {one['kind']}: {one['excerpt']}"
        for one in report["problems"]
    ]
    return lines
