"""The training of small networks beside scikit-learn, PyTorch and a loop in C, as a table in markdown.

    python benchmarks/peers.py --torch-python /path/to/an/environment/bin/python
    python benchmarks/peers.py --rows batch-1,full-batch --quick

Every measurement is a process of its own, on so many threads as `--threads` says, one after the other: one
of each side, then again, `--repetitions` times. A time is the median; a ratio is the median of the ratios
within each repetition, between the same precisions, above 1 where Epochal is faster. Runs with the project's
dependencies, scikit-learn and, for C, gcc; PyTorch (`pip install torch numpy`) in another environment.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from peers_rows import HELD_OUT, PEERS, ROWS, Row, write_table

HERE = Path(__file__).parent
HEADS = {"epochal": "Epochal", "scikit-learn": "scikit-learn", "pytorch": "PyTorch", "C": "C"}
Result = dict[str, Any]


def compiled(job: dict[str, Any], folder: Path) -> Path:
    """The loop in C for this network and precision, compiled once."""
    program = folder / f"network-{job['precision']}"
    if not program.exists():
        real = {"float64": "double", "float32": "float"}[job["precision"]]
        sizes = [f"-DREAL={real}", f"-DINPUTS={job['columns']}", f"-DHIDDEN={job['hidden'][0]}"]
        command = ["gcc", "-O3", "-march=native", *sizes, "-o", program, HERE / "network.c", "-lm"]
        subprocess.run(command, check=True)
    return program


def run(job: dict[str, Any], folder: Path, torch_python: str, environment: dict[str, str]) -> Result:
    """One measurement in a fresh process."""
    if job["side"] == "C":
        batch = job["rows"] if job["batch_size"] == "full" else job["batch_size"]
        words = [f"{job['data']}/train.bin", job["rows"], job["epochs"], batch, job["learning_rate"]]
        command = [compiled(job, folder), *words, job["optimizer"], "cpu" if job["cpu_time"] else "clock"]
    else:
        python = torch_python if job["side"] == "pytorch" else sys.executable
        command = [python, HERE / "peers_sides.py", json.dumps(job)]
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{job['side']} failed at {job['data']}:\n{done.stderr}")
    return dict(json.loads(done.stdout))


def measured(
    row: Row, sides: list[str], job: dict[str, Any], options: argparse.Namespace, folder: Path
) -> dict[tuple[str, str], list[Result]]:
    """All repetitions of a row, by side and precision."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for name in ("OPENBLAS", "OMP", "MKL"):
        environment[f"{name}_NUM_THREADS"] = str(options.threads)
    results: dict[tuple[str, str], list[Result]] = {}
    for repetition in range(options.repetitions):
        for precision in row.precisions:
            for side in sides:
                kind = row.kind if side != "C" else ""
                words = {**job, "side": side + kind, "precision": precision}
                result = run(words, folder, options.torch_python, environment)
                results.setdefault((side, precision), []).append(result)
        print(f"{row.words}: {repetition + 1} of {options.repetitions}", file=sys.stderr)
    return results


def lines_of(row: Row, job: dict[str, Any], results: dict[tuple[str, str], list[Result]]) -> list[str]:
    """The row's lines of the table, one for each precision."""
    lines = []
    key = "megabytes" if row.measure == "memory" else "seconds"
    for precision in row.precisions:
        values = {
            side: [result[key] for result in results[side, precision]]
            for side in HEADS
            if (side, precision) in results
        }
        medians = {side: statistics.median(each) for side, each in values.items()}
        if key == "megabytes":
            width = job["columns"] + 1 + job["outputs"]
            table = job["rows"] * width * np.dtype(precision).itemsize / 2**20
            note = f"the prepared training table is {table:.0f} MB: {medians['epochal'] / table:.1f} of it"
            cells = [f"{medians[side]:.0f} MB" if side in medians else "" for side in HEADS]
            lines.append(line(row.words, precision, *cells, "", "", "", note, ""))
            continue
        ratios = {
            peer: statistics.median(
                theirs / ours for theirs, ours in zip(values[peer], values["epochal"], strict=True)
            )
            for peer in PEERS
            if peer in values
        }
        share = job["epochs"] if not row.kind else 1
        cells = [duration(medians[side] / share) if side in medians else "" for side in HEADS]
        bars = {peer: bar for peer, bar in row.bars.items() if peer in ratios}
        met = ", ".join("yes" if ratios[peer] >= bar else "no" for peer, bar in bars.items())
        against = [f"{ratios[peer]:.3g}" if peer in ratios else "" for peer in PEERS]
        lines.append(
            line(row.words, precision, *cells, *against, " / ".join(f"{b:g}x" for b in bars.values()), met)
        )
        if row.measure == "rate":
            lines.append(rate_line(job, precision, results["epochal", precision]))
    return lines


