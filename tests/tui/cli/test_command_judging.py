"""`epochal validate` and `epochal article` as other programs see them."""

from __future__ import annotations

import json

import pytest

from epochal.core.article.defects import ALL
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.resampling import summarise
from epochal.data.tables.dataset import Dataset
from tests.runs import epochal


def test_validate_prints_one_json_object_with_the_agreed_keys(spine: Dataset) -> None:
    result = epochal(
        "validate", "column_2C_weka", "--folds", "4", "--repeats", "2", "--epochs", "5", "--json"
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    report = json.loads(result.stdout)
    expected = summarise(list(cross_validate(spine.examples, Settings(epochs=5), 4, 2)))
    accuracy = expected.measures["accuracy"]
    assert report["accuracy"] == {
        "mean": accuracy.mean,
        "std": accuracy.std,
        "interval": list(accuracy.interval or ()),
    }
    assert report["folds"] == list(accuracy.scores)
    assert report["baseline"] == pytest.approx(210 / 310, abs=0.01)
    assert report["auc"]["mean"] == expected.measures["auc"].mean
    assert report["seconds"] > 0
    assert "Nadeau-Bengio" in report["interval_method"]
    assert [(one["repeat"], one["fold"]) for one in report["trainings"]] == [
        (repeat, number) for repeat in (1, 2) for number in (1, 2, 3, 4)
    ]
    assert {one["epochs"] for one in report["trainings"]} == {5}


def test_validate_says_it_in_sentences_with_interval_and_baseline() -> None:
    result = epochal("validate", "iris", "--folds", "3", "--repeats", "1", "--epochs", "60")
    assert result.returncode == 0, result.stderr
    assert "Nadeau and Bengio" in result.stdout
    assert "always answering" in result.stdout
    assert "3 trainings in" in result.stdout


def test_more_folds_than_rows_are_a_sentence() -> None:
    result = epochal("validate", "iris", "--folds", "100")
    assert result.returncode == 1
    assert result.stderr == "150 rows can be put into 2 to 75 folds, not into 100.\n"
    assert result.stdout == ""


def test_the_article_prints_its_ten_lines_and_what_they_are_worth() -> None:
    result = epochal("article", "--seed", "3")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split(" , ")[0] for line in lines[:9]] == [f"Epoch : {100 * n}" for n in range(1, 10)]
    assert lines[9] == "Accuracy: 62.00%"
    assert "62 held-out rows" in result.stdout
    assert "all of one class" in result.stdout
    assert result.stderr == ""


def test_the_article_repaired_prints_one_json_object_with_the_agreed_keys() -> None:
    result = epochal("article", "--repair", "all", "--json")
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["repairs"] == list(ALL)
    assert report["printed_accuracy"] == pytest.approx(100 * report["true_accuracy"])
    assert report["held_out_classes"] == {"Abnormal": 42, "Normal": 20}
    assert len(report["errors"]) == 9
    assert report["beats_baseline"] is True


def test_a_mistyped_repair_is_exit_code_1_with_the_nearest() -> None:
    result = epochal("article", "--repair", "sorted-splits")
    assert result.returncode == 1
    assert "did you mean sorted-split" in result.stderr


def test_the_defects_are_listed() -> None:
    result = epochal("article", "--list")
    assert [line for line in result.stdout.splitlines() if not line.startswith(" ")] == list(ALL)
