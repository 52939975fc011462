"""Whole files: what may be replaced, what may not, and whose they are afterwards."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from epochal.data.atomic_write import whole_file

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions and links as POSIX has them")


def put(path: Path, *, force: bool = False, private: bool = False) -> None:
    with whole_file(path, force=force, private=private) as file:
        file.write(b"new")


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # a socket's name may not be long
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
    return tmp_path / "socket"


def test_only_files_are_replaced(tmp_path: Path, fifo: Path, listening: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-null").symlink_to("/dev/null")
    (tmp_path / "to-fifo").symlink_to(fifo)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("fifo", "socket", "folder", "to-null", "to-fifo", "loop"):
        before = os.lstat(tmp_path / name)
        with pytest.raises(FileExistsError, match="only files are replaced"):
            put(tmp_path / name, force=True)
        with pytest.raises(FileExistsError):
            put(tmp_path / name)
        after = os.lstat(tmp_path / name)
        assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".part")]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o755, 0o666])
def test_a_replaced_file_is_readable_for_the_same_people(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"old")
    path.chmod(mode)
    put(path, force=True)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root may give a file away")
def test_a_replaced_file_belongs_to_whom_it_did(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    path.write_bytes(b"old")
    os.chown(path, 12345, 54321)
    path.chmod(0o640)
    put(path, force=True)
    seen = path.stat()
    assert (seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode)) == (12345, 54321, 0o640)


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "real").chmod(0o600)
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("real")
    put(tmp_path / "one", force=True)
    assert (tmp_path / "one").is_symlink()
    assert (tmp_path / "two").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        put(tmp_path / "one")


def test_a_private_file_is_nobody_elses_from_the_start(tmp_path: Path) -> None:
    with whole_file(tmp_path / "x", private=True) as file:
        file.write(b"secret")
        (part,) = tmp_path.iterdir()
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def test_the_longest_name_there_can_be_is_written(tmp_path: Path) -> None:
    name = "é" * (os.pathconf(tmp_path, "PC_NAME_MAX") // 2)
    put(tmp_path / name)
    put(tmp_path / name, force=True)
    assert os.listdir(tmp_path) == [name]
