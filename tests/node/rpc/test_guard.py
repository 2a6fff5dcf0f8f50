"""The one place where any defect is caught. Criterion: RPC-010 of docs/specs/rpc.md."""

import pytest
import trio

from node.rpc.guard import Defect, run_guarded
from node.telemetry.logs import log_of
from node.telemetry.metrics import RPC_DEFECTS

LOG = log_of("test")


async def test_what_the_work_returns_is_returned() -> None:
    async def work() -> int:
        return 7

    assert 7 == await run_guarded(LOG, "test", work)


async def test_a_defect_is_counted_and_handed_back() -> None:
    async def work() -> int:
        return 1 // 0

    before = RPC_DEFECTS.labels("test")._value.get()
    outcome = await run_guarded(LOG, "test", work)

    assert isinstance(outcome, Defect)
    assert isinstance(outcome.fault, ZeroDivisionError)
    assert before + 1 == RPC_DEFECTS.labels("test")._value.get()


async def test_a_defect_in_a_nursery_is_caught_beside_cancellation() -> None:
    async def fail() -> None:
        raise KeyError("ours")

    async def work() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            nursery.start_soon(fail)

    outcome = await run_guarded(LOG, "test", work)

    assert isinstance(outcome, Defect)


async def test_cancellation_goes_on(autojump_clock: trio.testing.MockClock) -> None:
    with trio.move_on_after(1) as scope:
        await run_guarded(LOG, "test", trio.sleep_forever)

    assert scope.cancelled_caught


async def test_an_interrupt_is_no_defect() -> None:
    async def work() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_guarded(LOG, "test", work)
