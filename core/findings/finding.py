"""One finding, and how a check becomes one of those that every run goes through."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from epochal.core.evaluation.judgement import Evaluation
from epochal.core.training.training import Training

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing to know: a stable code for programs, a sentence and advice for people."""

    code: str
    severity: Severity
    sentence: str
    advice: str


class Noticed(Protocol):
    """A finding, or one that was stored."""

    @property
    def severity(self) -> str:
        """How grave it is."""

    @property
    def sentence(self) -> str:
        """What was found."""

    @property
    def advice(self) -> str:
        """What can be done about it."""


def noticed(findings: Iterable[Noticed], said: Collection[str] = ()) -> list[str]:
    """Each finding with its advice, for people; a sentence that has been `said` above is not said again."""
    return [
        f"{one.severity.title()}: {one.advice if one.sentence in said else f'{one.sentence} {one.advice}'}"
        for one in findings
    ]


Check = Callable[[Training, Evaluation], Iterator[Finding]]


@dataclass(frozen=True)
class Subject:
    """What some checks are about; as a decorator, it makes a function one of its checks.

    A check is given a run and its evaluation and yields what it found: a sentence with the run's own
    numbers, and one of advice. Its limits are chosen so that healthy runs stay without any.
    """

    checks: list[Check] = field(default_factory=list)

    def __call__(self, function: Check) -> Check:
        """Add the function to the checks, in the order of the file."""
        self.checks.append(function)
        return function
