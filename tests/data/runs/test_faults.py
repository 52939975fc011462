"""Whichever call to the disk fails: training goes on, it is said, and what can be written later is."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from epochal.core.outcome import outcome_of
from epochal.core.settings import Settings
from epochal.core.training.training import Training
from epochal.data.models.model_file import load_model, model_digest
from epochal.data.paths import WORDS
from epochal.data.runs.database import NAME, HistoryError
from epochal.data.runs.metadata import run_metadata
from epochal.data.runs.queries import (
    DeletedRun,
    delete_run,
    describe_run,
    epochs_of,
    put_back,
    recorded_runs,
    state_of,
)
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.states import state_bytes
from epochal.data.tables.dataset import Dataset
from epochal.tui.reporting.outputs import OUTPUTS, NotWritten, Trained, write
from tests.disk import ERRORS, Disk, below_sqlite, put_below_files
from tests.runs import GIVE_UP, RESULT, begun, measures, record_run, sampled

HERE = Path(__file__).parents[3]
# More calls than any of the stories below makes.
MANY = 400


def every_nth(story: Callable[[Disk], None], error: int, *, lasting: bool) -> int:
    """The story told with every call failing in its turn; how many calls there were to fail."""
    for nth in range(1, MANY):
        disk = Disk(nth, error, lasting=lasting)
        story(disk)
        if not disk.failed:
            return nth - 1
    raise AssertionError("the story has no end")


@pytest.mark.parametrize(
    ("error", "lasting"), sampled([(e, lasting) for e in ERRORS for lasting in (False, True)], 2, "training")
)
def test_whichever_call_fails_a_training_is_in_the_history_once_the_disk_works(
    error: int, lasting: bool, home: Path, iris: Dataset
) -> None:
    whole = Training(iris.examples, Settings(hidden=(3,), epochs=6))
    list(whole)

    def story(disk: Disk) -> None:
        shutil.rmtree(home, ignore_errors=True)
        said: list[str] = []
        with below_sqlite(disk), Recorder.open(home, said.append) as recorder:
            training, recording = begun(recorder, iris, epochs=6)
            recorder.flush()
            list(islice(recording.epochs(training), 3))
            recording.keep(training.state())
            acknowledged = 3 if recorder.flush() else 0
            list(recording.epochs(training))
            recording.end("finished", RESULT, training.state())
            written = recorder.flush()
            assert written == (recorder.problem == "")
            assert disk.failed == 0 or any("cannot be" in sentence for sentence in said), said
            if not written:
                assert "kept in memory" in recorder.problem
            # Whoever opens it now, with a disk that can be read, finds what was written before.
            disk.mend()
            found = recorded_runs(home).runs
            assert sum(run.epochs for run in found) >= (6 if written else acknowledged)
            assert recorder.flush()
            assert recorder.problem == ""
        assert training.network.parameters.tobytes() == whole.network.parameters.tobytes()
        (run,) = recorded_runs(home).runs
        assert (run.ending, run.result) == ("finished", RESULT)
        np.testing.assert_array_equal(epochs_of(home, run)[0], measures(training))
        assert state_bytes(state_of(home, run)) == state_bytes(training.state())  # type: ignore[arg-type]
        assert os.listdir(home) == [NAME]

    assert every_nth(story, error, lasting=lasting) > 20


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_whichever_call_fails_a_run_is_named_or_not_and_deleted_or_not(
    lasting: bool, home: Path, iris: Dataset
) -> None:
    record_run(home, iris, epochs=3)
    sound = (home / NAME).read_bytes()
    (before,) = recorded_runs(home).runs

    def story(disk: Disk) -> None:
        (home / NAME).write_bytes(sound)
        deleted: list[DeletedRun] = []
        changes: list[tuple[Callable[[], object], list[str]]] = [
            (lambda: describe_run(home, 1, name="new"), ["new"]),
            (lambda: deleted.append(delete_run(home, 1)), []),
            (lambda: put_back(home, deleted[0]), ["new"]),
        ]
        names = [""]
        for change, after in changes:
            try:
                with below_sqlite(disk):
                    change()
            except HistoryError:
                assert [run.name for run in recorded_runs(home).runs] == names
                change()
            names = [run.name for run in recorded_runs(home).runs]
            assert names == after
        (run,) = recorded_runs(home).runs
        assert (run.epochs, run.result) == (before.epochs, before.result)

    assert every_nth(story, errno.EIO, lasting=lasting) > 20


# Files.


def trained_on(dataset: Dataset) -> Trained:
    training = Training(dataset.examples, Settings(hidden=(3,), epochs=5))
    list(training)
    return Trained(dataset, outcome_of(training), run_metadata(dataset, training))


@pytest.fixture(scope="module")
def trained(iris: Dataset) -> Trained:
    return trained_on(iris)


@pytest.mark.parametrize("force", [False, True], ids=["new", "replaced"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
@pytest.mark.parametrize("output", OUTPUTS, ids=lambda output: output.name)
def test_whichever_call_fails_a_file_is_whole_or_as_it_was(
    output: object, error: int, lasting: bool, force: bool, tmp_path: Path, trained: Trained
) -> None:
    (wanted,) = [one for one in OUTPUTS if one is output]
    whole = tmp_path / f"whole{wanted.endings[0]}"
    write(wanted, trained, whole)
    refused = 0

    def story(disk: Disk) -> None:
        nonlocal refused
        folder = tmp_path / "written"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        path = folder / f"m{wanted.endings[0]}"
        if force:
            path.write_bytes(b"precious")
        with pytest.MonkeyPatch.context() as patch:
            put_below_files(disk, patch)
            try:
                write(wanted, trained, path, force=force)
                is_written = True
            except NotWritten as fault:
                said, is_written = str(fault), False
                refused += 1
        if is_written:
            assert path.stat().st_size == whole.stat().st_size
        else:
            assert WORDS[error] in said
            assert not force or path.read_bytes() == b"precious"
            assert os.listdir(folder) == ([path.name] if force else [])
        if is_written and wanted.name == "save":
            assert model_digest(load_model(path)) == model_digest(load_model(whole))

    assert every_nth(story, error, lasting=lasting) >= 4
    assert refused >= 3


# A small disk of its own.

ON_A_SMALL_DISK = """
import os, sys, errno
from itertools import islice
from pathlib import Path
from epochal.data.tables.bundled import open_table
from epochal.data.tables.dataset import dataset_from
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.database import NAME
from epochal.data.runs.queries import epochs_of, recorded_runs
from epochal.core.settings import Settings
from epochal.tui.reporting.outputs import OUTPUTS, NotWritten, write
from tests.data.runs.test_faults import trained_on
from tests.runs import RESULT, begun

