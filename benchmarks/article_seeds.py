"""What each repair of the tutorial changes, over several seeds: published, one repaired, one left broken.

    python benchmarks/article_seeds.py published --seeds 20
    python benchmarks/article_seeds.py all --seeds 20
    python benchmarks/article_seeds.py alone --seeds 5
    python benchmarks/article_seeds.py but-one --seeds 20

A run takes three to six seconds.
"""

from __future__ import annotations

import argparse

from epochal.core.article.defects import ALL
from epochal.core.article.replay import Replay
from epochal.core.article.training import replay
from epochal.core.rows.examples import Examples
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from


def seed_line(run: Replay) -> str:
    return (
        f"seed {run.seed:2}  prints {run.printed_accuracy:6.2f} %   true {run.held_out_right:2} of "
        f"{run.held_out_rows} = {run.true_accuracy:6.1%}   baseline {run.baseline:5.1%}   "
        f"p {run.p_value:.4f}   beats it {'yes' if run.beats_baseline else 'no '}   "
        f"error {min(run.errors):.4f} to {max(run.errors):.4f}, last {run.curve[-1]:.4f}"
    )


def summary_line(name: str, runs: list[Replay]) -> str:
    right = [run.held_out_right for run in runs]
    errors = [error for run in runs for error in run.errors]
    return (
        f"{name:24} prints {min(r.printed_accuracy for r in runs):6.2f} to "
        f"{max(r.printed_accuracy for r in runs):6.2f}   right {min(right):2} to {max(right):2}, "
        f"mean {sum(right) / len(right) / runs[0].held_out_rows:6.1%}   beats the baseline "
        f"{sum(run.beats_baseline for run in runs):2} of {len(runs)}   "
        f"error {min(errors):.4f} to {max(errors):.4f}"
    )


def run_seeds(examples: Examples, name: str, repairs: tuple[str, ...], seeds: int, each: bool) -> None:
    runs = []
    for seed in range(seeds):
        runs.append(replay(examples, repairs, seed))
        if each:
            print(seed_line(runs[-1]), flush=True)
    print(summary_line(name, runs), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=["published", "all", "alone", "but-one"])
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    examples = dataset_from(open_table("column_2C_weka")).examples
    if arguments.what in ("published", "all"):
        repairs = ALL if arguments.what == "all" else ()
        run_seeds(examples, arguments.what, repairs, arguments.seeds, each=True)
        return
    for name in ALL:
        repairs = (name,) if arguments.what == "alone" else tuple(each for each in ALL if each != name)
        run_seeds(examples, name, repairs, arguments.seeds, each=False)


if __name__ == "__main__":
    main()
