"""Completion: what a run that has ended may still lack, its ensemble's other members and its temperature.

Both come from the run's training rows alone: the members are trained as the run was, from the seeds after its
own; the temperature is found on rows that networks trained on the other folds have not seen.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from epochal.core.network.ensemble import mean_network
from epochal.core.network.network import Network
from epochal.core.network.temperature import FEWEST_ROWS, FITTED, fitted_temperature, tempered
from epochal.core.rows.examples import Examples, Floats, Split
from epochal.core.rows.folds import inner_splits
from epochal.core.settings import Settings
from epochal.core.training.population import Population, members_at_once, shape
from epochal.core.training.resume import replayed
from epochal.core.training.state import Completion
from epochal.core.training.training import Training

FOLDS = 5
# From here on one validation share says as much about one number as folds do.
MANY_ROWS = 2_500


def final_network(training: Training) -> Network:
    """The network that answers for a run: the mean of its ensemble's members, with the temperature."""
    own = training.network.with_parameters(training.kept_parameters)
    return tempered(mean_network([own, *training.completion.others]), training.completion.temperature)


def completion_in_words(training: Training) -> list[str]:
    """What the answers are besides those of one network as it was trained, in sentences."""
    settings, completion = training.settings, training.completion
    lines = []
    if completion.others:
        count = len(completion.others) + 1
        lines.append(
            f"The answers are the mean of {count} networks, of seeds {settings.seed:,} and following; "
            "curves and weights are those of the first."
        )
    elif settings.networks > 1:
        why = (
            "the others are trained once it ends by itself"
            if settings.hidden
            else "without hidden layers all find the same weights"
        )
        lines.append(f"One network of {settings.networks} answers: {why}.")
    temperature = completion.temperature
    if settings.temperature == FITTED and completion.is_done:
        lines.append(_fitted_in_words(temperature, completion.log_loss))
    elif temperature != 1.0:
        lines.append(f"Temperature {temperature:.3g}: {_meaning(temperature)}.")
    return lines


def _fitted_in_words(temperature: float, log_loss: tuple[float, float] | None) -> str:
    if log_loss is None:
        return "Temperature 1: there are too few training rows to fit one."
    before, after = log_loss
    if temperature == 1.0:
        return (
            f"Temperature 1: on folds of the training rows, with a log loss of {before:.4f}, no other is "
            "better beyond one standard error."
        )
    return (
        f"Temperature {temperature:.3g}, fitted on folds of the training rows: log loss {after:.4f} there, "
        f"{before:.4f} without; {_meaning(temperature)}."
    )


def _meaning(temperature: float) -> str:
    return f"probabilities are {'less' if temperature > 1.0 else 'more'} sure than the network's own"


def complete(training: Training) -> None:
    """Train what is lacking, to the end."""
    for _ in completing(training):
        pass


def completing(training: Training) -> Iterator[float]:
    """Train what is lacking; the share of it that is done, after each epoch of some networks.

    Only a run that has ended by itself lacks anything, and it has it once the iteration is exhausted.
    """
    settings = training.settings
    if training.completion.is_done or training.ending not in ("finished", "early"):
        return
    seeds = [(settings.seed + place) % (1 << 32) for place in range(_networks(settings))]
    members = [_alike(training, seed) for seed in seeds[1:]]
    inner, folds = _folds(training) if settings.temperature == FITTED else (training.examples, [])
    judges = [[_judge(inner, settings, seed, rows, training) for seed in seeds] for rows in folds]
    lacking = [*members, *(one for of_fold in judges for one in of_fold)]
    planned = sum(one.settings.epochs for one in lacking)
    for _ in _trained(lacking, training):
        yield min(1.0, sum(one.history.length for one in lacking) / planned)
    others = tuple(one.network.with_parameters(one.kept_parameters) for one in members if _is_usable(one))
    temperature, log_loss = training.completion.temperature, None
    if judges:
        temperature, log_loss = temperature_of(judges)
    training.completion = Completion(temperature, others, log_loss, is_done=True)


def _networks(settings: Settings) -> int:
    """Of linear models one is enough: all find the same minimum."""
    return settings.networks if settings.hidden else 1


def _alike(training: Training, seed: int) -> Training:
    """The same training from another seed, on the same rows."""
    own = training.settings.model_copy(update={"seed": seed})
    return Training(training.examples, own, split_rows=training.split, gate=training.gate, alike=training)


def _folds(training: Training) -> tuple[Examples, list[Split]]:
    """The training rows alone, and which of them judge; none where there are too few."""
    rows = np.sort(np.concatenate([training.split.train, training.split.validation]))
    inner = training.examples.take(rows)
    if len(rows) < FEWEST_ROWS:
        return inner, []
    return inner, inner_splits(inner, FOLDS if len(rows) < MANY_ROWS else 1, training.settings.seed)


def _judge(inner: Examples, settings: Settings, seed: int, rows: Split, training: Training) -> Training:
    own = settings.model_copy(update={"seed": seed, "temperature": 1.0})
    return Training(inner, own, split_rows=rows, gate=training.gate)


def _trained(lacking: Sequence[Training], training: Training) -> Iterator[None]:
    """Train them to their ends, those of one shape together; steered as the run was."""
    if training.changes:
        for one in lacking:
            for _ in replayed(one, training.changes):
                yield
        return
    groups: dict[Hashable, list[Training]] = {}
    for one in lacking:
        groups.setdefault(shape(one), []).append(one)
    for group in groups.values():
        size = members_at_once(group[0])
        for start in range(0, len(group), size):
            for _ in Population(group[start : start + size], training.gate):
                yield


def _is_usable(training: Training) -> bool:
    return training.ending != "diverged"


def temperature_of(judges: Sequence[Sequence[Training]]) -> tuple[float, tuple[float, float] | None]:
    """The temperature that fits the held-out rows of all folds, and their log loss without and with it.

    Of each fold the members of an ensemble, or one network alone; those that diverged are left out.
    """
    logits, targets = [], []
    kind = judges[0][0].network.kind
    for of_fold in judges:
        usable = [one for one in of_fold if _is_usable(one)]
        if not usable:
            continue
        rows = usable[0].split.held_out
        logits.append(np.mean([_logits(one) for one in usable], axis=0))
        examples, nodes = usable[0].examples, usable[0].network.layers[-1]
        targets.append(kind.encode(examples.targets[rows], nodes, usable[0].preparation))
    if not logits:
        return 1.0, None
    return fitted_temperature(kind, np.concatenate(logits), np.concatenate(targets))


def _logits(training: Training) -> Floats:
    rows = training.examples.inputs[training.split.held_out]
    return np.asarray(training.kept_network.logits(training.preparation.inputs(rows)), np.float64)
