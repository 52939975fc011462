"""`epochal search` as other programs see it."""

from __future__ import annotations

import json

import numpy as np

from tests.runs import epochal


def test_the_command_ranks_and_confirms() -> None:
    result = epochal(
        "search", "column_2C_weka", "--vary", "learning_rate=0.3,0.00001", "--vary", "hidden=2 4,3",
        "--epochs", "6", "--folds", "3", "--json",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert [one["rank"] for one in report["candidates"]] == [1, 2, 3, 4]
    means = [one["accuracy"]["mean"] for one in report["candidates"]]
    assert means == sorted(means, reverse=True)
    assert report["best"]["learning_rate"] == 0.3
    assert {tuple(one["settings"]["hidden"]) for one in report["candidates"]} == {(2,), (4, 3)}
    assert report["held_out"]["rows"] == 62
    assert all(len(one["scores"]) == 3 for one in report["candidates"])


def test_the_command_says_what_it_found_and_what_it_cannot_do() -> None:
    result = epochal("search", "iris", "--vary", "l2=0,1", "--epochs", "3", "--folds", "3")
    assert "on held-out rows, which the search never saw" in result.stdout
    assert "held-out rows right" in result.stdout
    wrong = epochal("search", "iris", "--vary", "l2=x")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert epochal("search", "iris", "--vary", "l2").returncode == 2
    assert np.all([word in epochal("search", "--help").stdout for word in ("Example: epochal", "--vary")])


def test_settings_are_drawn_from_ranges() -> None:
    told = epochal(
        "search", "iris", "--vary", "learning_rate=1e-3..1e-1 log", "--vary", "hidden=2..9", "--samples", "5",
        "--epochs", "3", "--folds", "3", "--json",
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    drawn = [one["settings"] for one in json.loads(told.stdout)["candidates"]]
    assert len(drawn) == 5
    assert all(1e-3 <= one["learning_rate"] <= 1e-1 and 2 <= one["hidden"][0] <= 9 for one in drawn)
    wrong = epochal("search", "iris", "--vary", "l2=0..1 log")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "begins above 0" in wrong.stderr


def test_halving_ends_the_worse_early_and_judges_the_winner_on_the_held_out_rows() -> None:
    tried = (
        "search",
        "iris",
        "--vary",
        "learning_rate=1e-5..0.05 log",
        "--vary",
        "hidden=2..9",
        "--samples",
        "16",
    )
    told = epochal(*tried, "--halving", "--epochs", "20", "--folds", "3", "--json")
    assert told.returncode == 0, told.stderr
    report = json.loads(told.stdout)
    candidates = report["search"]["candidates"]
    assert len(candidates) == 16
    assert report["search"]["folds"] == 3
    assert sorted({one["epochs"] for one in candidates}) == [2, 5, 10, 20]
    assert report["best"]["epochs"] == 20
    assert report["best"]["learning_rate"] > 1e-3
    assert report["held_out"]["rows"] == 30
