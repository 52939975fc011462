"""Failures worth seeing: each is a state that shows it in ten seconds, and a sentence on what to look at."""

from __future__ import annotations

from dataclasses import dataclass

from epochal.core.settings import Settings
from epochal.tui.reporting.playground_state import PlaygroundState


@dataclass(frozen=True)
class Lesson:
    """What goes wrong, where to look, what to try; and the state that shows it."""

    title: str
    sentence: str
    state: PlaygroundState


LESSONS: dict[str, Lesson] = {
    "rate": Lesson(
        "Too high a learning rate",
        "The error jumps instead of falling, and the boundary with it. - lowers the rate in the Error pane.",
        PlaygroundState(
            "moons",
            settings=Settings(
                hidden=(8,), activation="tanh", optimizer="sgd", learning_rate=30.0, l2=0.0, epochs=400
            ),
        ),
    ),
    "dead": Lesson(
        "Dead units",
        "Most maps of relu nodes are blank: they answer 0 everywhere, and no error flows back through them.",
        PlaygroundState(
            "circles",
            settings=Settings(
                hidden=(12,),
                activation="relu",
                optimizer="sgd",
                learning_rate=20.0,
                l2=0.0,
                batch_size=8,
                epochs=400,
            ),
        ),
    ),
    "overfit": Lesson(
        "Overfitting",
        "A large network and a few noisy points: the training error goes to 0, the held-out error rises.",
        PlaygroundState(
            "moons:rows=40,noise=0.45",
            settings=Settings(
                hidden=(32, 32), activation="tanh", learning_rate=0.01, l2=0.0, held_out=0.5, epochs=1500
            ),
        ),
    ),
    "linear": Lesson(
        "A network too small",
        "Without hidden layers only a straight line parts the classes, and XOR has none. a adds a layer.",
        PlaygroundState("xor", settings=Settings(hidden=(), learning_rate=0.05, epochs=300)),
    ),
}
