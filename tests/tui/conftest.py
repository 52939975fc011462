"""Screens in tests: a key is followed until its messages are handled, not until the processor rests."""

from __future__ import annotations

import pytest
import textual.app
import textual.pilot

from tests.lab import settled


@pytest.fixture(autouse=True)
def _no_waiting_for_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot waits up to a second, five times a key, while a run trains."""
    monkeypatch.setattr(textual.app, "wait_for_idle", settled)
    monkeypatch.setattr(textual.pilot, "wait_for_idle", settled)
