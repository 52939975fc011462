"""The man page, from click: synopsis, commands with their options, exit codes, environment, files."""

from __future__ import annotations

from collections.abc import Iterator

from docs.pages.commands import OF_SETTINGS, commands, help_paragraphs, options, usage
from epochal.core.settings import DECLARATIONS, written
from epochal.core.version import __version__
from epochal.tui.cli.main import epochal

EXIT = (
    ("0", "Done."),
    ("1", "The input is at fault; what, where and what to do is said on stderr."),
    ("2", "Wrong usage."),
)
ENVIRONMENT = (
    ("EPOCHAL_HOME", "The folder of the run history."),
    ("EPOCHAL_PRESET", "The preset where none is given."),
    ("NO_COLOR", "Where it is set, nothing is colored."),
)


def man_page() -> str:
    """The page in the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield '.\\" Made by `python -m docs.make` from the program: change that, not this page.'
    yield f'.TH EPOCHAL 1 "" "Epochal {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"epochal \\- {_text('a neural-network lab in the terminal')}"
    yield ".SH SYNOPSIS"
    yield ".B epochal\n[TABLE] [OPTIONS]\n.br\n.B epochal\nCOMMAND [ARGS]..."
    yield ".SH DESCRIPTION"
    yield from _paragraphs(help_paragraphs(epochal))
    yield ".SH COMMANDS"
    for name, command in commands():
        yield f".SS {_text(usage(name, command))}"
        yield from _paragraphs(help_paragraphs(command))
        for option, said in options(command):
            if option.split()[0] not in OF_SETTINGS:
                yield from _item(option, said)
    yield ".SH SETTINGS"
    yield _text("Options of the commands that train.")
    for one in DECLARATIONS.values():
        yield from _item(one.option, f"{one.sentence} {one.allowed}; {written(one.default)} if not given.")
    for heading, items in (("EXIT STATUS", EXIT), ("ENVIRONMENT", ENVIRONMENT)):
        yield f".SH {heading}"
        for name, said in items:
            yield from _item(name, said)


def _paragraphs(texts: list[str]) -> Iterator[str]:
    for text in texts:
        yield f".PP\n{_text(text)}"


def _item(name: str, said: str) -> Iterator[str]:
    yield f".TP\n.B {_text(name)}\n{_text(said)}"


def _text(text: str) -> str:
    """A text in which nothing is taken for a macro or an escape, and every minus is one that can be typed."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain.startswith((".", "'")) else plain
