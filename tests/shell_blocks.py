"""Lines of shell that documents show, run as whoever types them would."""

from __future__ import annotations

import re
import shlex

import pytest
from click.testing import CliRunner

from epochal.tui.cli.main import COMMANDS, epochal


def shown(text: str) -> list[str]:
    """Every line of shell that calls the program, in the text's order."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("epochal")]


def small_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search takes a moment: what it finds, and in which time, is tried elsewhere."""
    monkeypatch.delenv("EPOCHAL_PRESET", raising=False)
    monkeypatch.setattr("epochal.core.studies.auto.budget.ANCHORS", ((25, 0.1), (250, 0.2)))


def run(line: str) -> None:
    """The line does what it says; one that opens the lab says that it needs a terminal."""
    done = CliRunner().invoke(epochal, shlex.split(line, comments=True)[1:])
    if line.split()[1:2] and line.split()[1] in COMMANDS:
        assert done.exit_code == 0, (line, done.output, done.exception)
    else:
        assert (done.exit_code, done.stdout) == (1, ""), line
        assert "The lab needs a terminal" in done.stderr
