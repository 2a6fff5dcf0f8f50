"""Work for threads, done at once: virtual time would jump over it otherwise."""

from collections.abc import Callable
from typing import Any

import trio


async def at_once(work: Callable[..., Any], *facts: Any, **_how: Any) -> Any:
    """Return what the work returns, without a thread."""
    await trio.lowlevel.checkpoint()
    return work(*facts)


def threads_work_at_once() -> None:
    """Give no work of this process to a thread any more."""
    trio.to_thread.run_sync = at_once  # type: ignore[assignment]
