"""Epochal: small neural networks on tables, trained and judged so that nobody is fooled.

    import epochal

    run = epochal.train("iris", hidden=8, epochs=100, settings="sensible")
    print(run.verdict)
    print(run.predict(epochal.read_table("iris"))[:5])

A table is a file's path, a bundled table's name or a data frame. The names of `__all__` are the public
surface (docs/python.md); they are imported when they are first used. Everything else is imported from its
room: `epochal.core` (mathematics on arrays), `epochal.data` (files) and `epochal.tui` (keys and screen).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from epochal.core.estimators.classifier import Classifier
    from epochal.core.estimators.regressor import Regressor
    from epochal.core.evaluation.judgement import evaluate
    from epochal.core.outcome import Outcome, outcome_of
    from epochal.core.rows.examples import Examples
    from epochal.core.settings import SettingError, Settings
    from epochal.core.training.training import Training
    from epochal.core.version import __version__
    from epochal.data.models.model import ModelError
    from epochal.data.notebook.models import Model, load, save
    from epochal.data.notebook.runs import PastRun, Run, runs
    from epochal.data.notebook.tables import Table, read_table
    from epochal.data.notebook.training import Search, Validation, search, train, validate
    from epochal.data.runs.database import HistoryError
    from epochal.data.tables.table import TableError
    from epochal.tui.lab.from_python import lab

__all__ = [
    "Classifier",
    "Examples",
    "HistoryError",
    "Model",
    "ModelError",
    "Outcome",
    "PastRun",
    "Regressor",
    "Run",
    "Search",
    "SettingError",
    "Settings",
    "Table",
    "TableError",
    "Training",
    "Validation",
    "__version__",
    "evaluate",
    "lab",
    "load",
    "outcome_of",
    "read_table",
    "runs",
    "save",
    "search",
    "train",
    "validate",
]

_ROOMS = {
    "core.estimators.classifier": ("Classifier",),
    "core.estimators.regressor": ("Regressor",),
    "core.evaluation.judgement": ("evaluate",),
    "core.outcome": ("Outcome", "outcome_of"),
    "core.rows.examples": ("Examples",),
    "core.settings": ("SettingError", "Settings"),
    "core.training.training": ("Training",),
    "core.version": ("__version__",),
    "data.models.model": ("ModelError",),
    "data.notebook.models": ("Model", "load", "save"),
    "data.notebook.runs": ("PastRun", "Run", "runs"),
    "data.notebook.tables": ("Table", "read_table"),
    "data.notebook.training": ("Search", "Validation", "search", "train", "validate"),
    "data.runs.database": ("HistoryError",),
    "data.tables.table": ("TableError",),
    "tui.lab.from_python": ("lab",),
}
_HOMES = {name: f"epochal.{room}" for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when somebody asks for it: `import epochal` alone loads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'epochal' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