def rate_line(job: dict[str, Any], precision: str, results: list[Result]) -> str:
    """Arithmetic of all layers' products over the time of everything, against one large product's rate."""
    sizes = [job["columns"], *job["hidden"], job["outputs"]]
    forward = sum(2 * (before + 1) * after for before, after in pairwise(sizes))
    # Backward: every layer's gradient, and the deltas of every layer but the first.
    backward = 2 * forward - 2 * (sizes[0] + 1) * sizes[1]
    steps, measuring = job["rows"] * (forward + backward), (job["rows"] + job["held out"]) * forward
    rates = [(steps + measuring) * job["epochs"] / each["seconds"] for each in results]
    share = statistics.median(rate / each["product rate"] for rate, each in zip(rates, results, strict=True))
    best = statistics.median(each["product rate"] for each in results)
    rate = statistics.median(rates)
    cells = [f"{rate / 1e9:.0f} GFLOP/s", "", "", "", "", "", ""]
    note = f"70 % of a 2048 x 2048 product's {best / 1e9:.0f}: {share:.0%}"
    return line("its products, against one large product", precision, *cells, note, answer(share >= 0.7))


def answer(met: bool) -> str:
    return "yes" if met else "no"


def duration(seconds: float) -> str:
    """Three digits in the unit that suits them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def line(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(each.split(":")[1].strip() for each in lines if each.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", default=",".join(ROWS), help="names, with commas: " + ", ".join(ROWS))
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="for matrix products, in every process")
    parser.add_argument("--torch-python", default="", help="a Python that has PyTorch and NumPy")
    parser.add_argument(
        "--cpu-time",
        action="store_true",
        help="count processor time where one process does the work, for a machine that others use too",
    )
    parser.add_argument("--quick", action="store_true", help="one repetition of a tenth of the epochs")
    options = parser.parse_args()
    names = options.rows.split(",")
    if unknown := [name for name in names if name not in ROWS]:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(ROWS)}")
    if options.cpu_time and options.threads > 1:
        parser.error("processor time counts every thread: --cpu-time is for --threads 1")
    if options.quick:
        options.repetitions = 1
    left_out = {"pytorch": not options.torch_python, "C": not shutil.which("gcc")}

    heads = [*HEADS.values(), "of sklearn", "of PyTorch", "of C"]
    print(line("work", "precision", *heads, "bar", "met"))
    print("|---" * 11 + "|")
    load, versions, errors = os.getloadavg()[0], {}, []
    with tempfile.TemporaryDirectory() as name:
        folder, tables = Path(name), {}
        for row in (ROWS[each] for each in names):
            if row.table not in tables:
                tables[row.table] = write_table(row.table, folder / row.table)
            epochs = max(2, row.epochs // 10) if options.quick else row.epochs
            job = {**row.network, **tables[row.table], "epochs": epochs, "measure": row.measure}
            job |= {"held_out": HELD_OUT, "threads": options.threads}
            job["cpu_time"] = options.cpu_time and "jobs" not in job
            sides = ["epochal", *(peer for peer in row.peers if not left_out.get(peer))]
            results = measured(row, sides, job, options, folder)
            print("\n".join(lines_of(row, job, results)), flush=True)
            for (side, precision), each in results.items():
                versions |= each[0].get("versions", {})
                if "error" in each[0]:
                    median = statistics.median(result["error"] for result in each)
                    errors.append(f"- {row.words}, {precision}, {HEADS[side]}: {median:.4f}")

    said = ", ".join(f"{what} {version}" for what, version in versions.items())
    clock = "processor time, by the clock with two jobs" if options.cpu_time else "by the clock"
    print(
        f"\n{datetime.date.today().isoformat()}; {processor()}, {os.cpu_count()} cores, {platform.system()}; "
        f"{said}; {options.threads} thread(s) for matrix products; "
        f"medians of {options.repetitions}, {clock}; "
        f"load of the machine before {load:.1f}, after {os.getloadavg()[0]:.1f}."
    )
    for side, missing in left_out.items():
        if missing:
            print(f"Without {HEADS[side]}: {'no gcc' if side == 'C' else 'no --torch-python was given'}.")
    if errors:
        print("\nThe error after the last epoch, to see that all did the same work:\n", *errors, sep="\n")


if __name__ == "__main__":
    main()
