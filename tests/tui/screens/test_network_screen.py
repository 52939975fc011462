"""The network, drawn: what it shows of a run, how one goes through it, and what is lost without a node."""

from __future__ import annotations

import re
from contextlib import AbstractAsyncContextManager

import numpy as np
import pytest

from epochal.core.evaluation.evaluation import decide
from epochal.core.explain.ablation import each_without, fixed, heaviest, means, without
from epochal.core.explain.node_statistics import Probe
from epochal.core.network.output_kind import OUTPUT_KINDS
from epochal.core.settings import Settings
from epochal.core.training.gate import OpenGate
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.tables.table import Column, Table
from epochal.tui.runner.run import Run
from epochal.tui.screens.network.drawing import Picture, draw
from epochal.tui.screens.network.layout import lay_out
from epochal.tui.screens.network.screen import NetworkScreen
from epochal.tui.screens.network.view import NetworkView
from tests.lab import SIZES, Person, ascii_terminal, full_screen, lab, part, run_of
from tests.runs import GIVE_UP, sampled

QUICK = Settings(epochs=60)
ENDLESS = Settings(epochs=10_000_000)


def network(
    dataset: Dataset, settings: Settings = QUICK, size: tuple[int, int] = (120, 40)
) -> AbstractAsyncContextManager[Person]:
    """The lab with a finished run and its network on the screen."""
    return full_screen("n", "Held out, as it is", dataset, settings, size)


def view(person: Person) -> NetworkView:
    return person.app.screen.query_one(NetworkView)


def rows_right(person: Person) -> list[int]:
    """The counts of the lines about the held-out rows."""
    return [int(count) for count in re.findall(r"(\d+) of \d+ rows right", part(person, "worth"))]


@pytest.mark.parametrize("size", sampled(SIZES, 1, "layers names and classes are"))
async def test_layers_names_and_classes_are_named_at_every_size(size: str, iris: Dataset) -> None:
    async with network(iris, size=SIZES[size]) as person:
        shown = part(person, "drawing")
        for words in ("4 inputs", "10 tanh", "3 softmax", "petal_", "setosa", "virgin", "weights above 0"):
            assert words in shown
        assert "Layer 1, node 1 of 10, tanh" in part(person, "node")
        assert "epoch 60 of 60, finished" in part(person, "network-top")
        assert "rows right" in part(person, "worth")
        assert all(len(line) <= SIZES[size][0] for line in person.lines())


async def test_a_nodes_card_says_what_is_so(spine: Dataset) -> None:
    async with network(spine) as person:
        await person.press("down", "down")
        run = run_of(person)
        assert run.training is not None
        training = run.training
        inputs = training.preparation.inputs(spine.examples.inputs[training.split.train])
        weights = training.network.weights[0][2]
        values = np.tanh(inputs @ weights[:-1] + weights[-1])
        card = part(person, "node")
        assert "Layer 1, node 3 of 10, tanh" in card
        assert f"mean {values.mean():+.2f}, from {values.min():+.2f} to {values.max():+.2f}" in card
        assert f"saturated: {int((1 - values**2 < 0.01).sum())} of {len(values)} rows" in card
        order = np.argsort(-np.abs(weights))
        names = [*training.preparation.names, "bias"]
        shown = re.findall(r"([a-z_]+…?) ([+-]\d\.\d\d) ", card[card.index("Incoming weights") :])
        assert len(shown) == 7
        for (name, weight), place in zip(shown, order, strict=True):
            assert names[place].startswith(name.rstrip("…"))
            assert weight == f"{weights[place]:+.2f}"


async def test_the_node_shows_its_mean_in_the_drawing(spine: Dataset) -> None:
    async with network(spine) as person:
        run = run_of(person)
        assert run.training is not None
        layers = Probe.of(run.training).layers(run.training.network)
        shown = re.findall(r"[+-]\d\.\d\d", part(person, "drawing"))
        expected = sorted(f"{mean:+.2f}" for layer in layers[1:] for mean in layer.mean)
        assert sorted(text for text in shown if text in expected) == expected


async def test_arrows_go_from_node_to_node_and_layer_to_layer(spine: Dataset) -> None:
    async with network(spine) as person:
        await person.press("up")
        assert "node 1 of 10" in part(person, "node")
        await person.press("end")
        assert "node 10 of 10" in part(person, "node")
        await person.press("right")
        assert "Output: Normal" in part(person, "node")
        await person.press("right", "left", "left")
        assert re.search(r"Input \d: ", part(person, "node"))
        assert "Outgoing weights" in part(person, "node")
        await person.press("home", "up")
        assert "Input 1: pelvic_incidence" in part(person, "node")


