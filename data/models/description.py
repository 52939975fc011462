"""The words of a model file: one JSON object, with a version and a migration from each earlier version.

The version is raised whenever an earlier program would read a file wrongly, as when a setting comes to
change what the weights predict. Other new settings need none: they are stored as they are, and only those
who ask for `Model.settings` need to know them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import zip_longest
from typing import Annotated, Literal

from pydantic import BaseModel, Field, JsonValue, ValidationError

from epochal.core.network.losses import OutputActivation
from epochal.data.models.model import (
    CellRules,
    ClassScores,
    Count,
    Model,
    Range,
    Record,
    RegressionScores,
    Share,
    TableDecisions,
    TableStamp,
)
from epochal.data.models.npz_arrays import InvalidModel

MOST_LAYERS = 64

Json = dict[str, JsonValue]


def _trained_by_the_first_version(description: Json) -> Json:
    return {**description, "trained_by": "0.1.0"}


def _without_decisions(description: Json) -> Json:
    return {**description, "decisions": None}


# The n-th brings a description of version n to version n + 1.
MIGRATIONS: tuple[Callable[[Json], Json], ...] = (_trained_by_the_first_version, _without_decisions)
VERSION = len(MIGRATIONS) + 1


class _Head(BaseModel):
    """What every version of the format begins with."""

    format: Literal["epochal model"]
    version: Annotated[int, Field(ge=1, lt=1 << 31)]


class FeatureDescription(Record):
    """One feature; a number's range in the table trained on, if known; how day and month stand in dates."""

    name: str
    categories: tuple[str, ...]
    range: Range | None = None
    date_order: str = ""


class Description(Record):
    """All of a model that is not an array, in the present version."""

    format: Literal["epochal model"] = "epochal model"
    version: int = VERSION
    target: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    features: tuple[FeatureDescription, ...]
    layers: Annotated[tuple[Annotated[int, Field(ge=1, lt=1 << 31)], ...], Field(max_length=MOST_LAYERS)]
    activation: str
    link: OutputActivation
    precision: str
    threshold: Share
    settings: Json
    trained_by: str
    table: TableStamp
    epochs: Count
    evaluation: ClassScores | RegressionScores | None
    decisions: TableDecisions | None
    temperature: Annotated[float, Field(gt=0.0)] = 1.0
    cells: dict[str, CellRules] = Field(default_factory=dict)


def description_text(model: Model) -> bytes:
    """The description as a file holds it; InvalidModel when it could not be read again."""
    network = model.predictor.network
    try:
        description = Description(
            target=model.target,
            classes=model.classes,
            names=model.names,
            features=tuple(
                FeatureDescription(
                    name=one.name, categories=one.categories, range=known, date_order=order or ""
                )
                for one, known, order in zip_longest(model.features, model.ranges, model.date_orders)
            ),
            layers=network.layers,
            activation=network.activation,
            link=network.output_activation,
            precision=str(network.parameters.dtype),
            threshold=model.threshold,
            settings=dict(model.stored_settings),
            trained_by=model.trained_by,
            table=model.table,
            epochs=model.epochs,
            evaluation=model.evaluation,
            decisions=model.decisions,
            temperature=model.temperature,
            cells=dict(model.cells),
        )
        return description.model_dump_json().encode()
    except ValueError as error:
        raise InvalidModel(f"cannot be described: {_first(error)}") from None


def read_description(text: bytes) -> Description:
    """A description of any version, brought to the present one; InvalidModel says what is wrong with it."""
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
        return Description.model_validate_json(_migrated(text, head.version))
    except ValueError as error:
        raise InvalidModel(f"has a wrong description: {_first(error)}") from None


def _migrated(text: bytes, version: int) -> bytes:
    """The text in the present version."""
    if version == VERSION:
        return text
    description: Json = json.loads(text)
    for migrate in MIGRATIONS[version - 1 :]:
        description = migrate(description)
    return json.dumps({**description, "version": VERSION}).encode()


def _first(error: ValueError) -> str:
    """The first thing wrong, in a few words."""
    if not isinstance(error, ValidationError):
        return str(error)[:120]
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, fault['loc']))[:60]}: {fault['msg'][:80]}"
