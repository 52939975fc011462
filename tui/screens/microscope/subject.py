"""What lies under the microscope: a step, and the names of what its numbers belong to."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from epochal.core.explain.one_step import OneStep
from epochal.core.network.network import layer_views
from epochal.core.rows.preparation import Preparation
from epochal.core.training.training import Training

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slide:
    """A step; `outputs` and `rows` are names, of the output nodes and of the batch's rows.

    Layers are counted from 0, the first hidden one, or the output where there is none.
    """

    step: OneStep
    preparation: Preparation
    outputs: tuple[str, ...]
    rows: tuple[str, ...]

    @classmethod
    def of(cls, training: Training, step: OneStep, table_rows: NDArray[np.intp]) -> Slide:
        """The step of a training; its examples are these rows of the table."""
        examples = training.examples
        answers = training.network.kind.node_names(examples.classes, examples.outputs)

        def name(example: int) -> str:
            right = examples.targets[example]
            known = (
                examples.classes[int(right)]
                if examples.classes
                else ", ".join(f"{number:.4g}" for number in np.atleast_1d(right).tolist())
            )
            return f"row {table_rows[example] + 1:,}, {known}"

        return cls(step, training.preparation, answers, tuple(map(name, step.batch.rows.tolist())))

    def is_last(self, layer: int) -> bool:
        """Whether that is the output layer."""
        return layer == len(self.step.layers) - 1

    @property
    def is_for_classes(self) -> bool:
        """Whether the outputs are probabilities, not numbers."""
        return self.step.kind.has_classes

    def layer(self, layer: int) -> str:
        """The layer as a title begins."""
        if self.is_last(layer):
            return "Output"
        return "Hidden layer" if len(self.step.layers) == 2 else f"Hidden layer {layer + 1}"

    def stage(self, what: str, layer: int) -> str:
        """The same in short."""
        if self.is_last(layer):
            return f"output {what}"
        return f"hidden {what}" if len(self.step.layers) == 2 else f"{what} {layer + 1}"

    def node(self, layer: int, node: int) -> str:
        """A node of a layer."""
        return self.outputs[node] if self.is_last(layer) else f"node {node + 1}"

    def weight(self, layer: int, index: int) -> str:
        """A weight, by its place among those of its layer."""
        node, source = divmod(index, self.step.shape[layer] + 1)
        if source == self.step.shape[layer]:
            begins = "bias"
        else:
            begins = self.preparation.names[source] if layer == 0 else f"node {source + 1}"
        return f"{self.node(layer, node)} <- {begins}"

    def parameter(self, place: int) -> str:
        """A parameter, by its place in the flat vector."""
        for layer, (inputs, nodes) in enumerate(pairwise(self.step.shape)):
            if place < nodes * (inputs + 1):
                hidden = "" if self.is_last(layer) or len(self.step.layers) == 2 else f"layer {layer + 1} "
                return hidden + self.weight(layer, place)
            place -= nodes * (inputs + 1)
        raise IndexError("The network has no parameter there.")

    def part(self, vector: Floats, layer: int) -> Floats:
        """One layer's part of a flat vector."""
        return np.asarray(layer_views(vector, self.step.shape)[layer], np.float64).ravel()
