"""What can be written of a run: the same from the command line, from the history and from the lab."""

from __future__ import annotations

import csv
import json
import re
import resource
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from epochal.core.network.losses import ERROR_IN_WORDS, LOSSES
from epochal.core.settings import Settings
from epochal.data.models.model_file import load_model, model_digest
from epochal.data.tables.dataset import Dataset
from epochal.tui.reporting.outputs import OUTPUTS
from tests.lab import lab, write
from tests.runs import HERE, told, told_json

NAMES = {output.name: f"made{output.endings[0]}" for output in OUTPUTS} | {"predictions": "held-out.csv"}


def places(folder: Path) -> dict[str, Path]:
    return {name: folder / file for name, file in NAMES.items()}


def options(folder: Path) -> list[str]:
    return [f"--{name}={path}" for name, path in places(folder).items()]


def command_in(page: str) -> list[str]:
    found = re.search(r"^(?:<pre>|    )(epochal train .*?)(?:</pre>)?$", page, re.MULTILINE)
    assert found
    return shlex.split(unescape(found[1]))[1:]


def test_all_there_is_to_write_is_written_and_named(tmp_path: Path) -> None:
    found = told_json("train", "iris", "--epochs", "30", "--no-history", *options(tmp_path))
    assert found["files"] == {name: str(path) for name, path in places(tmp_path).items()}
    with (tmp_path / NAMES["predictions"]).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == found["held_out"]["rows"]  # type: ignore[index]
    right = sum(row["species"] == row["predicted"] for row in rows)
    assert right == found["held_out"]["correct"]  # type: ignore[index]
    numbered = (HERE / "data/iris.csv").read_text(encoding="utf-8").splitlines()
    for row in rows:
        assert numbered[int(row["row"])].split(",")[-1] == row["species"]
    assert load_model(tmp_path / NAMES["save"]).epochs == 30
    ran = subprocess.run(
        [sys.executable, tmp_path / NAMES["python"], tmp_path / NAMES["predictions"]],
        capture_output=True,
        text=True,
        check=True,
    )
    said = list(csv.DictReader(ran.stdout.splitlines()))
    assert [one["predicted"] for one in said] == [row["predicted"] for row in rows]


def test_the_report_says_what_it_is_worth_and_how_to_do_it_again(tmp_path: Path) -> None:
    report = tmp_path / "made.md"
    first = told_json("train", "iris", "--epochs=9", "--hidden=5,3", "--seed=4", f"--report={report}")
    page = report.read_text(encoding="utf-8")
    assert re.search(r"\d+ of 30 held-out rows right: .* interval .*; always answering", page)
    counts = [list(map(str, line)) for line in first["held_out"]["confusion"]]  # type: ignore[index]
    for name, line in zip(["setosa", "versicolor", "virginica"], counts, strict=True):
        assert f"| {name} | {' | '.join(line)} |" in page
    assert "| Seed | 4 (default 0) |" in page
    again = told_json(*command_in(page))
    assert again["weights_sha256"] == first["weights_sha256"]
    assert str(first["weights_sha256"]) in page


def test_the_command_reads_the_file_as_it_was_read(tmp_path: Path) -> None:
    path, report = tmp_path / "odd name's.txt", tmp_path / "made.html"
    rows = "".join(f"{i};{i * i % 7};{i % 3 or '?'};{'xy'[i % 2]};{i % 5}\n" for i in range(60))
    path.write_text(f"about nothing\na,1;b;c;answer;z\n{rows}the end\n", encoding="cp1252")
    first = told_json(
        *("train", str(path), "--delimiter=;", "--encoding=cp1252", "--first-line=2", "--skip-last=1"),
        *("--missing=?", '--ignore="a,1"', "--as-text=z", "--target=answer", "--epochs=5"),
        f"--report={report}",
    )
    assert first["table"]["features"] == ["b", "c", "z"]  # type: ignore[index]
    page = report.read_text(encoding="utf-8")
    assert told_json(*command_in(page))["weights_sha256"] == first["weights_sha256"]


def test_the_history_gives_the_same_chart_and_report(tmp_path: Path) -> None:
    chart, report = tmp_path / "made.svg", tmp_path / "made.html"
    told("train", "auto_mpg", "--epochs=7", "--patience=3", f"--chart={chart}", f"--report={report}")
    chart_again, report_again = tmp_path / "again.svg", tmp_path / "again.html"
    told("runs", "export", "1", f"--chart={chart_again}", f"--report={report_again}")
    assert chart_again.read_bytes() == chart.read_bytes()

    def without_times(path: Path) -> str:
        return re.sub(r"begun .*?s\.", "", path.read_text(encoding="utf-8"))

    assert without_times(report_again) == without_times(report)
    assert "held-out rows, typical error" in without_times(report)


