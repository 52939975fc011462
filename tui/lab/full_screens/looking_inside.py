"""Full screens that look inside a run: its result, its network, its boundary, its next step."""

from __future__ import annotations

from epochal.data.tables.dataset import dataset_from
from epochal.data.tables.synthetic import Sample
from epochal.tui.lab.full_screens.declaration import full_screen, has_learned
from epochal.tui.lab.lab import Lab
from epochal.tui.lab.playground import open_playground
from epochal.tui.runner.run import Branch, Run

# Every screen is imported when it is first wanted: the first paint needs none of them.


def _has_result(lab: Lab) -> bool:
    """Whether a run has been judged, or can be at the cursor's epoch."""
    run = lab.run_shown
    return bool(run and (run.evaluation or (lab.epoch_shown is not None and run.weight_history)))


@full_screen(
    "v",
    "Full result",
    "every confusion, ROC and threshold, calibration, each mistake",
    group="Look inside",
    words="accuracy matrix threshold curve errors wrong verdict evaluation auc precision recall",
    is_offered=_has_result,
    in_footer=True,
)
def result(lab: Lab) -> None:
    """The result in full; a mistake chosen there goes to the form, or is found in the table."""
    from epochal.tui.screens.result.screen import ResultScreen

    run = lab.run_shown
    if run is None:
        return

    def left_with(chosen: tuple[str, int] | None) -> None:
        lab.look_back()
        lab.result_pane.show_again()
        if chosen is None or run is not lab.run_shown:
            return
        what, example = chosen
        if what == "row":
            lab.result_pane.show_row(example)
            lab.action_pane("result")
        else:
            lab.data_pane.view.move_to(int(run.dataset.rows[example]))
            lab.action_pane("data")

    lab.push_screen(ResultScreen(run), left_with)


@full_screen(
    "n",
    "Network",
    "every node and its weights, drawn; what is lost without a node",
    group="Look inside",
    words="layers nodes neurons edges histogram activations ablation dead saturated drawing",
)
def network(lab: Lab) -> None:
    """The network, drawn: every node, its weights, and what is lost without it; before training too."""
    from epochal.tui.screens.network.screen import NetworkScreen

    if run := lab.run_shown or lab.begin(paused=True):
        lab.push_screen(NetworkScreen(run), lambda _: lab.look_back())


@full_screen(
    "e",
    "Boundary",
    "the answer over any two features, or the fitted curve over one",
    group="Look inside",
    words="decision map surface plane components pca scatter play noise",
)
def boundary(lab: Lab) -> None:
    """What the network answers over any two features, before training too."""
    from epochal.core.explain.boundary import axes_of
    from epochal.tui.screens.boundary.curve import CurveScreen
    from epochal.tui.screens.boundary.screen import BoundaryScreen

    def trained_on(sample: Sample) -> Run | None:
        lab.show_dataset(dataset_from(sample.table()))
        return lab.begin()

    if run := lab.run_shown or lab.begin(paused=True):
        if len(axes_of(run.dataset.examples)) == 1:
            lab.push_screen(CurveScreen(run), lambda _: lab.look_back())
            return
        screen = BoundaryScreen(run, lab.result_pane.typed, trained_on)
        lab.push_screen(screen, lambda _: lab.look_back())


@full_screen(
    "j",
    "Playground",
    "each node's own map, live; layers, nodes, features, noise and points by keys; a link to all of it",
    group="Look inside",
    words="play tensorflow layers add remove paint noise share link state overfitting dead neuron map",
    ready=lambda lab: lab.dataset is not None,
    empty="No table is open. Press o to open one.",
)
def playground(lab: Lab) -> None:
    """Every hidden node's own map, and keys that change all of it while it trains."""
    open_playground(lab)


@full_screen(
    "i",
    "What if",
    "what each feature does to the typed row's answer, and what would flip it",
    group="Look inside",
    words="importance attribution counterfactual explain feature sensitivity neighbours",
    ready=has_learned,
    empty="Nothing has been learned yet. Press t to train.",
)
def what_if(lab: Lab) -> None:
    """The typed row: what each feature does to the answer, and what would change it."""
    from epochal.tui.screens.what_if.screen import WhatIfScreen

    run = lab.run_shown
    if run is None or run.training is None:
        return
    form = lab.result_pane.form

    def left_with(texts: dict[str, str] | None) -> None:
        lab.look_back()
        if run is lab.run_shown and texts is not None and texts != form.texts:
            lab.result_pane.show_texts(texts)

    lab.push_screen(WhatIfScreen(run, form.texts, lab.result_pane.example), left_with)


@full_screen(
    "k",
    "Branch",
    "go on from the epoch shown with other settings, beside the run; or steer it",
    group="Look inside",
    words="fork continue steer change learning rate resume weights",
    ready=lambda lab: lab.run_shown is not None and lab.run_shown.weights_at(lab.epoch_shown) is not None,
    empty="There is nothing to branch off from yet. Press t to train.",
)
async def branch(lab: Lab) -> None:
    """Go on from the epoch shown with other settings, beside the run; or change the run itself."""
    from epochal.tui.screens.branch import BranchScreen

    run = lab.run_shown
    weights = run.weights_at(lab.epoch_shown) if run else None
    if run is None or weights is None:
        return
    leaves = run.owner_of(weights.epoch)
    may_steer = run.is_active and lab.epoch_shown is None and run.can_be_steered
    now = run.settings_now if may_steer else leaves.settings_at(weights.epoch)
    chosen = await lab.push_screen_wait(BranchScreen(weights.epoch, now, may_steer=may_steer))
    if chosen is None or run is not lab.run_shown:
        return
    act, changed = chosen
    if act == "steer":
        for name, value in changed.items():
            lab.steer(name, value)
        return
    run.stop()
    settings = now.model_copy(update=changed)
    lab.show_run(lab.new_run(run.dataset, settings, Branch(leaves, weights, changed)))
    lab.action_pane("error")


@full_screen(
    "m",
    "Microscope",
    "one training step, number by number; every gradient checked",
    group="Look inside",
    words="backpropagation gradient step batch formula forward backward update",
)
def microscope(lab: Lab) -> None:
    """The next step, number by number."""
    from epochal.tui.screens.microscope.screen import look_closely

    if lab.dataset and (lab.run_shown or not lab.wrong_setting()):
        look_closely(lab, lab.dataset, lab.settings, lab.gate, lab.run_shown)
