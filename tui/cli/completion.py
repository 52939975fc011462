"""`epochal completion`: what a shell needs to complete commands, options, tables and files."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

VARIABLE = "_EPOCHAL_COMPLETE"
"""In which the shell says that it asks for completions; click derives it from the program's name."""

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes SHELL complete commands and files.

    For bash, put this line into ~/.bashrc, for zsh the same with zsh into ~/.zshrc:
    eval "$(epochal completion bash)"

    For fish, run: epochal completion fish > ~/.config/fish/completions/epochal.fish

    Example: epochal completion bash
    """
    kind = get_completion_class(shell)
    assert kind is not None
    asked = kind(context.find_root().command, {}, "epochal", VARIABLE)
    # The shells' own classes would first run the shell to ask for its version.
    click.echo(ShellComplete.source(asked))
