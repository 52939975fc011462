"""Markdown: tables and cells whose text cannot be taken for markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `python -m docs.make` from the program: change that, not this page. -->"


def page(title: str, introduction: str, *parts: str) -> str:
    """A page with its title, what it is about, and its parts."""
    return "\n\n".join([MADE, f"# {title}", introduction, *(part.strip("\n") for part in parts)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; its cells are Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(text: str) -> str:
    """A text as it stands, on one line."""
    return text.replace("\n", " ").replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")


def code(text: str) -> str:
    """A text as code, on one line of a table."""
    return f"`{text}`".replace("|", "\\|")


def first_paragraph(documented: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return paragraphs(documented)[0]


def paragraphs(documented: object) -> list[str]:
    """The paragraphs of a docstring, each on one line; of an undocumented object an empty one."""
    text = documented.__doc__ or ""
    return [" ".join(part.split()) for part in text.split("\n\n")]
