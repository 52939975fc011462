"""What a shell is told that an argument may go on as: bundled tables, and files of the right kind."""

from __future__ import annotations

from typing import Any

from click.shell_completion import CompletionItem


def tables_like(incomplete: str) -> list[CompletionItem]:
    """The bundled tables and the files that begin like that."""
    from epochal.data.tables.bundled import tables
    from epochal.data.user_files import TABLES

    names = [
        CompletionItem(one.name, help=one.sentence) for one in tables() if one.name.startswith(incomplete)
    ]
    return [*names, *_files(incomplete, TABLES)]


def complete_table(*asked: Any) -> list[CompletionItem]:
    """As click asks: the context, the parameter, and what is typed of it."""
    return tables_like(asked[2]) or [CompletionItem(asked[2], type="file")]


def complete_model(*asked: Any) -> list[CompletionItem]:
    """The same for a model."""
    return _files(asked[2], (".npz",)) or [CompletionItem(asked[2], type="file")]


def complete_setting(*asked: Any) -> list[CompletionItem]:
    """What a setting may be, where it is one of a few words."""
    from epochal.core.settings import DECLARATIONS

    declared = DECLARATIONS.get(asked[1].name)
    return [CompletionItem(one) for one in declared.choices if one.startswith(asked[2])] if declared else []


def _files(incomplete: str, endings: tuple[str, ...]) -> list[CompletionItem]:
    """Files of these endings in this folder; for others, and for folders, the shell is asked."""
    from epochal.data.paths import current_folder
    from epochal.data.user_files import browse

    if "/" in incomplete or incomplete.startswith("~"):
        return []
    names = [one.path.name for one in browse(current_folder(), endings) if not one.is_folder]
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
