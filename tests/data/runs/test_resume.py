"""A training's state as bytes, and a run gone on with from it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from epochal.core.optimizers.optimizers import OPTIMIZERS
from epochal.core.settings import Settings
from epochal.core.training.resume import resumed
from epochal.core.training.state import TrainingState
from epochal.core.training.training import Training
from epochal.data.runs.database import NAME
from epochal.data.runs.process import _described, is_running, this_process
from epochal.data.runs.queries import (
    epochs_of,
    recorded_run,
    recorded_runs,
    state_of,
)
from epochal.data.runs.recorder import Recorder
from epochal.data.runs.resume import training_of
from epochal.data.runs.states import state_bytes, state_from
from epochal.data.tables.dataset import Dataset
from tests.runs import RESULT, begun, measures, record_run

HERE = Path(__file__).parents[3]


# States as bytes.


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_state_comes_back_from_its_bytes(optimizer: str, precision: str, spine: Dataset) -> None:
    dropout = 0.0 if optimizer == "lbfgs" else 0.1
    settings = Settings(optimizer=optimizer, precision=precision, epochs=9, patience=5, dropout=dropout)
    training = Training(spine.examples, settings)
    list(islice(training, 4))
    state = training.state()
    bits = state.vectors.view(f"u{state.vectors.itemsize}")
    state.vectors[0, :4] = [-0.0, 5e-324, np.inf, np.nan]
    bits[0, 4] = bits[0, 3] | 0x7  # a not-a-number that says something
    bits[0, 5] = 1
    back = state_from(state_bytes(state))
    assert back.vectors.tobytes() == state.vectors.tobytes()
    assert (back.gradient.tobytes(), back.best.tobytes()) == (state.gradient.tobytes(), state.best.tobytes())
    assert back.vectors.dtype == state.vectors.dtype
    assert (back.order, back.dropout, back.best_error) == (state.order, state.dropout, state.best_error)
    np.testing.assert_array_equal(back.history, state.history)


def test_arrays_that_lie_otherwise_in_memory_come_back_too(spine: Dataset) -> None:
    state = Training(spine.examples, Settings()).state()
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}
    turned = TrainingState(**{**values, "vectors": np.asfortranarray(state.vectors).astype(">f8")})
    assert state_bytes(turned) == state_bytes(state)
    assert state_from(state_bytes(turned)).vectors.flags.writeable


def test_a_state_before_the_first_epoch_comes_back(spine: Dataset) -> None:
    state = Training(spine.examples, Settings(optimizer="sgd", hidden=())).state()
    back = state_from(state_bytes(state))
    assert (len(state.history), back.history.shape) == (0, state.history.shape)
    assert (back.vectors.shape, back.vectors.tobytes()) == (state.vectors.shape, state.vectors.tobytes())


def test_bytes_of_no_state_are_refused(spine: Dataset) -> None:
    whole = state_bytes(Training(spine.examples, Settings(hidden=())).state())
    header, _, rest = whole.partition(b"\n")
    hostile = [
        *(whole[:length] for length in range(0, len(whole), 97)),
        whole + b"\0",
        header.replace(b'"<f8"', b'"|O"', 1) + b"\n" + rest,
        header.replace(b'"<f8"', b'"<i8"', 1) + b"\n" + rest,
        header.replace(b"[4, 7]", b"[4000000000, 7000000000]", 1) + b"\n" + rest,
        header.replace(b"[3, 7]", b"[-3, -7]", 1) + b"\n" + rest,
        header.replace(b'"steps": 0', b'"steps": "0"') + b"\n" + rest,
        header.replace(b'"steps": 0', b'"stops": 0') + b"\n" + rest,
        b"[" * 100_000,
        b'{"arrays": {}, "values": {}}\n',
        b'{"arrays": [], "values": {}}\n',
        b'{"arrays": {"vectors": ["<f8", null]}, "values": {}}\n',
    ]
    for content in hostile:
        if content != whole:
            with pytest.raises(ValueError, match=r"\w"):
                state_from(content)


# Going on.


@pytest.mark.parametrize("more", [{}, {"batch_size": "full"}, {"patience": 6, "dropout": 0.2}], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_gone_on_with_ends_as_one_never_interrupted(
    optimizer: str, more: dict[str, Any], home: Path, iris: Dataset
) -> None:
    settings: dict[str, Any] = {"optimizer": optimizer, "epochs": 15, **more}
    if optimizer == "lbfgs":
        settings["dropout"] = 0.0
    whole = record_run(home, iris, **settings)
    record_run(home, iris, stop_after=6, **settings)
    run = recorded_runs(home).runs[0]
    assert run.can_go_on
    state = state_of(home, run)
    assert state is not None
    again = resumed(iris.examples, run.settings, state)
    with Recorder.open(home) as recorder:
        recording = recorder.begin(run.metadata, again.history, run)
        list(recording.epochs(again))
        recording.end(again.ending, RESULT, again.state())
    assert again.network.parameters.tobytes() == whole.network.parameters.tobytes()
    done, first = recorded_runs(home).runs
    assert (done.id, done.ending, done.started) == (run.id, again.ending, run.started)
    np.testing.assert_array_equal(epochs_of(home, done)[0][:, :5], epochs_of(home, first)[0][:, :5])


@pytest.mark.parametrize("has_state", [True, False])
def test_a_run_that_is_told_again_keeps_what_it_came_to_whenever_that_ends(
    has_state: bool, home: Path, spine: Dataset
) -> None:
    first = record_run(home, spine)
    (before,) = recorded_runs(home).runs
    state = state_of(home, before)
    assert state is not None
    again = (
        resumed(spine.examples, before.settings, state)
        if has_state
        else Training(spine.examples, before.settings)
    )
    with Recorder.open(home) as recorder:
        recording = recorder.begin(before.metadata, again.history, before)
        list(islice(again, 5))
        recording.keep(again.state())
        assert recorder.flush()
        # As the next process finds it if this one is killed now.
        assert recorded_runs(home).runs == (before,)
        assert epochs_of(home, before)[0].tobytes() == measures(first).tobytes()
        list(recording.epochs(again))
        recording.end("finished", RESULT, again.state())
    (after,) = recorded_runs(home).runs
    assert (after.id, after.ending, after.result) == (before.id, "finished", RESULT)
    np.testing.assert_array_equal(epochs_of(home, after)[0], measures(again))


def test_what_an_interrupted_run_came_to_stays_until_it_has_another_epoch(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 5))
        recording.end("interrupted", RESULT, training.state())
    (before,) = recorded_runs(home).runs
    again = resumed(spine.examples, before.settings, training.state())
    with Recorder.open(home) as recorder:
        recording = recorder.begin(before.metadata, again.history, before)
        assert recorder.flush()
        now = recorded_run(home, before.id)
        assert (now.ending, now.epochs, now.result) == ("running", 5, RESULT)
        next(again)
        assert recorder.flush()
        now = recorded_run(home, before.id)
        assert (now.ending, now.epochs, now.result) == ("running", 6, None)


def test_epochs_after_the_last_state_are_trained_again_and_kept_once(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine, epochs=30)
        list(islice(training, 4))
        recorder.flush()
        list(islice(training, 4))
        recording.keep(training.state())
        list(islice(training, 5))
        recorder.flush()
        list(islice(training, 3))
        recording.end("interrupted")
    (run,) = recorded_runs(home).runs
    assert run.epochs == 16
    state = state_of(home, run)
    assert state is not None
    assert len(state.history) == 8
    again = resumed(spine.examples, run.settings, state)
    with Recorder.open(home) as recorder:
        recording = recorder.begin(run.metadata, again.history, run)
        list(islice(again, 2))
        assert recorder.flush()
        assert recorded_run(home, run.id).epochs == 10
        np.testing.assert_array_equal(epochs_of(home, run)[0][:10], measures(again))
        list(again)
        recording.end("finished", RESULT, again.state())
    np.testing.assert_array_equal(epochs_of(home, recorded_run(home, run.id))[0], measures(again))


def test_a_run_that_another_process_goes_on_with_is_left_to_it(home: Path, spine: Dataset) -> None:
    with Recorder.open(home) as recorder:
        training, recording = begun(recorder, spine)
        list(islice(training, 3))
        recorder.flush()
        with closing(sqlite3.connect(home / NAME)) as connection, connection:
            connection.execute("UPDATE runs SET process = 'another'")
        list(training)
        recording.end("finished", RESULT, training.state())
    assert recorder.problem == ""
    (run,) = recorded_runs(home).runs
    assert (run.epochs, run.ending) == (3, "interrupted")


def test_of_two_that_go_on_with_one_run_the_second_has_lost_it(home: Path, spine: Dataset) -> None:
    record_run(home, spine, stop_after=3)
    (run,) = recorded_runs(home).runs
    first = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        # Loaded before, by both; taken up by the first.
        training = training_of(home, run, spine)
        mark = _described.__wrapped__(first.pid)
        with closing(sqlite3.connect(home / NAME)) as connection, connection:
            connection.execute("UPDATE runs SET process = ?, ending = 'running'", (mark,))
        with Recorder.open(home) as recorder:
            recording = recorder.begin(run.metadata, training.history, run)
            assert recorder.has_lost(recording)
    finally:
        first.communicate(b"\n")
    with Recorder.open(home) as recorder:
        recording = recorder.begin(run.metadata, training.history, run)
        assert not recorder.has_lost(recording)
        list(recording.epochs(training))
        recording.end("finished", RESULT, training.state())
    (run,) = recorded_runs(home).runs
    assert (run.epochs, run.ending) == (12, "finished")


def test_a_process_is_known_by_more_than_its_number() -> None:
    assert is_running(this_process())
    child = subprocess.run(
        [sys.executable, "-c", "from epochal.data.runs.process import this_process; print(this_process())"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not is_running(child.stdout.strip())
    machine, number, mark = this_process().rsplit(" ", 2)
    assert not is_running(f"elsewhere {number} {mark}")
    assert not is_running(f"{machine} {number} another-boot/1")
    for nonsense in (
        "",
        " ",
        "a b",
        f"{machine} -1 -",
        f"{machine} 99999999999999999999 -",
        f"{machine} ²  -",
    ):
        assert not is_running(nonsense)
