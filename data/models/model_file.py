"""Trained models in one file each: they predict without their table, and are safe to open from a stranger."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.network.losses import OutputActivation
from epochal.core.network.network import Network, parameter_count
from epochal.core.network.output_kind import OUTPUT_KINDS
from epochal.core.network.predictor import Predictor
from epochal.core.outcome import Outcome
from epochal.core.rows.examples import Feature, Floats, Rows
from epochal.core.rows.preparation import Preparation
from epochal.core.settings import Settings
from epochal.data.atomic_write import whole_file
from epochal.data.models.npz_arrays import Arrays, InvalidModel, digest, read_arrays, write_arrays
from epochal.data.tables.dataset import Dataset

VERSION = 1

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, lt=1 << 63)]


class ModelError(Exception):
    """Why a file is no model that can be used: a sentence for the person who wanted to open it."""


class Record(BaseModel):
    """Part of a model's description: frozen, and read strictly."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def of(cls, source: object) -> Self:
        """The attributes of that name; those that are no finite number are None."""
        values = {name: getattr(source, name) for name in cls.model_fields}
        return cls(
            **{
                name: None if isinstance(value, float) and not np.isfinite(value) else value
                for name, value in values.items()
            }
        )


class TableStamp(Record):
    """Which table was learned from: enough to know it again."""

    name: str
    rows: Count
    size: Count
    sha256: str


class ClassWorth(Record):
    """What the held-out rows said of a classifier; shares from 0 to 1, None where undefined."""

    rows: Count
    correct: Count
    accuracy: Share | None
    interval: tuple[Share, Share]
    level: Share
    baseline: Share | None
    baseline_class: str
    auc: Share | None


class NumberWorth(Record):
    """What the held-out rows said of a predictor of numbers, in the target's units."""

    rows: Count
    level: Share
    rmse: float | None
    interval: tuple[float, float] | None
    mae: float | None
    r2: float | None
    baseline_rmse: float | None


class _Feature(Record):
    name: str
    categories: tuple[str, ...]


class _Head(BaseModel):
    """What every version of the format begins with."""

    format: Literal["epochal model"]
    version: Annotated[int, Field(ge=1, lt=1 << 31)]


class _Description(Record):
    """All of a model that is not an array."""

    format: Literal["epochal model"] = "epochal model"
    version: Literal[1] = 1
    target: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    features: tuple[_Feature, ...]
    layers: tuple[Annotated[int, Field(ge=1, lt=1 << 31)], ...]
    activation: str
    link: OutputActivation
    precision: str
    threshold: Share
    settings: Settings
    table: TableStamp
    epochs: Count
    evaluation: ClassWorth | NumberWorth | None


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network with all it takes to predict, and where it came from.

    `names` are the outputs' names for numbers; `threshold` is the probability from which on the second of
    two classes is answered; `epochs` were trained before these weights were kept.
    """

    predictor: Predictor
    target: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    threshold: float
    settings: Settings
    table: TableStamp
    epochs: int
    evaluation: ClassWorth | NumberWorth | None

    @property
    def features(self) -> tuple[Feature, ...]:
        """What a prediction is made from."""
        return self.predictor.preparation.features

    def outputs(self, inputs: Floats) -> Floats:
        """Rows x classes of probabilities, or rows x numbers: the bytes that the training gave."""
        return self.predictor.outputs(inputs)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 of all that is saved."""
        return digest(_arrays(self))


def model_of(dataset: Dataset, outcome: Outcome) -> Model:
    """What a run has learned, apart from it: the weights it keeps, and what was measured of them."""
    training, evaluation, table = outcome.training, outcome.evaluation, dataset.table
    examples = training.examples
    worth = (ClassWorth if isinstance(evaluation, ClassEvaluation) else NumberWorth).of(evaluation)
    return Model(
        outcome.predictor,
        dataset.target,
        examples.classes,
        examples.outputs,
        outcome.threshold,
        training.settings,
        # A file's name need not be text, but what is written here must be.
        TableStamp(
            name=table.name.encode(errors="replace").decode(),
            rows=table.rows,
            size=table.size,
            sha256=table.sha256,
        ),
        outcome.kept_epoch,
        worth,
    )


def save_model(path: str | os.PathLike[str], model: Model, *, force: bool = False) -> None:
    """Write a model to a new file, or over the one that is there with `force`; whole or not at all.

    Raises ModelError when its numbers are such that it could not be loaded again, FileExistsError, OSError.
    """
    place = Path(path)
    try:
        arrays = _arrays(model)
        _model(arrays)
        with whole_file(place, force=force) as file:
            write_arrays(file, arrays)
    except InvalidModel as unfit:
        raise ModelError(f"{place.name} was not written: the model {unfit}.") from None


def load_model(path: str | os.PathLike[str]) -> Model:
    """The model in a file; ModelError says in a sentence why there is none."""
    place = Path(path)
    try:
        if place.exists() and not place.is_file():
            raise ModelError(f"{place} is not a file, so there is no model in it.")
        with place.open("rb") as file:
            return _model(read_arrays(file))
    except InvalidModel as unfit:
        raise ModelError(f"{place.name} cannot be used as a model: it {unfit}.") from None
    except FileNotFoundError:
        raise ModelError(f"There is no file {place}.") from None
    except (OSError, ValueError) as error:  # ValueError: no name a file can have
        reason = getattr(error, "strerror", None) or error
        raise ModelError(f"{place} cannot be read: {reason}.") from None