async def test_turning_a_node_off_shows_what_is_lost_and_again_undoes_it(spine: Dataset) -> None:
    async with network(spine) as person:
        run = run_of(person)
        training = run.training
        assert training is not None
        assert run.evaluation is not None
        before, judged = training.network.parameters.tobytes(), run.evaluation.correct  # type: ignore[union-attr]
        assert rows_right(person) == [judged]
        probe = Probe.of(training)
        seen = set()
        for place in range(4):
            await person.press("x")
            expected = probe.worth(without(training.network, [(1, place)])).right
            assert rows_right(person) == [judged, expected]
            assert f"Without node {place + 1}" in part(person, "worth")
            answers = decide(
                probe.training.network.with_parameters(without(training.network, [(1, place)]).parameters)
                .outputs(probe.held_out.inputs[:, :-1])
                .astype(np.float64),
                0.5,
            )
            for index, name in enumerate(spine.examples.classes):
                own = probe.targets == index
                right = np.count_nonzero(answers[own] == index)
                assert f"{name}: {right} of {own.sum()}" in part(person, "worth")
            assert "turned off" in part(person, "node")
            seen.add(expected)
            await person.press("x", "down")
            assert rows_right(person) == [judged]
        assert len(seen) > 1
        assert training.network.parameters.tobytes() == before
        assert run.evaluation.correct == judged  # type: ignore[union-attr]


async def test_several_nodes_can_be_off_together_and_an_input_too(spine: Dataset) -> None:
    async with network(spine) as person:
        await person.press("x", "down", "x", "left", "end", "x")
        training = run_of(person).training
        assert training is not None
        off = without(training.network, [(1, 0), (1, 1), (0, 5)])
        assert rows_right(person)[1] == Probe.of(training).worth(off).right
        assert "without 3 of its nodes" in part(person, "network-top")


async def test_a_node_held_at_its_mean_is_judged_so_and_undo_frees_the_last_one(spine: Dataset) -> None:
    async with network(spine) as person:
        training = run_of(person).training
        assert training is not None
        probe, whole = Probe.of(training), training.network
        await person.press("f", "down", "x")
        expected = fixed(whole, {**means(probe, whole, [(1, 0)]), (1, 1): 0.0})
        assert rows_right(person)[1] == probe.worth(expected).right
        assert "Without node 2; node 1 at the mean" in part(person, "worth")
        await person.press("u")
        assert "Node 1 at the mean" in part(person, "worth")
        await person.press("up")
        assert "held at its mean" in part(person, "node")
        await person.press("x")
        assert "turned off" in part(person, "node")
        await person.press("u", "u")
        assert len(rows_right(person)) == 1


async def test_o_goes_to_the_node_that_is_missed_most(spine: Dataset) -> None:
    async with network(spine, Settings(epochs=60, hidden=(6,))) as person:
        training = run_of(person).training
        assert training is not None
        probe = Probe.of(training)
        worths = each_without(probe, training.network)
        node = heaviest(worths)
        await person.press("end", "o")
        await person.until_shown(f"Most important: node {node[1] + 1}, without it error")
        assert view(person).at == node
        await person.press("x")
        assert rows_right(person)[1] == worths[node].right


async def test_an_output_is_not_turned_off(spine: Dataset) -> None:
    async with network(spine) as person:
        await person.press("right", "x")
        assert len(rows_right(person)) == 1
        await person.until_shown("An output has no outgoing weights")


async def test_numbers_have_their_typical_error() -> None:
    async with network(dataset_from(open_table("diabetes"))) as person:
        assert re.search(r"Held out, as it is typical error \d+\.\d on 88 rows", part(person, "worth"))
        await person.press("x")
        assert re.search(r"Without node 1 typical error .* (more|less)", part(person, "worth"))


async def test_wide_layers_are_folded_and_every_node_can_still_be_reached(iris: Dataset) -> None:
    async with network(iris, Settings(epochs=2, hidden=(64, 3)), SIZES["80x24"]) as person:
        shown = part(person, "drawing")
        found = re.search(r"\.\.\. (\d+) more", shown)
        assert found
        await person.press("end")
        assert "node 64 of 64" in part(person, "node")
        assert f"... {found[1]} more" in part(person, "drawing")
        assert ">" in part(person, "drawing")


async def test_the_folded_part_is_summed_up(iris: Dataset) -> None:
    async with network(iris, Settings(epochs=2, hidden=(64,)), SIZES["80x24"]) as person:
        training = run_of(person).training
        assert training is not None
        hidden = Probe.of(training).layers(training.network)[1]
        shown = part(person, "drawing")
        count = int(re.search(r"\.\.\. (\d+) more", shown)[1])  # type: ignore[index]
        said = re.search(r"mean ([+-]\d\.\d\d)", shown)
        assert said
        assert float(said[1]) == pytest.approx(hidden.mean[64 - count :].mean(), abs=0.0051)


async def test_a_deep_network_shows_the_layers_beside_the_focus(iris: Dataset) -> None:
    async with network(iris, Settings(epochs=1, hidden=(3,) * 9), SIZES["80x24"]) as person:
        assert "more" in part(person, "drawing")
        await person.press(*["right"] * 10)
        assert "Output: " in part(person, "node")
        assert "3 softmax" in part(person, "drawing")
        await person.press(*["left"] * 10)
        assert "Input " in part(person, "node")


