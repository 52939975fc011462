"""Counts beyond all measure are refused or told in a sentence, before they take memory or years."""

from __future__ import annotations

import pytest

from epochal.core.settings import Settings
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.options import OPTIONS
from epochal.data.tables.table import TableError
from epochal.tui.widgets.text_input import TextInput
from tests.lab import lab
from tests.runs import told

HUGE = ("9" * 12, "9" * 20, "9" * 5000)
SEEDS = " ".join(map(str, range(1, 200)))


@pytest.mark.parametrize("count", HUGE)
@pytest.mark.parametrize(
    "command",
    [
        ("validate", "iris", "--folds"),
        ("validate", "iris", "--folds", "2", "--repeats"),
        ("validate", "iris", "--jobs"),
        ("search", "iris", "--jobs"),
        ("train", "iris", "--jobs"),
        ("train", "iris", "--epochs"),
        ("train", "iris", "--batch-size"),
        ("train", "iris", "--patience"),
        ("train", "iris", "--networks"),
        ("train", "iris", "--hidden"),
        ("train", "iris", "--first-line"),
        ("train", "iris", "--skip-last"),
        ("runs", "show"),
        ("runs", "resume"),
        ("runs", "delete"),
    ],
)
def test_no_count_is_taken_for_what_can_be_done(command: tuple[str, ...], count: str) -> None:
    from click.testing import CliRunner

    from epochal.tui.cli.main import epochal

    done = CliRunner().invoke(epochal, [*command, count])
    assert done.exit_code in (1, 2)
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_combinations_are_counted_before_they_are_made() -> None:
    vary = [word for name in ("l1", "l2", "clip") for word in ("--vary", f"{name}={SEEDS}")]
    assert "7,880,599 combinations, more than 10,000" in told("search", "iris", *vary, code=1).stderr


def test_what_very_many_epochs_take_is_said(spine: Dataset) -> None:
    from epochal.core.training.size import size_in_words

    said = size_in_words((6, 10, 1), Settings(epochs=9_000_000), 310)
    assert said == "Its 9,000,000 epochs take up to 1 GB of memory, and 0.5 GB in the history."


@pytest.mark.parametrize("name", ["first_line", "skip_last"])
def test_a_line_of_thousands_of_digits_is_refused(name: str) -> None:
    with pytest.raises(TableError, match="a whole number from"):
        OPTIONS[name].read("9" * 5000)


@pytest.mark.parametrize("count", HUGE)
async def test_the_lab_refuses_so_many_folds(count: str, iris: Dataset) -> None:
    async with lab(iris, Settings(epochs=2)) as person:
        await person.press("c", "enter")
        person.app.screen.query_one(TextInput).value = count
        await person.press("enter", "t")
        assert not person.app.screen.goes_on  # type: ignore[attr-defined]
        assert "a whole number from" in person.screen()
