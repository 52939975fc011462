"""A folder that is all there is, what is beside it, and every way that could lead from one to the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from epochal.data.paths import FOLDER

TABLE = "a,b,c\n" + "".join(f"{i},{i * i % 7},{'xy'[i % 2]}\n" for i in range(40))
SECRET = "nobody-reads-this"


class Confined:
    """The process is confined to `folder`; `beside` holds files of the same kinds, not to be touched."""

    def __init__(self, top: Path) -> None:
        self.folder, self.beside = top / "class", top / "class-of-others"
        for place in (self.folder / "sub", self.beside / "sub"):
            place.mkdir(parents=True)
            for file in (place / "table.csv", place.parent / "table.csv"):
                file.write_text(TABLE)
        (self.beside / f"{SECRET}.csv").write_text(TABLE)
        links = {
            "link.csv": self.beside / "table.csv",
            "link-to-link.csv": self.folder / "link.csv",
            "link-to-nothing.csv": self.beside / "new.csv",
            "link-to-folder": self.beside,
            "link-up": Path(".."),
            "sub/link-up-twice": Path("../.."),
            "link-to-root": Path(os.sep),
        }
        for name, target in links.items():
            (self.folder / name).symlink_to(target)

    def ways_out(self, name: str = "table.csv") -> dict[str, str]:
        """Paths that lead to a file of that name outside, there or not."""
        folder, beside = self.folder, self.beside
        rooted = str(beside).lstrip(os.sep)
        ways = {
            "from the root": f"{beside}/{name}",
            "two slashes": f"/{beside}//{name}",
            "one up": f"../class-of-others/{name}",
            "down and up": f"sub/../../class-of-others/{name}",
            "from the root, through the folder": f"{folder}/../class-of-others/{name}",
            "from the root, deeper": f"{folder}/sub/.././../class-of-others/{name}",
            "through nothing": f"missing/../../class-of-others/{name}",
            "home": f"~/{name}",
            "a folder in home": f"~/sub/../{name}",
            "a linked folder": f"link-to-folder/{name}",
            "a linked folder, and back": f"link-to-folder/../class-of-others/{name}",
            "a link up": f"link-up/class-of-others/{name}",
            "a link up, from below": f"sub/link-up-twice/class-of-others/{name}",
            "a link to the root": f"link-to-root/{rooted}/{name}",
        }
        if name == "table.csv":
            ways |= {"a link": "link.csv", "a link to a link": "link-to-link.csv"}
        if name == "new.csv":
            ways["a link to what is not there"] = "link-to-nothing.csv"
        if sys.platform == "linux":
            ways["the process's root"] = f"/proc/self/root/{rooted}/{name}"
        return ways

    def there(self) -> dict[str, bytes]:
        """All that is outside."""
        return {str(path): path.read_bytes() for path in self.beside.rglob("*") if path.is_file()}


@pytest.fixture
def confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Confined:
    """The test is confined, its home is outside, and it stands in the folder."""
    made = Confined(tmp_path)
    monkeypatch.setenv(FOLDER, str(made.folder))
    monkeypatch.setenv("HOME", str(made.beside))
    monkeypatch.chdir(made.folder)
    return made


_WATCHED: list[tuple[str, list[str]]] = []
_LOOKED_AT = (
    "open",
    "os.listdir",
    "os.scandir",
    "os.mkdir",
    "os.link",
    "os.rename",
    "os.remove",
    "os.truncate",
)


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if event not in _LOOKED_AT:
        return
    for beside, touched in _WATCHED:
        for one in arguments[:2]:
            if isinstance(one, (str, bytes, os.PathLike)) and os.path.realpath(os.fsdecode(one)).startswith(
                beside
            ):
                touched.append(f"{event} {one!r}")


@contextmanager
def untouched(confined: Confined) -> Iterator[None]:
    """Inside, nothing opens, lists or changes anything outside the folder, whatever comes of it."""
    if not _WATCHED:
        # A hook cannot be taken away again: this one hears nothing while nobody watches.
        sys.addaudithook(_hear)
        _WATCHED.append(("\0", []))
    before = confined.there()
    touched: list[str] = []
    _WATCHED.append((os.path.realpath(confined.beside), touched))
    try:
        yield
    finally:
        _WATCHED.pop()
    assert not touched
    assert confined.there() == before
