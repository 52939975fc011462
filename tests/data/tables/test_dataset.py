import numpy as np
import pytest

from epochal.data.tables.dataset import TargetNeeded, dataset_from, guess_target
from epochal.data.tables.reading import read_table
from epochal.data.tables.table import Column, Table, TableError


def table(**columns):
    made = []
    for name, cells in columns.items():
        if all(cell is None or isinstance(cell, int | float) for cell in cells):
            values = np.array([np.nan if cell is None else cell for cell in cells], float)
            made.append(Column(name, "number", values))
        else:
            words = tuple(dict.fromkeys(cell for cell in cells if cell is not None))
            codes = [-1 if cell is None else words.index(cell) for cell in cells]
            made.append(Column(name, "category", np.array(codes, np.int32), words))
    return Table("made", tuple(made))


def refused(*args, **kwargs):
    with pytest.raises(TableError) as caught:
        dataset_from(*args, **kwargs)
    return str(caught.value)


SIZES = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5]
COLOURS = ["red", "blue", "red", "blue", "red", None]


@pytest.mark.parametrize("name", ["class", "Target", "LABEL", "outcome", "y", "Diagnosis", "species"])
def test_a_column_called_like_a_target_is_guessed(name):
    assert guess_target(table(**{name: COLOURS, "b": SIZES, "c": SIZES})) == name


@pytest.mark.parametrize("name", ["class", "y", "Species"])
def test_a_doubtful_name_in_the_middle_is_asked_about(name):
    made = table(a=SIZES, **{name: COLOURS}, survived=[0, 1, 0, 1, 1, 0])
    with pytest.raises(TargetNeeded, match=f"{name} may be the target.*survived"):
        dataset_from(made)
    assert dataset_from(made, name).target == name
    assert dataset_from(made, "survived").target == "survived"


def test_else_the_last_column_is_guessed():
    assert dataset_from(table(a=SIZES, b=SIZES[::-1])).target == "b"


def test_words_are_classified_and_numbers_regressed():
    made = table(size=SIZES, colour=COLOURS)
    by_colour, by_size = dataset_from(made, "colour"), dataset_from(made, "size")
    assert (by_colour.task, by_colour.examples.classes) == ("classification", ("red", "blue"))
    assert by_size.task == "regression"
    assert by_size.examples.targets.tolist() == [[size] for size in SIZES]
    assert by_size.examples.outputs == ("size",)


def test_two_numbers_are_classes_in_their_order():
    learned = dataset_from(table(a=SIZES, won=[1, 0, 1, 1, 0, 0]))
    assert learned.examples.classes == ("0", "1")
    assert learned.examples.targets.tolist() == [1, 0, 1, 1, 0, 0]
    assert not learned.ambiguous


def test_few_whole_numbers_are_ambiguous_and_the_default_is_said():
    grades = [1, 2, 3] * 10
    made = table(a=list(range(30)), grade=grades)
    learned = dataset_from(made)
    assert (learned.ambiguous, learned.task) == (True, "classification")
    assert any("could be regression" in note for note in learned.notes)
    asked = dataset_from(made, task="regression")
    assert (asked.ambiguous, asked.task) == (False, "regression")


def test_many_whole_numbers_are_regressed_without_asking():
    learned = dataset_from(table(a=[0.5 * n for n in range(60)], count=list(range(60))))
    assert (learned.ambiguous, learned.task) == (False, "regression")


def test_rows_without_a_target_are_set_aside_and_counted():
    learned = dataset_from(table(size=SIZES, colour=COLOURS))
    assert learned.rows.tolist() == [0, 1, 2, 3, 4]
    assert learned.without_target == 1
    assert len(learned.examples) == 5


def test_category_features_are_indices_with_nan_where_missing():
    learned = dataset_from(table(colour=COLOURS, size=SIZES))
    feature = learned.examples.features[0]
    assert (feature.name, feature.categories) == ("colour", ("red", "blue"))
    assert np.array_equal(learned.examples.inputs[:, 0], [0, 1, 0, 1, 0, np.nan], equal_nan=True)


def test_columns_that_tell_nothing_are_left_out_with_their_reason(tmp_path):
    path = tmp_path / "t.csv"
    rows = "".join(f"{n},2020-01-{n:02},P{n}x,7,,{n % 5}.5,{'ab'[n % 2]}\n" for n in range(1, 25))
    path.write_text(f"id,day,code,same,none,size,class\n{rows}")
    learned = dataset_from(read_table(path), ignore=["day"])
    assert learned.features == ("size",)
    assert {one.name for one in learned.left_out} == {"id", "day", "code", "same", "none"}
    assert all(one.reason for one in learned.left_out)


def test_unwanted_columns_are_ignored():
    assert dataset_from(table(a=SIZES, b=SIZES, c=COLOURS), ignore=["b"]).features == ("a",)


@pytest.mark.parametrize("asked", [{"target": "colur"}, {"ignore": ["colur"]}])
def test_a_mistyped_column_is_answered_with_names_spelled_alike(asked):
    assert "did you mean colour?" in refused(table(size=SIZES, colour=COLOURS), **asked)


def test_the_target_cannot_be_ignored():
    assert "is the target" in refused(table(a=SIZES, b=COLOURS), "b", ["b"])


def test_one_class_is_nothing_to_learn():
    assert "one class" in refused(table(a=SIZES, b=["x"] * 6))


def test_one_number_is_nothing_to_learn():
    assert "nothing to learn" in refused(table(a=SIZES, b=[2.5] * 6), task="regression")


def test_no_features_left_is_said_with_the_reasons():
    assert "a: is the same in every row" in refused(table(a=[1] * 6, b=COLOURS))


def test_too_few_rows_are_said_to_be_too_few():
    assert "at least 4" in refused(table(a=[1, 2, 3, 4], b=["x", "y", None, "x"]))


def test_words_cannot_be_regressed():
    assert "words, not numbers" in refused(table(a=SIZES, b=COLOURS), task="regression")


def test_many_values_cannot_be_classes():
    values = [0.5 * n for n in range(100)]
    assert "too many for classes" in refused(table(a=values, b=values), task="classification")


def test_free_text_cannot_be_predicted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "a,note\n"
        + "".join(f"{n},a story that is told once only, number {n}\n".replace(", ", " ") for n in range(9))
    )
    assert "free text" in refused(read_table(path), "note")
