"""`epochal runs` and what `epochal train` leaves behind, as other programs see it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import describe_run, recorded_runs
from epochal.tui.cli.main import epochal
from tests.runs import GIVE_UP, HERE, record_run, sampled, told, told_json

STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def _no_process_stays() -> Iterator[None]:
    """A test that fails leaves none behind that trains for ever."""
    yield
    for process in STARTED:
        process.kill()
        process.communicate()
    STARTED.clear()


def started(*arguments: str, **more: Any) -> subprocess.Popen[str]:
    """The program in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "epochal", *arguments],
        cwd=HERE,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )
    STARTED.append(process)
    return process


def wait_for_epochs(home: Path, epochs: int) -> None:
    """Wait until the history holds so many epochs of its last run."""
    end = time.monotonic() + GIVE_UP
    while not any(run.epochs >= epochs for run in recorded_runs(home).runs[:1]):
        assert time.monotonic() < end, "nothing is recorded"
        time.sleep(0.02)


def test_a_run_is_listed_shown_and_exported_as_it_was_trained(tmp_path: Path) -> None:
    curve = tmp_path / "curve.csv"
    trained = told_json("train", "column_2C_weka", "--epochs=20", "--hidden=4,3", f"--curve={curve}")
    assert trained["run"] == 1
    (listed,) = told_json("runs", "list")["runs"]  # type: ignore[misc]
    assert (listed["id"], listed["ending"], listed["epochs"], listed["planned"]) == (1, "finished", 20, 20)
    assert listed["settings"] == trained["settings"]
    assert listed["held_out"] == trained["held_out"]
    shown = told_json("runs", "show", "1")
    assert shown["result"] == {name: value for name, value in trained.items() if name not in ("run", "files")}
    assert trained["files"] == {"curve": str(curve)}
    assert shown["table"]["sha256"]  # type: ignore[index]
    assert (
        told("runs", "export", "1").stdout.splitlines() == curve.read_text().replace(",nan", ",").splitlines()
    )
    text = told("runs", "list").stdout
    accuracy = 100 * trained["held_out"]["accuracy"]  # type: ignore[index]
    assert re.search(
        rf"1 +\S+ \S+ +column_2C_weka +6-4-3-1 +20/20 +\d+\.\d +{accuracy:.1f} % \(.*finished", text
    )
    text = told("runs", "show", "1").stdout
    assert "--hidden 4,3 --epochs 20" in text
    assert "To go on" not in text


def test_the_list_as_csv_says_the_same(home: Path) -> None:
    first = told_json("train", "column_2C_weka", "--epochs=6", "--hidden=4,3", "--l2=0.1")
    told("train", "auto_mpg", "--epochs=5", "--held-out=0.3")
    describe_run(home, 1, name='one, "the" first', note="\udc80")
    last, row = csv.DictReader(io.StringIO(told("runs", "list", "--csv").stdout))
    assert (row["id"], row["name"], row["layers"]) == ("1", 'one, "the" first', "6-4-3-1")
    held_out = first["held_out"]
    assert isinstance(held_out, dict)
    assert [float(row[f"held_out_{name}"]) for name in ("accuracy", "low", "high")] == [
        held_out["accuracy"],
        *held_out["interval"],
    ]
    assert (row["epochs"], row["planned"], row["hidden"], row["l2"]) == ("6", "6", "4,3", "0.1")
    assert (last["table"], last["held_out"], last["held_out_accuracy"]) == ("auto_mpg", "0.3", "")
    assert float(last["held_out_rmse"]) > 0
    told("runs", "list", "--csv", "--json", code=2)
    assert "--hidden 4,3 --epochs 6 --l2 0.1" in told("runs", "list").stdout


def test_an_empty_history_is_csv_of_no_rows() -> None:
    assert list(csv.DictReader(io.StringIO(told("runs", "list", "--csv").stdout))) == []


def test_numbers_and_their_error_are_listed() -> None:
    trained = told_json("train", "auto_mpg", "--epochs=5")
    assert f"error {trained['held_out']['rmse']:.4g}" in told("runs", "list").stdout  # type: ignore[index]


def test_a_training_left_out_of_the_history_leaves_none(home: Path) -> None:
    assert told_json("train", "iris", "--epochs=2", "--no-history")["run"] is None
    assert not home.exists()
    assert told_json("runs", "list") == {"runs": [], "problem": ""}
    assert "No run has been recorded yet" in told("runs", "list").stdout


def test_an_export_goes_to_a_new_file_only(tmp_path: Path) -> None:
    told("train", "iris", "--epochs=3")
    target = tmp_path / "epochs.csv"
    assert told("runs", "export", "1", f"--output={target}").stdout == ""
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[0]["training_error"]) > 0
    before = target.read_bytes()
    assert "there already" in told("runs", "export", "1", f"--output={target}", code=1).stderr
    assert target.read_bytes() == before
    assert "There is no folder" in told("runs", "export", "1", f"--output={tmp_path}/no/x.csv", code=1).stderr