def test_the_chart_names_what_is_measured_in_every_form(tmp_path: Path) -> None:
    chart, pages = tmp_path / "made.svg", [tmp_path / "made.html", tmp_path / "made.md"]
    told("train", "auto_mpg", "--epochs=3", f"--chart={chart}", f"--report={pages[0]}")
    told("runs", "export", "1", f"--report={pages[1]}")
    for path in (chart, *pages):
        assert ERROR_IN_WORDS["squared"] in path.read_text(encoding="utf-8")
    assert {name for losses in LOSSES.values() for name in losses} == set(ERROR_IN_WORDS)


def test_a_resumed_run_writes_what_was_asked_for(tmp_path: Path) -> None:
    whole = told_json("train", "iris", "--epochs=6", f"--save={tmp_path}/whole.npz")
    resumed = told_json("runs", "resume", "1", f"--save={tmp_path}/resumed.npz")
    assert resumed["files"] == {"save": f"{tmp_path}/resumed.npz"}
    assert resumed["weights_sha256"] == whole["weights_sha256"]
    assert model_digest(load_model(tmp_path / "resumed.npz")) == model_digest(
        load_model(tmp_path / "whole.npz")
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_there_is_replaced_only_when_asked(name: str, tmp_path: Path) -> None:
    path = places(tmp_path)[name]
    path.write_text("precious", encoding="utf-8")
    refused = told("train", "iris", "--epochs=2", f"--{name}={path}", "--no-history", code=1)
    assert "is there already" in refused.stderr
    assert refused.stdout == ""
    assert path.read_text(encoding="utf-8") == "precious"
    told("train", "iris", "--epochs=2", f"--{name}={path}", "--no-history", "--force")
    assert path.read_bytes() != b"precious"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--chart=x.jpg"], "x.jpg must end in .svg or .png"),
        (["--report=x"], "x must end in .html or .md"),
        (["--curve=same.csv", "--predictions=./same.csv"], "are the same one"),
        (["--save=no/such/x.npz"], "There is no folder"),
    ],
)
def test_a_wrong_place_is_refused_before_training(
    wrong: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = told("train", "iris", "--epochs=10000000", *wrong, code=1)
    assert sentence in refused.stderr
    assert refused.stdout == ""


def test_a_disk_that_is_full_costs_no_result(tmp_path: Path) -> None:
    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "epochal",
            "train",
            "iris",
            "--epochs=5",
            "--json",
            "--no-history",
            *options(tmp_path),
        ],
        capture_output=True,
        text=True,
        cwd=HERE,
        preexec_fn=little_room,
        check=False,
    )
    assert done.returncode == 1
    told_anyway = json.loads(done.stdout)
    assert told_anyway["held_out"]["rows"] == 30
    kept = set(told_anyway["files"])
    assert "save" not in kept
    assert f"Nothing was written to {tmp_path / NAMES['save']}: File too large." in done.stderr
    assert "Traceback" not in done.stderr
    assert {one.name for one in tmp_path.iterdir() if one.is_file()} == {NAMES[name] for name in kept}


async def test_the_lab_writes_a_report_and_a_chart(spine: Dataset, tmp_path: Path) -> None:
    async with lab(spine, Settings(epochs=6, seed=2)) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await write(person, tmp_path / "spine.svg", "chart")
        await person.until_shown("Wrote the chart to")
        await person.press("enter")
        await write(person, tmp_path / "spine.pdf", "report")
        await person.until(lambda: "must end in .html or .md" in person.dialog())
        await person.press("end", "backspace", "backspace", "backspace", "m", "d", "enter")
        await person.until_shown("Wrote the report to")
        run = person.app.run_shown
        assert run is not None
        assert run.training is not None
        rows = run.length
    page = (tmp_path / "spine.md").read_text(encoding="utf-8")
    assert rows == 6
    assert "finished after 6 of 6 epochs" in page
    assert told_json(*command_in(page))["weights_sha256"] in page
    assert "</svg>" in (tmp_path / "spine.svg").read_text(encoding="utf-8")


async def test_the_report_of_a_steered_run_says_that_the_command_is_not_all(
    spine: Dataset, tmp_path: Path
) -> None:
    async with lab(spine, Settings(epochs=500)) as person:
        await person.press("s")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.is_waiting)
        await person.press("3", "plus", "s")
        await person.until(lambda: person.app.run_shown and person.app.run_shown.length == 2)
        await write(person, tmp_path / "spine.md", "report")
        await person.until_shown("Wrote the report to")
    page = (tmp_path / "spine.md").read_text(encoding="utf-8")
    assert "Settings were changed while it trained, which the command does not repeat:" in page
    assert "| 2 | learning_rate |" in page
    assert "ended by hand after epoch 2" in page
    assert "to the byte" not in page
