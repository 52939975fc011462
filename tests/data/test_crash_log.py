"""The crash log: what is in it, where it is, and that nothing about it can fail the program."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from epochal.data.crash_log import MOST_BYTES, NAME, log_crash, state_folder


class Unspeakable(Exception):
    """Cannot say what it is about."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_it_holds_every_traceback_and_is_for_nobody_else(home: Path) -> None:
    for error in (IndexError("first"), SystemExit(3), Unspeakable()):
        logged = log_crash(raised(error), "Training")
        assert (logged.path, logged.problem) == (home / NAME, "")
    text = (home / NAME).read_text(encoding="utf-8")
    assert text.count("Traceback (most recent call last)") == 3
    assert text.count("in raised") == 3
    assert "IndexError: first" in text
    assert "Training failed (Python " in text
    assert stat.S_IMODE((home / NAME).stat().st_mode) == 0o600
    (home / NAME).unlink()


def test_without_a_folder_of_ours_it_is_in_the_users_state_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("EPOCHAL_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert state_folder().name == "epochal"
    assert log_crash(raised(KeyError("x")), "Training").path == state_folder() / NAME


@pytest.mark.parametrize("in_the_way", ["folder", "file"])
def test_a_place_that_cannot_be_written_is_said_and_never_raised(home: Path, in_the_way: str) -> None:
    if in_the_way == "folder":
        (home / NAME).mkdir(parents=True)
    else:
        home.write_text("not a folder", encoding="utf-8")
    logged = log_crash(raised(IndexError("x")), "Training")
    assert logged.problem
    assert "\n" not in logged.problem
    if in_the_way == "folder":
        (home / NAME).rmdir()


def test_it_does_not_grow_without_end(home: Path) -> None:
    home.mkdir()
    (home / NAME).write_bytes(b"x" * (MOST_BYTES + 1))
    log_crash(raised(IndexError("the last")), "Training")
    assert (home / NAME).stat().st_size < 10_000
    assert (home / "crashes.old.log").stat().st_size == MOST_BYTES + 1
    (home / NAME).unlink()
