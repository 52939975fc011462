"""Cross-validation: every row held out once in each repeat, each class in each fold."""

from __future__ import annotations

import numpy as np
import pytest

from epochal.core.rows.examples import Examples
from epochal.core.rows.folds import fold_splits
from epochal.core.settings import Settings
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.resampling import summarise
from epochal.data.tables.dataset import Dataset


def test_every_row_is_held_out_once_in_each_repeat(spine: Dataset) -> None:
    for repeat in (1, 2):
        held = [rows.held_out for r, _, rows in fold_splits(spine.examples, 10, 2, 0) if r == repeat]
        assert sorted(np.concatenate(held)) == list(range(310))
        assert {len(rows) for rows in held} == {31}


def test_every_fold_has_its_share_of_each_class(spine: Dataset) -> None:
    for _, _, rows in fold_splits(spine.examples, 10, 3, 1):
        counts = np.bincount(spine.examples.targets[rows.held_out])
        assert counts.tolist() == [21, 10]
        assert not set(rows.train) & set(rows.held_out)


def test_repeats_and_seeds_draw_other_folds(spine: Dataset) -> None:
    first, second = (rows.held_out for _, n, rows in fold_splits(spine.examples, 10, 2, 0) if n == 1)
    (other, *_) = (rows.held_out for _, _, rows in fold_splits(spine.examples, 10, 1, 1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_numbers_are_folded_too(line: Examples) -> None:
    sizes = [len(rows.held_out) for _, _, rows in fold_splits(line, 4, 1, 0)]
    assert sorted(sizes) == [22, 22, 23, 23]


def test_too_many_folds_are_refused(line: Examples) -> None:
    with pytest.raises(ValueError, match="2 to 45 folds, not into 46"):
        next(fold_splits(line, 46, 1, 0))


def test_the_defaults_reach_85_percent_on_the_tutorials_table(spine: Dataset) -> None:
    measures = summarise(list(cross_validate(spine.examples, Settings(), 10, 2))).measures
    assert measures["accuracy"].mean >= 0.85
    assert measures["auc"].mean >= 0.93
