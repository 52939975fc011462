"""Commands: usage, arguments and options, as click has them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from docs.pages.markdown import cell, code, page, table
from epochal.core.settings import DECLARATIONS
from epochal.tui.cli.main import COMMANDS, epochal

INTRODUCTION = """\
`epochal [TABLE] [OPTIONS]` opens the lab; everything else is a command. Exit code 0 means done, 1 that the input is at
fault (one or two sentences on stderr say what, where and what to do), 2 wrong usage. `--json` prints one JSON object and
nothing else. Every command has `--help`.

The options of the settings (`--hidden`, `--learning-rate`, ...) are the same wherever they are taken, and stand in
[Settings](settings.md)."""

OF_SETTINGS = {one.option for one in DECLARATIONS.values()}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name, the group's own first."""
    context = click.Context(epochal, info_name="epochal")
    for name in COMMANDS:
        command = epochal.get_command(context, name)
        assert command
        yield f"epochal {name}", command
        if isinstance(command, click.Group):
            for below, one in command.commands.items():
                yield f"epochal {name} {below}", one


def usage(name: str, command: click.Command) -> str:
    """`epochal predict [OPTIONS] MODEL TABLE`."""
    context = click.Context(command, info_name=name)
    return " ".join([name, *command.collect_usage_pieces(context)])


def help_paragraphs(command: click.Command) -> list[str]:
    """What the help says, each paragraph on one line, the example last."""
    return [" ".join(part.split()) for part in (command.help or "").split("\n\n") if part.strip()]


def options(command: click.Command) -> Iterator[tuple[str, str]]:
    """Each option as it is typed, and its help; help itself is left out, the settings are together."""
    context = click.Context(command, info_name="epochal")
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        record = parameter.get_help_record(context)
        if record:
            yield " ".join(record[0].split()), " ".join(record[1].split())


def commands_page() -> str:
    """A section for each command."""
    return page("Commands", INTRODUCTION, *(_section(name, command) for name, command in commands()))


def _section(name: str, command: click.Command) -> str:
    said = [one for one in help_paragraphs(command) if not one.startswith("Example:")]
    examples = [one.removeprefix("Example:").strip() for one in help_paragraphs(command)[len(said) :]]
    parts = [f"## {name}", f"```text\n{usage(name, command)}\n```", *map(cell, said)]
    parts += [f"Example: {code(one)}" for one in examples]
    every = list(options(command))
    own = [one for one in every if one[0].split()[0] not in OF_SETTINGS]
    if own:
        parts.append(table(("option", "what it does"), [(code(o), cell(text)) for o, text in own]))
    if len(own) < len(every):
        parts.append("Also takes every [setting](settings.md) as an option.")
    return "\n\n".join(parts)
