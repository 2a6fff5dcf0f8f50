"""Hypothesis is derandomised, and virtual time stands still while work is done on a thread.

A gate must not roll dice. Fresh seeds belong to `make simulate`. Nor does it run on kernels that
are not those of this tree, or wait for ever.
"""

import importlib.util
import signal
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import trio
import trio.testing
from hypothesis import settings

from tests.inline import at_once

settings.register_profile("gate", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("gate")

ROOT = Path(__file__).parent.parent
LIMIT_S = 840
"""The longest test takes 140 s on two quiet cores; pytest itself ends all after 900."""


class WaitedTooLong(BaseException):
    """A test that waits for what never comes; no `except Exception` takes it for something else."""


def _give_up(*_: Any) -> None:
    """Raise where the test waits, or, if that is a loop of trio, have the loop cancel its tasks."""
    try:
        loop, root = trio.lowlevel.current_trio_token(), trio.lowlevel.current_root_task()
    except RuntimeError:
        raise WaitedTooLong(f"not done within {LIMIT_S} s") from None
    assert root is not None
    loop.run_sync_soon(_end_loop, "\n".join(_places(root)))


def _end_loop(places: str) -> NoReturn:
    raise WaitedTooLong(f"not done within {LIMIT_S} s; tasks waited at\n{places}")


def _places(task: trio.lowlevel.Task) -> Iterator[str]:
    """Return where in this tree a task and those below it wait."""
    for frame, line in list(task.iter_await_frames())[::-1]:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and ".venv" not in path.parts:
            yield f"{path.relative_to(ROOT)}:{line} in {frame.f_code.co_name}"
            break
    for nursery in task.child_nurseries:
        for child in nursery.child_tasks:
            yield from _places(child)


def pytest_configure() -> None:
    """Refuse to run where a kernel was built before its sources were last changed."""
    signal.signal(signal.SIGALRM, _give_up)
    # Who is told to end ends what it started too, as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
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


@pytest.hookimpl(wrapper=True)
def within_limit(item: pytest.Item) -> Iterator[None]:
    """Interrupt a test where it waits: its fixtures clean up, and the next test begins.

    What even that does not end, the limit of pytest's `faulthandler` does.
    """
    signal.alarm(LIMIT_S)
    try:
        return (yield)
    finally:
        signal.alarm(0)


pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = within_limit


@pytest.fixture
def autojump_clock(monkeypatch: pytest.MonkeyPatch) -> trio.testing.MockClock:
    """Return a clock that jumps when every task waits; a thread's work takes no virtual time.

    trio counts a task that waits for a thread as waiting, so on a busy machine its own clock
    would jump over every deadline while the thread still works.
    """
    monkeypatch.setattr(trio.to_thread, "run_sync", at_once)
    return trio.testing.MockClock(autojump_threshold=0)
