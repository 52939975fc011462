"""Types of settings: what may be typed for one, and how it is declared with its bounds and words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from epochal.core.costs import written_costs
from epochal.core.settings_advice import ADVICE

Choices = Mapping[str, Any]

CLASS_WEIGHTS: Choices = {
    "none": "Every row counts the same.",
    "balanced": "Every class counts the same, however few its rows.",
}
PRECISIONS: Choices = {"float64": "About 16 digits.", "float32": "About 7 digits."}


def _layers(value: object) -> object:
    """Read `10`, `16,8`, `none` or a single number as layer sizes; leave sequences of numbers alone."""
    if value is None:
        return ()
    if isinstance(value, Integral) and not isinstance(value, bool):
        return (int(value),)
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    if text == "none":
        return ()
    return tuple(part.strip() for part in text.split(","))


def _word(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Threshold = Annotated[Literal["balanced"] | Annotated[float, Field(gt=0.0, lt=1.0)], BeforeValidator(_word)]
Temperature = Annotated[
    Literal["fitted"] | Annotated[float, Field(gt=0.0, le=1000.0)], BeforeValidator(_word)
]
Cost = Annotated[str, BeforeValidator(written_costs)]
Nodes = Annotated[int, Field(ge=1, le=4096)]
Layers = Annotated[tuple[Nodes, ...], BeforeValidator(_layers), Field(max_length=16)]
Rows = Annotated[int, Field(ge=1, le=1_000_000)]
Batch = Annotated[Literal["full"] | Rows, BeforeValidator(_word)]


def setting(
    default: object,
    title: str,
    sentence: str,
    *,
    above: float | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: Choices | None = None,
    form: str = "",
) -> Any:
    """Declare a setting: its bounds are checked, its words are shown wherever it appears.

    `form` says in words what may be typed, for a setting whose type does not say it.
    """
    return Field(
        default,
        title=title,
        description=sentence,
        gt=above,
        ge=minimum,
        le=maximum,
        json_schema_extra={"choices": list(choices) if choices else [], "form": form},
    )


@dataclass(frozen=True)
class Declaration:
    """One setting as declared above, for whoever shows or reads it."""

    name: str
    title: str
    sentence: str
    default: object
    choices: tuple[str, ...]
    kind: str
    bounds: str

    @property
    def option(self) -> str:
        """The setting's name on the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def advice(self) -> str:
        """Other names for it, the usual values, and what too high and too low look like."""
        return ADVICE[self.name]

    @property
    def allowed(self) -> str:
        """What may be typed, in words."""
        return f"{self.kind} {self.bounds}".strip()
