"""Inputs of an estimator: arrays and frames as features, the same in prediction as in training."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from epochal.core.rows.examples import Feature, Floats
from epochal.core.rows.frames import frame_columns
from epochal.core.rows.raw_arrays import columns_of


@dataclass(frozen=True, eq=False)
class Inputs:
    """Rows x features, NaN where missing, categories as places; `names` where a frame has named them."""

    features: tuple[Feature, ...]
    values: Floats
    names: tuple[str, ...] | None


def read_inputs(table: object, estimator: str) -> Inputs:
    """Inputs as people have them. ValueError and TypeError as scikit-learn words them."""
    if hasattr(table, "tocsr") or hasattr(table, "toarray"):
        raise TypeError(f"{estimator} was given sparse data, but needs dense data: .toarray() makes it so.")
    frame = frame_columns(table)
    names = None if frame is None or _are_places(table) else tuple(one.name for one in frame)
    if frame is None:
        array = np.asarray(table)
        _check_shape(array.shape, estimator)
        if array.dtype.kind in "biuf":
            features = tuple(Feature(f"x{place}") for place in range(array.shape[1]))
            values = np.array(array, np.float64)
            _check_finite(values)
            return Inputs(features, values, None)
        if array.dtype.kind == "c":
            raise ValueError(f"Complex data not supported\n{array}\n")
        for cell in array.flat if array.dtype.kind == "O" else ():
            if not isinstance(cell, str | None) and type(cell).__name__ not in ("NAType", "NaTType"):
                float(cell)  # a TypeError that names the type, for what is no number
        table = array
    else:
        _check_shape((len(frame[0].values) if frame else 0, len(frame)), estimator)
    columns = columns_of(table, None)
    values = np.column_stack([numbers for _, numbers, _ in columns])
    _check_finite(values)
    return Inputs(tuple(Feature(name, categories) for name, _, categories in columns), values, names)


def _are_places(table: object) -> bool:
    """Whether a frame's columns have places rather than names, as pandas gives them by itself."""
    labels = getattr(table, "columns", ()) if hasattr(table, "iloc") else ()
    return not all(isinstance(one, str) for one in labels)


def like_training(
    table: object, known: Sequence[Feature], names: Iterable[str] | None, estimator: str
) -> Floats:
    """Rows x features for a prediction: categories as in training, one beyond the last for an unknown one."""
    found = read_inputs(table, estimator)
    _check_names(found.names, names, estimator)
    if len(found.features) != len(known):
        raise ValueError(
            f"X has {len(found.features)} features, but {estimator} is expecting {len(known)} features as "
            "input."
        )
    for place, (own, new) in enumerate(zip(known, found.features, strict=True)):
        if own.categories != new.categories:
            found.values[:, place] = _translated(found.values[:, place], new, own)
    return found.values


def _translated(column: Floats, new: Feature, own: Feature) -> Floats:
    """Places in the new categories as places in those of training."""
    if not own.categories:
        word = new.categories[0]
        raise ValueError(f"{own.name} holds words such as {word!r}, and held numbers in training.")
    if new.categories:
        texts = list(new.categories)
    else:
        distinct, places_in = np.unique(column, return_inverse=True)
        known_ones = distinct[~np.isnan(distinct)].tolist()
        texts = [str(int(one)) if one == int(one) else str(one) for one in known_ones]
        column = np.where(places_in < len(texts), places_in, np.nan)
    known = {text: float(place) for place, text in enumerate(own.categories)}
    places = np.array([*(known.get(text, float(len(known))) for text in texts), np.nan])
    return np.asarray(places[np.where(np.isnan(column), len(texts), column).astype(np.intp)])


def _check_shape(shape: tuple[int, ...], estimator: str) -> None:
    if len(shape) != 2:
        raise ValueError(
            f"Expected 2D array, got {len(shape)}D array instead: inputs are rows x features. Reshape your "
            "data: array.reshape(-1, 1) makes it a single feature, array.reshape(1, -1) a single row."
        )
    for count, what in zip(shape, ("sample(s)", "feature(s)"), strict=True):
        if not count:
            raise ValueError(
                f"Found array with 0 {what} (shape={shape}) while a minimum of 1 is required by {estimator}."
            )


def _check_finite(values: Floats) -> None:
    if np.isinf(values).any():
        row, column = np.argwhere(np.isinf(values))[0].tolist()
        raise ValueError(f"Input X contains infinity, in row {row + 1}, feature {column + 1}.")


def _check_names(found: tuple[str, ...] | None, known: Iterable[str] | None, estimator: str) -> None:
    fitted = None if known is None else tuple(known)
    if found is not None and fitted is None:
        warnings.warn(
            f"X has feature names, but {estimator} was fitted without feature names",
            UserWarning,
            stacklevel=4,
        )
    elif found is None and fitted is not None:
        warnings.warn(
            f"X does not have valid feature names, but {estimator} was fitted with feature names",
            UserWarning,
            stacklevel=4,
        )
    elif found != fitted and found is not None and fitted is not None:
        raise ValueError(_mismatch(found, fitted))


def _mismatch(found: Sequence[str], fitted: Sequence[str]) -> str:
    lines = ["The feature names should match those that were passed during fit."]
    unseen, absent = sorted(set(found) - set(fitted)), sorted(set(fitted) - set(found))
    for title, names in (
        ("Feature names unseen at fit time:", unseen),
        ("Feature names seen at fit time, yet now missing:", absent),
    ):
        if names:
            lines += [title, *(f"- {name}" for name in names[:5])]
            lines += ["- ..."] if len(names) > 5 else []
    if not (unseen or absent):
        lines.append("Feature names must be in the same order as they were in fit.")
    return "\n".join(lines) + "\n"


def weights_of(given: object, rows: int) -> Floats | None:
    """One weight a row. ValueError for any other shape, and for what is negative, infinite or all zero."""
    if given is None:
        return None
    weights = np.asarray(given, np.float64) if not np.isscalar(given) else np.full(rows, given, np.float64)
    if weights.ndim != 1:
        raise ValueError("Sample weights must be 1D array or scalar")
    if len(weights) != rows:
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected ({rows},)!")
    if not (np.isfinite(weights).all() and (weights >= 0.0).all() and weights.any()):
        raise ValueError("Sample weights are finite, none below zero, and not all of them zero.")
    return weights


MOST_TIMES = 20
"""So many times a row may be repeated for its weight; beyond, it weighs in the loss."""


def times_counted(weights: Floats) -> NDArray[np.intp] | None:
    """How many times each row counts, where all weights are whole numbers of no more than `MOST_TIMES`."""
    if np.all(weights == np.floor(weights)) and weights.max(initial=0.0) <= MOST_TIMES:
        return weights.astype(np.intp)
    return None
