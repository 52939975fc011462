"""Values of studies as plain ones, which are equal only if every byte is."""

from __future__ import annotations

import dataclasses

import numpy as np


def plain(value: object) -> object:
    """What equals another's only if every byte does."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {name: plain(part) for name, part in named.items() if name != "scoring"}
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    return value.hex() if isinstance(value, float) else value
