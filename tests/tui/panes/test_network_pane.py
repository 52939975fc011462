"""The network beside the panes, where the screen is wide: it follows the run and the time machine."""

from __future__ import annotations

from itertools import islice

from epochal.core.explain.node_statistics import Probe
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.tables.dataset import Dataset
from tests.lab import SIZES, lab

QUICK = Settings(epochs=20)


async def test_the_network_is_drawn_beside_the_panes_and_goes_back_in_time(spine: Dataset) -> None:
    async with lab(spine, QUICK, SIZES["200x50"]) as person:
        assert "Here the network will be drawn as it learns." in person.pane("network-pane")
        await person.press("t", "3")
        await person.wait_for_the_end()
        assert "Epoch 20 of 20" in person.pane("network-pane")
        await person.press("home", "right", "right", "right")
        assert "Epoch 3 of 20 (looking back)" in person.pane("network-pane")
        training = Training(spine.examples, QUICK)
        list(islice(training, 3))
        probe = Probe.of(training)
        for mean in probe.layers(probe.training.network.with_parameters(training.last_parameters))[1].mean:
            assert f"{mean + 0.0:+.2f}".replace("-0.00", "+0.00") in person.pane("network-pane")
        await person.press("z")
        assert "Here the network will be drawn as it learns." in person.pane("network-pane")


async def test_where_there_is_no_room_for_it_nothing_of_it_is_made(spine: Dataset) -> None:
    async with lab(spine, QUICK) as person:
        await person.press("t")
        await person.wait_for_the_end()
        assert person.app.network_pane is None


async def test_room_that_comes_while_a_full_screen_is_in_front_is_used_behind_it(spine: Dataset) -> None:
    async with lab(spine, QUICK, SIZES["80x24"]) as person:
        await person.press("t")
        await person.wait_for_the_end()
        await person.press("v")
        await person.pilot.resize_terminal(*SIZES["200x50"])
        await person.press("escape")
        await person.until_shown("Epoch 20 of 20")
        for title in ("1 Data", "2 Settings", "3 Error", "4 Result", "n Network"):
            assert f"╭─ {title} " in "\n".join(person.lines())
        await person.pilot.resize_terminal(*SIZES["120x40"])
        await person.until(lambda: "╭─ n Network" not in person.screen())
