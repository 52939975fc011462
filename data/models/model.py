"""A trained network with all it takes to predict, and what is known of its training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.network.decision import decide
from epochal.core.network.network import Network
from epochal.core.network.predictor import Predictor
from epochal.core.outcome import Outcome
from epochal.core.rows.examples import Feature, Floats
from epochal.core.settings import DECLARATIONS, SettingError, Settings, read_settings
from epochal.core.version import __version__
from epochal.data.tables.dataset import Dataset
from epochal.data.tables.date_features import dates_of, features_of
from epochal.data.tables.decisions import decisions

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
Range = tuple[float, float]


class ModelError(Exception):
    """Why a file is no model that can be used, or a part of it cannot be read: a sentence."""


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
    """The table trained on: its name, rows, bytes and checksum, enough to know it again."""

    name: str
    rows: Count
    size: Count
    sha256: str


class LeftOutColumn(Record):
    """A column that no prediction is made from, and why."""

    name: str
    reason: str


class TableDecisions(Record):
    """What was decided about the table trained on, as `epochal.data.tables.decisions.Decisions`."""

    target_reason: str
    left_out: tuple[LeftOutColumn, ...]
    notes: tuple[str, ...]
    rows_left_out: Count
    rows_without_target: Count


class CellRules(Record):
    """How a person wanted the cells of one column to be read: words for a missing cell, and merged labels.

    Without `usual` the usual words for a missing cell are none.
    """

    missing: tuple[str, ...] = ()
    usual: bool = True
    merged: bool = False


class ClassScores(Record):
    """The evaluation of a classifier on its held-out rows; shares from 0 to 1, None where undefined."""

    rows: Count
    correct: Count
    accuracy: Share | None
    interval: tuple[Share, Share]
    level: Share
    baseline: Share | None
    baseline_class: str
    auc: Share | None


class RegressionScores(Record):
    """The evaluation of a regression on its held-out rows, in the target's units."""

    rows: Count
    level: Share
    rmse: float | None
    interval: tuple[float, float] | None
    mae: float | None
    r2: float | None
    baseline_rmse: float | None


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A predictor and its description.

    `names` are the outputs' names for numbers; `threshold` is the probability from which on the second of
    two classes is predicted; `stored_settings` are the settings as the file has them, some of which this
    version may not know; `trained_by` is the version of Epochal, and `epochs` the number trained before
    these weights were kept. `decisions` and `ranges`, the lowest and highest value of each feature in the
    table trained on, are unknown of models that an earlier version has saved. `date_orders` say of each
    feature that is made of dates how day and month stood in these, and are empty for others. `members` are
    the networks whose mean the predictor has, none where it has one; the `temperature` is in their weights.
    """

    predictor: Predictor
    target: str
    classes: tuple[str, ...]
    names: tuple[str, ...]
    threshold: float
    stored_settings: Mapping[str, JsonValue]
    trained_by: str
    table: TableStamp
    epochs: int
    evaluation: ClassScores | RegressionScores | None
    decisions: TableDecisions | None = None
    ranges: tuple[Range | None, ...] = ()
    date_orders: tuple[str, ...] = ()
    cells: Mapping[str, CellRules] = field(default_factory=dict)
    """What a person said of columns, by their names: so a new table is read as the one learned from."""
    members: tuple[Network, ...] = ()
    temperature: float = 1.0

    def __repr__(self) -> str:
        return f"Model({self.target} from {len(self.features)} features: {self.predictor.network.in_words()})"

    @property
    def features(self) -> tuple[Feature, ...]:
        """The columns that a prediction is made from."""
        return self.predictor.preparation.features

    @cached_property
    def settings(self) -> Settings:
        """The settings of the training; ModelError names those that this version does not know."""
        unknown = [name for name in self.stored_settings if name not in DECLARATIONS]
        if unknown:
            shown = ", ".join(name[:40] for name in unknown[:6])
            more = f" and {len(unknown) - 6:,} more" if len(unknown) > 6 else ""
            raise ModelError(
                f"The model was trained by Epochal {self.trained_by} with settings that this version, "
                f"{__version__}, does not know: {shown}{more}."
            )
        try:
            return read_settings(self.stored_settings)
        except SettingError as error:
            raise ModelError(
                f"The model was trained by Epochal {self.trained_by} with a setting that this version, "
                f"{__version__}, does not allow. {error}."
            ) from None

    def outputs(self, inputs: Floats) -> Floats:
        """Rows x classes of probabilities, or rows x numbers: the same bytes as in training."""
        return self.predictor.outputs(inputs)

    def spread(self, inputs: Floats, outputs: Floats) -> Floats | None:
        """The standard deviation of the members' own answers, as far apart as they are; None of one alone.

        Rows x 1, of the probability of the class that `outputs` answer, or rows x numbers.
        """
        if not self.members:
            return None
        each = [Predictor(self.predictor.preparation, one).outputs(inputs) for one in self.members]
        spread = np.asarray(np.std(each, axis=0))
        if not self.classes:
            return spread
        return spread[np.arange(len(spread)), decide(outputs, self.threshold)][:, None]


def model_of(dataset: Dataset, outcome: Outcome) -> Model:
    """The model that a run comes to: the weights it keeps, and what was measured of them."""
    training, evaluation, table = outcome.training, outcome.evaluation, dataset.table
    examples = training.examples
    scores = (ClassScores if isinstance(evaluation, ClassEvaluation) else RegressionScores).of(evaluation)
    return Model(
        predictor=outcome.predictor,
        target=dataset.target,
        classes=examples.classes,
        names=examples.outputs,
        threshold=outcome.threshold,
        stored_settings=training.settings.model_dump(mode="json"),
        trained_by=__version__,
        table=TableStamp(
            name=_text(table.name),
            rows=table.rows,
            size=table.size,
            sha256=table.sha256,
        ),
        epochs=outcome.kept_epoch,
        evaluation=scores,
        decisions=_decisions(dataset),
        ranges=tuple(
            None if feature.categories else _range(column)
            for feature, column in zip(examples.features, examples.inputs.T, strict=True)
        ),
        date_orders=_date_orders(dataset),
        cells=_cell_rules(dataset),
        members=outcome.members if len(outcome.members) > 1 else (),
        temperature=training.completion.temperature,
    )


def _decisions(dataset: Dataset) -> TableDecisions:
    decided = decisions(dataset)
    return TableDecisions(
        target_reason=decided.target_reason,
        left_out=tuple(
            LeftOutColumn(name=_text(one.name), reason=_text(one.reason)) for one in decided.left_out
        ),
        notes=tuple(map(_text, decided.notes)),
        rows_left_out=decided.rows_left_out,
        rows_without_target=decided.rows_without_target,
    )


def _cell_rules(dataset: Dataset) -> dict[str, CellRules]:
    told = {
        column.name: CellRules(
            missing=column.missing_words, usual=column.usual_missing, merged=column.is_merged
        )
        for column in dataset.table.columns
    }
    return {name: rules for name, rules in told.items() if rules != CellRules()}


def _date_orders(dataset: Dataset) -> tuple[str, ...]:
    orders = {
        made.name: found.order
        for column in dataset.table.columns
        if column.kind == "date" and (found := dates_of(column))
        for made in features_of(column)
    }
    return tuple(orders.get(name, "") for name in dataset.features)


def _range(column: Floats) -> Range | None:
    """The lowest and highest value, if there is any."""
    present = column[np.isfinite(column)]
    return (float(present.min()), float(present.max())) if len(present) else None


def _text(text: str) -> str:
    """What is written must be text, which a name of a file need not be."""
    return text.encode(errors="replace").decode()
