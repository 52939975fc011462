"""Trained models in one file each: they predict without their table, and are safe to open from a stranger."""

from __future__ import annotations

import os
from pathlib import Path

from epochal.data.atomic_write import whole_file
from epochal.data.models.model import Model, ModelError
from epochal.data.models.model_arrays import arrays_of, model_from
from epochal.data.models.npz_arrays import InvalidModel, digest, read_arrays, write_arrays
from epochal.data.paths import PathError, kind_of, refusal, shortened


def save_model(path: str | os.PathLike[str], model: Model, *, force: bool = False) -> None:
    """Write a model to a new file, or over the one that is there with `force`; whole or not at all.

    Raises ModelError when its numbers are such that it could not be loaded again, FileExistsError, OSError.
    """
    place = Path(path)
    try:
        arrays = arrays_of(model)
        model_from(arrays)
        with whole_file(place, force=force) as file:
            write_arrays(file, arrays)
    except InvalidModel as invalid:
        raise ModelError(f"{place.name} was not written: the model {invalid}.") from None


def load_model(path: str | os.PathLike[str]) -> Model:
    """The model in a file; ModelError says in a sentence why there is none."""
    place = Path(path)
    try:
        if kind_of(place) not in ("file", "nothing"):
            raise ModelError(f"{place} is not a file, so there is no model in it.")
        with place.open("rb") as file:
            return model_from(read_arrays(file))
    except InvalidModel as invalid:
        raise ModelError(f"{place.name} cannot be used as a model: it {invalid}.") from None
    except FileNotFoundError:
        raise ModelError(f"There is no file {shortened(place)}.") from None
    except PathError as error:
        raise ModelError(str(error)) from None
    except OSError as error:
        raise ModelError(f"{shortened(place)} cannot be read: {refusal(error)}.") from None
    except ValueError as error:
        raise ModelError(f"{shortened(place)} cannot be read: {error}.") from None


def model_digest(model: Model) -> str:
    """SHA-256 of all that a file of the model holds: equal for equal models, in hexadecimal."""
    return digest(arrays_of(model))
