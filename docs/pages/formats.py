"""File formats and JSON: the schemas of results, models and the history, and what commands print."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import chdir
from tempfile import TemporaryDirectory
from textwrap import dedent

import numpy as np
from click.testing import CliRunner

from docs.pages.markdown import code, first_paragraph, page, table
from docs.pages.schemas import schema_table, value_table
from epochal.core.evaluation.chances import Chances
from epochal.core.evaluation.evaluation import ClassEvaluation, ClassMeasures
from epochal.core.evaluation.operating_point import OperatingPoint
from epochal.core.evaluation.ranking import Ranking
from epochal.core.evaluation.regression import NumberEvaluation
from epochal.data.models import description, model_arrays, npz_arrays
from epochal.data.runs import database
from epochal.data.runs.metadata import MEASURES, RunMetadata
from epochal.data.runs.result import RunResult
from epochal.tui.cli.main import epochal

TOLD = {
    "HeldOutClasses": ClassEvaluation,
    "HeldOutNumbers": NumberEvaluation,
    "ResultClass": ClassMeasures,
    "ResultRanking": Ranking,
    "ResultChances": Chances,
    "ResultOperatingPoint": OperatingPoint,
}

SMALL = "--preset sensible --epochs 2 --jobs 1 --json"
PRINTED = (
    "epochal inspect penguins --json",
    "epochal predict iris.npz iris --json",
    f"epochal validate iris --folds 2 --repeats 1 --against knn {SMALL}",
    f"epochal search iris --vary l2=0,0.1 {SMALL}",
    "epochal article --json",
    "epochal tables --json",
    "epochal runs list --json",
    "epochal runs show 1 --json",
)
"""Commands whose JSON has no schema of its own, in an order in which each finds what it needs."""

BEFORE = "epochal train iris --preset sensible --epochs 2 --save iris.npz"


def formats_page() -> str:
    """What commands print, and what is in the files."""
    return page(
        "JSON and file formats",
        "Keys are added, never renamed or taken away, within a major version. A key that does not apply is null or "
        "absent.",
        "## epochal train --json",
        "Also the `result` that the history keeps, and what `epochal runs resume --json` prints. What a search found "
        "stands beside it, under `search` and `command`.",
        schema_table(RunResult, TOLD),
        *_printed(),
        "## The model file (.npz)",
        first_paragraph(npz_arrays) + " " + paragraph_two(npz_arrays),
        f"Version {description.VERSION} of the format; this program reads every version up to it.",
        table(("array", "type"), [(code(name), np.dtype(kind).name if kind is not np.floating else "float64 or float32")
                                  for name, kind in model_arrays.MEMBERS.items()]),
        "`description` is this JSON object, as UTF-8:",
        schema_table(description.Description, {}),
        "## The history (runs.sqlite)",
        "One SQLite file in the user's data folder, or in `EPOCHAL_HOME`. Beside each text and blob stands its SHA-256. "
        f"`PRAGMA user_version` is {len(database.MIGRATIONS)}, `PRAGMA application_id` is {database.APPLICATION_ID}.",
        f"```sql\n{dedent(''.join(database.MIGRATIONS)).strip()}\n```",
        "`runs.result` is the object above. `epochs.measures` are float64 numbers, epochs x measures, these: "
        f"{', '.join(map(code, MEASURES))}. `runs.about` is this object:",
        schema_table(RunMetadata, {}),
    )  # fmt: skip


def paragraph_two(documented: object) -> str:
    """The second paragraph of a docstring, on one line."""
    return " ".join((documented.__doc__ or "").split("\n\n")[1].split())


def _printed() -> Iterator[str]:
    """A section for each of the commands, run in a folder and with a history of their own."""
    runner = CliRunner()
    with TemporaryDirectory() as folder, chdir(folder):
        env = {"EPOCHAL_HOME": "home", "EPOCHAL_PRESET": "sensible"}
        for line in (BEFORE, *PRINTED):
            done = runner.invoke(epochal, shlex.split(line)[1:], env=env)
            assert done.exit_code == 0, (line, done.output)
            if line is not BEFORE:
                name = line.partition(" --")[0].replace(" iris.npz", " MODEL").replace(" 1", " ID")
                name = name.replace("iris", "TABLE").replace("penguins", "TABLE")
                yield f"## {name} --json\n\n{value_table(json.loads(done.stdout))}"
