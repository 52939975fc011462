"""The wheel holds what the program needs, and shares no name with what it depends on."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

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
        timeout=60,
    )
    (wheel,) = tmp_path.glob("epochal-*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    tables = {f"epochal/data/{path.name}" for path in (HERE / "data").glob("*.csv")}
    assert {"epochal/tui/lab/epochal.tcss", "epochal/data/README.md", "epochal/py.typed"} <= held
    assert tables <= held
    assert len(tables) >= 3
    assert {name.split("/")[0].partition("-")[0] for name in held} == {"epochal"}
