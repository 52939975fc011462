"""Style that no tool of ours checks: few positional arguments, and tests that share by helpers only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[1]
MOST_POSITIONAL = 6


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((HERE / folder).rglob("*.py")):
            # The package's folders of that name are links to those at the top.
            if not any(parent.is_symlink() for parent in path.parents):
                yield path


def crowded_calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > MOST_POSITIONAL
    )


def imported_modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{each.name}" for each in node.names)


def is_of_a_test_module(name: str) -> bool:
    return any(part.startswith("test_") for part in name.split("."))


def test_the_checks_find_what_they_look_for() -> None:
    assert [
        node.lineno for node in crowded_calls(ast.parse("f(1, 2, 3, 4, 5, 6)\nf(1, 2, 3, 4, 5, *x, 7)"))
    ] == [2]
    found = imported_modules(
        ast.parse("from tests.tui import test_lab\nfrom tests.lab import shown\nimport a.test_b")
    )
    assert [is_of_a_test_module(name) for name in found] == [True, False, True]


def test_no_call_has_more_than_six_positional_arguments() -> None:
    crowded = [
        f"{path.relative_to(HERE)}:{call.lineno} {ast.unparse(call.func)}"
        for path in modules("core", "data", "tui", "epochal")
        for call in crowded_calls(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not crowded, "Name the arguments of " + ", ".join(crowded)


def test_no_test_module_imports_another() -> None:
    shared = [
        f"{path.relative_to(HERE)} imports {name}"
        for path in modules("tests")
        for name in imported_modules(ast.parse(path.read_text(encoding="utf-8")))
        if is_of_a_test_module(name)
    ]
    assert not shared, "Move what is shared to a helper module: " + ", ".join(shared)
