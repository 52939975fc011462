"""The package as a stranger gets it: built, installed alone, and run from a folder that is hostile to it.

    .venv/bin/python .ci/package.py

Builds the sdist, and the wheel from the sdist and from the checkout; the wheel must hold `epochal` alone. It
is installed into an empty environment and run from a folder with a `core`, a `data` and a `tui` of its own,
which refuse to be imported.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

import pexpect

TOP = Path(__file__).resolve().parents[1]
FOLDERS = ("core", "data", "tui")
SIZE = (24, 80)
PATIENCE = 60
LARGEST = 1_000_000
"""Bytes of the wheel beyond the bundled tables."""


def built(source: Path, target: str, folder: Path) -> Path:
    """The sdist or the wheel made of a folder of source."""
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{target}", "--outdir", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (made,) = folder.iterdir()
    return made


def unpacked(sdist: Path, folder: Path) -> Path:
    """The source an sdist holds."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    return source


def names(wheel: Path) -> list[str]:
    """The files of a wheel's packages: without its metadata and the man page, which name the version."""
    every = zipfile.ZipFile(wheel).namelist()
    return sorted(name for name in every if ".dist-info/" not in name and ".data/" not in name)


def check_contents(wheel: Path) -> None:
    """The man page is there, and all but the bundled tables is small."""
    members = zipfile.ZipFile(wheel).infolist()
    assert any(one.filename.endswith(".data/data/share/man/man1/epochal.1") for one in members)
    size = sum(one.compress_size for one in members if not one.filename.endswith(".csv"))
    assert size <= LARGEST, f"{size:,} bytes beyond the tables"
    print(f"{size:,} bytes beyond the tables, man page included")


def hostile(folder: Path) -> Path:
    """A folder whose packages have the names of our folders, and refuse to be imported."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(
            f"raise ImportError('the wrong {name}')\n", encoding="utf-8"
        )
    return folder


def check_terminal(program: Path, cwd: Path, env: dict[str, str]) -> None:
    """The lab opens in a terminal, trains at a key, and leaves at another."""
    lab = pexpect.spawn(
        str(program), ["iris", "--epochs", "20"], cwd=str(cwd), env=env, dimensions=SIZE, timeout=PATIENCE
    )
    lab.expect("To predict")
    lab.send("t")
    lab.expect("finished")
    lab.send("\x11")
    lab.expect(pexpect.EOF)
    lab.close()
    assert lab.exitstatus == 0, f"the lab ended with {lab.exitstatus}"


def main() -> None:
    """Build, install, run."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        sdist = built(TOP, "sdist", work / "sdist")
        wheel = built(unpacked(sdist, work / "source"), "wheel", work / "wheel")
        assert names(wheel) == names(built(TOP, "wheel", work / "direct")), "sdist and checkout differ"
        tops = {name.split("/")[0] for name in names(wheel)}
        assert tops == {"epochal"}, f"the wheel installs {sorted(tops)}"
        print(f"{wheel.name}: {len(names(wheel))} files, epochal alone")
        check_contents(wheel)
        subprocess.run(
            [sys.executable, "-m", "twine", "check", "--strict", str(sdist), str(wheel)], check=True
        )

        venv.create(work / "alone", with_pip=True)
        binaries = work / "alone" / "bin"
        subprocess.run([binaries / "pip", "install", "--quiet", str(wheel)], check=True)
        cwd = hostile(work / "hostile")
        env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        env |= {"PYTHONPATH": str(cwd), "EPOCHAL_HOME": str(work / "home"), "TERM": "xterm-256color"}
        for command in (
            ["epochal", "train", "iris"],
            ["python", "-m", "epochal", "--version"],
        ):
            done = subprocess.run(
                [str(binaries / command[0]), *command[1:]],
                cwd=cwd, env=env, check=False, capture_output=True, text=True, timeout=PATIENCE,
            )  # fmt: skip
            assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
            print(f"{' '.join(command)}: {done.stdout.splitlines()[0]}")
        version = re.sub(r"epochal-(.+)-py3-none-any\.whl", r"\1", wheel.name)
        assert done.stdout == f"epochal, version {version}\n", done.stdout
        check_terminal(binaries / "epochal", cwd, env)
        print("the lab opens in a terminal, trains and leaves")


if __name__ == "__main__":
    main()
