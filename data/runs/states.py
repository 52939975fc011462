"""The bytes of a `TrainingState`: a line of JSON that says what follows, then the arrays as they are."""

from __future__ import annotations

import dataclasses
import json
from math import isfinite, prod

import numpy as np
from numpy.typing import NDArray

from epochal.core.optimizers.schedules import Plateau
from epochal.core.training.state import TrainingState
from epochal.core.training.steering import STEERABLE, Change

KINDS = {"float": (float, int), "int": (int,), "Ending": (str,), "GeneratorState": (dict,)}
PRECISIONS = ("<f4", "<f8")


def state_bytes(state: TrainingState) -> bytes:
    """The whole state; arrays are stored little-endian and in C order, whatever they were in memory."""
    head, arrays = state_parts(state)
    return b"".join([head, b"\n", *arrays])


def state_parts(state: TrainingState) -> tuple[bytes, list[memoryview]]:
    """The line of JSON, without its end, and the bytes of each array, which are not copied."""
    arrays: dict[str, NDArray[np.generic]] = {}
    values: dict[str, object] = {}
    for field in dataclasses.fields(state):
        value = getattr(state, field.name)
        if isinstance(value, np.ndarray):
            arrays[field.name] = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        else:
            values[field.name] = _plain(value)
    metadata = {name: [array.dtype.str, array.shape] for name, array in arrays.items()}
    header = json.dumps({"arrays": metadata, "values": values}).encode()
    # An array of nothing cannot be seen as bytes.
    return header, [memoryview(array.data).cast("B") for array in arrays.values() if array.size]


def _plain(value: object) -> object:
    if isinstance(value, Plateau):
        return list(dataclasses.astuple(value))
    return [list(dataclasses.astuple(one)) for one in value] if isinstance(value, tuple) else value


def state_from(content: bytes) -> TrainingState:
    """The state that `state_bytes` made these bytes of; ValueError when they are of no such state.

    Nothing is allocated beyond what the bytes themselves hold.
    """
    header, _, rest = content.partition(b"\n")
    return state_from_parts(header, rest)


def state_from_parts(header: bytes, rest: bytes | bytearray) -> TrainingState:
    """The state of its line of JSON and of its arrays' bytes; ValueError as above."""
    try:
        said = json.loads(header)
        arrays = {
            name: (np.dtype(kind), tuple(map(int, shape))) for name, (kind, shape) in said["arrays"].items()
        }
        values = dict(said["values"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("These bytes hold no state of a training.") from None
    found: dict[str, object] = {}
    at = 0
    for name, (kind, shape) in arrays.items():
        end = at + prod(shape) * kind.itemsize
        if kind.str not in PRECISIONS or min(shape, default=0) < 0 or end > len(rest):
            raise ValueError(f"The state's {name} does not fit its bytes.")
        count = prod(shape)
        array = (np.frombuffer(rest, kind, count, at) if count else np.empty(0, kind)).reshape(shape)
        found[name] = array.astype(kind.newbyteorder("="), copy=True)
        at = end
    if at != len(rest):
        raise ValueError("There are bytes behind the state's last array.")
    return _checked(found, values)


def _changes(told: object) -> tuple[Change, ...]:
    try:
        made = tuple(Change(int(epoch), name, float(value)) for epoch, name, value in told)  # type: ignore[attr-defined]
        if all(one.setting in STEERABLE and isfinite(one.value) and one.value >= 0.0 for one in made):
            return made
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError("The state does not say how the run was steered.")


def _checked(arrays: dict[str, object], values: dict[str, object]) -> TrainingState:
    for field in dataclasses.fields(TrainingState):
        allowed = KINDS.get(str(field.type))
        if allowed and field.name in values and not isinstance(values[field.name], allowed):
            raise ValueError(f"The state's {field.name} is no {field.type}.")
    try:
        lowest, waited, factor = values["plateau"]  # type: ignore[misc]
        values["plateau"] = Plateau(float(lowest), int(waited), float(factor))  # type: ignore[has-type]
    except (KeyError, TypeError, ValueError):
        raise ValueError("The state lacks its plateau, or was made by another version.") from None
    values["changes"] = _changes(values.get("changes", []))
    try:
        state = TrainingState(**arrays, **values)  # type: ignore[arg-type]
        one = state.vectors.shape[1:]
        fits = len(one) == 1 and state.gradient.shape == state.best.shape == one and state.history.ndim == 2
        if state.ending != "running" and state.gradient.shape == (0,):
            fits = len(one) == 1 and state.best.shape in (one, (0,)) and state.history.ndim == 2
    except (TypeError, AttributeError):
        raise ValueError("The state lacks something, or was made by a newer version.") from None
    if not fits:
        raise ValueError("The state's arrays are not of one network.")
    return state
