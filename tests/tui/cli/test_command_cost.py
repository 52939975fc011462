"""`--cost`: the threshold of least cost, said and stored; and the ranking in JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tests.runs import epochal

QUICK = ("train", "column_2C_weka", "--preset", "sensible", "--epochs", "20", "--no-history")


def test_what_errors_cost_chooses_the_threshold_and_is_said() -> None:
    dear, cheap = (
        json.loads(epochal(*QUICK, "--cost", cost, "--json").stdout)
        for cost in ("miss=10 alarm=1", "alarm=10,miss=1")
    )
    points = [told["held_out"]["operating_point"] for told in (dear, cheap)]
    assert dear["settings"]["cost"] == "miss=10 alarm=1"
    assert points[0]["threshold"] < points[1]["threshold"]
    for point, (miss, alarm) in zip(points, ((10, 1), (1, 10)), strict=True):
        assert point["name"] == "Normal"
        assert point["cost"] == miss * (point["rows"] - point["found"]) + alarm * point["alarms"]
    confusion = dear["held_out"]["confusion"]
    assert [confusion[1][1], confusion[0][1]] == [points[0]["found"], points[0]["alarms"]]
    assert any("a miss 10 and a false alarm 1" in sentence for sentence in dear["in_words"])


def test_ranking_and_chances_are_in_the_json() -> None:
    held_out = json.loads(epochal(*QUICK, "--json").stdout)["held_out"]
    ranking, chances = held_out["ranking"], held_out["chances"]
    low, high = ranking["auc_interval"]
    assert 0.5 < low < ranking["auc"] == held_out["auc"] < high <= 1.0
    assert ranking["base_rate"] == 20 / 62
    assert chances["log_loss"] == held_out["log_loss"] < chances["base_log_loss"]
    assert held_out["is_useful"] is True


def test_a_cost_that_cannot_be_meant_is_refused_in_a_sentence() -> None:
    done = epochal(*QUICK, "--cost", "ten")
    assert done.returncode == 1
    assert "such as miss=10 alarm=1" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_threshold_of_least_cost_is_stored_with_the_model(tmp_path: Path) -> None:
    model = tmp_path / "m.npz"
    told = json.loads(epochal(*QUICK, "--cost", "miss=10 alarm=1", "--json", "--save", str(model)).stdout)
    done = epochal("predict", str(model), "column_2C_weka", "--json")
    assert done.returncode == 0, done.stderr
    predicted = json.loads(done.stdout)
    threshold = told["held_out"]["operating_point"]["threshold"]
    said = [probabilities[1] >= threshold for probabilities in predicted["probabilities"]]
    assert said == [answer == "Normal" for answer in predicted["predicted"]]
    assert sum(said) > sum(probabilities[1] >= 0.5 for probabilities in predicted["probabilities"])
