"""Training in a notebook: one run, repeated cross-validation, or a search for settings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from epochal.core.evaluation.wording import in_words
from epochal.core.outcome import outcome_of
from epochal.core.presets import AUTO, PRESET_OPTIONS, PRESETS
from epochal.core.rows.examples import Task
from epochal.core.settings import SettingError, Settings, read_settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.nested import nested_cross_validate
from epochal.core.studies.auto.report import SearchReport
from epochal.core.studies.cross_validation import cross_validate
from epochal.core.studies.resampling import Summary, summarise, summary_sentences
from epochal.core.studies.search import EvaluatedCandidate, candidates, ranked, refit_and_evaluate
from epochal.core.studies.search import search as judged_candidates
from epochal.core.training.training import Training
from epochal.data.exports.pages import Block, Grid, Heading, Paragraph, html_fragment
from epochal.data.notebook.runs import Run
from epochal.data.notebook.tables import read_table
from epochal.data.runs.metadata import run_metadata
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.result import result_of
from epochal.data.tables.dataset import Dataset, dataset_from
from epochal.data.user_files import home


def train(
    table: object,
    target: str | None = None,
    settings: Settings | str = AUTO,
    *,
    ignore: Collection[str] = (),
    task: Task | None = None,
    budget: float | None = None,
    record: bool = False,
    **given: object,
) -> Run:
    """Train a network on a table and evaluate it on held-out rows.

    `table` is anything that `read_table` takes, or a dataset. `settings` are Settings, the name of a preset,
    or "auto", which finds them for the table within `budget` seconds; settings that are named beside them, as
    in `hidden=8, epochs=100`, hold in any case. `record` writes the run to the history. Equal tables,
    settings and seeds give equal bytes of weights, here, on the command line and in the lab.

        run = epochal.train("penguins", "species", settings="sensible", epochs=50, seed=1)
        print(run.verdict)
        for finding in run.findings:
            print(finding.sentence, finding.advice)
    """
    dataset = dataset_of(table, target, ignore, task)
    base, names = chosen(settings, given)
    report = None
    if settings == AUTO:
        search = AutoSearch(dataset.examples, base, names, budget=budget)
        if not search.needs_no_search:
            for _ in search:
                pass
            report = search.report()
        base = search.candidates[0] if search.needs_no_search else search.settings()
    return trained(dataset, base, report, record=record)


def trained(dataset: Dataset, settings: Settings, report: SearchReport | None, *, record: bool) -> Run:
    """One training to its end."""
    training = Training(dataset.examples, settings)
    with Recorder.open(home() if record else None) as recorder:
        recording = recorder.begin(run_metadata(dataset, training, search=report), training.history)
        for _ in recording.epochs(training):
            pass
        outcome = outcome_of(training)
        recording.end(outcome.ending, result_of(dataset, outcome), training.state() if record else None)
    return Run(dataset, outcome, report)


def dataset_of(
    table: object, target: str | None, ignore: Collection[str] = (), task: Task | None = None
) -> Dataset:
    """The dataset of whatever table; TableError when nothing can be learned of it."""
    if isinstance(table, Dataset):
        return table
    return dataset_from(read_table(table), target, ignore, task)


def chosen(settings: Settings | str, given: Mapping[str, object]) -> tuple[Settings, tuple[str, ...]]:
    """The settings with those given in their place, and their names. SettingError says what is wrong."""
    if isinstance(settings, Settings):
        return read_settings(given, settings), tuple(given)
    preset = PRESET_OPTIONS.get(settings, settings)
    if preset != AUTO and preset not in PRESETS:
        raise SettingError("preset", f"A preset is one of {', '.join(PRESET_OPTIONS)}, not {settings}")
    return read_settings(given, PRESETS.get(preset)), tuple(given)


@dataclass(frozen=True, eq=False, repr=False)
class Validation:
    """What cross-validation says; `summary` has every measure with its interval, and the `folds`."""

    dataset: Dataset
    summary: Summary

    @property
    def score(self) -> float:
        """The mean of the first measure: of classes the accuracy, of numbers the RMSE."""
        return self.summary.score.mean

    @property
    def interval(self) -> tuple[float, float] | None:
        """Where the mean lies with 95 % confidence, corrected for rows that trainings share."""
        return self.summary.score.interval

    @property
    def sentences(self) -> list[str]:
        """How well new rows are predicted, how sure that is, and what it is worth."""
        return summary_sentences(self.summary)

    def __repr__(self) -> str:
        return f"Validation({self.dataset.table.name}: {self.sentences[0].rstrip('.')})"

    def _repr_html_(self) -> str:
        lines = map(Paragraph, self.sentences)
        return html_fragment([Heading(f"{self.dataset.table.name}: {self.dataset.target}"), *lines])


def validate(
    table: object,
    target: str | None = None,
    settings: Settings | str = AUTO,
    *,
    folds: int = 10,
    repeats: int | None = None,
    ignore: Collection[str] = (),
    task: Task | None = None,
    budget: float | None = None,
    **given: object,
) -> Validation:
    """Repeated stratified cross-validation of settings: every row is held out once in each repeat.

    With "auto" every fold searches for settings on its own training rows (nested cross-validation). Repeats
    are 5 if not given, or 1 with such a search.

        validation = epochal.validate("iris", settings="sensible", folds=5, repeats=1, epochs=50)
        print(validation.score, validation.interval)
    """
    dataset = dataset_of(table, target, ignore, task)
    base, names = chosen(settings, given)
    repeats = repeats or (1 if settings == AUTO else 5)
    if settings == AUTO:
        done = nested_cross_validate(dataset.examples, base, names, folds, repeats, budget=budget)
    else:
        done = cross_validate(dataset.examples, base, folds, repeats)
    return Validation(dataset, summarise(list(done)))


@dataclass(frozen=True, eq=False, repr=False)
class Search:
    """Settings ranked by cross-validation on training rows; `run` is the best, judged on held-out rows."""

    candidates: tuple[EvaluatedCandidate, ...]
    names: tuple[str, ...]
    run: Run

    @property
    def settings(self) -> Settings:
        """The best settings."""
        return self.run.settings

    def __repr__(self) -> str:
        worth = in_words(self.run.evaluation)
        return f"Search({len(self.candidates)} candidates, best {self.settings!r}; {worth})"

    def _repr_html_(self) -> str:
        return html_fragment(list(self._shown()))

    def _shown(self) -> Iterator[Block]:
        scoring = self.candidates[0].summary.scoring
        yield Heading(f"{self.run.dataset.table.name}: {len(self.candidates)} candidates")
        rows = [
            [scoring.written(one.score.mean), *(str(getattr(one.settings, name)) for name in self.names)]
            for one in self.candidates[:20]
        ]
        yield Grid((scoring.heading, *self.names), rows)
        yield Paragraph(
            f"The best on held-out rows, which the search never saw: {in_words(self.run.evaluation)}."
        )


def search(
    table: object,
    target: str | None = None,
    settings: Settings | str = "sensible",
    *,
    vary: Mapping[str, Sequence[object]],
    folds: int = 5,
    repeats: int = 1,
    ignore: Collection[str] = (),
    task: Task | None = None,
    **given: object,
) -> Search:
    """Try every combination of the values in `vary`, as `{"hidden": [4, 8], "l2": [0, 0.01]}`, and rank them.

    Each is cross-validated on the training rows alone; the best is then trained on all of them and judged on
    the held-out rows, which the search never saw. For a search over the default space, see `train`.

        found = epochal.search("iris", vary={"hidden": [(), 4], "l2": [0.0, 0.02]}, epochs=30)
        print(found.settings, found.run.evaluation.accuracy)
    """
    dataset = dataset_of(table, target, ignore, task)
    made = candidates(chosen(settings, given)[0], vary)
    order = ranked(list(judged_candidates(dataset.examples, made, folds, repeats)))
    return Search(tuple(order), tuple(vary), Run(dataset, refit_and_evaluate(dataset.examples, order[0])))
