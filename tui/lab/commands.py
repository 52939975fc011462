"""Every command of the lab in the order of help and README; full screens are declared where they open."""

from __future__ import annotations

from epochal.tui.keys import Command, PaneKeys
from epochal.tui.lab.full_screens import FULL_SCREENS

# A key may stand for several commands, of which one works at a time.
TRAINING = (
    Command("t", "train", "Train", "begin a run", "fit learn start go", "Train", in_footer=True),
    Command("t", "pause", "Pause", "wait at the end of this epoch", "halt", "Train", in_footer=True),
    Command("t", "go_on", "Go on", "train on", "continue resume", "Train", in_footer=True),
    Command("s", "step", "Step", "train one epoch, then wait", "epoch single", "Train", in_footer=True),
    Command("x", "stop", "Stop", "end the run and evaluate it", "end", "Train", in_footer=True),
    Command(
        "B",
        "mark_run",
        "Run to beat",
        "compare the next runs with this one",
        "baseline compare mark",
        "Train",
    ),
    Command("z", "reset", "Reset", "forget the run", "clear delete", "Train", in_footer=True),
)

LAST = (
    Command("u", "undo", "Undo", "take back the last change of settings, table or run", "back revert preset"),
    Command("U", "redo", "Redo", "make again what was taken back", "again"),
    Command("question_mark", "help", "Help", "this screen's keys, and all others", in_footer=True),
    Command("ctrl+z", "suspend_process", "To the shell", "fg comes back", "suspend background"),
    Command("ctrl+q", "quit", "Quit", "leave; a running run is kept", "exit leave close", in_footer=True),
)

EVERY_COMMAND = (*TRAINING, *(screen.command for screen in FULL_SCREENS.values()), *LAST)

IN_PANES = (
    PaneKeys("1 2 3 4 tab", "Panes", "Data, Settings, Error, Result, and on to the next"),
    PaneKeys("ctrl+p", "Palette", "every action, by its name or a synonym"),
    PaneKeys("enter", "Data", "on a cell: predict its column, leave it out, try its row"),
    PaneKeys("up enter", "Data", "from the first row to the headings; on one of them: its column in full"),
    PaneKeys(
        "enter",
        "Settings and Result",
        "edit a field; on one that was moved to, a digit or a point begins at once",
    ),
    PaneKeys("l", "Error", "logarithmic or plain error axis"),
    PaneKeys("A", "Error", "the held-out accuracy with its interval and its baseline, or the errors"),
    PaneKeys("[ ] 0", "Error", "twice or half as many epochs around the cursor; all of them"),
    PaneKeys("+ -", "Error", "a higher or a lower learning rate, while it trains"),
    PaneKeys("left right", "Error", "go back to an epoch, in every pane"),
    PaneKeys("b", "Error", "the epoch of least held-out error, or the one that patience keeps"),
    PaneKeys(", . < >", "Everywhere", "back and on by an epoch, or by ten"),
    PaneKeys(
        "f",
        "Playground",
        "failures worth seeing: too high a learning rate, dead units, overfitting, a network too small",
    ),
    PaneKeys("r", "Result", "a random held-out row, with its true answer"),
)

# What has a key in one place only, or none, and is found by name everywhere.
IN_PALETTE = (
    Command("", "change_theme", "Theme", "choose other colours", "dark light colours colors appearance"),
    Command("l", "toggle_log", "Log axis", "logarithmic or plain error axis", "logarithm scale chart"),
    Command("A", "show_accuracy", "Accuracy chart", "held-out accuracy epoch by epoch", "measure curve"),
    Command("r", "random_row", "Random held-out row", "predict it", "sample example prediction"),
    Command("1", "pane('data')", "Pane Data", "go there", "table rows columns target"),
    Command("2", "pane('settings')", "Pane Settings", "go there", "hyperparameters options layers presets"),
    Command("3", "pane('error')", "Pane Error", "go there", "chart curve loss overfit learning"),
    Command("4", "pane('result')", "Pane Result", "go there", "accuracy prediction verdict"),
)
