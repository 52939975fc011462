"""Keys and screens: every key of the lab, and of each screen the keys that it binds."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType, ModuleType

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from docs.pages.markdown import cell, code, page, table
from epochal.tui import screens
from epochal.tui.keys import in_markdown
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PANES
from epochal.tui.lab.full_screens import FULL_SCREENS
from epochal.tui.widgets.key_lines import printed

INTRODUCTION = """\
While a field is edited every key types; `enter` keeps what was typed, `escape` puts back what was there. Nothing needs a
mouse. `?` shows the keys of the screen in front, `ctrl+p` finds every action by its name or a synonym."""


IN_WORDS = {"slash": "/", "pageup": "page up", "pagedown": "page down"}


def screens_page() -> str:
    """The keys of the lab, and a section for each full screen."""
    return page(
        "Keys and screens",
        INTRODUCTION,
        "## Keys of the lab",
        in_markdown(EVERY_COMMAND, IN_PANES),
        *_sections(),
    )


def _sections() -> Iterator[str]:
    for full in FULL_SCREENS.values():
        command = full.command
        sentence = command.sentence[:1].upper() + command.sentence[1:]
        parts = [f"## {command.title}", f"{code(command.key_in_words)} in the lab. {cell(sentence)}."]
        if full.empty:
            parts.append(f"When there is nothing to show it says: “{cell(full.empty)}”")
        if command.words:
            parts.append(f"The palette also finds it by: {cell(', '.join(command.words.split()))}.")
        keys = dict(_keys(list(_opened(full.opens, set()))))
        if keys:
            parts.append(table(("key", "does"), [(code(key), cell(said)) for said, key in keys.items()]))
        yield "\n\n".join(parts)


def _opened(function: Callable[..., object], seen: set[str]) -> Iterator[ModuleType]:
    """The modules of screens that a function imports as it opens them, or one that it calls does."""
    assert isinstance(function, FunctionType)
    for name in function.__code__.co_names:
        if name in seen:
            continue
        seen.add(name)
        if name.startswith("epochal.tui.screens."):
            yield import_module(name)
        called = function.__globals__.get(name)
        if isinstance(called, FunctionType) and called.__module__ == function.__module__:
            yield from _opened(called, seen)


def _keys(modules: list[ModuleType]) -> Iterator[tuple[str, str]]:
    """What each key of these screens does, and the key; the screen's own first, then its widgets'."""
    found = [one for module in modules for part in _bound_in(module) for one in _bindings(part)]
    shown = {key for one in found if one.show for key in _single_keys(printed(one))}
    for one in found:
        is_listed = not one.show and set(_single_keys(printed(one))) <= shown
        if one.description and one.key != "question_mark" and not is_listed:
            yield one.description, IN_WORDS.get(one.key, printed(one))


def _single_keys(text: str) -> list[str]:
    return text.replace("arrows", "left right up down").replace(",", " ").split() or [text]


def _bound_in(module: ModuleType) -> Iterator[type[DOMNode]]:
    """The screens of a module, and the widgets in the other modules of a screen's own folder."""
    for part, kind in [(module, Screen), *((room, Widget) for room in _rooms_of(module))]:
        for one in vars(part).values():
            is_own = isinstance(one, type) and issubclass(one, kind) and one.__module__ == part.__name__
            if is_own and (kind is Screen or not issubclass(one, Screen)):
                yield one


def _rooms_of(module: ModuleType) -> list[ModuleType]:
    """The other modules of a screen's own folder."""
    folder = module.__name__.rpartition(".")[0]
    if folder == screens.__name__:
        return []
    path = import_module(folder).__path__
    names = [f"{folder}.{found.name}" for found in pkgutil.iter_modules(path)]
    return [import_module(name) for name in names if name != module.__name__]


def _bindings(bound: type[DOMNode]) -> Iterator[Binding]:
    for made in reversed(bound.__mro__):
        if made.__module__.startswith("epochal."):
            yield from (one for one in vars(made).get("BINDINGS", ()) if isinstance(one, Binding))
