"""Settings: declared once, and wrong ones named in a sentence."""

from __future__ import annotations

import pytest

from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.presets import PRESETS
from epochal.core.settings import (
    DECLARATIONS,
    SettingError,
    Settings,
    read_settings,
    setting_errors,
    written,
)

WRONG = {
    ("learning_rate", "-1"): "Learning rate is above 0, not -1",
    ("learning_rate", "0"): "Learning rate is above 0, not 0",
    ("learning_rate", "abc"): "Learning rate is a number above 0, not abc",
    ("learning_rate", "nan"): "Learning rate is a number above 0, not nan",
    ("learning_rate", ""): "Learning rate is a number above 0, not empty",
    ("hidden", "0"): "Hidden layers are whole numbers from 1 to 4096 such as 10 or 16,8, or none, not 0",
    ("hidden", "ten"): "Hidden layers are whole numbers from 1 to 4096 such as 10 or 16,8, or none, not ten",
    ("batch_size", "0"): "Batch size is a whole number from 1 to 1000000, or full, not 0",
    ("epochs", "1.5"): "Epochs are a whole number at least 1 and at most 10,000,000, not 1.5",
    ("epochs", "0"): "Epochs are at least 1, not 0",
    ("held_out", "0.95"): "Held-out share is at most 0.9, not 0.95",
    ("l2", "-0.1"): "L2 is at least 0, not -0.1",
    ("seed", "-1"): "Seed is at least 0, not -1",
    ("optimizer", "adma"): f"Optimizer is one of {', '.join(OPTIMIZERS)}, not adma",
}


@pytest.mark.parametrize(("typed", "sentence"), WRONG.items())
def test_a_wrong_setting_is_told_in_words(typed: tuple[str, str], sentence: str) -> None:
    name, text = typed
    assert setting_errors({name: text}) == {name: sentence}
    with pytest.raises(SettingError) as caught:
        read_settings({name: text})
    assert str(caught.value) == sentence
    assert caught.value.setting == name


def test_a_mistyped_setting_is_named() -> None:
    assert setting_errors({"learing_rate": "1"}) == {
        "learing_rate": "There is no setting learing_rate; did you mean learning_rate?"
    }


def test_every_wrong_setting_has_its_own_sentence() -> None:
    assert set(setting_errors({"epochs": "x", "l2": "y", "seed": "1"})) == {"epochs", "l2"}


@pytest.mark.parametrize("settings", PRESETS.values(), ids=list(PRESETS))
def test_what_is_written_is_read_back(settings: Settings) -> None:
    texts = {name: written(getattr(settings, name)) for name in DECLARATIONS}
    assert read_settings(texts) == settings


def test_layers_are_read_as_people_write_them() -> None:
    assert [read_settings({"hidden": text}).hidden for text in ("10", " 16, 8 ", "none", "None")] == [
        (10,),
        (16, 8),
        (),
        (),
    ]


def test_the_tutorials_preset_is_the_tutorials() -> None:
    preset = PRESETS["the tutorial's"]
    assert (preset.hidden, preset.activation, preset.learning_rate) == ((10,), "tanh", 0.001)
    assert (preset.batch_size, preset.epochs, preset.optimizer) == (1, 1000, "sgd")


def test_every_setting_has_a_title_and_a_short_sentence() -> None:
    for declared in DECLARATIONS.values():
        assert 0 < len(declared.title) <= 16
        assert declared.sentence.endswith(".")
        assert len(declared.sentence) <= 60
