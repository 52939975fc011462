"""One finding, and how a check becomes one of those that every run goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

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
