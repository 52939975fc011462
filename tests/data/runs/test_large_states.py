"""Of a network too large for the history all else is kept, and that its weights are not is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochal.data.runs import recording as recording_module
from epochal.data.runs.queries import epochs_of, recorded_runs, state_of
from epochal.data.runs.recorder import TOO_LARGE, Recorder
from epochal.data.tables.dataset import Dataset
from tests.runs import RESULT, begun


def test_epochs_and_result_are_kept_without_the_state(
    iris: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_module, "LARGEST_STATE", 1000)
    said: list[str] = []
    with Recorder.open(home, said.append) as recorder:
        training, recording = begun(recorder, iris, epochs=5)
        list(recording.epochs(training))
        recording.keep(training.state())
        assert recorder.flush()
        recording.end("finished", RESULT, training.state())
    (run,) = recorded_runs(home).runs
    assert (run.ending, run.epochs, run.result) == ("finished", 5, RESULT)
    assert len(epochs_of(home, run)[0]) == 5
    assert state_of(home, run) is None
    assert said == [TOO_LARGE]
