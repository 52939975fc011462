"""Every command of the lab, declared once: its key, its name, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from textual.binding import Binding


@dataclass(frozen=True)
class Command:
    """A key, the action it stands for, and the words for it in footer, palette and help."""

    key: str
    action: str
    title: str
    sentence: str
    in_footer: bool = False

    @property
    def key_in_words(self) -> str:
        """The key as it is printed."""
        return {"question_mark": "?"}.get(self.key, self.key)


# A key may stand for several commands, of which one works at a time.
COMMANDS = (
    Command("t", "train", "Train", "begin a run", in_footer=True),
    Command("t", "pause", "Pause", "wait at the end of this epoch", in_footer=True),
    Command("t", "go_on", "Go on", "train on", in_footer=True),
    Command("s", "step", "Step", "train one epoch, then wait", in_footer=True),
    Command("x", "stop", "Stop", "end the run and judge what there is", in_footer=True),
    Command("z", "reset", "Reset", "forget the run", in_footer=True),
    Command("v", "show('result')", "Full result", "confusion, ROC, every mistake", in_footer=True),
    Command("g", "show('search')", "Find settings", "try values on the training rows"),
    Command("c", "show('validation')", "Cross-validate", "judge the settings on every row"),
    Command("f", "show('fan')", "Seed fan", "the same settings from 16 seeds"),
    Command("n", "show('network')", "Network", "every node, its weights, what hangs on it"),
    Command("e", "show('boundary')", "Boundary", "the answer over any two features"),
    Command("i", "show('what_if')", "What if", "what each feature does to a row's answer"),
    Command("k", "show('branch')", "Branch", "on from an epoch with other settings, or steer"),
    Command("m", "show('microscope')", "Microscope", "one training step, number by number"),
    Command("p", "show('predictions')", "Predict a file", "every row of it, into a new file"),
    Command("w", "show('writing')", "Write a file", "the model, a report, the chart, predictions"),
    Command("h", "show('runs')", "Runs", "all there were, with what they came to"),
    Command("a", "show('article')", "Article", "how a tutorial came to print 62 %"),
    Command("o", "show('tables')", "Open a table", "one of ours, or a file of yours"),
    Command("d", "show('reading')", "How the file is read", "delimiter, encoding, header"),
    Command("question_mark", "show('help')", "Help", "what am I looking at, and all keys", in_footer=True),
    Command("ctrl+z", "suspend_process", "To the shell", "fg comes back"),
    Command("ctrl+q", "quit", "Quit", "leave; a run that goes is kept", in_footer=True),
)


def bindings() -> Iterator[Binding]:
    """The commands' keys, in their order in the footer."""
    for one in COMMANDS:
        yield Binding(
            one.key,
            one.action,
            one.title,
            show=one.in_footer,
            key_display=one.key_in_words if one.key_in_words != one.key else None,
            priority=one.key.startswith("ctrl+"),
        )


def keys_in_words() -> str:
    """A line for each key: the commands it stands for, and what they do."""
    lines = []
    for key, group in groupby(COMMANDS, lambda one: one.key_in_words):
        commands = list(group)
        said = f"{commands[0].title}: {commands[0].sentence}"
        if len(commands) > 1:
            said = "; ".join(one.title for one in commands).capitalize()
        lines.append(f"  {key:<7} {said}")
    return "\n".join(lines)
