"""The search space of hyperparameters: networks of unlike capacity, each with L2 from strong to weak.

L2 is a strength divided by the number of training rows, as a penalty on the sum over rows would be: one fixed
value is too weak for a hundred rows or far too strong for ten thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import product

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.losses import BY_TASK
from epochal.core.settings import SettingError, Settings, read_settings

STRENGTHS = (50.0, 5.0, 0.5, 0.05)
LINEAR_STRENGTHS = (150.0, 50.0, 15.0, 5.0, 1.5, 0.5, 0.05)
WIDE_STRENGTHS = (100.0, 50.0, 20.0, 5.0, 2.0, 0.5, 0.2, 0.05, 0.01)

STEPS = 3000
"""Steps of a candidate that no budget cuts short, within the bounds of epochs below."""
FEWEST_EPOCHS, MOST_EPOCHS = 30, 250

# Rates by optimizer: the usual one, those of networks that are quick to try, and a bolder and a gentler one.
LEARNING_RATES = {
    "sgd": (0.05, 0.02, 0.2),
    "momentum": (0.01, 0.003, 0.03),
    "nesterov": (0.01, 0.003, 0.03),
    "adagrad": (0.03, 0.01, 0.1),
    "rmsprop": (0.002, 0.001, 0.005),
    "lbfgs": (1.0,),
}
ADAPTIVE = (0.005, 0.003, 0.01)
"""For Adam and its kin."""


LINEAR_BOLDNESS = (1.0, 5.0)
"""A linear model has one valley, and weights that may have far to go: it takes the highest rate, and more."""


@dataclass(frozen=True)
class Architecture:
    """Hidden layers and their activation.

    `all_rates` when it is tried with more than the usual rate, `all_scalings` when with outliers clipped too,
    `all_losses` when with deviances too.
    """

    hidden: tuple[int, ...]
    activation: str
    all_rates: bool = False
    all_scalings: bool = False
    all_losses: bool = False


EVERYTHING = (True, True, True)
"""All rates, scalings and losses."""

ARCHITECTURES = (
    Architecture((), "tanh", all_scalings=True, all_losses=True),
    Architecture((10,), "tanh"),
    Architecture((32,), "relu", all_scalings=True),
    Architecture((64,), "relu", all_rates=True, all_scalings=True, all_losses=True),
    Architecture((128,), "relu"),
    Architecture((64, 64), "relu", all_scalings=True, all_losses=True),
)
FEW_ARCHITECTURES = (
    Architecture((), "tanh"),
    Architecture((64,), "relu", all_scalings=True, all_losses=True),
    Architecture((64, 64), "relu", all_scalings=True),
)
WIDE_ARCHITECTURES = (
    Architecture((), "tanh", all_rates=True, all_scalings=True, all_losses=True),
    Architecture((10,), "tanh", all_rates=True, all_scalings=True),
    Architecture((32,), "relu", all_rates=True, all_scalings=True),
    Architecture((64,), "relu", all_rates=True, all_scalings=True, all_losses=True),
    Architecture((128,), "relu", all_rates=True, all_scalings=True),
    Architecture((64, 64), "relu", all_rates=True, all_scalings=True, all_losses=True),
    Architecture((128, 128), "relu", all_scalings=True),
    Architecture((64, 64), "tanh"),
)


@dataclass(frozen=True)
class Variants:
    """What a table calls for besides: the scalings and losses to try, the usual one of each first."""

    scalings: tuple[str, ...] = ("standard",)
    losses: tuple[str, ...] = (BY_TASK,)


@dataclass(frozen=True)
class Space:
    """Which networks are tried, how strongly their weights are held back, and for how many steps."""

    architectures: tuple[Architecture, ...]
    strengths: tuple[float, ...]
    steps: int


def batch_size_for(rows: int) -> int:
    """Rows of a step: more where there are many, so that an epoch stays short."""
    return 32 if rows < 1500 else 64 if rows < 5000 else 128 if rows < 20_000 else 256


def epochs_for(rows: int, batch: int, steps: int) -> int:
    """Epochs that come to so many steps, within bounds that leave every row seen often enough."""
    least = min(FEWEST_EPOCHS, max(4, steps // 100))
    return max(least, min(MOST_EPOCHS, round(steps * batch / rows)))


def candidates(
    space: Space, rows: int, base: Settings, fixed: Collection[str], variants: Variants | None = None
) -> list[Settings]:
    """The settings to try for so many training rows; those named in `fixed` stay as in `base`.

    Variants of scaling and loss are tried with one rate, and one at a time. Combinations that do not go
    together are left out. SettingError when none does.
    """
    variants = variants or Variants()
    made: dict[Settings, None] = {}
    refused: SettingError | None = None
    for architecture in _architectures(space, base, fixed):
        strengths = space.strengths if architecture.hidden else LINEAR_STRENGTHS
        scalings = variants.scalings if architecture.all_scalings else variants.scalings[:1]
        losses = variants.losses if architecture.all_losses else variants.losses[:1]
        rates = _rates(architecture, base, fixed)
        for strength, scaling, loss, rate in product(strengths, scalings, losses, rates):
            is_usual = (scaling == scalings[0]) + (loss == losses[0])
            if is_usual == 0 or (is_usual == 1 and rate != rates[-1]):
                continue
            values = _values(space, rows, architecture, strength, rate)
            values |= {"scaling": scaling, "loss": loss}
            free = {name: value for name, value in values.items() if name not in fixed}
            try:
                made[read_settings(free, base)] = None
            except SettingError as error:
                refused = error
    if not made and refused is not None:
        raise refused
    return list(made)


def _architectures(space: Space, base: Settings, fixed: Collection[str]) -> Iterator[Architecture]:
    hidden, activation = "hidden" in fixed, "activation" in fixed
    known = space.architectures
    if hidden and activation:
        known = (Architecture(base.hidden, base.activation, *EVERYTHING),)
    elif hidden:
        functions = ("tanh", "relu") if base.hidden else ("tanh",)
        known = tuple(Architecture(base.hidden, function, *EVERYTHING) for function in functions)
    elif activation:
        known = tuple(replace(one, activation=base.activation) for one in known)
    yield from known


def _rates(architecture: Architecture, base: Settings, fixed: Collection[str]) -> tuple[float, ...]:
    if "learning_rate" in fixed:
        return (base.learning_rate,)
    rates = LEARNING_RATES.get(base.optimizer, ADAPTIVE)
    usual, *others = rates
    if not architecture.hidden:
        return tuple(factor * max(rates) for factor in LINEAR_BOLDNESS)
    return tuple(others) if architecture.all_rates and others else (usual,)


def _values(
    space: Space, rows: int, architecture: Architecture, strength: float, rate: float
) -> dict[str, object]:
    batch = batch_size_for(rows)
    return {
        "hidden": architecture.hidden,
        "activation": architecture.activation,
        "initial_weights": ACTIVATIONS[architecture.activation].value.initial_weights,
        "learning_rate": rate,
        "l2": float(f"{strength / rows:.2g}"),
        "schedule": "cosine",
        "batch_size": batch,
        "epochs": epochs_for(rows, batch, space.steps),
        "precision": "float32",
    }
