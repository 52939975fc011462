"""A process that is confined to a folder reads, writes, lists and finds out nothing of what is outside."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from epochal.core.outcome import outcome_of
from epochal.data.atomic_write import whole_file
from epochal.data.models.model import ModelError, model_of
from epochal.data.models.model_file import load_model, save_model
from epochal.data.models.prediction_files import write_predictions
from epochal.data.models.predictions import Predictions
from epochal.data.paths import FOLDER, PathError, current_folder, kind_of, may_be_written, typed_path
from epochal.data.runs.metadata import run_metadata
from epochal.data.tables.bundled import FILES, open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.reading import read_table
from epochal.data.tables.rows import open_rows
from epochal.data.tables.table import TableError
from epochal.data.user_files import browse, completed, home, recent, remember
from epochal.tui.reporting.outputs import OUTPUTS, NotWritten, Output, Trained, write
from tests.confined import SECRET, Confined, confined, untouched
from tests.runs import trained

__all__ = ["confined"]

HERE = Path(__file__).parents[2]

LOOKING: dict[str, Callable[[str], object]] = {
    "open_table": open_table,
    "read_table": lambda path: read_table(typed_path(path)),
    "read_table as it is": read_table,
    "open_rows": open_rows,
    "load_model": load_model,
    "typed_path": typed_path,
    "kind_of": lambda path: kind_of(Path(path)),
    "may_be_written": lambda path: may_be_written(Path(path)),
}


@pytest.mark.parametrize("place", LOOKING)
def test_what_is_outside_is_not_read_nor_is_it_told_whether_it_is_there(
    place: str, confined: Confined
) -> None:
    said: dict[str, list[str]] = {}
    for name in ("table.csv", "missing.csv", "new.npz"):
        for way, path in confined.ways_out(name).items():
            # Only what is typed has its ~ in full; elsewhere it is a name as others are.
            if path.startswith("~") and place not in ("typed_path", "read_table"):
                continue
            with untouched(confined), pytest.raises((PathError, TableError, ModelError)) as refused:
                LOOKING[place](path)
            assert "outside" in str(refused.value), (way, path)
            said.setdefault(way, []).append(str(refused.value).replace(name, ""))
            # Where a link leads to is not told.
            assert confined.beside.name in path or confined.beside.name not in str(refused.value)
    for way, sentences in said.items():
        assert len(set(sentences)) == 1, (way, sentences)


@pytest.mark.parametrize("output", OUTPUTS, ids=lambda one: one.name)
def test_nothing_of_a_run_is_written_outside(output: Output, confined: Confined, spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(2,), epochs=2)
    run = Trained(spine, outcome_of(training), run_metadata(spine, training))
    for path in confined.ways_out(f"new{output.endings[0]}").values():
        if not path.startswith("~"):
            with untouched(confined), pytest.raises(NotWritten, match="outside"):
                write(output, run, Path(path), force=True)
    inside = confined.folder / f"new{output.endings[0]}"
    write(output, run, inside)
    assert inside.stat().st_size


def test_nothing_else_is_written_outside_through_whatever_writes(confined: Confined, spine: Dataset) -> None:
    training = trained(spine.examples, hidden=(2,), epochs=2)
    model = model_of(spine, outcome_of(training))
    predictions = Predictions(model, open_rows("column_2C_weka"))
    ways = {**confined.ways_out("new.csv"), **confined.ways_out("table.csv")}
    for path in map(Path, ways.values()):
        if path.parts[0] == "~":
            continue
        for force in (False, True):
            if not force and path.is_symlink():
                continue  # refused as it is there already
            with untouched(confined), pytest.raises(PermissionError, match="outside"):
                save_model(path, model, force=force)
            with untouched(confined), pytest.raises(PermissionError, match="outside"):
                write_predictions(path, predictions, force=force)
            with (
                untouched(confined),
                pytest.raises(PermissionError, match="outside"),
                whole_file(path, force=force),
            ):
                pass


def test_a_bundled_table_is_read_and_never_written(confined: Confined) -> None:
    for one in FILES:
        table = open_table(one.name)
        assert table.rows == one.rows
        before = Path(table.path).read_bytes()
        with pytest.raises(PathError, match="outside"):
            may_be_written(Path(table.path))
        with pytest.raises(PermissionError), whole_file(Path(table.path), force=True):
            pass
        assert Path(table.path).read_bytes() == before
    with pytest.raises(TableError, match="outside"):
        open_table(str(HERE / "data" / "paths.py"))


def test_completion_ends_at_the_folder(confined: Confined) -> None:
    ways = {
        **confined.ways_out(SECRET[:6]),
        "the folder itself": str(confined.folder)[:-2],
        "its whole name": str(confined.folder),
        "its whole name, from the root": f"{confined.folder}/../cla",
        "a user": "~r",
        "up": "../cl",
    }
    for path in ways.values():
        with untouched(confined):
            assert completed(path) is None, path
    assert completed("ta") == "table.csv"
    assert completed(f"{confined.folder}/ta") == f"{confined.folder}/table.csv"
    # What leads out is not even named.
    assert completed("link") is None


def test_browsing_ends_at_the_folder(confined: Confined) -> None:
    assert [one.path.name for one in browse(confined.folder)] == ["sub", "table.csv"]
    assert [one.path.name for one in browse(confined.folder / "sub")] == ["class", "table.csv"]
    for path in (
        confined.beside,
        Path(".."),
        Path("link-up"),
        Path("link-to-folder"),
        Path("sub/link-up-twice"),
    ):
        with untouched(confined):
            assert not [one for one in browse(path) if "others" in str(one.path)]
            assert not [one for one in browse(path) if one.path.name == "table.csv"]


def test_files_opened_lately_elsewhere_are_not_listed(
    confined: Confined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FOLDER)
    for path in (confined.beside / "table.csv", confined.folder / "table.csv", confined.folder / "link.csv"):
        remember(str(path))
    assert len(recent()) == 3
    monkeypatch.setenv(FOLDER, str(confined.folder))
    assert recent() == [confined.folder / "table.csv"]
    with untouched(confined):
        remember(str(confined.beside / "sub" / "table.csv"))
    listed = json.loads((home() / "recent.json").read_text())
    assert str(confined.beside / "sub" / "table.csv") not in listed


def test_a_process_that_stands_elsewhere_begins_in_the_folder(
    confined: Confined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(confined.beside)
    assert current_folder() == confined.folder
    with untouched(confined), pytest.raises(TableError, match="outside"):
        open_table("table.csv")


def test_a_user_who_has_a_home_here_is_not_told_from_one_who_has_none(confined: Confined) -> None:
    said = set()
    for user in ("~root/x", "~nosuch/x"):
        with pytest.raises(PathError) as refused:
            typed_path(user)
        said.add(str(refused.value).replace(user, ""))
    assert len(said) == 1


def test_inside_all_is_as_ever(confined: Confined) -> None:
    (confined.folder / "linked.csv").symlink_to(confined.folder / "sub" / "table.csv")
    for path in ("table.csv", "sub/../table.csv", f"{confined.folder}/sub/table.csv", "linked.csv"):
        assert dataset_from(open_table(path)).table.rows == 40
    with whole_file(confined.folder / "linked.csv", force=True) as file:
        file.write(b"new")
    assert (confined.folder / "sub" / "table.csv").read_bytes() == b"new"
    with pytest.raises(TableError, match="no table and no file"):
        open_table("missing.csv")


# Who opens, lists or changes files by himself, and why that is confined.
OPENERS = {
    "data/atomic_write.py": "asks `outside`",
    "data/crash_log.py": "the program's own log",
    "data/preferences.py": "the program's own file",
    "data/user_files.py": "asks `outside`; the program's own list",
    "data/models/model_file.py": "asks `kind_of`",
    "data/tables/bundled.py": "asks `kind_of`",
    "data/tables/expanding.py": "what `look` has looked at",
    "data/tables/files.py": "asks `outside`",
    "data/tables/parquet.py": "asked `kind_of` before",
    "data/runs/database.py": "the program's own history",
    "data/runs/queries.py": "the program's own history",
    "data/runs/quarantine.py": "the program's own history",
    "data/runs/process.py": "/proc, which no user names",
    "data/paths.py": "where it is asked",
    "data/configuration.py": "the program's own file",
    "tui/lab/session.py": "standard streams",
    "tui/cli/streams.py": "standard streams",
    "tui/runner/processes.py": "standard streams",
}
OPENING = (
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "iterdir",
    "scandir",
    "listdir",
    "glob",
    "rglob",
    "replace",
    "rename",
    "unlink",
    "mkdir",
    "makedirs",
    "symlink",
    "fdopen",
    "stat",
    "lstat",
)


def test_no_other_module_opens_files() -> None:
    found = set()
    for floor in ("data", "tui"):
        for path in (HERE / floor).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _opens(node.func):
                    found.add(str(path.relative_to(HERE)))
    assert found <= set(OPENERS), found - set(OPENERS)


def _opens(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id == "open"
    if not isinstance(called, ast.Attribute) or called.attr not in OPENING:
        return False
    # `text.replace(...)`, `gate.open()` and the like are other things.
    owner = ast.unparse(called.value)
    if called.attr in ("replace", "open", "fdopen"):
        return owner in ("os", "io", "gzip", "zipfile") or owner.lower().endswith(
            ("path", "place", "folder", "file")
        )
    return True
