"""The one place of this room where any defect is caught, for a connection and for a call.

A defect must neither end the process nor cost another client its connection.  It is logged
with its traceback, and whoever asked is told that it was ours.

Source: docs/specs/rpc.md, RPC-010.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from node.telemetry.logs import Log
from node.telemetry.metrics import RPC_DEFECTS

T = TypeVar("T")


@dataclass(frozen=True)
class Defect:
    """What was caught, already logged."""

    fault: BaseException


async def run_guarded(log: Log, doing: str, work: Callable[[], Awaitable[T]]) -> T | Defect:
    """Return what the work returns, or the defect that it raised, logged.

    Cancellation is no defect and goes on, also from within a group.
    """
    caught: BaseException
    try:
        return await work()
    except* Exception as group:  # noqa: BLE001  whatever it is, it ends here
        caught = group.exceptions[0] if len(group.exceptions) == 1 else group
    RPC_DEFECTS.labels(doing).inc()
    log.error("rpc work ended by a defect", doing=doing, exc_info=caught)
    return Defect(caught)
