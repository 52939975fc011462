import numpy as np
import pytest

from epochal.data.tables.bundled import open_table, tables
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.table import TableError


@pytest.mark.parametrize("listed", tables(), ids=lambda one: one.name)
def test_each_listed_table_opens_as_it_is_listed(listed):
    table = open_table(listed.name)
    learned = dataset_from(table)
    assert (table.rows, len(table.columns), learned.task) == (listed.rows, listed.columns, listed.task)
    assert not table.problems
    assert learned.examples.inputs.shape == (listed.rows, len(learned.features))


def test_the_tutorials_table_is_sorted_by_class_and_keeps_its_order():
    learned = dataset_from(open_table("column_2C_weka"))
    assert learned.examples.classes == ("Abnormal", "Normal")
    assert np.array_equal(learned.examples.targets, np.repeat([0, 1], [210, 100]))
    assert learned.examples.inputs[0, 0] == 63.0278175


def test_a_made_table_is_the_same_for_the_same_seed_and_another_for_another():
    first, again, other = (open_table("moons", seed=seed).column("x").values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_halves_of_every_made_class_problem_are_about_the_same_size():
    for name in ("xor", "circles", "moons", "spiral"):
        counts = np.bincount(open_table(name).column("class").values)
        assert len(counts) == 2
        assert counts.min() > 160


def test_a_mistyped_table_is_answered_with_names_spelled_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "patients.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TableError, match="Did you mean xor"):
        open_table("xorr")
    with pytest.raises(TableError, match=r"Did you mean patients\.csv"):
        open_table("patient.csv")


@pytest.mark.parametrize("name", ["xor", "circles", "moons", "spiral", "sine"])
def test_another_sample_is_named_so_that_it_can_be_made_again(name: str) -> None:
    usual = open_table(name)
    assert usual.name == name
    other = open_table(f"{name}:seed=3,rows=50")
    assert (other.rows, other.name) == (50, f"{name}:rows=50,seed=3")
    again = open_table(other.name)
    for one, two in zip(other.columns, again.columns, strict=True):
        np.testing.assert_array_equal(one.values, two.values)


def test_noise_spreads_the_same_points() -> None:
    still, noisy = (open_table(f"moons:noise={noise}").column("x").values for noise in (0, 0.5))
    assert np.abs(still).max() < 2.001 < np.abs(noisy).max()


@pytest.mark.parametrize(
    "text", ["moons:rows=2", "moons:noise=-1", "xor:seed=x", "sine:colour=red", "moons:rows"]
)
def test_a_sample_that_cannot_be_made_is_explained(text: str) -> None:
    with pytest.raises(TableError, match="cannot be made"):
        open_table(text)
