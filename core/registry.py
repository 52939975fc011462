"""Named choices: a function registers itself with a sentence, and settings, forms and docs read the list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Choice(Generic[T]):
    """One choice: the name people type, one sentence about it, and what it stands for."""

    name: str
    sentence: str
    value: T


class Registry(Mapping[str, Choice[T]], Generic[T]):
    """Choices by name, in the order in which they were added."""

    def __init__(self) -> None:
        self._choices: dict[str, Choice[T]] = {}

    def add(self, name: str, sentence: str, value: T) -> None:
        """Make `value` available as `name`."""
        self._choices[name] = Choice(name, sentence, value)

    def __getitem__(self, name: str) -> Choice[T]:
        return self._choices[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._choices)

    def __len__(self) -> int:
        return len(self._choices)
