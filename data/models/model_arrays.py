"""A model as flat arrays, and back: every part of what a file holds is checked against every other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf

import numpy as np
from numpy.typing import NDArray

from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.ensemble import members_of, output_biases
from epochal.core.network.network import Network, parameter_count
from epochal.core.network.output_kind import OUTPUT_KINDS
from epochal.core.network.predictor import Predictor
from epochal.core.rows.examples import Feature, Rows
from epochal.core.rows.preparation import Preparation
from epochal.data.models.description import Description, description_text, read_description
from epochal.data.models.model import Model
from epochal.data.models.npz_arrays import Arrays, InvalidModel

MEMBERS = {
    "description": np.uint8,
    "parameters": np.floating,
    "levels": np.int64,
    "level_counts": np.int64,
    "filled": np.float64,
    "indicators": np.int64,
    "kept": np.int64,
    "centre": np.float64,
    "spread": np.float64,
    "target_centre": np.float64,
    "target_spread": np.float64,
}
# Of models with smooth clipping alone, so that a version that knows none refuses them.
BOUND = "bound"
# Of ensembles alone: the biases of each member's output layer, one member after the other.
BIASES = "biases"


def arrays_of(model: Model) -> Arrays:
    """A model as flat arrays, its description as one text among them; InvalidModel."""
    prepared = model.predictor.preparation
    return {
        "description": np.frombuffer(description_text(model), np.uint8),
        "parameters": model.predictor.network.parameters,
        "levels": np.concatenate([*prepared.levels, np.empty(0)]).astype(np.int64),
        "level_counts": np.array([len(levels) for levels in prepared.levels], np.int64),
        "filled": prepared.filled,
        "indicators": prepared.indicators.astype(np.int64),
        "kept": prepared.kept.astype(np.int64),
        "centre": prepared.centre,
        "spread": prepared.spread,
        "target_centre": prepared.target_centre,
        "target_spread": prepared.target_spread,
        **({} if prepared.bound == inf else {BOUND: np.array([prepared.bound])}),
        **({BIASES: output_biases(model.members).ravel()} if model.members else {}),
    }


def model_from(arrays: Arrays) -> Model:
    """The model that a file's arrays are; InvalidModel when one of them does not fit the others."""
    if "description" not in arrays:
        raise InvalidModel("is an .npz file, but no model that Epochal wrote")
    description = read_description(arrays["description"].tobytes())
    if set(arrays) - {BOUND, BIASES} != set(MEMBERS):
        raise InvalidModel(f"lacks or adds {', '.join(sorted(set(arrays) ^ set(MEMBERS)))[:80]}")
    for name, kind in MEMBERS.items():
        values = arrays[name]
        _require(np.issubdtype(values.dtype, kind), f"holds another kind of number as {name}")
        finite = values.dtype.kind != "f" or bool(np.isfinite(values).all())
        _require(finite, f"holds {name} that are not finite numbers")
    biases = _biases(description, arrays)
    network = _network(description, arrays["parameters"], max(len(biases), 1))
    return Model(
        predictor=Predictor(_preparation(description, arrays), network),
        target=description.target,
        classes=description.classes,
        names=description.names,
        threshold=description.threshold,
        stored_settings=description.settings,
        trained_by=description.trained_by,
        table=description.table,
        epochs=description.epochs,
        evaluation=description.evaluation,
        decisions=description.decisions,
        ranges=tuple(one.range for one in description.features),
        date_orders=tuple(one.date_order for one in description.features),
        cells=description.cells,
        members=tuple(members_of(network, biases)) if len(biases) else (),
        temperature=description.temperature,
    )


def _biases(description: Description, arrays: Arrays) -> NDArray[np.floating]:
    """One row a member; none of one network alone."""
    if BIASES not in arrays:
        return np.empty((0, 1))
    biases = arrays[BIASES]
    outputs = description.layers[-1] if len(description.layers) > 2 else len(biases) + 1
    _require(
        len(biases) > outputs
        and len(biases) % outputs == 0
        and biases.dtype == arrays["parameters"].dtype
        and bool(np.isfinite(biases.astype(np.float64)).all()),
        "has biases that do not fit its layers",
    )
    return biases.astype(str(biases.dtype)).reshape(-1, outputs)


