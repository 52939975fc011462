"""`epochal.lab` on a data frame: the lab in the terminal that Python runs in, and back with the last run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.runs import Terminal

PROGRAM = """
import epochal
frame = {"size": [i / 9 for i in range(60)], "word": ["x", "y", None] * 20, "class": ["u", "v"] * 30}
print("came back with", epochal.lab(frame, settings="sensible", epochs=20, record=False))
raise SystemExit
"""


def test_the_lab_opens_on_a_frame_and_gives_its_run_back(home: Path) -> None:
    terminal = Terminal(first=PROGRAM, EPOCHAL_HOME=str(home))
    terminal.until(r"frame: 60 rows, 2 features, 20 cells missing")
    terminal.press("t")
    terminal.until("finished after 20 of 20 epochs")
    terminal.press("\x11")
    terminal.until(r"came back with Run\(frame: 4 \+ bias -> 10 tanh")
    terminal.end()
    assert terminal.is_restored()
    assert terminal.child.exitstatus == 0
    assert not (home / "runs.sqlite").exists()


def test_without_a_terminal_it_says_so_in_a_sentence() -> None:
    program = "import epochal\ntry: epochal.lab('iris')\nexcept RuntimeError as error: print(error)"
    done = subprocess.run(
        [sys.executable, "-c", program], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("The lab needs a terminal that can draw")
