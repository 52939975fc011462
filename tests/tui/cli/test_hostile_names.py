"""Of no name, cell or path does a byte act on whoever reads what the command line prints and writes."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import onnx
import pytest
from PIL import Image

from epochal.data.runs.queries import describe_run
from tests.hostile_names import HOSTILE, foreign_in_text, table_named
from tests.runs import GIVE_UP, told

PAGE = set(
    re.findall(r"\w+", "html head meta title style body h1 h2 p table tr th td pre svg rect text polyline")
)
# Names that mean something to what is written: markup, formats, other languages.
OTHERS = {
    "html": "</title></svg><script>alert(1)</script><img src=x onerror=y>&lt;",
    "quotes": "'`{0}${HOME}%s\\",
    "comment": "--><!--]]>",
    "formula": "=cmd|' /C calc'!A0",
    "Markdown": "[x](javascript:y) ![z](w) `` | # *a* _b_",
    "code": "');import os;print('OWNED",
}
KINDS = {**HOSTILE, **OTHERS}
QUICK = ("several",)
kinds = pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in QUICK else pytest.mark.slow) for kind in KINDS]
)


@pytest.fixture
def table(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    path = table_named(KINDS[kind], tmp_path)
    monkeypatch.chdir(tmp_path)
    return str(path)


READ = ("--delimiter", ",", "--quote", '"')


def target_of(table: str) -> str:
    """The last column's name, as the reader has it."""
    columns = json.loads(told("inspect", table, *READ, "--json").stdout)["columns"]
    return str(columns[-1]["name"])


@kinds
def test_no_command_prints_what_acts(kind: str, table: str, home: Path) -> None:
    target = target_of(table)
    read = ("--target", target, *READ)
    short = ("--epochs", "2", "--seed", "1")
    told("train", table, *read, *short, "--save", "model.npz")
    describe_run(home, 1, name=f"{KINDS[kind]}name", note=f"{KINDS[kind]}note")
    fine: tuple[tuple[str, ...], ...] = (
        ("inspect", table, *read),
        ("inspect", table, *read, "--profile"),
        ("train", table, *read, *short),
        ("validate", table, *read, *short, "--folds", "2", "--repeats", "1"),
        ("search", table, *read, *short, "--vary", "hidden=2 3"),
        ("predict", "model.npz", table, "--output", "p.csv", *READ),
        ("runs", "list"),
        ("runs", "show", "1"),
        ("runs", "resume", "1"),
        ("runs", "delete", "1"),
    )
    for arguments in fine:
        said = told(*arguments)
        assert not foreign_in_text(said.stdout + said.stderr), arguments
    refused: tuple[tuple[str, ...], ...] = (
        ("train", table, "--target", f"{KINDS[kind]}no", *READ),
        ("train", f"{table}no", *READ),
        ("predict", table, table),
        ("predict", "model.npz", "p.csv", "--output", f"{table}/x.csv"),
        ("inspect", table, *READ, "--as-number", target),
    )
    for arguments in refused:
        said = told(*arguments, code=1)
        assert not foreign_in_text(said.stdout + said.stderr), arguments
        assert "Traceback" not in said.stderr


class Page(HTMLParser):
    """Which elements a page has, and which of their attributes could do something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.acting: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.add(tag)
        self.acting += [one for one in attributes if one[0].startswith("on") or one[0] in ("href", "src")]


def rows_of(path: str) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@kinds
def test_no_file_that_is_written_runs_or_breaks(kind: str, table: str) -> None:
    files = {f"--{name}": f"x.{ending}" for name, ending in (("save", "npz"), ("python", "py"))}
    outputs = [word for pair in files.items() for word in pair]
    first = ("--target", target_of(table), *READ, "--epochs", "2")
    told(
        *("train", table, *first, *outputs, "--report", "x.html", "--chart", "x.svg", "--curve", "x.csv"),
        *("--predictions", "p.csv"),
    )
    told("train", table, *first, "--report", "x.md", "--chart", "x.png")
    told("export", "x.npz", "--onnx", "x.onnx")
    page = Page()
    page.feed(Path("x.html").read_text("utf-8"))
    assert page.tags <= PAGE
    assert not page.acting
    tags = {one.tag.rpartition("}")[2] for one in ElementTree.parse("x.svg").iter()}
    assert tags <= PAGE | {"svg"}
    for name in ("x.html", "x.svg", "x.md", "x.py", "x.csv"):
        assert not foreign_in_text(Path(name).read_text("utf-8")), name
    # Four blanks begin a line of code, which is taken as it is.
    said = [line for line in Path("x.md").read_text("utf-8").splitlines() if not line.startswith("    ")]
    assert not re.search(r"(?<!\\)[<`*\[\]|]", "".join(re.sub(r"(^\| )| \|( |$)", "", line) for line in said))
    with Image.open("x.png") as picture:
        picture.verify()
    onnx.checker.check_model(onnx.load("x.onnx"), full_check=True)
    cells, kept = rows_of(table), rows_of("p.csv")
    assert {len(row) for row in kept} == {len(kept[0])}
    assert {tuple(row[1 : len(cells[0]) + 1]) for row in kept[1:]} <= set(map(tuple, cells[1:]))
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "x.py", table], capture_output=True, timeout=GIVE_UP, check=True
    )
    assert b"OWNED\n" not in done.stdout
    assert len(list(csv.reader(io.StringIO(done.stdout.decode("utf-8"))))) == len(cells)