def _network(description: Description, parameters: NDArray[np.generic], members: int) -> Network:
    layers, settings = description.layers, description.settings
    _require(
        str(parameters.dtype) == description.precision == settings.get("precision"),
        "has weights of another precision",
    )
    _require(
        description.activation in ACTIVATIONS,
        f"has the activation {description.activation[:40]!r}, which this version does not know",
    )
    kind, classes = OUTPUT_KINDS[description.link], len(description.classes)
    _require(
        kind.suits(classes),
        f"has the output activation {description.link}, which does not suit what it predicts",
    )
    _require(
        len(layers) >= 2
        and [nodes / members for nodes in layers[1:-1]] == settings.get("hidden")
        and layers[-1] == kind.nodes(classes, len(description.names))
        and description.activation == settings.get("activation"),
        "has layers that do not fit its settings and classes",
    )
    wanted = parameter_count(layers)
    _require(wanted == len(parameters), f"has {len(parameters):,} weights, where its layers have {wanted:,}")
    return Network(layers, description.activation, description.link, parameters)  # type: ignore[arg-type]


def _preparation(description: Description, arrays: Arrays) -> Preparation:
    counts, kept, indicators, all_levels = (
        arrays[name].astype(np.intp) for name in ("level_counts", "kept", "indicators", "levels")
    )
    filled, centre, spread, target_centre, target_spread = (
        arrays[name].astype(np.float64)
        for name in ("filled", "centre", "spread", "target_centre", "target_spread")
    )
    features, outputs = len(description.features), 1 if description.classes else len(description.names)
    shapes = (
        len(counts) == len(filled) == features > 0
        and len(kept) == len(centre) == len(spread) == description.layers[0]
        and len(target_centre) == len(target_spread) == outputs > 0
        and bool((counts >= 0).all() and (counts <= len(all_levels)).all())
        and int(counts.sum()) == len(all_levels)
    )
    _require(shapes, "has a preparation of a shape that does not fit its columns")
    above = bool((spread > 0.0).all() and (target_spread > 0.0).all())
    _require(above, "would divide by a spread that is not above 0")
    bound = arrays.get(BOUND, np.array([inf]))
    _require(
        bound.shape == (1,) and bound.dtype == np.float64 and bool(bound[0] > 0.0),
        "clips its inputs by what is no number above 0",
    )
    levels = _parts(all_levels, counts.tolist())
    columns = len(indicators)
    for feature, own, filling in zip(description.features, levels, filled.tolist(), strict=True):
        known = len(feature.categories)
        _require(
            _ascending(own, known), f"has levels of {feature.name[:40]!r} that are none of its categories"
        )
        _require(
            not known or (filling.is_integer() and 0 <= filling < known),
            f"fills {feature.name[:40]!r} with what is none of its categories",
        )
        columns += 1 if not known else len(own) + (len(own) < known)
    _require(
        _ascending(indicators, features) and _ascending(kept, columns),
        "has a preparation that names columns that are not there",
    )
    return Preparation(
        features=tuple(Feature(one.name, one.categories) for one in description.features),
        levels=levels,
        filled=filled,
        indicators=indicators,
        kept=kept,
        centre=centre,
        spread=spread,
        target_centre=target_centre,
        target_spread=target_spread,
        bound=float(bound[0]),
    )


def _parts(values: Rows, counts: Sequence[int]) -> tuple[Rows, ...]:
    stops = list(accumulate(counts))
    return tuple(values[stop - count : stop] for stop, count in zip(stops, counts, strict=True))


def _ascending(places: Rows, below: int) -> bool:
    """Whether places are distinct, in order, and from 0 to less than `below`."""
    if not len(places):
        return True
    return bool(places[0] >= 0 and places[-1] < below and (places[1:] > places[:-1]).all())


def _require(right: bool, otherwise: str) -> None:
    if not right:
        raise InvalidModel(otherwise)
