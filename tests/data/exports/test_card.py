"""The model card: every section, with the figures of the run, and names that stay text."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from epochal.core.outcome import outcome_of
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.exports.card import card
from epochal.data.exports.pages import html, markdown
from epochal.data.models.model import model_of
from epochal.data.models.model_file import model_digest, save_model
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.tui.cli.export import export
from tests.exports import mixed, trained
from tests.runs import told_json

SECTIONS = [
    "Model details",
    "Intended use",
    "Training data",
    "Evaluation data",
    "Metrics",
    "Quantitative analyses",
    "Findings",
    "Ethical considerations",
    "Caveats and recommendations",
]


def test_a_run_has_a_card_with_its_figures_and_findings(tmp_path: Path) -> None:
    path = tmp_path / "card.md"
    found = told_json("train", "penguins", "--target", "species", "--epochs", "9", f"--card={path}")
    page = path.read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS
    assert f"{found['held_out']['correct']} of {found['held_out']['rows']} held-out rows right" in page
    for one in found["findings"]:
        assert one["sentence"].split()[0] in page
    assert page.count("\n| Adelie |") == page.count("\n| Gentoo |") == 1
    assert re.search(r"\| Gentoo \| \d+ \| \d+\.\d % \(\d+\.\d % to \d+\.\d %\) \|", page)
    assert "Cells were missing in" in page
    assert "| Epochs | 9 |" in page


def test_the_card_of_a_number_says_its_error_and_its_interval() -> None:
    dataset = dataset_from(open_table("auto_mpg"))
    training = Training(dataset.examples, Settings(epochs=5))
    list(training)
    outcome = outcome_of(training)
    model = model_of(dataset, outcome)
    page = markdown(card(model, outcome.evaluation, outcome.findings))
    assert "typical error" in page
    assert "95 % interval" in page
    assert model_digest(model) in page


def test_a_stored_model_has_a_card_that_says_what_a_file_does_not_keep(iris: Dataset, tmp_path: Path) -> None:
    model = trained(iris)
    save_model(tmp_path / "m.npz", model)
    done = CliRunner().invoke(export, [str(tmp_path / "m.npz"), "--card", str(tmp_path / "m.md")])
    assert done.exit_code == 0, done.output
    page = (tmp_path / "m.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == SECTIONS
    assert "A model file keeps no findings" in page
    assert model.evaluation is not None
    assert f"Of {model.evaluation.rows} rows held out" in page


def test_names_from_a_table_are_text_in_both_forms() -> None:
    blocks = card(trained(mixed()))
    for page in (markdown(blocks), html(blocks)):
        assert "\x1b" not in page
        assert "\u202e" not in page
    assert "<script" not in html(blocks)
