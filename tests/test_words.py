"""Words and sizes, where a program can tell: the field's terms in every sentence, one idea in a module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parents[1]
MODULES = sorted(path for folder in ("core", "data", "tui") for path in (HERE / folder).rglob("*.py"))
PAGES = [HERE / "README.md", HERE / "CONTRIBUTING.md", *sorted((HERE / "docs").glob("*.md"))]

# Private words, each with what the field or plain English says.
INSTEAD = {
    r"(?<!\bconvergence )\b(came|comes|come) to (?=its|nothing|this\b|\W*$)": "result, outcome",
    r"\bwhat (it|they|a run|the runs|a training) c[ao]me to\b": "result, outcome",
    r"\b(has|have|had) no say\b": "not used by",
    r"\bdealt out\b": "permuted, split",
    r"\bat the front\b": "first, newest",
    r"\bset beside\b": "compared, quarantined",
    r"\bknows nothing of\b": "does not depend on",
    r"\bran away\b": "diverged",
    r"\bflatters?\b": "is biased upwards, looks better than it is",
    r"\bseed fan\b": "seed study",
    r"\banswered wrongly\b": "misclassified",
}
MOST_LINES = 300


def texts_of(module: Path) -> Iterator[tuple[int, str]]:
    """Every string of a module: what is shown, and docstrings."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def private_words(text: str) -> list[str]:
    plain = " ".join(text.split())
    return [
        f"{found.group().strip()!r}: say {better}"
        for pattern, better in INSTEAD.items()
        for found in re.finditer(pattern, plain, re.IGNORECASE)
    ]


def test_private_words_are_found() -> None:
    assert private_words("What a run came to, on rows that had no say") == [
        "'What a run came to': say result, outcome",
        "'had no say': say not used by",
    ]
    assert not private_words("The result of a run, on held-out rows")


@pytest.mark.parametrize("folder", ["core", "data", "tui"])
def test_strings_and_docstrings_have_the_fields_words(folder: str) -> None:
    wrong = [
        f"{module.relative_to(HERE)}:{line}: {word}"
        for module in MODULES
        if module.relative_to(HERE).parts[0] == folder
        for line, text in texts_of(module)
        for word in private_words(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_pages_have_the_fields_words() -> None:
    wrong = [
        f"{page.relative_to(HERE)}: {word}"
        for page in PAGES
        for word in private_words(page.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_no_module_is_longer_than_one_idea() -> None:
    lengths = {
        str(module.relative_to(HERE)): len(module.read_text(encoding="utf-8").splitlines())
        for module in MODULES
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > MOST_LINES}
    assert not too_long


def test_every_module_says_its_idea_in_its_first_line() -> None:
    silent = []
    for module in MODULES:
        said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
        if not said or not said.splitlines()[0].endswith((".", ":", ";")):
            silent.append(str(module.relative_to(HERE)))
    assert not silent
