"""The page of the public Python surface, made from its docstrings.

    python -m docs.reference

A test fails when docs/python.md is not the one made here, and runs every block of code in it.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import epochal
from epochal.core.presets import PRESET_OPTIONS
from epochal.core.settings import Settings

PAGE = Path(__file__).parent / "python.md"

INTRODUCTION = """\
# Epochal from Python

Made by `python -m docs.reference` from the docstrings; a test holds it up to date and runs what it shows.

`import epochal` is all that a notebook needs. It loads nothing but its own names, which are imported when
they are first used (`python benchmarks/import_time.py`). Wherever a table is asked for, it may be a file's
path, the name of a bundled table (`epochal tables` lists them), or a data frame: of pandas, polars, pyarrow,
or of whatever hands out an Arrow C stream, speaks the interchange protocol `__dataframe__`, or is an array;
also a mapping from names to columns. None of these libraries is needed; categories keep their order, missing
cells stay missing, and a word such as `NA` in a frame is a word. A wrapper such as narwhals was measured by
the same command and left out: it costs more than reading frames by these protocols, and reads Arrow streams
with another library only.

What a notebook shows of a table, a run, a validation, a search or a model is HTML without scripts; in a
terminal each is one line.

"""

GROUPS = {
    "Tables": ("read_table", "Table"),
    "Training": ("train", "Run", "validate", "Validation", "search", "Search", "lab"),
    "Models and history": ("Model", "load", "save", "runs", "PastRun"),
    "Estimators for scikit-learn": ("Classifier", "Regressor"),
    "Underneath": ("Settings", "Training", "Examples", "outcome_of", "Outcome", "evaluate"),
    "What is raised": ("SettingError", "TableError", "ModelError", "HistoryError"),
}


def page() -> str:
    """The page as it is to be."""
    parts = [INTRODUCTION]
    for title, names in GROUPS.items():
        parts.append(f"## {title}\n\n")
        for name in names:
            parts += [*_entry(name, getattr(epochal, name)), "\n"]
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).rstrip() + "\n"


def _entry(name: str, value: object) -> Iterator[str]:
    if inspect.isclass(value):
        shown = "" if issubclass(value, Exception) else _signature(value)
        yield f"### `epochal.{name}{shown}`\n\n{_text(value)}\n"
        if value is Settings:
            presets = ", ".join(f"`{one}`" for one in PRESET_OPTIONS)
            yield f"\nPresets: {presets}. The settings are listed in the README.\n"
        yield from _members(value)
    else:
        yield f"### `epochal.{name}{_signature(value)}`\n\n{_text(value)}\n"


def _signature(value: object) -> str:
    """What may be given, without types; those with a default of None by their names alone."""
    if value is Settings:
        return "(**settings)"
    shown = []
    star = False
    parameters = list(inspect.signature(value).parameters.values())  # type: ignore[arg-type]
    if len(parameters) > MOST_PARAMETERS and inspect.isclass(value):
        return "(...)"
    for one in parameters:
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        prefix = {one.VAR_KEYWORD: "**", one.VAR_POSITIONAL: "*"}.get(one.kind, "")
        default = "" if one.default is one.empty else f"={one.default!r}"
        shown.append(f"{prefix}{one.name}{default}")
    return f"({', '.join(shown)})"


# Of a class with more, its docstring says how it is made.
MOST_PARAMETERS = 8


def _members(value: type) -> Iterator[str]:
    """Its own methods and properties, a line each; not those that only its makers need."""
    if issubclass(value, Exception) or value is Settings:
        return
    lines = []
    for name, member in _public(value):
        if isinstance(member, property) or hasattr(member, "func"):
            lines.append(f"- `.{name}`: {_sentence(member)}")
        else:
            inner = getattr(member, "__func__", member)
            lines.append(f"- `.{name}{_signature(inner).replace('(cls, ', '(')}`: {_sentence(inner)}")
    if lines:
        yield "\n" + "\n".join(lines) + "\n"


def _public(value: type) -> Iterator[tuple[str, object]]:
    seen = set()
    for owner in value.__mro__:
        if not owner.__module__.startswith("epochal."):
            continue
        for name, member in vars(owner).items():
            is_shown = (
                isinstance(member, property | classmethod)
                or inspect.isfunction(member)
                or hasattr(member, "func")
            )
            if name.startswith("_") or name in seen or not is_shown:
                continue
            seen.add(name)
            yield name, member


def _sentence(member: object) -> str:
    """The first sentence of its docstring."""
    return (inspect.getdoc(member) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")


def _text(value: object) -> str:
    """A docstring in Markdown: indented blocks are code."""
    blocks = re.split(r"\n\n+", inspect.cleandoc(value.__doc__ or ""))
    shown = [
        f"```python\n{textwrap.dedent(block)}\n```" if block.startswith("    ") else block for block in blocks
    ]
    return "\n\n".join(shown)


def code_blocks(text: str) -> list[str]:
    """What the page shows as Python."""
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
