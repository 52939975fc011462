"""The command line: `epochal` opens the lab, its commands do the same work without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from epochal.core.version import __version__
from epochal.tui.cli.streams import NotPrinted, put_away

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# A command is the function called like its module, which is imported when it is wanted.
COMMANDS = (
    *("train", "validate", "search", "predict", "export", "inspect", "article", "runs", "tables"),
    *("serve", "config", "doctor", "completion", "lab"),
)


class CommandGroup(click.Group):
    """The commands of `COMMANDS`, and the lab where the first word is none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, the lab's among them, which help leaves out."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"epochal.tui.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `epochal [TABLE] [options]` as `epochal lab [TABLE] [options]`."""
        # A shell that asks how to go on after `epochal` is told of the commands too.
        is_begun = args or not ctx.resilient_parsing
        if is_begun and (not args or args[0] not in (*COMMANDS, "--help", "--version")):
            args = ["lab", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, and the tables that the lab may be opened on."""
        from click.shell_completion import CompletionItem

        from epochal.tui.cli.candidates import tables_like

        found = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return found
        return [*found, *tables_like(incomplete)] or [CompletionItem(incomplete, type="file")]

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; what it printed is printed when it ends, or said not to be."""
        try:
            return super().main(*args, **extra)
        finally:
            _print_the_rest()

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the arguments; what is wrong with one is said with nothing a terminal would obey."""
        with _visible():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command of this context, whose own arguments are read here."""
        with _visible():
            return super().invoke(ctx)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Name both ways of calling it."""
        formatter.write_usage(ctx.command_path, "[TABLE] [OPTIONS]")
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="   or: ")


@contextmanager
def _visible() -> Iterator[None]:
    """Whatever click says of an argument is quoted as text: it may come from a stranger's script."""
    try:
        yield
    except click.ClickException as error:
        from epochal.tui.widgets.text import visible

        error.message = "\n".join(map(visible, error.message.splitlines()))  # type: ignore[misc]
        raise


def _print_the_rest() -> None:
    try:
        put_away()
    except NotPrinted as error:
        error.show()
        raise SystemExit(error.exit_code) from None


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="epochal")
@click.pass_context
def epochal(context: click.Context) -> None:
    """Watch a small neural network learn your table, and know what its accuracy is worth.

    TABLE is a file, or the name of a table that comes with the program (see `epochal tables`);
    without one the lab opens column_2C_weka.

    Example: epochal patients.csv --target diagnosis --hidden 16,8
    """
    if context.invoked_subcommand not in SELF_SUFFICIENT:
        context.default_map = _configured()


# These must work whatever the configuration is like.
SELF_SUFFICIENT = ("config", "doctor", "completion", "tables")


def _configured() -> dict[str, dict[str, Any]]:
    """What the configuration says, as the defaults of every command's options."""
    from epochal.data.configuration import ConfigurationError, configuration
    from epochal.tui.cli.options import Fault

    try:
        found = configuration()
    except ConfigurationError as error:
        raise Fault(f"{error}.") from None
    said = {name: one.value for name, one in found.items() if one.source != "default"}
    defaults: dict[str, Any] = {name: value for name, value in said.items() if name in ("preset", "jobs")}
    if "history" in said:
        defaults["no_history"] = not said["history"]
    return {**dict.fromkeys(COMMANDS, defaults), "runs": {"resume": defaults}}
