"""Settings: every hyperparameter declared once; forms, options, files and docs are made from here."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from epochal.core.costs import FORM, NONE
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.network.losses import LOSS_CHOICES
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.optimizers.schedules import SCHEDULE_CHOICES
from epochal.core.rows.scaling import SCALINGS
from epochal.core.setting_types import (
    CLASS_WEIGHTS,
    PRECISIONS,
    Batch,
    Cost,
    Declaration,
    Layers,
    Temperature,
    Threshold,
    setting,
)

LIMITS = {"gt": "above", "ge": "at least", "le": "at most"}


class SettingError(ValueError):
    """Which setting is wrong and what it may be: a sentence for the person who typed it."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting


class Reason(ValueError):
    """Why settings that are right by themselves do not go together: a whole sentence."""


class _Checked(type(BaseModel)):  # type: ignore[misc]
    """Settings that are wrong when they are made raise SettingError, with what they may be."""

    def __call__(cls, *arguments: Any, **values: Any) -> Any:
        try:
            return super().__call__(*arguments, **values)
        except ValidationError as error:
            raise _setting_error(error, values) from None


class Settings(BaseModel, metaclass=_Checked):
    """What a training run is made of, besides its table. Frozen; equal settings give equal runs.

    Those that are not named are the defaults. SettingError names a wrong one and says what it may be.

        settings = epochal.Settings(hidden=(16, 8), activation="relu", patience=20)
        print(settings)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    hidden: Layers = setting(
        (10,),
        "Hidden layers",
        "Nodes in each hidden layer.",
        form="whole numbers from 1 to 4096 such as 10 or 16,8, or none",
    )
    activation: str = setting(
        "tanh", "Activation", "Activation function of the hidden nodes.", choices=ACTIVATIONS
    )
    learning_rate: float = setting(
        0.003, "Learning rate", "Step size: how far one step follows the gradient.", above=0
    )
    batch_size: Batch = setting(
        32,
        "Batch size",
        "Rows whose mean gradient makes one step.",
        form="a whole number from 1 to 1000000, or full",
    )
    epochs: int = setting(300, "Epochs", "Passes over the training rows.", minimum=1, maximum=10_000_000)
    optimizer: str = setting(
        "adam", "Optimizer", "Update rule: how the gradient changes the weights.", choices=OPTIMIZERS
    )
    schedule: str = setting(
        "constant", "Schedule", "Learning-rate schedule over the run.", choices=SCHEDULE_CHOICES
    )
    warm_up: int = setting(
        0,
        "Warm-up",
        "Epochs in which the learning rate rises to its full value.",
        minimum=0,
        maximum=10_000_000,
    )
    loss: str = setting(
        "by-task", "Loss", "Loss function: the error that training minimizes.", choices=LOSS_CHOICES
    )
    l2: float = setting(0.02, "L2", "Weight decay in proportion to each weight; biases excepted.", minimum=0)
    l1: float = setting(0.0, "L1", "Lasso: an equal pull on every weight; biases excepted.", minimum=0)
    dropout: float = setting(
        0.0, "Dropout", "Share of hidden values set to 0 at random in training.", minimum=0, maximum=0.9
    )
    clip: float = setting(0.0, "Clipping", "Largest gradient norm of a step; 0: no limit.", minimum=0)
    class_weights: str = setting(
        "none",
        "Class weights",
        "Whether rows of rare classes weigh more in the loss.",
        choices=CLASS_WEIGHTS,
    )
    patience: int = setting(
        0,
        "Patience",
        "Epochs without progress before early stopping; 0: never.",
        minimum=0,
        maximum=10_000_000,
    )
    validation: float = setting(
        0.2,
        "Validation share",
        "Share of training rows that early stopping watches.",
        minimum=0.01,
        maximum=0.5,
    )
    held_out: float = setting(
        0.2,
        "Held-out share",
        "Share of rows held out from training, for the evaluation.",
        minimum=0.01,
        maximum=0.9,
    )
    threshold: Threshold = setting(
        0.5,
        "Threshold",
        "Probability from which the second class is predicted.",
        form="a number between 0 and 1 such as 0.5, or balanced, as it suits the training rows best",
    )
    cost: Cost = setting(
        NONE,
        "Cost",
        "Costs of a miss and a false alarm; they set the threshold.",
        form=FORM,
    )
    temperature: Temperature = setting(
        1.0,
        "Temperature",
        "Temperature scaling: above 1, answers are less sure.",
        form="a number above 0 such as 1.3, or fitted, on folds of the training rows",
    )
    networks: int = setting(
        1,
        "Networks",
        "Ensemble: networks of different seeds, whose mean answers.",
        minimum=1,
        maximum=50,
    )
    scaling: str = setting(
        "standard", "Scaling", "Feature scaling: how columns are brought to one scale.", choices=SCALINGS
    )
    initial_weights: str = setting(
        "xavier",
        "Initial weights",
        "Weight initialization: the distribution weights start from.",
        choices=INITIAL_WEIGHTS,
    )
    precision: str = setting(
        "float64", "Precision", "Floating-point precision; float32 is faster.", choices=PRECISIONS
    )
    seed: int = setting(
        0, "Seed", "Random seed: equal seeds give equal runs, to the bit.", minimum=0, maximum=2**32 - 1
    )

    def __repr__(self) -> str:
        changed = (
            f"{name}={value!r}"
            for name, declared in DECLARATIONS.items()
            if (value := getattr(self, name)) != declared.default
        )
        return f"Settings({', '.join(changed)})"

    @field_validator("activation")
    @classmethod
    def _step_is_for_perceptrons(cls, value: str, info: ValidationInfo) -> str:
        if value == "step" and info.data.get("hidden"):
            raise Reason(
                "A step has no slope, so no error flows back through hidden layers of it: "
                "it is for a perceptron, with Hidden layers none"
            )
        return value

    @field_validator("*")
    @classmethod
    def _is_a_choice(cls, value: object, info: ValidationInfo) -> object:
        choices = DECLARATIONS[str(info.field_name)].choices
        if choices and value not in choices:
            raise ValueError("not one of the choices")
        return value


def _declare(name: str) -> Declaration:
    info = Settings.model_fields[name]
    extra = info.json_schema_extra
    assert isinstance(extra, dict)
    choices = tuple(map(str, extra["choices"]))  # type: ignore[arg-type]
    bounds = [
        f"{word} {limit:,.12g}"
        for constraint in info.metadata
        for key, word in LIMITS.items()
        if (limit := getattr(constraint, key, None)) is not None
    ]
    if choices:
        kind = "one of " + ", ".join(choices)
    elif info.annotation is int:
        kind = "a whole number"
    else:
        kind = str(extra["form"]) or "a number"
    return Declaration(
        name=name,
        title=info.title or name,
        sentence=info.description or "",
        default=info.default,
        choices=choices,
        kind=kind,
        bounds=" and ".join(bounds),
    )


DECLARATIONS: dict[str, Declaration] = {name: _declare(name) for name in Settings.model_fields}


def written(value: object) -> str:
    """A setting's value as a person types it: `16,8`, `none`, `0.001`."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def setting_errors(values: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with values as typed: a sentence for each wrong setting, none when all are right."""
    try:
        Settings.model_validate(values)
    except ValidationError as error:
        return _sentences(error, values)
    return {}


