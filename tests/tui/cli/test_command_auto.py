"""`train`, `validate` and `search` with the preset auto, as a person runs them."""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import pytest

from epochal.core.settings import Settings
from epochal.data.runs.queries import recorded_runs
from epochal.data.user_files import home
from tests.runs import epochal as command


@pytest.fixture(autouse=True)
def _automatic(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is where nobody has chosen a preset."""
    monkeypatch.delenv("EPOCHAL_PRESET")


def test_train_finds_settings_says_why_and_how_to_repeat_it_without_the_search() -> None:
    """The repeated run has the same weights, to the byte."""
    found = json.loads(command("train", "iris", "--budget", "0.3", "--json").stdout)
    again = shlex.split(found["command"])
    assert again[:3] == ["epochal", "train", "iris"]
    repeated = json.loads(command(*again[1:], "--json").stdout)
    assert repeated["weights_sha256"] == found["weights_sha256"]
    assert "search" not in repeated
    search = found["search"]
    chosen = search["candidates"][search["chosen"]]
    assert chosen["changed"] == {}
    assert chosen["is_finalist"]
    assert search["training_rows"] == 120
    assert len(search["candidates"]) > 10
    text = command("train", "iris", "--budget", "0.3").stdout
    for sentence in search["sentences"]:
        assert sentence in text
    assert found["command"] in text


def test_what_is_given_stays_and_the_record_holds_what_was_asked_and_found() -> None:
    """Both are in the history, and so in what can be told of the run later."""
    told = json.loads(command("train", "iris", "--budget", "0.3", "--hidden", "5", "--json").stdout)
    assert told["settings"]["hidden"] == [5]
    assert told["search"]["fixed"] == ["hidden"]
    folder = home()
    assert folder is not None
    [run] = recorded_runs(folder).runs
    assert run.metadata.search is not None
    assert run.metadata.search.fixed == ("hidden",)
    assert run.settings.hidden == (5,)


def test_a_named_preset_searches_nothing() -> None:
    """Its settings are trained as they are, with those given in their place."""
    told = json.loads(
        command("train", "iris", "--preset", "no-hidden-layer", "--epochs", "7", "--json").stdout
    )
    assert "search" not in told
    assert Settings.model_validate(told["settings"]) == Settings(hidden=(), epochs=7)


def test_validate_searches_anew_in_every_fold() -> None:
    """And says so; a fixed preset does not."""
    told = json.loads(command("validate", "iris", "--folds", "3", "--budget", "0.3", "--json").stdout)
    assert told["preset"] == "auto"
    assert len(told["folds"]) == 3
    text = command("validate", "iris", "--folds", "2", "--budget", "0.3").stdout
    assert "2 trainings, each after a search for its settings" in text


def test_search_shows_a_leaderboard_and_judges_the_winner(tmp_path: Path) -> None:
    """The winner's held-out result is that of training it alone."""
    told = json.loads(command("search", "iris", "--budget", "0.3", "--json").stdout)
    losses = [one["loss"] for one in told["search"]["candidates"] if one["is_finalist"]]
    assert losses == sorted(losses)
    assert told["held_out"]["rows"] == 30
    text = command("search", "iris", "--budget", "0.3").stdout
    assert "Validation log loss" in text
    assert "chosen" in text


def test_the_settings_that_are_wrong_together_are_refused_in_a_sentence() -> None:
    """As for a fixed preset."""
    refused = command("train", "iris", "--hidden", "5", "--activation", "step")
    assert refused.returncode == 1
    assert "perceptron" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert command("train", "iris", "--preset", "nonsense").returncode == 2
    assert command("train", "iris", "--budget", "0").returncode == 2


def test_search_writes_every_candidate_as_csv_and_keeps_them_in_the_history(tmp_path: Path) -> None:
    """The best first, with the difference from the lowest loss and its interval where that is known."""
    place = tmp_path / "found.csv"
    told = json.loads(command("search", "iris", "--budget", "0.3", "--json", "--csv", str(place)).stdout)
    rows = list(csv.DictReader(place.read_text().splitlines()))
    candidates = told["search"]["candidates"]
    assert len(rows) == len(candidates) > 10
    assert [float(row["log_loss"]) for row in rows] == [one["loss"] for one in candidates]
    [chosen] = [row for row in rows if row["chosen"] == "1"]
    assert float(chosen["l2"]) == told["best"]["l2"]
    assert float(chosen["temperature"]) == told["best"]["temperature"]
    lowest, *others = (row for row in rows if row["finalist"] == "1")
    assert lowest["difference"] == ""
    for row in others:
        assert float(row["low"]) <= float(row["difference"]) <= float(row["high"])
        assert float(row["difference"]) == pytest.approx(float(row["log_loss"]) - float(lowest["log_loss"]))
    folder = home()
    assert folder is not None
    [run] = recorded_runs(folder).runs
    assert (run.id, run.result.held_out.model_dump()["rows"]) == (told["run"], 30)
    assert len(run.metadata.search.candidates) == len(candidates)
    assert "Nothing" not in command("search", "iris", "--budget", "0.3", "--no-history").stderr
    assert len(recorded_runs(folder).runs) == 1
    refused = command("search", "iris", "--budget", "0.3", "--csv", str(place))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is there already" in refused.stderr


def test_a_grid_is_written_as_csv_too(tmp_path: Path) -> None:
    place = tmp_path / "grid.csv"
    command("search", "iris", "--vary", "l2=0,0.1", "--epochs", "3", "--folds", "3", "--csv", str(place))
    rows = list(csv.DictReader(place.read_text().splitlines()))
    assert sorted(float(row["l2"]) for row in rows) == [0.0, 0.1]
    assert float(rows[0]["accuracy"]) >= float(rows[1]["accuracy"])
    assert all(float(row["low"]) <= float(row["accuracy"]) <= float(row["high"]) for row in rows)
