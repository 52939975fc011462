"""`epochal inspect --profile`: the same figures in words, as JSON and on a page, for any table."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

from epochal.data.tables.bundled import open_table
from epochal.tui.cli.inspect import inspect as command
from tests.runs import epochal


def inspect(*arguments: object) -> Result:
    return CliRunner().invoke(command, [*map(str, arguments)])


def told(*arguments: object) -> dict[str, object]:
    done = inspect(*arguments, "--profile", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["profile"]


def test_a_profile_is_said_in_words_without_a_terminal() -> None:
    done = epochal("inspect", "column_2C_weka", "--profile")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "310 rows, 7 columns" in lines
    assert "What each column says about class, what tells most first (all 310 rows):" in lines
    table = [line.split() for line in lines if line.startswith("  ")]
    first = next(row for row in table if row[0] == "degree_spondylolisthesis")
    assert first[2] == "%"
    assert float(first[3]) == pytest.approx(0.87)
    assert "1 cell of degree_spondylolisthesis lies far from the others: it is 418.5." in done.stdout


def test_the_json_has_the_figures_of_numpy() -> None:
    profile = told("iris")
    values = open_table("iris").column("petal_width").values
    column = profile["columns"][0]  # type: ignore[index]
    assert column["name"] == "petal_width"
    assert column["quartiles"]["median"] == np.median(values)
    assert column["mean"] == pytest.approx(values.mean())
    counts = np.array(column["histogram"]["counts"]).sum(axis=0)
    assert np.array_equal(counts, np.histogram(values, column["histogram"]["edges"])[0])
    assert [group["name"] for group in profile["groups"]] == ["setosa", "versicolor", "virginica"]  # type: ignore[attr-defined]
    correlations = profile["correlations"]
    assert correlations["columns"] == [one["name"] for one in profile["columns"]]  # type: ignore[index, attr-defined]
    matrix = np.corrcoef([open_table("iris").column(name).values for name in correlations["columns"]])  # type: ignore[index, call-overload]
    assert np.allclose(matrix, correlations["pearson"])  # type: ignore[index, call-overload]


def test_without_the_option_the_json_is_as_it_was() -> None:
    assert "profile" not in json.loads(inspect("iris", "--json").stdout)


def test_a_table_that_cannot_be_learned_from_is_profiled_without_a_target(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "\n".join(f"{i % 7},x" for i in range(50)))
    done = inspect(path, "--profile", "--json")
    assert done.exit_code == 1
    profile = json.loads(done.stdout)["profile"]
    assert profile["target"] is None
    assert [one["name"] for one in profile["columns"]] == ["a", "b"]
    assert inspect(path, "--profile").exit_code == 1


def test_a_file_that_is_no_table_has_no_profile(tmp_path: Path) -> None:
    done = inspect(tmp_path / "none.csv", "--profile", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["profile"] is None


def test_the_report_is_a_page_with_a_picture_for_every_column(tmp_path: Path) -> None:
    page = tmp_path / "penguins.html"
    assert inspect("penguins", "--report", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    titles = [ElementTree.fromstring(picture)[0].text for picture in pictures]
    columns = open_table("penguins").names
    assert {f"Distribution of {name}" for name in columns} < set(titles)
    assert any(title and " against " in title for title in titles)
    assert "sex" in text
    markdown = tmp_path / "penguins.md"
    assert inspect("penguins", "--report", markdown).exit_code == 0
    assert (
        "## flipper\\_length\\_mm" in markdown.read_text() or "## flipper_length_mm" in markdown.read_text()
    )


def test_a_report_replaces_nothing_unasked_and_says_what_it_can_be(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("mine")
    refused = inspect("iris", "--report", page)
    assert refused.exit_code == 1
    assert "is there already" in refused.output
    assert page.read_text() == "mine"
    assert inspect("iris", "--report", page, "--force").exit_code == 0
    assert "must end in .html or .md" in inspect("iris", "--report", tmp_path / "page.pdf").output


HOSTILE = "\x1b[31m<b>&\"'|`#\u202e病人\u0007"


def hostile_table(path: Path, seed: int) -> None:
    """A small table of any kind: few rows, empty and constant columns, many categories, hostile names."""
    rng = random.Random(seed)
    rows, names = rng.choice([4, 5, 30, 200]), ["answer"]
    columns = [[rng.choice(["gut", "schlecht", "病", HOSTILE][: rng.randint(2, 4)]) for _ in range(rows)]]
    if rng.random() < 0.3:
        columns = [[f"{rng.gauss(0, 10 ** rng.randint(-9, 9)):.6g}" for _ in range(rows)]]
    makers = (
        lambda: [f"{rng.gauss(5, 2):.3f}" for _ in range(rows)],
        lambda: ["" for _ in range(rows)],
        lambda: ["7" for _ in range(rows)],
        lambda: [rng.choice(["", "1e300", "-1e300", "3"]) for _ in range(rows)],
        lambda: [f"level {rng.randint(0, 300)}" for _ in range(rows)],
        lambda: [f"2024-01-{rng.randint(10, 28)}" for _ in range(rows)],
        lambda: [f"{rng.randint(1, 99)} kg" for _ in range(rows)],
        lambda: [str(row) for row in range(rows)],
        lambda: [f"{rng.choice([-999, rng.gauss(0, 1)]):.3f}" for _ in range(rows)],
    )
    for number in range(rng.randint(1, 7)):
        columns.append(rng.choice(makers)())
        names.append(rng.choice([f"x{number}", f"{HOSTILE}{number}", "病" * 40 + str(number)]))
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in zip(*columns, strict=True)]
    heading = ['"' + name.replace('"', '""') + '"' for name in names]
    path.write_text("\n".join(map(",".join, [heading, *quoted])) + "\n", encoding="utf-8")


@pytest.mark.parametrize("seed", range(40))
def test_any_table_has_a_profile_that_nothing_acts_in(tmp_path: Path, seed: int) -> None:
    table, page = tmp_path / "t.csv", tmp_path / "p.html"
    hostile_table(table, seed)
    done = inspect(table, "--target", "answer", "--profile", "--report", page)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", done.output)
    as_json = inspect(table, "--target", "answer", "--profile", "--json")
    assert "NaN" not in as_json.stdout
    assert "Infinity" not in as_json.stdout
    json.loads(as_json.stdout)
    if page.exists():
        text = page.read_text(encoding="utf-8")
        assert "\x1b" not in text
        assert "<b>" not in text
        for picture in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
            ElementTree.fromstring(picture)


def test_a_large_table_is_looked_at_by_a_sample_and_says_so() -> None:
    done = inspect("xor:rows=60000", "--profile")
    assert "10,000 of 60,000 rows, drawn by seed 0" in done.output
    assert "x and y together explain" in done.output or "y and x together explain" in done.output
