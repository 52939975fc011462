"""The wheel holds what the program needs, and shares no name with what it depends on."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

from epochal import __version__
from tests.runs import GIVE_UP

HERE = Path(__file__).parents[1]


def test_no_dependency_ships_a_package_of_our_names() -> None:
    for distribution in distributions():
        if distribution.name == "epochal":
            continue
        tops = {Path(file).parts[0] for file in distribution.files or ()}
        assert not tops & {"epochal"}, distribution.name


def test_the_wheel_holds_the_stylesheet_and_the_tables(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=HERE,
        check=True,
        capture_output=True,
        timeout=GIVE_UP,
    )
    (wheel,) = tmp_path.glob("epochal-*.whl")
    assert wheel.name == f"epochal-{__version__}-py3-none-any.whl"
    held = set(zipfile.ZipFile(wheel).namelist())
    tables = {f"epochal/data/{path.name}" for path in (HERE / "data").glob("*.csv")}
    assert {"epochal/tui/lab/epochal.tcss", "epochal/data/README.md", "epochal/py.typed"} <= held
    assert tables <= held
    assert len(tables) >= 3
    assert {name.split("/")[0].partition("-")[0] for name in held} == {"epochal"}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with packages of our folders' names, as every second Django project has them."""
    for name in ("core", "data", "tui"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            f"raise ImportError('the wrong {name}')\n", encoding="utf-8"
        )
    return tmp_path


@pytest.mark.parametrize("arguments", [["--version"], ["train", "iris", "--epochs", "3"]])
def test_packages_of_our_folders_names_on_the_path_break_nothing(hostile: Path, arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "epochal", *arguments],
        cwd=hostile,
        env={**os.environ, "PYTHONPATH": str(hostile)},
        capture_output=True,
        text=True,
        timeout=GIVE_UP,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line", ["import core", "from data.tables import reading", "import tui.cli"])
def test_a_folder_imported_without_its_package_is_refused(line: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "core/example.py", "-"],
        cwd=HERE,
        input=f"{line}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "TID251" in done.stdout
    assert f"epochal.{line.split()[1].split('.')[0]}" in done.stdout


def test_a_checkout_that_is_not_installed_knows_its_version(tmp_path: Path) -> None:
    # Without the folders of the interpreter's packages there is no metadata of an installed distribution.
    script = f"import sys; sys.path[:0] = [{str(HERE)!r}]; import epochal; print(epochal.__version__)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout == f"{__version__}\n"
    said = subprocess.run(
        [sys.executable, "-m", "epochal", "--version"], cwd=HERE, check=True, capture_output=True, text=True
    )
    assert said.stdout == f"epochal, version {__version__}\n"
