"""Tables made from a seed: small problems whose answer is known, to see what a network can learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from epochal.data.tables.table import Column, Table, TableError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Synthetic:
    """A table that is made, not read."""

    make: Callable[[np.random.Generator, int, float], Table]
    rows: int
    noise: float
    columns: int
    task: str
    sentence: str


@dataclass(frozen=True)
class Sample:
    """One draw of a synthetic table: so many rows, a noise of this deviation, from this seed."""

    name: str
    rows: int
    noise: float
    seed: int

    @property
    def text(self) -> str:
        """What to type for it: `moons`, or `moons:rows=800,noise=0.3,seed=2`."""
        usual = usual_sample(self.name)
        differs = [
            f"{part}={getattr(self, part):g}"
            for part in ("rows", "noise", "seed")
            if getattr(self, part) != getattr(usual, part)
        ]
        return f"{self.name}:{','.join(differs)}" if differs else self.name

    def another(self) -> Sample:
        """Other points of the same kind."""
        return replace(self, seed=self.seed + 1)

    def noisier(self, steps: int) -> Sample:
        """The same points with so many steps more noise, or less below 0."""
        noise = round(min(max(self.noise + steps * NOISE_STEP, 0.0), MOST_NOISE), 3)
        return replace(self, noise=noise)

    def larger(self, doublings: int) -> Sample:
        """Twice as many points, or half as many for -1, within what can be looked at."""
        return replace(self, rows=min(max(int(self.rows * 2.0**doublings), 25), 12_800))

    def table(self) -> Table:
        """The rows, under the name that makes them again."""
        made = SYNTHETIC[self.name].make(np.random.default_rng(self.seed), self.rows, self.noise)
        return replace(made, name=self.text)


NOISE_STEP = 0.05
MOST_ROWS = 1_000_000
MOST_NOISE = 10.0


def usual_sample(name: str) -> Sample:
    """The one that is meant by the name alone."""
    one = SYNTHETIC[name]
    return Sample(name, one.rows, one.noise, 0)


def sample_named(text: str) -> Sample | None:
    """The sample meant by `moons` or `moons:rows=800,noise=0.3,seed=2`; None when it names no table of ours.

    TableError for what cannot be made.
    """
    name, _, rest = text.partition(":")
    if name not in SYNTHETIC:
        return None
    sample = usual_sample(name)
    for part in filter(None, rest.split(",")):
        key, _, value = part.partition("=")
        try:
            sample = _changed(sample, key.strip(), value)
        except ValueError:
            raise TableError(
                f"{text} cannot be made: {part} is not rows (10 to {MOST_ROWS:,}), "
                f"noise (0 to {MOST_NOISE:g}) or seed (0 or more). "
                f"An example: {name}:rows=800,noise=0.3,seed=2."
            ) from None
    return sample


def _changed(sample: Sample, key: str, value: str) -> Sample:
    if key == "rows" and 10 <= int(value) <= MOST_ROWS:
        return replace(sample, rows=int(value))
    if key == "noise" and 0.0 <= float(value) <= MOST_NOISE:
        return replace(sample, noise=float(value))
    if key == "seed" and int(value) >= 0:
        return replace(sample, seed=int(value))
    raise ValueError(key)


def _plane(name: str, points: Floats, inside: NDArray[np.bool_], words: tuple[str, str]) -> Table:
    classes = Column("class", "category", inside.astype(np.int32), words)
    return Table(name, (Column("x", "number", points[:, 0]), Column("y", "number", points[:, 1]), classes))


def xor(random: np.random.Generator, rows: int, noise: float) -> Table:
    """Two classes in opposite quarters of a square: no straight line tells them apart."""
    points = random.uniform(-1, 1, (rows, 2))
    agree = points[:, 0] * points[:, 1] > 0
    return _plane("xor", points + random.normal(0, noise, (rows, 2)), agree, ("differ", "agree"))


def circles(random: np.random.Generator, rows: int, noise: float) -> Table:
    """A ring of radius 1 around a ring of radius 1/2."""
    inner = np.arange(rows) % 2 == 1
    angle = random.uniform(0, 2 * np.pi, rows)
    points = np.where(inner, 0.5, 1.0)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _plane("circles", points + random.normal(0, noise, (rows, 2)), inner, ("outer", "inner"))


def moons(random: np.random.Generator, rows: int, noise: float) -> Table:
    """Two half circles that reach into each other."""
    lower = np.arange(rows) % 2 == 1
    angle = random.uniform(0, np.pi, rows)
    side = np.where(lower, -1.0, 1.0)
    points = np.column_stack([side * np.cos(angle) + lower, side * np.sin(angle) + 0.5 * lower])
    return _plane("moons", points + random.normal(0, noise, (rows, 2)), lower, ("upper", "lower"))


def spiral(random: np.random.Generator, rows: int, noise: float) -> Table:
    """Two spirals wound into each other, one and a half turns each: a hard problem for few nodes."""
    second = np.arange(rows) % 2 == 1
    along = np.sqrt(random.uniform(0.02, 1, rows))
    angle = 3 * np.pi * along + np.pi * second
    points = along[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return _plane("spiral", points + random.normal(0, noise, (rows, 2)), second, ("first", "second"))


def sine(random: np.random.Generator, rows: int, noise: float) -> Table:
    """One and a half waves of a sine, measured with errors: a curve to be found from one number."""
    x = random.uniform(-1, 1, rows)
    y = np.sin(1.5 * np.pi * x) + random.normal(0, noise, rows)
    return Table("sine", (Column("x", "number", x), Column("y", "number", y)))


SYNTHETIC = {
    "xor": Synthetic(
        xor, 400, 0.0, 3, "classification", "Two classes in opposite quarters: no line parts them."
    ),
    "circles": Synthetic(circles, 400, 0.08, 3, "classification", "A small noisy ring inside a larger one."),
    "moons": Synthetic(
        moons, 400, 0.15, 3, "classification", "Two noisy half circles that reach into each other."
    ),
    "spiral": Synthetic(spiral, 400, 0.04, 3, "classification", "Two spirals wound into each other: hard."),
    "sine": Synthetic(
        sine, 200, 0.1, 2, "regression", "One and a half waves of a sine, measured with errors."
    ),
}