def _arrays(model: Model) -> Arrays:
    """A model as flat arrays, its words as one text among them."""
    prepared, network = model.predictor.preparation, model.predictor.network
    try:
        description = _Description(
            target=model.target,
            classes=model.classes,
            names=model.names,
            features=tuple(_Feature(name=one.name, categories=one.categories) for one in model.features),
            layers=network.layers,
            activation=network.activation,
            link=network.output_activation,
            precision=str(network.parameters.dtype),
            threshold=model.threshold,
            settings=model.settings,
            table=model.table,
            epochs=model.epochs,
            evaluation=model.evaluation,
        )
        text = description.model_dump_json().encode()
    except ValueError as error:
        raise InvalidModel(f"cannot be described: {_first(error)}") from None
    return {
        "description": np.frombuffer(text, np.uint8),
        "parameters": network.parameters,
        "levels": np.concatenate([*prepared.levels, np.empty(0)]).astype(np.int64),
        "level_counts": np.array([len(levels) for levels in prepared.levels], np.int64),
        "filled": prepared.filled,
        "indicators": prepared.indicators.astype(np.int64),
        "kept": prepared.kept.astype(np.int64),
        "centre": prepared.centre,
        "spread": prepared.spread,
        "target_centre": prepared.target_centre,
        "target_spread": prepared.target_spread,
    }


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


def _model(arrays: Arrays) -> Model:
    """A model made of what a file holds, every part checked against every other; Unfit if one does not."""
    told = _description(arrays)
    if set(arrays) != set(MEMBERS):
        raise InvalidModel(f"lacks or adds {', '.join(sorted(set(arrays) ^ set(MEMBERS)))[:80]}")
    for name, kind in MEMBERS.items():
        values = arrays[name]
        _require(np.issubdtype(values.dtype, kind), f"holds another kind of number as {name}")
        finite = values.dtype.kind != "f" or bool(np.isfinite(values).all())
        _require(finite, f"holds {name} that are not finite numbers")
    parameters: NDArray[np.floating] = arrays["parameters"]  # type: ignore[assignment]
    _require(
        str(parameters.dtype) == told.precision == told.settings.precision,
        "has weights of another precision",
    )
    _check_network(told, len(parameters))
    return Model(
        Predictor(_preparation(told, arrays), Network(told.layers, told.activation, told.link, parameters)),
        told.target,
        told.classes,
        told.names,
        told.threshold,
        told.settings,
        told.table,
        told.epochs,
        told.evaluation,
    )


def _description(arrays: Arrays) -> _Description:
    if "description" not in arrays:
        raise InvalidModel("is an .npz file, but no model that Epochal wrote")
    text = arrays["description"].tobytes()
    try:
        head = _Head.model_validate_json(text)
    except ValidationError:
        raise InvalidModel("is an .npz file, but no model that Epochal wrote") from None
    if head.version > VERSION:
        raise InvalidModel(
            f"was written by a newer Epochal, in version {head.version} of the format; this one reads up to "
            f"version {VERSION}"
        )
    try:
        return _Description.model_validate_json(text)
    except ValidationError as error:
        raise InvalidModel(f"has a wrong description: {_first(error)}") from None


def _first(error: ValueError) -> str:
    """The first thing wrong, in a few words."""
    if not isinstance(error, ValidationError):
        return str(error)[:120]
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, fault['loc']))[:60]}: {fault['msg'][:80]}"


def _check_network(told: _Description, parameters: int) -> None:
    kind, classes = OUTPUT_KINDS[told.link], len(told.classes)
    _require(kind.suits(classes), f"answers by {told.link}, which does not suit what it predicts")
    _require(
        len(told.layers) >= 2
        and told.layers[1:-1] == told.settings.hidden
        and told.layers[-1] == kind.nodes(classes, len(told.names))
        and told.activation == told.settings.activation,
        "has layers that do not fit its settings and classes",
    )
    wanted = parameter_count(told.layers)
    _require(wanted == parameters, f"has {parameters:,} weights, where its layers have {wanted:,}")


def _preparation(told: _Description, arrays: Arrays) -> Preparation:
    counts, kept, indicators, all_levels = (
        arrays[name].astype(np.intp) for name in ("level_counts", "kept", "indicators", "levels")
    )
    filled, centre, spread, target_centre, target_spread = (
        arrays[name].astype(np.float64)
        for name in ("filled", "centre", "spread", "target_centre", "target_spread")
    )
    features, outputs = len(told.features), 1 if told.classes else len(told.names)
    shapes = (
        len(counts) == len(filled) == features > 0
        and len(kept) == len(centre) == len(spread) == told.layers[0]
        and len(target_centre) == len(target_spread) == outputs > 0
        and bool((counts >= 0).all() and (counts <= len(all_levels)).all())
        and int(counts.sum()) == len(all_levels)
    )
    _require(shapes, "has a preparation of a shape that does not fit its columns")
    above = bool((spread > 0.0).all() and (target_spread > 0.0).all())
    _require(above, "would divide by a spread that is not above 0")
    levels = _parts(all_levels, counts.tolist())
    columns = len(indicators)
    for feature, own, filling in zip(told.features, levels, filled.tolist(), strict=True):
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
        tuple(Feature(one.name, one.categories) for one in told.features),
        levels,
        filled,
        indicators,
        kept,
        centre,
        spread,
        target_centre,
        target_spread,
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
