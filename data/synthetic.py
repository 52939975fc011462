"""Tables made from a seed: small problems whose answer is known, to see what a network can learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.table import Column, Table

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Synthetic:
    """A table that is made, not read."""

    make: Callable[[np.random.Generator], Table]
    rows: int
    columns: int
    task: str
    sentence: str


def _plane(name: str, points: Floats, inside: NDArray[np.bool_], words: tuple[str, str]) -> Table:
    classes = Column("class", "category", inside.astype(np.int32), words)
    return Table(name, (Column("x", "number", points[:, 0]), Column("y", "number", points[:, 1]), classes))


def xor(random: np.random.Generator, rows: int = 400) -> Table:
    """Two classes in opposite quarters of a square: no straight line tells them apart."""
    points = random.uniform(-1, 1, (rows, 2))
    return _plane("xor", points, points[:, 0] * points[:, 1] > 0, ("differ", "agree"))


def circles(random: np.random.Generator, rows: int = 400, noise: float = 0.08) -> Table:
    """A ring of radius 1 around a ring of radius 1/2."""
    inner = np.arange(rows) % 2 == 1
    angle = random.uniform(0, 2 * np.pi, rows)
    points = np.where(inner, 0.5, 1.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _plane("circles", points + random.normal(0, noise, (rows, 2)), inner, ("outer", "inner"))


def moons(random: np.random.Generator, rows: int = 400, noise: float = 0.15) -> Table:
    """Two half circles that reach into each other."""
    lower = np.arange(rows) % 2 == 1
    angle = random.uniform(0, np.pi, rows)
    side = np.where(lower, -1.0, 1.0)
    points = np.column_stack([side * np.cos(angle) + lower, side * np.sin(angle) + 0.5 * lower])
    return _plane("moons", points + random.normal(0, noise, (rows, 2)), lower, ("upper", "lower"))


def spiral(random: np.random.Generator, rows: int = 400, noise: float = 0.04) -> Table:
    """Two spirals wound into each other, one and a half turns each: a hard problem for few nodes."""
    second = np.arange(rows) % 2 == 1
    along = np.sqrt(random.uniform(0.02, 1, rows))
    angle = 3 * np.pi * along + np.pi * second
    points = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _plane("spiral", points + random.normal(0, noise, (rows, 2)), second, ("first", "second"))


def sine(random: np.random.Generator, rows: int = 200, noise: float = 0.1) -> Table:
    """One and a half waves of a sine, measured with errors: a curve to be found from one number."""
    x = random.uniform(-1, 1, rows)
    y = np.sin(1.5 * np.pi * x) + random.normal(0, noise, rows)
    return Table("sine", (Column("x", "number", x), Column("y", "number", y)))


SYNTHETIC = {
    "xor": Synthetic(xor, 400, 3, "classification", "Two classes in opposite quarters: no line parts them."),
    "circles": Synthetic(circles, 400, 3, "classification", "A small noisy ring inside a larger one."),
    "moons": Synthetic(moons, 400, 3, "classification", "Two noisy half circles that reach into each other."),
    "spiral": Synthetic(spiral, 400, 3, "classification", "Two spirals wound into each other: hard."),
    "sine": Synthetic(sine, 200, 2, "regression", "One and a half waves of a sine, measured with errors."),
}
