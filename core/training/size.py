"""What a network needs: the memory to train it, and the multiplications of an epoch."""

from __future__ import annotations

import numpy as np

from epochal.core.network.network import parameter_count
from epochal.core.network.output_kind import kind_for
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.rows.examples import Examples
from epochal.core.rows.preparation import MOST_LEVELS
from epochal.core.settings import Settings
from epochal.core.training.history import Epoch

# Bytes below which nobody need know.
WORTH_SAYING = 200_000_000


def layers_at_most(examples: Examples, settings: Settings) -> tuple[int, ...]:
    """The nodes of each layer, the most inputs there can be; ValueError where nothing can be trained."""
    inputs = sum(min(max(len(feature.categories), 1), MOST_LEVELS + 1) for feature in examples.features)
    kind = kind_for(examples, settings.activation, settings.loss)
    nodes = kind.nodes(len(examples.classes), len(examples.outputs))
    return (inputs, *settings.hidden, nodes)


def bytes_to_train(layers: tuple[int, ...], settings: Settings) -> int:
    """The memory that training, the states kept of it and the evaluation take at their most, as measured.

    A vector is as long as the parameters: the parameters and what the optimizer remembers stand in the run,
    in the epoch before, and in two states; then come gradients, updates, and copies that are evaluated.
    """
    vectors = 5 * (1 + OPTIMIZERS[settings.optimizer].value.memory) + 2 * (settings.networks - 1)
    # What is evaluated is so in double precision.
    return parameter_count(layers) * (vectors * np.dtype(settings.precision).itemsize + 11 * 8)


def size_in_words(layers: tuple[int, ...], settings: Settings, rows: int) -> str:
    """A sentence on a network that needs much; empty for others."""
    needed, said = bytes_to_train(layers, settings), []
    if needed >= WORTH_SAYING:
        # One pass forward and two backward, for each row.
        products = 3.0 * parameter_count(layers) * rows
        said.append(
            f"Training it takes about {gigabytes(needed)} of memory, and {products:.1g} multiplications for"
            " each epoch."
        )
    measures = settings.epochs * len(Epoch._fields) * 8
    if 2 * measures >= WORTH_SAYING:
        # The history of a run doubles its room whenever that is full.
        said.append(
            f"Its {settings.epochs:,} epochs take up to {gigabytes(2 * measures)} of memory, and"
            f" {gigabytes(measures)} in the history."
        )
    return " ".join(said)


def gigabytes(size: int) -> str:
    """`3.4 GB`."""
    return f"{size / 1e9:.2g} GB" if size < 1e11 else f"{size / 1e9:,.0f} GB"
