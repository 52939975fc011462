"""How well `auto` does on real tables, beside scikit-learn's models on the same folds.

`python benchmarks/real_tables.py FOLDER` takes the tables that FOLDER/tables.json lists (name, file, target,
task, ignore), and without FOLDER three bundled ones; `--presets auto,auto:5,sensible` says whose settings are
measured (`:5` with five networks), `--json FILE` writes the figures.
The protocol: folds drawn from seed 0 as `epochal validate` draws them, all 5 up to 810 rows, 3 up to 2,500,
else 1; held-out log loss or RMSE, pooled; two models differ when the mean difference of the row losses is
more than its standard error. One thread each; seconds are the processor's.
"""

from __future__ import annotations

import argparse
import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from time import process_time

import numpy as np
from threadpoolctl import threadpool_limits

from epochal.core.evaluation.judgement import held_out_predictions
from epochal.core.presets import PRESETS
from epochal.core.rows.examples import Examples, Split
from epochal.core.rows.folds import fold_splits
from epochal.core.settings import Settings
from epochal.core.studies.auto.auto import AutoSearch
from epochal.core.studies.auto.halving import row_losses
from epochal.core.training.completion import complete
from epochal.core.training.training import Training
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from

Losses = np.ndarray
BUNDLED = [
    {"name": name, "file": name, "target": target, "task": task, "ignore": ""}
    for name, target, task in (
        ("iris", "species", "classification"),
        ("column_2C_weka", "class", "classification"),
        ("diabetes", "progression", "regression"),
    )
]
PEERS = ("mlp", "linear", "boosting", "forest")


def folds_of(examples: Examples) -> list[Split]:
    """The folds that the protocol runs."""
    count = 5 if len(examples) <= 810 else 3 if len(examples) <= 2500 else 1
    return [rows for _, _, rows in fold_splits(examples, 5, 1, 0)][:count]


FOUND: dict[tuple[int, int], Settings] = {}


def searched(examples: Examples, rows: Split) -> Settings:
    """What `auto` finds on a fold; asked again, the same without a search."""
    key = (id(examples), id(rows))
    if key not in FOUND:
        search = AutoSearch(examples, Settings(), split_rows=rows)
        for _ in search:
            pass
        FOUND[key] = search.settings()
    return FOUND[key]


def ours(examples: Examples, rows: Split, preset: str) -> tuple[Losses, str]:
    """The row losses of a preset on one fold, and which network it was."""
    name, _, networks = preset.partition(":")
    settings = searched(examples, rows) if name == "auto" else PRESETS[name]
    settings = settings.model_copy(update={"networks": int(networks or 1)})
    training = Training(examples, settings, split_rows=rows)
    for _ in training:
        pass
    complete(training)
    outputs = held_out_predictions(training).outputs
    made = f"{','.join(map(str, settings.hidden)) or 'linear'}/{settings.l2 * len(rows.train):.2g}"
    return row_losses(examples, outputs, examples.targets[rows.held_out]), made


def peer(examples: Examples, rows: Split, name: str) -> tuple[Losses, str]:
    """The row losses of a model of scikit-learn on one fold."""
    model = _model(examples, name)
    inputs, targets = _known(examples), examples.targets.ravel()
    model.fit(inputs[rows.train], targets[rows.train])
    if not examples.classes:
        outputs = model.predict(inputs[rows.held_out])[:, None]
    else:
        outputs = np.zeros((len(rows.held_out), len(examples.classes)))
        outputs[:, model.classes_.astype(int)] = model.predict_proba(inputs[rows.held_out])
    return row_losses(examples, outputs, examples.targets[rows.held_out]), ""


def _known(examples: Examples) -> np.ndarray:
    inputs = examples.inputs.copy()
    for index, feature in enumerate(examples.features):
        if feature.categories:
            inputs[inputs[:, index] >= len(feature.categories), index] = -1.0
    return inputs


