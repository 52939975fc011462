"""What each hidden node makes of a plane of two features, and what weights it has on a picture's pixels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from epochal.core.explain.boundary import Plane
from epochal.core.explain.node_statistics import shape_of
from epochal.core.network.network import Network
from epochal.core.rows.examples import Floats

_TWO_NUMBERS = re.compile(r"(.*?)(\d+)[^\d]+(\d+)")
_COUNTED = re.compile(r"((?:pixel|pix|px)\D*)(\d+)", re.IGNORECASE)
SMALLEST, LARGEST = 4, 64
"""Sides of pictures."""


@dataclass(frozen=True, eq=False)
class NodeMaps:
    """For each hidden layer nodes x rows x columns from -1 to 1, the lowest row first.

    1 is the activation's own end where it has one, else the layer's largest value.
    """

    layers: tuple[Floats, ...]


def node_maps(network: Network, grid: Plane) -> NodeMaps:
    """Every hidden node's value over a plane."""
    shape = shape_of(network.activation)
    layers = []
    for values in network.trace(grid.inputs).values:
        over = np.asarray(values, np.float64).T.reshape(-1, len(grid.y), len(grid.x))
        end = max(abs(shape.low), abs(shape.high))
        if not np.isfinite(end):
            end = float(np.abs(over).max(initial=0.0))
        layers.append(over / max(end, 1e-12))
    return NodeMaps(tuple(layers))


def pixels_of(names: Sequence[str]) -> tuple[int, tuple[int, ...]]:
    """The side of a square picture whose pixels the features are, and which of them, row by row; else 0.

    They are called by row and column, as `pixel_0_7` or `1x8`, or counted, as `pixel63`. Some may be missing.
    """
    found = [_TWO_NUMBERS.fullmatch(name) for name in names]
    if names and all(found):
        places = [(one[1], int(one[2]), int(one[3])) for one in found if one]
        first = min(min(row, column) for _, row, column in places)
        side = 1 + max(max(row, column) for _, row, column in places) - first
        pixels = tuple((row - first) * side + column - first for _, row, column in places)
    else:
        counted = [_COUNTED.fullmatch(name) for name in names]
        if not names or not all(counted):
            return 0, ()
        places = [(one[1], int(one[2]), 0) for one in counted if one]
        first = min(number for _, number, _ in places)
        side = ceil(sqrt(1 + max(number for _, number, _ in places) - min(first, 1)))
        pixels = tuple(number - min(first, 1) for _, number, _ in places)
    alike = len({stem for stem, _, _ in places}) == 1 and len(set(pixels)) == len(pixels)
    is_picture = alike and SMALLEST <= side <= LARGEST and 2 * len(pixels) >= side * side
    return (side, pixels) if is_picture else (0, ())


def weight_picture(network: Network, node: int, pixels: Sequence[int], side: int) -> Floats:
    """The weights of a node of the first hidden layer as a picture, side x side from -1 to 1, top row first.

    `pixels` says which one each input of the network is; one that never varied is 0.
    """
    picture = np.zeros(side * side)
    weights = np.asarray(network.weights[0][node, :-1], np.float64)
    picture[list(pixels)] = weights / max(float(np.abs(weights).max(initial=0.0)), 1e-12)
    return picture.reshape(side, side)
