"""What a report of a fault should say of the machine: versions, terminal, speed of a frame, BLAS, history."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import statistics
import sys
from time import perf_counter
from typing import TypedDict

import numpy as np

from epochal.core.version import __version__
from epochal.data.runs.database import NAME, HistoryError
from epochal.data.runs.queries import history_bytes, recorded_runs
from epochal.data.user_files import NOWHERE, home
from epochal.tui.widgets.text import GLYPHS, UNICODE

LIBRARIES = ("textual", "plotext", "pydantic", "click", "platformdirs")
OPTIONAL = ("scikit-learn", "onnx", "pyarrow", "pillow", "dask")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
FRAMES = 5


class Terminal(TypedDict):
    """Who draws, and what it can."""

    is_terminal: bool
    term: str
    columns: int
    lines: int
    colors: str
    encoding: str
    glyphs: bool
    within: list[str]


class History(TypedDict):
    """Where the runs are, how many, and what is wrong with them."""

    path: str
    bytes: int
    runs: int
    problem: str


class Diagnosis(TypedDict):
    """All of it, as `--json` prints it."""

    version: str
    python: str
    system: str
    libraries: dict[str, str]
    optional: dict[str, str]
    blas: str
    blas_threads: str
    processors: int
    terminal: Terminal
    frame_milliseconds: float
    history: History


def diagnosis() -> Diagnosis:
    """Look at the machine as it is now."""
    dependencies = np.show_config(mode="dicts")["Build Dependencies"]
    blas = dependencies.get("blas", {})
    return Diagnosis(
        version=__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        libraries={"numpy": np.__version__, **_versions(LIBRARIES)},
        optional=_versions(OPTIONAL),
        blas=f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        blas_threads=next(
            (os.environ[name] for name in THREADS if name in os.environ), "as many as it likes"
        ),
        processors=os.cpu_count() or 1,
        terminal=_terminal(),
        frame_milliseconds=_frame(),
        history=_history(),
    )


def in_words(found: Diagnosis) -> list[str]:
    """The same in ten lines or fewer."""
    terminal, history = found["terminal"], found["history"]
    shown = "UTF-8" if terminal["glyphs"] else "ASCII alone"
    within = f", within {' and '.join(terminal['within'])}" if terminal["within"] else ""
    threads = found["blas_threads"]
    more = ", ".join(f"{name} {version}" for name, version in found["optional"].items()) or "none"
    drawn = "a terminal" if terminal["is_terminal"] else "no terminal: output goes to a file or a pipe"
    kept = f"{history['runs']:,} runs in {history['path']} ({history['bytes'] / 1e6:.1f} MB)"
    return [
        f"Epochal {found['version']}, {found['python']}, {found['system']}",
        "Libraries: " + ", ".join(f"{name} {version}" for name, version in found["libraries"].items()),
        f"Further libraries: {more}",
        f"Matrix products: {found['blas']}, {threads} thread{'' if threads == '1' else 's'}, "
        f"{found['processors']} processors",
        f"Terminal: {drawn}, TERM {terminal['term'] or 'not set'}{within}",
        f"Size: {terminal['columns']} x {terminal['lines']}" + _room(terminal),
        f"Colours: {terminal['colors']}; characters: {shown} ({terminal['encoding']})",
        f"A frame of the chart takes {found['frame_milliseconds']:.1f} ms",
        f"History: {history['problem'] or kept}",
    ]


def _room(terminal: Terminal) -> str:
    if terminal["columns"] < 60 or terminal["lines"] < 15:
        return ": too small for the lab, which needs 60 x 15"
    if terminal["columns"] < 120 or terminal["lines"] < 40:
        return ": panes as tabs (all four side by side from 120 x 40)"
    return ": all panes side by side"


def _versions(names: tuple[str, ...]) -> dict[str, str]:
    """Of those that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _terminal() -> Terminal:
    size = shutil.get_terminal_size()
    within = {"tmux": "TMUX", "screen": "STY", "SSH": "SSH_CONNECTION"}
    return Terminal(
        is_terminal=sys.stdout.isatty(),
        term=os.environ.get("TERM", ""),
        columns=size.columns,
        lines=size.lines,
        colors=_colors(),
        encoding=sys.stdout.encoding or "unknown",
        glyphs=UNICODE and GLYPHS,
        within=[name for name, variable in within.items() if os.environ.get(variable)],
    )


def _colors() -> str:
    """As the environment tells programs."""
    term = os.environ.get("TERM", "")
    if os.environ.get("NO_COLOR"):
        return "none, as NO_COLOR says"
    if term in ("", "dumb"):
        return "none"
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return "16 million"
    return "256" if "256color" in term else "16"


def _frame() -> float:
    """The median time of drawing a chart of a thousand epochs, in milliseconds."""
    from epochal.tui.widgets.drawing import Drawing
    from epochal.tui.widgets.plot import Curve, Plot

    epochs = np.arange(1.0, 1001.0)
    plot = Plot([Curve("training", epochs, np.exp(-epochs / 200), marker="line")], (0.0, 1000.0))
    drawing, times = Drawing(), []
    for _ in range(FRAMES):
        begun = perf_counter()
        drawing.draw(plot, 80, 20)
        times.append(1000 * (perf_counter() - begun))
    return statistics.median(times)


def _history() -> History:
    folder = home()
    path = folder / NAME
    if folder == NOWHERE:
        return History(path="", bytes=0, runs=0, problem="there is no folder for it: set EPOCHAL_HOME")
    try:
        listing = recorded_runs(folder)
    except HistoryError as error:
        return History(path=str(path), bytes=0, runs=0, problem=str(error))
    return History(
        path=str(path), bytes=history_bytes(folder), runs=len(listing.runs), problem=listing.problem
    )
