"""Hypothesis is derandomised, and virtual time stands still while work is done on a thread.

A gate must not roll dice. Fresh seeds belong to `make simulate`.
"""

import pytest
import trio
import trio.testing
from hypothesis import settings

from tests.inline import at_once

settings.register_profile("gate", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("gate")


@pytest.fixture
def autojump_clock(monkeypatch: pytest.MonkeyPatch) -> trio.testing.MockClock:
    """Return a clock that jumps when every task waits; a thread's work takes no virtual time.

    trio counts a task that waits for a thread as waiting, so on a busy machine its own clock
    would jump over every deadline while the thread still works.
    """
    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    return trio.testing.MockClock(autojump_threshold=0)
