"""A halt at a height. Criteria: NODE-064 to NODE-066 of docs/specs/node.md."""

from typing import Any, cast

import trio
import trio.testing

from node.rooms.halting import LINGER_S, Halt


class FakeDriver:
    """A driver that notes why it may not sign."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def hold_signing(self, why: str) -> None:
        self.held.append(why)


def halting(height: int | None) -> tuple[Halt, FakeDriver]:
    driver = FakeDriver()
    halt = Halt(cast("Any", driver))
    halt.order(height)
    return halt, driver


def test_nothing_happens_below_the_height_or_without_one() -> None:
    halt, driver = halting(7)
    without, driver_without = halting(None)

    halt.committed(6)
    without.committed(6)

    assert [] == driver.held + driver_without.held


def test_at_the_height_or_above_signing_ends_once() -> None:
    halt, driver = halting(7)

    halt.committed(8)
    halt.committed(9)

    assert ["halted at block 8, as ordered"] == driver.held


def test_an_order_is_taken_back_until_it_is_carried_out() -> None:
    halt, driver = halting(7)

    halt.order(None)
    halt.committed(7)
    halt.order(8)
    halt.committed(8)
    halt.order(None)

    assert 1 == len(driver.held)
    assert 8 == halt.height


async def test_a_halted_node_lingers_for_its_peers(autojump_clock: trio.testing.MockClock) -> None:
    del autojump_clock
    halt, _ = halting(7)
    halt.committed(7)
    began_s = trio.current_time()

    await halt.wait()

    assert LINGER_S == trio.current_time() - began_s