async def test_it_follows_a_run_that_trains_and_pauses_and_steps(spine: Dataset) -> None:
    async with lab(spine, ENDLESS) as person:
        await person.press("s")
        await person.until(lambda: run_of(person).length == 1)
        await person.press("n")
        await person.until_shown("epoch 1 of 10,000,000, paused")
        before = part(person, "node")
        await person.press("s")
        await person.until_shown("epoch 2 of 10,000,000, paused")
        assert part(person, "node") != before
        await person.press("t")
        await person.until(lambda: run_of(person).length > 5)
        await person.press("x")
        await person.press("t")
        await person.until(lambda: run_of(person).is_waiting)
        await person.until_shown(f"epoch {run_of(person).length:,} of 10,000,000, paused")
        training = run_of(person).training
        assert training is not None
        probe = Probe.of(training)
        cut = probe.worth(without(training.network, [(1, 0)]))
        assert rows_right(person) == [probe.worth(training.network).right, cut.right]


def test_the_weights_handed_out_are_those_of_the_epoch_they_name(spine: Dataset) -> None:
    settings = Settings(epochs=400)
    run, seen = Run(spine, settings, OpenGate(), lambda run: None), {}
    run.start()
    while run.is_active:
        # Asked for once: a moment later it may be the next epoch's.
        if (weights := run.weights) is not None:
            seen[weights.epoch] = weights.parameters
    assert run.join(GIVE_UP)
    assert run.weights is not None
    assert run.weights.epoch == 400
    seen[400] = run.weights.parameters
    training = Training(spine.examples, settings)
    for epoch in range(401):
        if epoch in seen:
            assert training.network.parameters.tobytes() == seen[epoch].tobytes()
        next(training, None)
    assert len(seen) > 2


async def test_with_patience_the_weights_kept_are_shown(spine: Dataset) -> None:
    async with network(spine, Settings(epochs=400, patience=5, learning_rate=0.3)) as person:
        training = run_of(person).training
        assert training is not None
        assert training.kept_epoch < training.history.length
        assert f"epoch {training.kept_epoch} of 400, stopped early" in part(person, "network-top")


async def test_without_a_run_the_network_is_shown_before_training(spine: Dataset) -> None:
    async with lab(spine) as person:
        await person.press("n")
        await person.until_shown("Network, epoch 0 of 300, paused")
        assert isinstance(person.app.screen, NetworkScreen)
        assert run_of(person).length == 0


async def test_escape_goes_back_and_keys_of_the_lab_do_nothing_behind_it(spine: Dataset) -> None:
    async with network(spine) as person:
        run = run_of(person)
        await person.press("z", "v")
        assert isinstance(person.app.screen, NetworkScreen)
        await person.press("escape")
        assert person.app.run_shown is run
        assert len(person.app.screen_stack) == 1


@pytest.mark.parametrize("unicode", [True, False])
async def test_hostile_names_are_shown_as_they_are(unicode: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not unicode:
        ascii_terminal(monkeypatch)
    chance = np.random.default_rng(0)
    values = chance.normal(size=80)
    table = Table(
        "[/x]",
        (
            Column("[@click=app.quit]a[/]", "number", values),
            Column("\x1b[31m\u202eb", "number", chance.normal(size=80)),
            Column("漢字" * 20, "number", chance.normal(size=80)),
            Column("class", "category", (values > 0).astype(np.int32), ("[red]no[/]", "\x1b]52;c;x\x07")),
        ),
    )
    async with network(dataset_from(table)) as person:
        await person.press("left", "home", "x", "down", "down", "right", "right")
        text = "".join(person.lines())
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "[@click" in text
        if not unicode:
            assert text.isascii()


@pytest.mark.parametrize("size", [(20, 5), (47, 20), (76, 35), (140, 46)])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_whatever_the_network_it_is_drawn_at_any_size(
    size: tuple[int, int], ascii_only: bool, spine: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ascii_only:
        ascii_terminal(monkeypatch)
    for hidden in ((), (1,), (10,), (64, 128), (4,) * 12):
        for activation in ("relu", "tanh"):
            training = Training(spine.examples, Settings(hidden=hidden, activation=activation))
            layers = Probe.of(training).layers(training.network)
            names = training.preparation.names
            titles = [str(layer.nodes) for layer in layers]
            picture = Picture(
                layers, titles, names, ["Normal"], {(0, 1)}, activation, OUTPUT_KINDS["sigmoid"]
            )
            for layer, nodes in enumerate(training.network.layers):
                for place in {0, nodes // 2, nodes - 1}:
                    layout = lay_out(training.network.layers, size, (layer, place), {}, 24, 6)
                    column = layout.column(layer)
                    assert column is not None
                    assert column.row_of(place) is not None
                    assert column.first + len(column.rows) + column.below == nodes
                    frame = draw(picture, layout, (layer, place), ascii_only=ascii_only)
                    assert frame.size == size
                    if ascii_only:
                        assert frame.glyphs.max() < 127
