"""Opening a table in the lab: read off the screen's thread, and asked about where it is not clear."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from textual.app import App

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.files import Watch
from epochal.data.tables.offers import taken
from epochal.data.tables.options import Reading
from epochal.data.tables.table import Offer, Table, TableError
from epochal.data.tables.unrepresentable import Unrepresentable
from epochal.data.user_files import remember
from epochal.tui.runner.worker import off_screen
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.loading import Cancelled, Loading
from epochal.tui.screens.problems import Problems
from epochal.tui.screens.reading import ReadingScreen

T = TypeVar("T")

# A table read faster than this needs no bar.
SOON = 0.3


async def opened(app: App[None], name: str, reading: Reading) -> tuple[Dataset, Reading] | None:
    """The dataset of a table, and how it was read in the end; None when the person left it."""
    while True:
        found = await table_opened(app, name, reading)
        if found is None:
            return None
        table, reading = found
        dataset = await _learnable(app, table)
        if isinstance(dataset, Offer):
            reading = taken(reading, dataset)
            continue
        if dataset and table.path:
            remember(table.path)
        return (dataset, reading) if dataset else None


async def table_opened(app: App[None], name: str, reading: Reading) -> tuple[Table, Reading] | None:
    """A table, and how it was read in the end; None when the person left it."""

    async def read(reading: Reading) -> Table | None:
        return await read_with_bar(app, name, lambda watch: open_table(name, watch=watch, **reading))

    return await until_read(app, name, reading, read)


async def until_read(
    app: App[None], name: str, reading: Reading, read: Callable[[Reading], Awaitable[T | None]]
) -> tuple[T, Reading] | None:
    """What is read of a file, and how in the end; asks what to do where it is refused. None when left."""
    while True:
        try:
            found = await read(reading)
        except TableError as error:
            answer = await app.push_screen_wait(Problems(name, error))
            if answer == "drop":
                reading = {**reading, "drop_bad_rows": True}
            elif answer is not None and answer.startswith("offer:"):
                reading = taken(reading, error.offers[int(answer.removeprefix("offer:"))])
            elif answer == "reading":
                said = await app.push_screen_wait(ReadingScreen(name, reading))
                if said is None:
                    return None
                reading = said
            else:
                return None
            continue
        return (found, reading) if found is not None else None


async def read_with_bar(app: App[None], name: str, read: Callable[[Watch], T]) -> T | None:
    """What is read of a file, with a bar on the screen if it takes long; None when it was stopped."""
    loading = Loading(name)
    task = asyncio.create_task(
        off_screen(
            lambda: read(loading.watch_reading),
            f"Reading {name}",
            (TableError, Cancelled),
        )
    )
    await asyncio.wait({task}, timeout=SOON)
    if not task.done():
        await app.push_screen(loading)
        await asyncio.wait({task})
        loading.end()
    try:
        return task.result()
    except Cancelled:
        return None


async def _learnable(app: App[None], table: Table) -> Dataset | Offer | None:
    """What is learned from the table; asks where the guess is impossible or could go either way.

    An offer to read the table otherwise, where that was chosen.
    """
    target: str | None = None
    ignored: tuple[str, ...] = ()
    while True:
        try:
            dataset = dataset_from(table, target, ignored)
        except Unrepresentable as error:
            ways = {f"{place}": offer.sentence for place, offer in enumerate(error.offers)}
            if error.features:
                ways["ignore"] = f"Leave out {', '.join(error.features)}"
            answer = await app.push_screen_wait(Ask(f"{error}.", {**ways, "back": "Open nothing"}))
            if answer in (None, "back"):
                return None
            if answer != "ignore":
                return error.offers[int(answer)]
            ignored = (*ignored, *error.features)
        except TableError as error:
            usable = {
                column.name: f"Predict {column.name} ({column.kind})"
                for column in table.columns
                if column.kind in ("number", "category")
            }
            target = await app.push_screen_wait(Ask(str(error), usable))
            if target is None:
                return None
        else:
            return await asked_about_task(app, dataset)


async def asked_about_task(app: App[None], dataset: Dataset) -> Dataset:
    """The dataset, after asking whether whole numbers are classes or amounts where they may be both."""
    if not dataset.ambiguous:
        return dataset
    values = len(set(dataset.examples.targets.ravel().tolist()))
    question = f"{dataset.target} has {values} different whole numbers. What are they?"
    answers = {
        "classification": "Classes: predict which one (classification)",
        "regression": "Numbers: predict how much (regression)",
    }
    first = dict(sorted(answers.items(), key=lambda pair: pair[0] != dataset.task))
    task = await app.push_screen_wait(Ask(question, first))
    if task is None or task == dataset.task:
        return dataset
    return dataset_from(
        dataset.table,
        dataset.target,
        dataset.ignored,
        "classification" if task == "classification" else "regression",
    )
