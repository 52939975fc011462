"""Random keys in bursts, by seed: nothing is raised, nothing is stuck, no label is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.random_keys import pressed


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
async def test_random_keys_end_nothing(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a key may write a file
    monkeypatch.setenv("EPOCHAL_HOME", str(tmp_path / "home"))
    assert await pressed(seed, 60.0, most=25) == ""
