"""Every kind of path that cannot be used, made real in a folder; and a root who is refused as others are."""

from __future__ import annotations

import os
import socket
from pathlib import Path

# Root may read and write whatever permissions say; without capabilities it is refused as anybody is.
WITHOUT_CAPABILITIES = """
import ctypes
header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
assert ctypes.CDLL(None, use_errno=True).capset(header, none) == 0
"""


def made(folder: Path) -> None:
    """What the names below lead to."""
    (folder / "locked").mkdir()
    (folder / "locked" / "table.csv").write_text("a,b\n1,x\n2,y\n")
    (folder / "locked").chmod(0)
    (folder / "secret.csv").write_text("a,b\n1,x\n2,y\n")
    (folder / "secret.csv").chmod(0)
    (folder / "plain").write_text("no folder\n")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "broken").symlink_to(folder / "memory")
    (folder / "memory").symlink_to("/proc/self/mem")  # reading it fails with EIO
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(folder)  # a socket's name may not be long
        try:
            one.bind("socket")
        finally:
            os.chdir(here)


def to_read(folder: Path) -> dict[str, str]:
    """Paths that no table and no model can be read from."""
    return {
        "missing": f"{folder}/missing.csv",
        "name of 300 letters": "x" * 300,
        "path of 5000 letters": f"{folder}/{'y/' * 2500}x.csv",
        "in a locked folder": f"{folder}/locked/table.csv",
        "locked": f"{folder}/secret.csv",
        "below a file": f"{folder}/plain/x.csv",
        "a folder": str(folder),
        "a pipe": f"{folder}/fifo",
        "a socket": f"{folder}/socket",
        "a device": "/dev/null",
        "a loop": f"{folder}/loop",
        "input error": f"{folder}/broken",
        "a user there is not": "~nosuch/x.csv",
        "home": "~",
        "no text": "bad\udcff.csv",
        "escapes": "\x1b]0;OWNED\x07.csv",
        "nothing": "",
    }


def to_write(folder: Path, ending: str) -> dict[str, str]:
    """Paths that nothing can be written to, whatever may be replaced."""
    (folder / f"folder{ending}").mkdir(exist_ok=True)
    for name, target in {
        "device": "/dev/full",
        "fifo": str(folder / "fifo"),
        "socket": str(folder / "socket"),
        "loop": str(folder / "loop"),
        "astray": str(folder / "missing" / "x"),
        "locked-away": str(folder / "locked" / "x"),
    }.items():
        link = folder / f"{name}{ending}"
        if not os.path.lexists(link):
            link.symlink_to(target)
    return {
        "name of 300 letters": f"{folder}/{'x' * 300}{ending}",
        "path of 5000 letters": f"{folder}/{'y/' * 2500}x{ending}",
        "in a locked folder": f"{folder}/locked/x{ending}",
        "in a folder there is not": f"{folder}/missing/x{ending}",
        "below a file": f"{folder}/plain/x{ending}",
        "a folder": f"{folder}/folder{ending}",
        "a user there is not": f"~nosuch/x{ending}",
        **{f"a link: {name}": f"{folder}/{name}{ending}" for name in ("device", "fifo", "socket", "loop")},
        "a link astray": f"{folder}/astray{ending}",
        "a link into a locked folder": f"{folder}/locked-away{ending}",
        "escapes": f"{folder}/\x1b]0;OWNED\x07/x{ending}",
    }
