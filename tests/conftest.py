"""Hypothesis is derandomised, and virtual time stands still while work is done on a thread.

A gate must not roll dice. Fresh seeds belong to `make simulate`. Nor does it run on kernels that
are not those of this tree.
"""

import importlib.util
import tomllib
from pathlib import Path

import pytest
import trio
import trio.testing
from hypothesis import settings

from tests.inline import at_once

settings.register_profile("gate", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("gate")

ROOT = Path(__file__).parent.parent


def pytest_configure() -> None:
    """Refuse to run where a kernel was built before its sources were last changed."""
    settings_of = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    for extension in settings_of["ext-modules"]:
        found = importlib.util.find_spec(extension["name"])
        if found is None or found.origin is None or ROOT not in Path(found.origin).parents:
            continue  # not built: the twin answers; or a wheel, which has its own
        sources = [ROOT / name for name in (*extension["sources"], *extension.get("depends", ()))]
        newest = max(sources, key=lambda source: source.stat().st_mtime)
        if Path(found.origin).stat().st_mtime < newest.stat().st_mtime:
            name = newest.relative_to(ROOT)
            raise pytest.UsageError(f"{extension['name']} is older than {name}: make install")


@pytest.fixture
def autojump_clock(monkeypatch: pytest.MonkeyPatch) -> trio.testing.MockClock:
    """Return a clock that jumps when every task waits; a thread's work takes no virtual time.

    trio counts a task that waits for a thread as waiting, so on a busy machine its own clock
    would jump over every deadline while the thread still works.
    """
    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    return trio.testing.MockClock(autojump_threshold=0)
