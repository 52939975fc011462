"""The columns of a new table from which a model's features are made, found by their names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from epochal.data.models.feature_cells import DAYS, CategoryCells, DateCells
from epochal.data.models.model import CellRules, Model
from epochal.data.models.number_cells import NumberCells
from epochal.data.tables.cells import NUMBER
from epochal.data.tables.date_features import BETWEEN
from epochal.data.tables.rows import Rows
from epochal.data.tables.rules import Rules
from epochal.data.tables.table import TableError


@dataclass(frozen=True, eq=False)
class FeatureColumn:
    """A column of the table, from 0, and the features that are made of it, by their places in the model."""

    place: int
    features: tuple[int, ...]
    cells: NumberCells | CategoryCells | DateCells


def columns_of(model: Model, source: Rows) -> list[FeatureColumn]:
    """The columns that the model needs. TableError when one of them is not there."""
    places = {name: place for place, name in enumerate(source.names)}
    dates, single = _dates(model), _single_features(model)
    if absent := [name for name in wanted_names(model) if name not in places]:
        raise TableError(_absent(absent, source))
    found = [_single(model, source, at, places[model.features[at].name]) for at in single]
    found += [_of_dates(model, source, name, at, places[name]) for name, at in dates.items()]
    return sorted(found, key=lambda one: one.features)


def wanted_names(model: Model) -> list[str]:
    """The names of the columns that the model needs."""
    return [*(model.features[at].name for at in _single_features(model)), *_dates(model)]


def _single_features(model: Model) -> list[int]:
    of_dates = {at for features in _dates(model).values() for at in features}
    return [at for at in range(len(model.features)) if at not in of_dates]


def _dates(model: Model) -> dict[str, tuple[int, ...]]:
    """The columns of dates, and the places of the features made of them."""
    found: dict[str, tuple[int, ...]] = {}
    for at, (feature, order) in enumerate(zip(model.features, model.date_orders, strict=False)):
        if order:
            name = feature.name.rpartition(BETWEEN)[0]
            found[name] = (*found.get(name, ()), at)
    return found


def _single(model: Model, source: Rows, at: int, place: int) -> FeatureColumn:
    feature = model.features[at]
    rules = _rules(model, feature.name, source.rules[place])
    if feature.categories:
        levels = model.predictor.preparation.levels[at]
        return FeatureColumn(place, (at,), CategoryCells(feature, levels, rules))
    known = model.ranges[at] if model.ranges else None
    convention = source.convention
    as_text = convention.decimal == "," or convention.thousands in (",", ".")
    return FeatureColumn(place, (at,), NumberCells(feature, place + 1, known, rules, as_text=as_text))


def _rules(model: Model, name: str, said: Rules) -> Rules:
    """How a column's cells are read: as in training, and by what is said of the new table."""
    known = model.cells.get(name, CellRules())
    missing = said.missing | frozenset(known.missing)
    return replace(
        said,
        missing=missing,
        numbers=frozenset(float(word) for word in missing if NUMBER.fullmatch(word)),
        usual=said.usual and known.usual,
        merge=said.merge or known.merged,
    )


def _of_dates(model: Model, source: Rows, name: str, features: tuple[int, ...], place: int) -> FeatureColumn:
    parts = [model.features[at].name.removeprefix(name + BETWEEN) for at in features]
    ranges = dict(zip(parts, (model.ranges[at] for at in features), strict=True)) if model.ranges else {}
    order = model.date_orders[features[0]]
    rules = _rules(model, name, source.rules[place])
    cells = DateCells(name, parts, order, ranges.get(DAYS), rules)
    return FeatureColumn(place, features, cells)


def _absent(absent: list[str], source: Rows) -> str:
    near = get_close_matches(absent[0], source.names, n=1)
    hint = f" (is {near[0]} meant?)" if near else ""
    rest = ", ".join(absent[1:6]) + (f" and {len(absent) - 6:,} more" if len(absent) > 6 else "")
    more = f", nor {rest}, which the network learned from" if rest else ""
    return f"{source.name} has no column {absent[0]}{hint}{more}"