def read_settings(values: Mapping[str, object], base: Settings | None = None) -> Settings:
    """Settings from values as typed, the rest as in `base`; SettingError names the first wrong one."""
    merged = {**(base.model_dump() if base else {}), **values}
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise _setting_error(error, merged) from None


def _setting_error(error: ValidationError, values: Mapping[str, object]) -> SettingError:
    """About the first of the wrong ones."""
    name, sentence = next(iter(_sentences(error, values).items()))
    return SettingError(name, sentence)


def _sentences(error: ValidationError, values: Mapping[str, object]) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][0])
        declared = DECLARATIONS.get(name)
        if declared is None:
            near = get_close_matches(name, DECLARATIONS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            sentences[name] = f"There is no setting {name}{hint}"
            continue
        if isinstance(reason := fault.get("ctx", {}).get("error"), Reason):
            sentences.setdefault(name, str(reason))
            continue
        allowed = declared.allowed
        if declared.bounds:
            broken = [
                f"{word} {fault['ctx'][key]:,.12g}"
                for key, word in LIMITS.items()
                if key in fault.get("ctx", {})
            ]
            allowed = broken[0] if broken else allowed
        typed = written(values.get(name)).strip() or "empty"
        verb = "are" if declared.title.endswith("s") else "is"
        sentences.setdefault(name, f"{declared.title} {verb} {allowed}, not {typed}")
    return sentences
