"""What importing costs: epochal beyond NumPy, its first use, and what reads data frames.

    python benchmarks/import_time.py

Each line is a fresh process, and the lines take turns; printed are medians of processor time, which other
programs on the machine change less than the clock's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

ROUNDS = 7
LINES = {
    "NumPy": "import numpy",
    "NumPy and epochal": "import numpy, epochal",
    "and epochal.Settings": "import numpy, epochal; epochal.Settings",
    "and epochal.Classifier": "import numpy, epochal; epochal.Classifier",
    "and epochal.train": "import numpy, epochal; epochal.train",
    "NumPy and what reads frames by their protocols": ("import numpy; import epochal.core.rows.frames"),
    "NumPy and narwhals": "import numpy, narwhals",
}


def milliseconds(statement: str) -> float:
    """Processor time of the statement once Python is up; NaN where a module is not installed."""
    program = f"import time; t = time.process_time(); {statement}; print(1000 * (time.process_time() - t))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 else float("nan")


def main() -> None:
    """Print the table."""
    times: dict[str, list[float]] = {name: [] for name in LINES}
    for _ in range(ROUNDS):
        for name, statement in LINES.items():
            times[name].append(milliseconds(statement))
    first = statistics.median(times["NumPy"])
    print("| imported | ms | beyond NumPy |\n|---|---|---|")
    for name, each in times.items():
        median = statistics.median(each)
        print(f"| {name} | {median:.0f} | {median - first:.0f} |")


if __name__ == "__main__":
    main()
