"""Presets: settings that have a name, and the one that finds them."""

from __future__ import annotations

from epochal.core.settings import Settings

AUTO = "auto"
"""The preset that is no fixed settings: they are found for the table (`epochal.core.studies.auto`)."""

PRESETS: dict[str, Settings] = {
    "sensible": Settings(),
    "the tutorial's": Settings(
        hidden=(10,),
        activation="tanh",
        learning_rate=0.001,
        batch_size=1,
        epochs=1000,
        optimizer="sgd",
        l2=0.0,
        initial_weights="normal",
    ),
    "no hidden layer": Settings(hidden=()),
    "perceptron": Settings(
        hidden=(),
        activation="step",
        learning_rate=0.1,
        batch_size=1,
        epochs=100,
        optimizer="sgd",
        l2=0.0,
        initial_weights="zeros",
    ),
}


def option_of(preset: str) -> str:
    """A preset's name as the command line takes it: `tutorial`, `no-hidden-layer`."""
    return preset.removeprefix("the ").removesuffix("'s").replace(" ", "-")


PRESET_OPTIONS: dict[str, str] = {option_of(name): name for name in (AUTO, *PRESETS)}
