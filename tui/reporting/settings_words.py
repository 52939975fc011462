"""Settings in words: what two of them have otherwise."""

from __future__ import annotations

from epochal.core.settings import DECLARATIONS, Settings, written


def changed_names(settings: Settings, before: Settings) -> list[str]:
    """The settings that are others than before, by their names."""
    return [name for name in DECLARATIONS if getattr(before, name) != getattr(settings, name)]


def changes_in_words(settings: Settings, before: Settings) -> str:
    """`learning rate 0.003, L2 0.02`: the settings that are others than before, as they are in the first."""
    changed = [
        f"{_in_a_sentence(DECLARATIONS[name].title)} {written(getattr(settings, name))}"
        for name in changed_names(settings, before)
    ]
    return ", ".join(changed) or "the same settings"


def _in_a_sentence(title: str) -> str:
    """`learning rate`, but `L2`."""
    return title if title[:2].isupper() or title[1:2].isdigit() else title[0].lower() + title[1:]
