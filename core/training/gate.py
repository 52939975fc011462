"""The step gate: who may run now, the training or whoever it shares the processor with."""

from __future__ import annotations

from typing import Protocol


class StepGate(Protocol):
    """Who may run now. The step loop looks at `closed` between steps and waits while it is true."""

    @property
    def closed(self) -> bool:
        """Whether somebody else wants to run."""

    def wait(self) -> None:
        """Return when the floor is free."""


class OpenGate:
    """Nobody else wants to run."""

    closed = False

    def wait(self) -> None:
        """Return at once."""
