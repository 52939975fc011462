"""A run's network as a picture: what its layers are, and what they and their ends are called."""

from __future__ import annotations

from collections.abc import Collection

from epochal.core.explain.node_statistics import Node, Probe
from epochal.core.network.network import Network
from epochal.tui.screens.network.drawing import Picture


def picture_of(probe: Probe, network: Network, off: Collection[Node] = ()) -> Picture:
    """A network, which may be a changed copy of the training's, over the rows of the probe."""
    training = probe.training
    settings, examples = training.settings, training.examples
    hidden = [f"{nodes:,} {settings.activation}" for nodes in settings.hidden]
    kind = network.kind
    titles = [f"{network.layers[0]:,} inputs", *hidden, f"{network.layers[-1]:,} {kind.output.layer_name}"]
    return Picture(
        layers=probe.layers(network),
        titles=titles,
        names=training.preparation.names,
        answers=kind.node_names(examples.classes, examples.outputs),
        off=frozenset(off),
        activation=settings.activation,
        kind=kind,
    )
