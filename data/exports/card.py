"""A model card: what a model is, what it learned from, how well it does and where that ends.

The sections are those of Mitchell and others, "Model Cards for Model Reporting", 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from epochal.core.evaluation.evaluation import ClassEvaluation
from epochal.core.evaluation.figures import percent
from epochal.core.evaluation.intervals import wilson
from epochal.core.evaluation.judgement import Evaluation
from epochal.core.evaluation.wording import sentences
from epochal.core.findings.finding import Finding
from epochal.core.numerals import figure
from epochal.core.settings import DECLARATIONS, written
from epochal.data.exports.pages import Block, Grid, Heading, Paragraph
from epochal.data.models.model import Model
from epochal.data.models.model_file import model_digest
from epochal.data.models.worth import worth_in_words

MOST_CATEGORIES = 8
FEW_ROWS = 100
NO_FINDINGS = "A model file keeps no findings: `epochal train --card` writes them with the model."


def card(
    model: Model, evaluation: Evaluation | None = None, findings: Sequence[Finding] | None = None
) -> list[Block]:
    """The card of a model; of one that was just trained, with its evaluation and findings."""
    return [
        Heading(f"Model card: {model.target} of {model.table.name}"),
        Heading("Model details"),
        Paragraph(f"A feed-forward neural network, {model.predictor.network.in_words()}."),
        Paragraph(
            f"Trained by Epochal {model.trained_by} for {model.epochs:,} epochs. SHA-256 of the model: "
            f"{model_digest(model)}."
        ),
        Grid(("setting", "value"), list(_settings(model))),
        Heading("Intended use"),
        *map(Paragraph, _use(model)),
        Grid(("column", "what it may be"), list(_columns(model))),
        Heading("Training data"),
        *map(Paragraph, _data(model)),
        Heading("Evaluation data"),
        Paragraph(_held_out(model)),
        Heading("Metrics"),
        *map(Paragraph, worth_in_words(model) if evaluation is None else sentences(evaluation)),
        Heading("Quantitative analyses"),
        *_analyses(evaluation),
        Heading("Findings"),
        *map(Paragraph, [NO_FINDINGS] if findings is None else _findings(findings)),
        Heading("Ethical considerations"),
        Paragraph(
            "The columns above are used as they are. Where one of them, or something that goes with it, "
            "tells groups of people apart, such as sex, age or origin, compare the errors of these groups "
            "before the model is used: this card does not."
        ),
        Heading("Caveats and recommendations"),
        *map(Paragraph, _limits(model)),
    ]


def _settings(model: Model) -> Iterator[tuple[str, str]]:
    for name, value in model.stored_settings.items():
        declared = DECLARATIONS.get(name)
        shown = tuple(value) if isinstance(value, list) else value
        if declared is None or shown != declared.default:
            yield (declared.title if declared else name), written(shown)
    yield "All others", "the defaults"


def _use(model: Model) -> Iterator[str]:
    what = (
        f"which of {', '.join(model.classes)} {model.target} is"
        if model.classes
        else f"the number {model.target}"
    )
    yield f"It predicts {what}, from one row with the columns below."
    yield (
        "It is made for rows like those it learned from; of others its answers, however sure they look, mean "
        "nothing."
    )


def _columns(model: Model) -> Iterator[tuple[str, str]]:
    ranges = model.ranges or (None,) * len(model.features)
    for feature, known in zip(model.features, ranges, strict=True):
        if feature.categories:
            more = len(feature.categories) - MOST_CATEGORIES
            named = ", ".join(feature.categories[:MOST_CATEGORIES])
            yield feature.name, named + (f" and {more:,} more" if more > 0 else "")
        else:
            yield feature.name, f"{figure(known[0])} to {figure(known[1])}" if known else "a number"


def _data(model: Model) -> Iterator[str]:
    table, decided = model.table, model.decisions
    yield f"The table {table.name}, {table.rows:,} rows, SHA-256 {table.sha256 or 'unknown'}."
    if decided is None:
        return
    yield from decided.notes
    if decided.rows_without_target:
        yield f"{decided.rows_without_target:,} rows without a {model.target} were not learned from."


def _held_out(model: Model) -> str:
    seed, share = (model.stored_settings.get(name) for name in ("seed", "held_out"))
    if model.evaluation is None or not model.evaluation.rows:
        return "No rows were held out."
    how = "with the same share of each class, " if model.classes else ""
    return (
        f"{model.evaluation.rows:,} rows of the same table, drawn {how}by seed {seed} (held-out share "
        f"{share}); they played no part in training, scaling or any choice."
    )


def _analyses(evaluation: Evaluation | None) -> Iterator[Block]:
    if not isinstance(evaluation, ClassEvaluation):
        yield Paragraph("The measures above are of all held-out rows together.")
        return
    rows = []
    for measures, counts in zip(evaluation.per_class, evaluation.confusion, strict=True):
        right = int(counts[evaluation.classes.index(measures.name)])
        low, high = wilson(right, measures.support, evaluation.level)
        recall = (
            "-"
            if measures.recall is None
            else f"{percent(measures.recall)} ({percent(low)} to {percent(high)})"
        )
        precision = "-" if measures.precision is None else percent(measures.precision)
        rows.append((measures.name, f"{measures.support:,}", recall, precision))
    level = f"{evaluation.level:.0%}"
    yield Grid(
        ("class", "held-out rows", f"found (recall, {level} interval)", "right when said (precision)"), rows
    )


def _findings(findings: Sequence[Finding]) -> list[str]:
    return [f"{one.severity.title()}: {one.sentence} {one.advice}" for one in findings] or ["No findings."]


def _limits(model: Model) -> Iterator[str]:
    yield (
        "The held-out rows come from the same table: of rows gathered elsewhere, or later, these figures say "
        "little. Measure again on some before relying on the model."
    )
    if model.evaluation is not None and 0 < model.evaluation.rows < FEW_ROWS:
        yield f"{model.evaluation.rows:,} held-out rows are few, which is why the intervals are wide."
    if len(marked := model.predictor.preparation.indicators.tolist()):
        names = ", ".join(model.features[at].name for at in marked)
        yield f"Cells were missing in {names}: they were filled in (imputation), and an input says so."
    if len(model.classes) == 2:
        yield (
            f"{model.classes[1]} is answered from a probability of {model.threshold:g} on; another threshold "
            "trades misses for false alarms."
        )
    yield "A network finds what goes together, not what causes what."
