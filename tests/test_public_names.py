"""The names that `import epochal` offers: there when they are used, and nothing loaded before."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

import epochal


def test_importing_the_package_loads_nothing_heavy() -> None:
    program = "import epochal, sys; print(*{'numpy', 'pydantic', 'epochal.core'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_every_public_name_is_there_and_listed() -> None:
    for name in epochal.__all__:
        assert getattr(epochal, name) is not None
        assert name in dir(epochal)
    with pytest.raises(AttributeError, match="no attribute 'Trainer'"):
        epochal.Trainer  # type: ignore[attr-defined]  # noqa: B018


def test_the_example_in_the_docstring_runs() -> None:
    assert epochal.__doc__
    example = textwrap.dedent(epochal.__doc__.split("\n\n", 1)[1].rsplit("\n\n", 1)[0])
    inputs = [[0.1 * row, 0.3 * (row % 7)] for row in range(40)]
    labels = ["low" if row < 20 else "high" for row in range(40)]
    printed: list[object] = []
    exec(example, {"inputs": inputs, "labels": labels, "print": lambda *words: printed.append(words)})
    assert len(printed) == 101
