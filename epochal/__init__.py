"""Epochal: small neural networks on tables, trained and judged so that nobody is fooled.

    from epochal import Examples, Settings, Training, outcome_of

    examples = Examples.from_arrays(inputs, labels)
    training = Training(examples, Settings(epochs=100))
    for epoch in training:
        print(epoch.number, epoch.training_error)
    print(outcome_of(training).evaluation.accuracy)

Everything else is imported from its room: `epochal.core` (mathematics on arrays), `epochal.data` (files) and
`epochal.tui` (keys and screen). The names above are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from epochal.core.evaluation.judgement import evaluate
    from epochal.core.outcome import Outcome, outcome_of
    from epochal.core.rows.examples import Examples
    from epochal.core.settings import Settings
    from epochal.core.training.training import Training

__version__ = "0.1.0"
__all__ = ["Examples", "Outcome", "Settings", "Training", "__version__", "evaluate", "outcome_of"]

_HOMES = {
    "Examples": "epochal.core.rows.examples",
    "Outcome": "epochal.core.outcome",
    "Settings": "epochal.core.settings",
    "Training": "epochal.core.training.training",
    "evaluate": "epochal.core.evaluation.judgement",
    "outcome_of": "epochal.core.outcome",
}


def __getattr__(name: str) -> object:
    """Import a public name when somebody asks for it: `import epochal` alone loads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'epochal' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
