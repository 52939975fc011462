"""A cell of the table: its row is tried, its column is predicted or left out."""

from __future__ import annotations

import numpy as np

from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import TableError
from epochal.tui.lab.lab import Lab
from epochal.tui.lab.opening import asked_about_task
from epochal.tui.screens.ask import Ask


async def ask_about_cell(lab: Lab, row: int, column: str) -> None:
    """Ask what to do with the row, counted from 0, and the column of a cell, and do it."""
    dataset = lab.dataset
    assert dataset is not None
    answers = {"row": f"Try row {row + 1:,} in the prediction form"}
    ignored = column in dataset.ignored
    others = tuple(name for name in dataset.ignored if name != column)
    question = f"Row {row + 1:,}, {column}"
    if column != dataset.target:
        answers["target"] = f"Predict {column}"
        reason = next((one.reason for one in dataset.left_out if one.name == column), "")
        if reason and not ignored:
            question += f", which is left out: it {reason}"
        else:
            answers["ignore"] = f"{'Use' if ignored else 'Leave out'} {column}"
    answer = await lab.push_screen_wait(Ask(question, answers))
    if answer == "row":
        try_row(lab, dataset, row)
    elif answer == "target":
        await _learn(lab, dataset, column, others)
    elif answer == "ignore":
        await _learn(lab, dataset, dataset.target, others if ignored else (*others, column))


def try_row(lab: Lab, dataset: Dataset, table_row: int) -> None:
    """Put a row of the table into the prediction form."""
    example = int(np.searchsorted(dataset.rows, table_row))
    if example < len(dataset.rows) and dataset.rows[example] == table_row:
        lab.result_pane.show_row(example)
        lab.action_pane("result")
    else:
        lab.say(f"Row {table_row + 1:,} has no {dataset.target}, so it is not used.")


async def _learn(lab: Lab, dataset: Dataset, target: str, ignored: tuple[str, ...]) -> None:
    try:
        learned = await asked_about_task(lab, dataset_from(dataset.table, target=target, ignore=ignored))
    except TableError as error:
        await lab.push_screen_wait(Ask(str(error), {"back": "Back"}))
        return
    if lab.learns_from(learned):
        lab.say("That changes nothing of what is learned.")
    elif await lab.may_stop("Stop this run and change the target or the features?"):
        lab.show_dataset(learned)
