"""The palette: every action that works now, found by its name, by what it does, and by other words for it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.actions import parse
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from epochal.tui.keys import Command
from epochal.tui.lab.commands import EVERY_COMMAND, IN_PALETTE

# What a word that is typed is worth where it is found: at the start of a word of the title, anywhere in it,
# among the other words, in the sentence.
TITLE_WORD, TITLE, WORDS, SENTENCE = 1.0, 0.9, 0.8, 0.6


def worth(command: Command, query: str) -> float:
    """How well a command fits what is typed: every word of it must be found; 0 where one is not."""
    title, words, sentence = (text.lower() for text in (command.title, command.words, command.sentence))
    found = []
    for word in query.lower().split():
        if any(one.startswith(word) for one in title.split()):
            found.append(TITLE_WORD)
        elif word in title:
            found.append(TITLE)
        elif any(one.startswith(word) for one in words.split()):
            found.append(WORDS)
        elif any(one.startswith(word) for one in sentence.split()):
            found.append(SENTENCE)
        else:
            return 0.0
    return sum(found) / len(found) if found else 0.0


class Palette(Provider):
    """Offers the commands of the lab that work now."""

    def _working(self) -> Iterator[Command]:
        for one in (*EVERY_COMMAND, *IN_PALETTE):
            if self.app.check_action(*parse(one.action)[1:]):
                yield one

    def _help(self, command: Command) -> str:
        return f"{command.key_in_words}: {command.sentence}" if command.key else command.sentence

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for one in self._working():
            yield DiscoveryHit(one.title, partial(self.app.run_action, one.action), help=self._help(one))

    async def search(self, query: str) -> Hits:
        """Those that have every word typed somewhere; else those whose titles have its letters in order."""
        matcher = self.matcher(query)
        for one in self._working():
            score = worth(one, query) or matcher.match(one.title) / 2
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(one.title) if matcher.match(one.title) else Content(one.title),
                    partial(self.app.run_action, one.action),
                    help=self._help(one),
                )
