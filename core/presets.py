"""Presets: settings that have a name."""

from __future__ import annotations

from epochal.core.settings import Settings

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