def test_a_deleted_run_is_gone() -> None:
    for _ in range(2):
        told("train", "iris", "--epochs=2")
    told("runs", "delete", "1")
    assert [run["id"] for run in told_json("runs", "list")["runs"]] == [2]  # type: ignore[attr-defined]
    for command in ("show", "export", "delete", "resume"):
        assert "There is no run 1" in told("runs", command, "1", code=1).stderr
    told("runs", "show", "0", code=2)
    told("runs", "show", "x", code=2)


def test_names_and_notes_of_a_run_cannot_act_on_the_terminal(home: Path) -> None:
    told("train", "iris", "--epochs=2")
    describe_run(home, 1, name="\x1b[31mred", note="\x1b]52;c;aGVsbG8=\x07\nsecond line")
    for command in (("list",), ("show", "1")):
        assert "\x1b" not in told("runs", *command).stdout


# Going on.


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_gone_on_with_gives_the_bytes_of_one_never_interrupted(
    optimizer: str, home: Path, iris: object
) -> None:
    words = ("iris", "--hidden=3", "--epochs=30", f"--optimizer={optimizer}", "--seed=3")
    whole = told_json("train", *words)
    record_run(home, iris, stop_after=13, epochs=30, optimizer=optimizer, seed=3)  # type: ignore[arg-type]
    assert "To go on: epochal runs resume 2" in told("runs", "show", "2").stdout
    resumed = told_json("runs", "resume", "2")
    same = ("weights_sha256", "held_out", "findings", "epochs", "stopped", "settings", "split", "table")
    assert {name: resumed[name] for name in same} == {name: whole[name] for name in same}
    assert resumed["run"] == 2
    assert recorded_runs(home).runs[0].ending == "finished"


def test_a_run_that_is_done_gives_its_result_again() -> None:
    first = told_json("train", "column_2C_weka", "--epochs=30", "--patience=4", "--learning-rate=0.1")
    assert first["stopped"] == "early"
    again = told("runs", "resume", "1", "--json")
    assert "has ended already" in again.stderr
    assert json.loads(again.stdout) == first
    assert told_json("runs", "show", "1")["epochs"] == first["epochs"]


def table_of(folder: Path) -> Path:
    path = folder / "table.csv"
    rows = "".join(f"{i},{i % 7},{'yes' if i * i % 11 > 4 else 'no'}\n" for i in range(60))
    path.write_text(f"a,b,said\n{rows}", encoding="utf-8")
    return path


def test_a_file_read_in_its_own_way_is_read_so_again(tmp_path: Path, home: Path) -> None:
    path = table_of(tmp_path)
    path.write_text("title\n" + path.read_text().replace(",", ";") + "oops;\n", encoding="utf-8")
    words = ["--first-line=2", "--delimiter=;", "--drop-bad-rows", "--target=b", "--ignore=a"]
    told("train", str(path), "--epochs=4", "--task=regression", *words)
    with closing(sqlite3.connect(home / NAME)) as connection, connection:
        connection.execute("DELETE FROM checkpoints")
        connection.execute("UPDATE runs SET ending = 'running', process = ''")
    first = told_json("runs", "show", "1")
    assert first["ending"] == "interrupted"
    again = told_json("runs", "resume", "1")
    assert again["weights_sha256"] == first["result"]["weights_sha256"]  # type: ignore[index]
    assert again["table"]["rows_left_out"] == 1  # type: ignore[index]


def test_a_table_that_has_changed_or_gone_is_said(tmp_path: Path) -> None:
    path = table_of(tmp_path)
    told("train", str(path), "--epochs=3")
    path.write_text(path.read_text().replace("yes", "no", 1), encoding="utf-8")
    assert "has changed since run 1 began" in told("runs", "resume", "1", code=1).stderr
    path.unlink()
    assert "cannot go on without its table" in told("runs", "resume", "1", code=1).stderr


def test_settings_of_a_version_to_come_are_said(home: Path) -> None:
    told("train", "iris", "--epochs=3")
    change_about(home, '"seed": 0}', '"seed": 0, "telepathy": 1}')
    assert "settings this version does not know" in told("runs", "resume", "1", code=1).stderr
    assert told("runs", "show", "1").stdout


@pytest.mark.parametrize(
    "reading",
    ['{"delimiter": 7}', '{"missing": 3}', '{"encoding": "x"}', '{"first_line": "a"}', '{"watch": 1}'],
)
def test_a_reading_that_makes_no_sense_is_no_traceback(reading: str, home: Path, tmp_path: Path) -> None:
    told("train", str(table_of(tmp_path)), "--epochs=3")
    with closing(sqlite3.connect(home / NAME)) as connection:
        (metadata,) = connection.execute("SELECT about FROM runs").fetchone()
    change_about(home, re.search(r'"reading": (\{.*?\})', metadata)[1], reading)  # type: ignore[index]
    result = CliRunner().invoke(epochal, ["runs", "resume", "1"])
    assert result.exit_code in (0, 1)
    assert result.exception is None or isinstance(result.exception, SystemExit)


