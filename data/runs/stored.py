"""What the history stores as JSON is read by a schema: any text a file may hold becomes a value or None."""

from __future__ import annotations

import json
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError


class Stored(BaseModel):
    """A part of what is stored; what a newer version has added is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Of = TypeVar("Of", bound=BaseModel)


def read_stored(schema: type[Of], text: str) -> Of | None:
    """The value that was stored as this text; None where it is no such value."""
    try:
        return schema.model_validate_json(text)
    except ValidationError as error:
        if any(problem["type"] != "json_invalid" for problem in error.errors(include_url=False)):
            return None
    try:
        # A name of a file may hold a byte that is no text, which only the slower reader lets pass.
        return schema.model_validate(json.loads(text), strict=False)
    except (ValueError, RecursionError):
        return None
