"""How a person comes to each screen and dialog of the lab, which keys it has, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.table import TableError
from epochal.tui.screens.ask import Ask
from epochal.tui.screens.dialog import Dialog
from epochal.tui.screens.loading import Loading
from epochal.tui.screens.problems import Problems
from tests.lab import Person


async def settled(person: Person) -> None:
    for _ in range(6):
        await person.pilot.pause()


def opened_by(*keys: str) -> Callable[[Person], Awaitable[None]]:
    async def open_it(person: Person) -> None:
        await person.press(*keys)

    return open_it


async def asks(person: Person) -> None:
    person.app.push_screen(Ask("Which?", {"one": "One", "two": "Two"}))
    await settled(person)


async def has_problems(person: Person) -> None:
    person.app.push_screen(Problems("t.csv", TableError("t.csv cannot be read")))
    await settled(person)


async def loads(person: Person) -> None:
    person.app.push_screen(Loading("t.csv"))
    await settled(person)


async def shows_a_fitted_curve(person: Person) -> None:
    person.app.show_dataset(dataset_from(open_table("sine")))
    await person.press("e")


async def saves(person: Person) -> None:
    await person.press("w", "enter")


async def lists_runs(person: Person) -> None:
    await person.press("h")
    await person.until_shown("Runs: ")


async def names_a_run(person: Person) -> None:
    await lists_runs(person)
    await person.press("e")


async def shows_curves(person: Person) -> None:
    await lists_runs(person)
    await person.press("o")


async def shows_two_runs(person: Person) -> None:
    await lists_runs(person)
    await person.press("space", "down", "space", "v")


OPENED: dict[str, Callable[[Person], Awaitable[None]]] = {
    "ArticleScreen": opened_by("a"),
    "Ask": asks,
    "BoundaryScreen": opened_by("e"),
    "BranchScreen": opened_by("k"),
    "CommandScreen": opened_by("C"),
    "CurveScreen": shows_a_fitted_curve,
    "CurvesScreen": shows_curves,
    "Help": opened_by("question_mark"),
    "Loading": loads,
    "MicroscopeScreen": opened_by("m"),
    "NameScreen": names_a_run,
    "NetworkScreen": opened_by("n"),
    "Open": opened_by("o"),
    "Playground": opened_by("j"),
    "Problems": has_problems,
    "ProfileScreen": opened_by("y"),
    "ReadingScreen": opened_by("d"),
    "ResultScreen": opened_by("v"),
    "RunsScreen": lists_runs,
    "Save": saves,
    "LeaderboardScreen": opened_by("g"),
    "SearchScreen": opened_by("g", "v"),
    "SeedStudyScreen": opened_by("f"),
    "SideBySide": shows_two_runs,
    "ValidationScreen": opened_by("c"),
    "WhatIfScreen": opened_by("i"),
}


def is_in_front(person: Person, name: str) -> bool:
    """Whether the screen of that name is."""
    return type(person.app.screen).__name__ == name


def keys_of(screen: Dialog[object]) -> list[str]:
    """Every key that the screen or what has the focus in it binds."""
    chain = screen._binding_chain if screen.app.screen is screen else []
    keys = {key for _, bindings in chain[:-1] for key in bindings.key_to_bindings}
    # Focus, mouse selection and scrolling are Textual's own.
    return sorted((keys | {"enter", "escape"}) - {"ctrl+c", "super+c"})


async def back_in_the_lab(person: Person) -> None:
    """Escape leaves every screen; a bar of loading ends when the loading does."""
    for _ in range(8):
        front = person.app.screen
        if len(person.app.screen_stack) == 1:
            await person.until(lambda: not person.app.is_asking)
            # A second key may have come to the lab and begun to edit a field.
            await person.press("escape")
            return
        if isinstance(front, Loading):
            front.end()
        await person.press("escape")
    raise AssertionError(f"{person.app.screen_stack} cannot be left")
