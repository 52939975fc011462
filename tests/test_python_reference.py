"""docs/python.md is made from the docstrings as they are, and what it shows runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import epochal
from docs.reference import GROUPS, PAGE, code_blocks, page
from tests.runs import HERE

SHOWN = PAGE.read_text(encoding="utf-8")


def test_the_page_is_that_of_the_docstrings() -> None:
    assert page() == SHOWN, "run: python -m docs.reference"


def test_every_public_name_is_on_the_page() -> None:
    assert {name for names in GROUPS.values() for name in names} == {*epochal.__all__} - {"__version__"}


@pytest.mark.parametrize("block", code_blocks(SHOWN), ids=lambda block: block.split("\n")[0][:40])
def test_every_block_of_code_runs(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "docs/python.md", "exec"), {"epochal": epochal})


def test_no_block_is_taken_for_a_paragraph() -> None:
    assert ast.parse("\n".join(code_blocks(SHOWN)))
    rest = re.sub(r"```python\n.*?```", "", SHOWN, flags=re.DOTALL)
    assert not re.search(r"^(    |\w+ = )", rest, re.MULTILINE)
    assert len(code_blocks(SHOWN)) > 10


def test_the_readme_and_the_benchmark_are_where_the_page_says() -> None:
    assert "docs/python.md" in (HERE / "README.md").read_text(encoding="utf-8")
    assert (HERE / "benchmarks" / "import_time.py").exists()