disk = Path(sys.argv[1])
iris = dataset_from(open_table("iris"))
filler = disk / "filler"
with Recorder.open(disk / "home") as recorder:
    training, recording = begun(recorder, iris, epochs=3000, batch_size="full")
    assert recorder.flush(), recorder.problem
    try:
        with filler.open("wb", 0) as file:
            while True:
                file.write(bytes(4096))
    except OSError as error:
        assert error.errno == errno.ENOSPC
    list(recording.epochs(training))
    recording.end("finished", RESULT, training.state())
    assert not recorder.flush()
    assert "full" in recorder.problem or "no room" in recorder.problem, recorder.problem
    told = trained_on(iris)
    for output in OUTPUTS:
        path = disk / f"x{output.endings[0]}"
        try:
            write(output, told, path)
        except NotWritten as error:
            assert "disk is full" in str(error), error
        else:
            raise AssertionError(f"{path} was written onto a full disk")
        assert sorted(os.listdir(disk)) == ["filler", "home"]
    filler.unlink()
    assert recorder.flush(), recorder.problem
(run,) = recorded_runs(disk / "home").runs
assert (run.ending, run.epochs, epochs_of(disk / "home", run)[1]) == ("finished", 3000, 0)
print("all is there")
"""


def on_a_disk_of_its_own(folder: Path, commands: str, *words: str) -> str:
    """What commands of the shell print, with a disk of one megabyte at $1 that nobody else sees."""
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec"]
    mount = 'mount -t tmpfs -o size=1m small "$1"\n'
    if (
        not shutil.which("unshare")
        or subprocess.run([*alone, mount, "sh", folder], capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk may be mounted here")
    done = subprocess.run(
        [*alone, mount + commands, "sh", folder, sys.executable, *words],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE), "EPOCHAL_HOME": f"{folder}/home"},
        capture_output=True,
        text=True,
        timeout=GIVE_UP,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_on_a_disk_of_one_megabyte_training_goes_on_and_all_is_written_once_there_is_room(
    tmp_path: Path,
) -> None:
    said = on_a_disk_of_its_own(tmp_path, 'exec "$2" -c "$3" "$1"', ON_A_SMALL_DISK)
    assert said == "all is there\n"


def test_on_a_disk_that_became_read_only_runs_are_listed_and_training_goes_on(tmp_path: Path) -> None:
    said = on_a_disk_of_its_own(
        tmp_path,
        """
        "$2" -m epochal train iris --epochs 3 >&2
        mount -o remount,ro "$1"
        "$2" -m epochal train iris --epochs 4 --save "$1/x.npz" && exit 1
        "$2" -m epochal train iris --epochs 4
        "$2" -m epochal runs list
        """,
    )
    assert f"x.npz cannot be written: the folder {tmp_path} does not allow it." in said
    assert said.count("runs.sqlite cannot be written: it may not be written to.") == 1
    assert "This run is not in the history." in said
    assert "3/3" in said
    assert "Traceback" not in said
