"""Settings: the declaration of each, its choices, and what to know before it is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docs.pages.markdown import cell, code, first_paragraph, page, table
from epochal.core.network.activations import ACTIVATIONS
from epochal.core.network.initial import INITIAL_WEIGHTS
from epochal.core.network.losses import LOSS_CHOICES
from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.optimizers.schedules import SCHEDULE_CHOICES
from epochal.core.registry import Choice
from epochal.core.rows.scaling import SCALINGS
from epochal.core.settings import DECLARATIONS, written
from epochal.core.settings_advice import ADVICE

INTRODUCTION = """\
What a run is made of besides its table: a field of the Settings pane, an option of the command line, and a keyword of
`epochal.Settings`. Equal tables and equal settings give equal runs, to the bit."""

REGISTRIES: Mapping[str, Mapping[str, Choice[object]]] = {
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULE_CHOICES,
    "loss": LOSS_CHOICES,
    "scaling": SCALINGS,
    "initial_weights": INITIAL_WEIGHTS,
}


def settings_page() -> str:
    """A section for each setting."""
    return page("Settings", INTRODUCTION, *_sections())


def _sections() -> Iterator[str]:
    for name, declared in DECLARATIONS.items():
        facts = [
            ("option", code(declared.option)),
            ("in Python", code(name)),
            ("default", code(written(declared.default))),
            ("may be", cell(declared.allowed)),
        ]
        parts = [f"## {declared.title}", cell(declared.sentence)]
        if name in ADVICE:
            parts.append(cell(ADVICE[name]))
        parts.append(table(("", ""), facts))
        if name in REGISTRIES:
            parts.append(
                table(
                    ("choice", "what it is"),
                    [(code(one.name), _choice(one)) for one in REGISTRIES[name].values()],
                )
            )
        yield "\n\n".join(parts)


def _choice(choice: Choice[object]) -> str:
    """Its sentence and, where the declaration has one, its formula."""
    stated = getattr(choice.value, "value", None)
    formula = f" `a = {stated}`" if isinstance(stated, str) else ""
    rule = getattr(choice.value, "rule", None) or getattr(choice.value, "learn", None) or choice.value
    source = first_paragraph(rule) if callable(rule) and not formula else ""
    return cell(f"{choice.sentence} {source}".strip()) + formula
