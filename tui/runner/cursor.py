"""The cursor of the time machine: which epoch of a run is shown, and the keys that move it."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from epochal.tui.runner.run import Run, Weights

# In full screens too, where arrows mean something else.
EVERYWHERE: tuple[BindingType, ...] = (
    Binding("comma", "app.move_epoch(-1)", "Epoch before", show=False),
    Binding("full_stop", "app.move_epoch(1)", "Epoch after", show=False),
    Binding("less_than_sign", "app.move_epoch(-10)", "Ten epochs before", show=False),
    Binding("greater_than_sign", "app.move_epoch(10)", "Ten epochs after", show=False),
)

ON_THE_CHART: tuple[BindingType, ...] = (
    Binding("left", "app.move_epoch(-1)", "Epoch before", show=False),
    Binding("right", "app.move_epoch(1)", "Epoch after", show=False),
    Binding("shift+left", "app.move_epoch(-10)", "Ten epochs before", show=False),
    Binding("shift+right", "app.move_epoch(10)", "Ten epochs after", show=False),
    # Some terminals keep these with ctrl for themselves.
    Binding("ctrl+left,pageup", "app.move_epoch(-100)", "A hundred before", show=False),
    Binding("ctrl+right,pagedown", "app.move_epoch(100)", "A hundred after", show=False),
    Binding("home", "app.show_first_epoch", "Before training", show=False),
    Binding("b", "app.show_best_epoch", "Best epoch", show=False),
    Binding("end,escape", "app.show_newest_epoch", "Newest epoch", show=False),
)


def epoch_shown(node: DOMNode) -> int | None:
    """Where the lab's cursor is; None at the newest epoch."""
    epoch: int | None = getattr(node.app, "epoch_shown", None)
    return epoch


def follow(node: DOMNode, look: Callable[[], None]) -> None:
    """Look each time the cursor has moved."""
    node.watch(node.app, "epoch_shown", look, init=False)


def named(node: DOMNode, run: Run, weights: Weights) -> str:
    """`epoch 412 of 1,000`, and that one has gone back to it."""
    back = "" if epoch_shown(node) is None else " (looking back)"
    return f"epoch {weights.epoch:,} of {run.settings.epochs:,}{back}"


def moved(run: Run, shown: int | None, by: int) -> int | None:
    """The epoch so many later, or earlier below 0; None, which is the newest, on the way past the last."""
    weight_history = run.weight_history
    if weight_history is None:
        return None
    if shown is None:
        return None if by > 0 else run.moved(weight_history.last, by)
    return None if by > 0 and shown >= weight_history.last else run.moved(shown, by)


def about_epoch(run: Run, weights: Weights, width: int) -> str:
    """`epoch 412 of 1,000: training 0.4123, held-out 0.4500, ...`, as much of it as there is room for."""
    training, epoch = run.training, weights.epoch
    assert training is not None
    text = f"epoch {epoch:,} of {run.settings.epochs:,}: "
    if epoch:
        at = training.history[epoch - 1]
        text += f"training {at.training_error:.4f}, held-out {at.held_out_error:.4f}"
    else:
        text += f"before training, error {training.error_before:.4f}"
    more = []
    if epoch and epoch == run.best_epoch:
        more.append("kept by patience" if run.settings.patience else "least held-out error")
    if epoch and run.dataset.examples.classes:
        more.append(f"{100 * training.history[epoch - 1].held_out_accuracy:.1f} % right")
    more.append("esc: newest")
    for words in more:
        if len(text) + len(words) + 2 <= width:
            text += f", {words}"
    return text
