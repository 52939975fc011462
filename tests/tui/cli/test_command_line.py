"""The command line as other programs see it: exit codes, stdout, stderr, JSON."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from epochal.core.settings import DECLARATIONS, Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset
from epochal.tui.cli.main import COMMANDS
from tests.runs import GIVE_UP, epochal, written

HERE = Path(__file__).parents[3]


def test_train_prints_one_json_object_with_the_agreed_keys() -> None:
    done = epochal("train", "column_2C_weka", "--epochs", "20", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["table"] == {
        "name": "column_2C_weka",
        "rows": 310,
        "features": [
            "pelvic_incidence",
            "pelvic_tilt",
            "lumbar_lordosis_angle",
            "sacral_slope",
            "pelvic_radius",
            "degree_spondylolisthesis",
        ],
        "target": "class",
        "classes": ["Abnormal", "Normal"],
        "task": "classification",
        "rows_left_out": 0,
        "rows_without_target": 0,
        "target_reason": "its name",
        "left_out": [],
        "notes": [],
    }
    assert set(told["settings"]) == set(DECLARATIONS)
    assert told["split"] == {"train": 248, "held_out": 62, "validation": 0, "stratified": True}
    assert told["network"] == {"layers": [6, 10, 1], "parameters": 81}
    assert (told["epochs"], told["stopped"]) == (20, "finished")
    held_out = told["held_out"]
    assert held_out["correct"] == held_out["confusion"][0][0] + held_out["confusion"][1][1]
    assert held_out["accuracy"] == held_out["correct"] / 62
    assert held_out["interval"][0] < held_out["accuracy"] < held_out["interval"][1]
    assert held_out["level"] == 0.95
    assert held_out["baseline"] == 42 / 62
    assert 0.5 < held_out["auc"] <= 1
    assert {"train", "held_out"} == set(told["error"])
    assert isinstance(told["findings"], list)
    assert told["seconds"] > 0
    assert told["epochs_per_second"] > 0


def test_the_command_line_trains_the_same_bytes_as_a_notebook(spine: Dataset) -> None:
    done = epochal("train", "column_2C_weka", "--epochs", "15", "--seed", "5", "--json")
    training = Training(spine.examples, Settings(epochs=15, seed=5))
    for _ in training:
        pass
    digest = hashlib.sha256(training.network.parameters.tobytes()).hexdigest()
    assert json.loads(done.stdout)["weights_sha256"] == digest


def test_without_json_the_result_is_sentences() -> None:
    done = epochal("train", "iris", "--epochs", "50")
    assert done.returncode == 0
    assert "of 30 held-out rows right" in done.stdout
    assert "95 % interval" in done.stdout
    assert "always answering" in done.stdout


def test_the_curve_is_written_a_row_an_epoch(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    assert epochal("train", "iris", "--epochs", "12", "--curve", str(path)).returncode == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 13))
    assert float(rows[-1]["training_error"]) < float(rows[0]["training_error"])


def test_a_curve_never_overwrites_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "precious", "curve.csv")
    done = epochal("train", "iris", "--epochs", "3", "--curve", path)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert Path(path).read_text(encoding="utf-8") == "precious"


def test_numbers_are_judged_as_numbers(tmp_path: Path) -> None:
    rows = "\n".join(f"{i},{(i * 37) % 100},{3 * i + (i * 7919 % 13) / 10}" for i in range(100))
    done = epochal("train", written(tmp_path, f"a,b,y\n{rows}\n"), "--json", "--epochs", "100")
    told = json.loads(done.stdout)
    assert told["table"]["task"] == "regression"
    assert {"rows", "rmse", "mae", "r2", "baseline_rmse", "interval"} <= set(told["held_out"])
    assert told["held_out"]["rmse"] < told["held_out"]["baseline_rmse"]


def test_tables_are_listed() -> None:
    done = epochal("tables", "--json")
    names = [table["name"] for table in json.loads(done.stdout)["tables"]]
    assert {"column_2C_weka", "column_3C_weka", "iris"} <= set(names)
    assert "column_2C_weka" in epochal("tables").stdout


@pytest.mark.parametrize("command", [(), ("train",), ("validate",), ("article",), ("inspect",), ("tables",)])
def test_every_command_has_help_with_an_example(command: tuple[str, ...]) -> None:
    done = epochal(*command, "--help")
    assert done.returncode == 0
    assert "Example: epochal" in done.stdout


def test_what_each_command_does_is_said_in_one_line() -> None:
    listed = epochal("--help").stdout.split("Commands:")[1]
    assert {line.split()[0] for line in listed.strip().splitlines()} == {*COMMANDS} - {"lab"}
    assert "..." not in listed


def test_every_setting_is_an_option() -> None:
    text = epochal("train", "--help").stdout
    for declared in DECLARATIONS.values():
        assert declared.option in text


FAULTS = {
    "missing file": (("nowhere.csv",), "nowhere.csv"),
    "near miss": (("column_2c_weka",), "column_2C_weka"),
    "a folder": ((".",), "folder"),
    "no such column": (("iris", "--target", "specis"), "species"),
    "no nodes": (("iris", "--hidden", "0"), "Hidden layers are"),
    "no number": (("iris", "--learning-rate", "abc"), "Learning rate is a number above 0, not abc"),
    "a rate far too large": (("iris", "--learning-rate", "1e9"), "diverged in epoch 1"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_an_input_at_fault_is_a_sentence_and_exit_code_1(fault: tuple[tuple[str, ...], str]) -> None:
    arguments, words = fault
    done = epochal("train", *arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 2


TABLES = {
    "empty": ("", "empty"),
    "header only": ("a,b,class\n", ""),
    "one class only": ("a,class\n" + "".join(f"{i},yes\n" for i in range(9)), "yes"),
    "three rows": ("a,class\n1,x\n2,y\n3,x\n", ""),
    "a short line": ("a,b,class\n1,2,x\n1,y\n3,4,y\n5,6,x\n", "line 3"),
    "zero bytes": ("a,class\n1,\0\n", ""),
    "markup": ("[red]a[/],[/x]\n" + "".join(f"{i},[@click=app.quit]x[/]\n" for i in range(9)), "click"),
    "escape": ("a,class\n" + "".join(f"{i},\x1b]0;x\x07\n" for i in range(9)), ""),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_an_unusable_table_is_a_sentence_and_exit_code_1(table: tuple[str, str], tmp_path: Path) -> None:
    text, words = table
    done = epochal("train", written(tmp_path, text), "--json")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip()
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr


def test_a_text_column_among_the_features_is_left_out_or_encoded(tmp_path: Path) -> None:
    rows = "".join(f"{i},name{i},{'red' if i % 3 else 'blue'},{'ab'[i % 2]}\n" for i in range(120))
    done = epochal("train", written(tmp_path, "x,name,colour,class\n" + rows), "--epochs", "3", "--json")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["table"]["features"] == ["x", "colour"]
    assert told["network"]["layers"][0] == 3


@pytest.mark.parametrize("arguments", [("train",), ("train", "iris", "--bogus"), ("tables", "more")])
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = epochal(*arguments)
    assert done.returncode == 2
    assert "Usage" in done.stderr


def test_the_lab_without_a_terminal_says_what_to_use_instead() -> None:
    done = epochal("iris")
    assert done.returncode == 1
    assert "epochal train" in done.stderr


@pytest.mark.parametrize("raised", ["IndexError('gone')", "MemoryError()", "KeyError('\\x1b[31m')"])
def test_a_fault_of_ours_is_a_sentence_and_its_traceback_in_a_log(raised: str, home: Path) -> None:
    code = f"""
import epochal.data.tables.bundled as bundled
def fails(): raise {raised}
bundled.tables = fails
from epochal.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", code, "tables"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
        timeout=GIVE_UP,
    )
    log = home / "crashes.log"
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert str(log) in done.stderr
    assert "in fails" in log.read_text(encoding="utf-8")
    log.unlink()
