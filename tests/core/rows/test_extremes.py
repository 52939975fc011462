"""Numbers that cannot be computed with are named before anything is trained, and never end in a traceback."""

from __future__ import annotations

import itertools
import math
import warnings
from pathlib import Path

import numpy as np
import pytest

from epochal.core.evaluation.wording import percent
from epochal.core.numerals import figure, formatted, significant
from epochal.core.outcome import outcome_of
from epochal.core.rows.examples import Examples, Feature
from epochal.core.rows.extremes import LARGEST, SMALLEST, extremes
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.unrepresentable import Unrepresentable

MOST, LEAST = 1.7e308, 5e-324
NUMBERS = (MOST, -1e300, 1e155, 1e150, 1e100, 3.4e38, 1e-140, 1e-170, LEAST)
SCALINGS = ("standard", "min-max", "robust", "one-for-all", "none")


def table(cells: np.ndarray, classes: tuple[str, ...] = ("no", "yes")) -> Examples:
    rng = np.random.default_rng(0)
    inputs = np.column_stack([rng.normal(size=len(cells)), cells])
    if classes:
        return Examples((Feature("a"), Feature("c")), inputs, np.arange(len(cells)) % 2, classes, ("y",))
    return Examples(
        (Feature("a"), Feature("b")), rng.normal(size=(len(cells), 2)), cells[:, None], (), ("y",)
    )


def columns(size: float) -> dict[str, np.ndarray]:
    """Forty numbers of that size: all of them, some of them, one of them."""
    rng = np.random.default_rng(1)
    with np.errstate(over="ignore", under="ignore"):
        ordinary, all_of_it = rng.normal(size=40), size * np.linspace(0.1, 1, 40)
    three, one = ordinary.copy(), ordinary.copy()
    three[[3, 17, 30]], one[5] = size, size
    return {"all": all_of_it, "signs": np.where(np.arange(40) % 2, size, -size), "three": three, "one": one}


def trained(examples: Examples, **settings: object) -> str:
    """What comes of it: nothing but a sentence may be raised, and nothing but finite numbers be concluded."""
    said = [one.name for one in extremes(examples)]
    if said:
        return f"said: {said}"
    try:
        training = Training(examples, Settings.model_validate({"epochs": 3, "hidden": (3,), **settings}))
    except ValueError as error:
        return str(error)
    list(training)
    evaluation = outcome_of(training).evaluation
    measure = evaluation.accuracy if examples.classes else evaluation.rmse
    assert measure is not None
    assert math.isfinite(measure)
    return "trained"


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("classes", [("no", "yes"), ()], ids=["classes", "numbers"])
def test_every_number_is_computed_with_or_refused_in_words(
    scaling: str, precision: str, classes: tuple[str, ...]
) -> None:
    results = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no warning of NumPy's either
        for size, kind in itertools.product(NUMBERS, ("signs", "three", "one")):
            results.add(trained(table(columns(size)[kind], classes), scaling=scaling, precision=precision))
    expected = {"trained", f"said: {['c'] if classes else ['y']}"}
    assert expected <= results
    for sentence in results - expected:
        assert "choose another scaling or precision" in sentence or "constant" in sentence


def test_the_limits_themselves_are_computed_with() -> None:
    for size in (LARGEST, SMALLEST):
        assert trained(table(columns(size)["all"])) == "trained"
        assert trained(table(columns(size)["all"], ())) == "trained"


def test_the_column_its_rows_and_what_can_be_done_are_named(tmp_path: Path) -> None:
    path = tmp_path / "map.csv"
    cells = [1.7e308 if row in (3, 17, 30) else row / 7 for row in range(40)]
    path.write_text(
        "a,height,y\n" + "".join(f"{row % 5},{cells[row]},{'pq'[row % 2]}\n" for row in range(40))
    )
    with pytest.raises(Unrepresentable) as raised:
        dataset_from(open_table(path))
    assert str(raised.value) == (
        "height holds 3 numbers too large to compute with (rows 4, 18, 31: 1.7e+308): if it stands for a"
        " missing cell, say so (--missing height=1.7e+308), or leave the column out (--ignore height)"
    )
    assert dataset_from(open_table(path), ignore=["height"]).features == ("a",)


@pytest.mark.parametrize("spec", [".3f", "+7.1f", ",.0f", ".4g", "g", ".1%", "9.3g", "6.2f"])
def test_one_formatter_knows_what_is_no_number(spec: str) -> None:
    assert formatted(math.nan, spec).strip() == "unknown"
    assert formatted(math.inf, spec).strip() == "infinite"
    assert formatted(-math.inf, spec).strip() == "-infinite"
    assert formatted(1234.5, spec) == format(1234.5, spec)


def test_no_number_is_worded_too() -> None:
    assert figure(math.nan) == significant(math.nan, 5) == percent(math.nan) == "unknown"
    assert figure(math.inf) == "infinite"
