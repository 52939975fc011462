"""Reading tables beside NumPy's genfromtxt and, where it is installed, pandas: time and peak memory.

Each reader runs in a process of its own, import included: `python benchmarks/reading.py [ROWS]`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

COLUMNS = 10
READERS = {
    "epochal": "from epochal.data.tables.reading import read_table; read_table({path!r})",
    "genfromtxt": "import numpy; numpy.genfromtxt({path!r}, delimiter=',', skip_header=1)",
    "pandas": "import pandas; pandas.read_csv({path!r})",
}
MEASURED = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def measured(code: str) -> tuple[float, float] | None:
    """Seconds and megabytes of a fresh process; None if it fails, as without pandas."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {MEASURED}"], capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - started
    return None if done.returncode else (seconds, int(done.stdout) / 1024)


def write(path: Path, rows: int) -> None:
    draw = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(f"c{place}" for place in range(COLUMNS)) + "\n")
        for _ in range(0, rows, 10_000):
            np.savetxt(file, draw.normal(size=(min(rows, 10_000), COLUMNS)), "%.6f", ",")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        for count in (310, rows):
            path = Path(folder) / f"{count}.csv"
            write(path, count)
            print(f"{count} rows x {COLUMNS} numbers, {count * COLUMNS * 8 / 1e6:.1f} MB as numbers")
            ours = None
            for name, code in READERS.items():
                result = measured(code.format(path=str(path)))
                if result is None:
                    print(f"  {name:12} not here")
                    continue
                ours = ours or result
                print(
                    f"  {name:12} {result[0]:7.2f} s {result[1]:7.0f} MB   {result[0] / ours[0]:5.2f} x ours"
                )


if __name__ == "__main__":
    main()