def change_about(home: Path, old: str, new: str) -> None:
    from epochal.data.runs.record import digest

    with closing(sqlite3.connect(home / NAME)) as connection, connection:
        (metadata,) = connection.execute("SELECT about FROM runs").fetchone()
        assert old in metadata
        metadata = metadata.replace(old, new)
        connection.execute(
            "UPDATE runs SET about = ?, about_sha256 = ?", (metadata, digest(metadata.encode()))
        )


# Interruptions.


@pytest.mark.parametrize("kills", [20, pytest.param(60, marks=pytest.mark.slow)])
def test_killed_at_random_moments_nothing_is_lost_and_all_go_on_to_the_same_bytes(kills: int) -> None:
    done = subprocess.run(
        [sys.executable, "benchmarks/kills.py", str(kills)],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=4 * GIVE_UP,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    killed = re.search(r"(\d+) processes killed at work .* none different. Left: runs.sqlite$", done.stdout)
    assert killed, done.stdout
    assert int(killed[1]) >= kills
    for act in ("training", "going on", "writing", "exporting", "deleting"):
        assert f"killed while {act}" in done.stdout


def test_the_first_run_that_is_killed_is_not_judged_by_files_of_another(tmp_path: Path) -> None:
    # What the measuring before wrote was once taken for the first run's: "exported.csv lacks epochs".
    program = (
        "import random, sys; from pathlib import Path; from benchmarks.kills import Killer, calibrate;"
        "folder = Path(sys.argv[1]); folder.mkdir(); calibrate(Killer(random.Random(0), folder));"
        "print(list(folder.iterdir()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize("number", sampled([signal.SIGINT, signal.SIGTERM, signal.SIGHUP], 1, "resumed"))
def test_a_signal_ends_a_training_so_that_it_can_be_gone_on_with(number: signal.Signals, home: Path) -> None:
    process = started("train", "iris", "--epochs=1000000", "--json")
    wait_for_epochs(home, 1)
    process.send_signal(number)
    begun = time.monotonic()
    out, err = process.communicate(timeout=GIVE_UP)
    assert time.monotonic() - begun < 2
    assert process.returncode == 128 + number
    result = json.loads(out)
    assert (result["stopped"], err) == ("interrupted", "")
    (run,) = recorded_runs(home).runs
    assert (run.ending, run.epochs) == ("interrupted", result["epochs"])
    assert run.can_go_on


def test_a_run_in_training_is_listed_so_and_neither_resumed_nor_deleted(home: Path) -> None:
    process = started("train", "iris", "--epochs=1000000")
    try:
        wait_for_epochs(home, 1)
        assert told_json("runs", "show", "1")["ending"] == "running"
        for command in ("resume", "delete"):
            assert "is training now" in told("runs", command, "1", code=1).stderr
    finally:
        process.kill()
        process.communicate()
    assert told_json("runs", "show", "1")["ending"] == "interrupted"


# Trouble.


def test_a_history_that_cannot_be_written_is_said_and_the_training_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = told_json("train", "iris", "--epochs=4")
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EPOCHAL_HOME", str(tmp_path / "file" / "home"))
    result = told("train", "iris", "--epochs=4", "--json")
    assert json.loads(result.stdout)["weights_sha256"] == whole["weights_sha256"]
    assert json.loads(result.stdout)["run"] is None
    assert result.stderr.count("cannot be written") == 1
    assert "Traceback" not in result.stderr


def test_a_file_that_may_not_grow_is_said_and_the_training_goes_on(home: Path) -> None:
    import resource

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = started("train", "iris", "--epochs=3000", "--batch-size=full", "--json", preexec_fn=limited)
    out, err = process.communicate(timeout=GIVE_UP)
    assert process.returncode == 0, err
    assert json.loads(out)["epochs"] == 3000
    assert re.fullmatch(
        r"The run history .* cannot be written: .*\nThis run is not .*in the history\.\n", err
    ), err
    assert recorded_runs(home).problem == ""


@pytest.mark.parametrize("home", [{}, {"HOME": ""}], ids=["unset", "empty"])
def test_without_any_home_training_goes_on(home: dict[str, str], tmp_path: Path) -> None:
    process = started(
        "train",
        "iris",
        "--epochs=2",
        "--json",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "XDG_DATA_HOME": str(tmp_path), **home},
    )
    out, err = process.communicate(timeout=GIVE_UP)
    assert (process.returncode, json.loads(out)["epochs"]) == (0, 2), err


@pytest.mark.parametrize("content", [b"", b"just text\n", bytes(5000), b"SQLite format 3\0" + bytes(3000)])
def test_no_file_in_the_historys_place_makes_a_traceback(content: bytes, home: Path) -> None:
    home.mkdir()
    (home / NAME).write_bytes(content)
    for words in (
        ["list"],
        ["list", "--json"],
        ["show", "1"],
        ["export", "1"],
        ["delete", "1"],
        ["resume", "1"],
    ):
        result = CliRunner().invoke(epochal, ["runs", *words])
        assert result.exit_code in (0, 1)
        assert result.exception is None or isinstance(result.exception, SystemExit)
    told("train", "iris", "--epochs=2")