def _model(examples: Examples, name: str):
    from sklearn import ensemble, linear_model, neural_network
    from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    made = {
        "mlp": (neural_network.MLPClassifier, neural_network.MLPRegressor, {"random_state": 0}),
        "boosting": (
            ensemble.HistGradientBoostingClassifier,
            ensemble.HistGradientBoostingRegressor,
            {"random_state": 0},
        ),
        "forest": (ensemble.RandomForestClassifier, ensemble.RandomForestRegressor, {"random_state": 0}),
        "linear": (
            partial(linear_model.LogisticRegressionCV, Cs=8, cv=3, max_iter=1000, scoring="neg_log_loss"),
            partial(linear_model.RidgeCV, np.logspace(-2, 4, 13)),
            {},
        ),
    }
    classifier, regressor, given = made[name]
    estimator = (classifier if examples.classes else regressor)(**given)
    numbers = [index for index, feature in enumerate(examples.features) if not feature.categories]
    categories = [index for index, feature in enumerate(examples.features) if feature.categories]
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            (
                "categories",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent"),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                categories,
            ),
        ]
    )
    model = make_pipeline(columns, estimator)
    return model if examples.classes else TransformedTargetRegressor(model, transformer=StandardScaler())


def _alone() -> None:
    """One thread each, and no warnings of models that have not converged."""
    warnings.filterwarnings("ignore")
    threadpool_limits(1)


def measured(
    table: dict[str, str], folder: Path | None, names: list[str]
) -> dict[str, tuple[Losses, float, str]]:
    """Of each model: its row losses over all folds run, its seconds a fold, and its networks."""
    ignored = tuple(name for name in table["ignore"].split(",") if name)
    dataset = dataset_from(
        open_table(str(folder / table["file"]) if folder else table["file"]),
        table["target"],
        ignored,
        table["task"],
    )
    examples, results = dataset.examples, {}
    folds = folds_of(examples)
    for name in names:
        started = process_time()
        run = peer if name in PEERS else ours
        parts = [run(examples, rows, name) for rows in folds]
        seconds = (process_time() - started) / len(folds)
        results[name] = (np.concatenate([part for part, _ in parts]), seconds, " ".join(m for _, m in parts))
    return results


def main() -> None:
    """Print a row a table, and the geometric means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--presets", default="auto")
    parser.add_argument("--peers", default="mlp,linear,boosting,forest")
    parser.add_argument("--tables", default="", help="names of some tables, with commas; all if not given")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    tables = json.loads((given.folder / "tables.json").read_text()) if given.folder else BUNDLED
    if given.tables:
        tables = [table for table in tables if table["name"] in given.tables.split(",")]
    presets, peers = given.presets.split(","), [name for name in given.peers.split(",") if name]
    ratios: dict[tuple[str, str], list[float]] = {}
    verdicts: dict[tuple[str, str], list[int]] = {}
    written = {}
    work = partial(measured, folder=given.folder, names=[*presets, *peers])
    with ProcessPoolExecutor(given.processes, initializer=_alone) as pool:
        for table, results in zip(tables, pool.map(work, tables), strict=True):
            power = 0.5 if table["task"] == "regression" else 1.0
            line = f"{table['name']:14s}"
            for mine in presets:
                losses, seconds, made = results[mine]
                line += f" {mine} {losses.mean() ** power:.4g} in {seconds:.1f} s"
                for other in peers:
                    theirs = results[other][0]
                    ratio = (losses.mean() / theirs.mean()) ** power
                    difference = losses - theirs
                    error = difference.std(ddof=1) / np.sqrt(len(difference))
                    won = int(difference.mean() < -error) - int(difference.mean() > error)
                    ratios.setdefault((mine, other), []).append(ratio)
                    verdicts.setdefault((mine, other), []).append(won)
                    line += f" {other} {ratio:.2f}{'-=+'[won + 1]}"
                line += f" [{made}]"
            print(line, flush=True)
            written[table["name"]] = {
                name: {"loss": float(losses.mean() ** power), "seconds": seconds}
                for name, (losses, seconds, _) in results.items()
            }
    for (mine, other), values in ratios.items():
        won = verdicts[mine, other]
        mean = np.exp(np.mean(np.log(values)))
        print(
            f"{mine} against {other}: won {won.count(1)}, level {won.count(0)}, lost {won.count(-1)};"
            f" geometric mean of the losses {mean:.3f}"
        )
    if given.json:
        given.json.write_text(json.dumps(written, indent=1))


if __name__ == "__main__":
    main()
