"""Paths have one entrance: what asks the system about one, or makes one of what was typed, does so there."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import pytest

from epochal.data.paths import PathError, kind_of, may_be_written, refusal, typed_path

HERE = Path(__file__).parents[2]

# These raise whatever the system says, in the middle of a key or a command.
RAISING = re.compile(
    r"\.(expanduser|absolute|resolve|is_dir|is_file|exists|is_symlink|is_fifo|samefile)\(\)|os\.path\.abspath"
)
# An entry of a zip archive is no path, and the database's own is checked before.
ALLOWED = {("data/tables/expanding.py", ".is_dir()"), ("data/runs/database.py", ".absolute()")}


def test_no_module_asks_the_system_about_a_path_by_itself() -> None:
    found = {
        (str(path.relative_to(HERE)), match[0])
        for floor in ("data", "tui")
        for path in (HERE / floor).rglob("*.py")
        for match in RAISING.finditer(path.read_text(encoding="utf-8"))
        if path != HERE / "data" / "paths.py"
    }
    assert found == ALLOWED


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_number_of_the_system_has_words(number: int) -> None:
    words = refusal(OSError(number, os.strerror(number), "/some/where"))
    assert words
    assert "Errno" not in words
    assert "/some/where" not in words


def test_a_user_there_is_not_is_named() -> None:
    with pytest.raises(PathError, match=r"no home folder for ~nosuch:"):
        typed_path("~nosuch/x")


def test_what_is_typed_comes_from_the_root_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/somebody")
    assert typed_path("~/x") == Path("/home/somebody/x")
    assert typed_path("a/b") == tmp_path / "a" / "b"
    assert kind_of(tmp_path) == "folder"
    may_be_written(tmp_path / "new")
