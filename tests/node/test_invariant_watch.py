"""NODE-061: a broken invariant is seen within so many blocks, and stops this node's votes."""

from pathlib import Path

import trio
import trio.testing

from chain.machine.audit import Breach
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.finality import Finality
from node.invariant_watch import InvariantWatch
from tests.node.test_executor import certificate_for, shop_in

BREACH = Breach("ledger", "supply_is_the_sum_of_balances", "USD: 3 and 4")


class Ear:
    def __init__(self) -> None:
        self.held: list[str] = []

    def hold_signing(self, why: str) -> None:
        self.held.append(why)


class Auditor:
    """Finds what it is told to find."""

    def __init__(self, *findings: list[Breach]) -> None:
        self.findings = list(findings)
        self.audits_count = 0

    async def audit(self) -> list[Breach]:
        self.audits_count += 1
        return self.findings.pop(0) if self.findings else []


async def watched(path: Path, auditor: Auditor, blocks: int) -> tuple[Ear, Alarms]:
    shops = shop_in(path)
    shop = next(shops)
    finality, ear, alarms = Finality(shop.state_store.head), Ear(), Alarms(Clock())
    watch = InvariantWatch(
        executor=auditor,  # type: ignore[arg-type]
        finality=finality,
        driver=ear,  # type: ignore[arg-type]
        alarms=alarms,
        every_blocks=2,
    )
    async with trio.open_nursery() as nursery:
        await nursery.start(watch.run)
        parent = None
        for view in range(1, blocks + 1):
            await trio.testing.wait_all_tasks_blocked()
            parent = await shop.build(parent=parent, view=view)
            await shop.executor.commit((parent.block_id,), certificate_for(parent))
            finality.publish(shop.state_store.head, [])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    shops.close()
    return ear, alarms


async def test_the_state_is_audited_at_the_start_and_every_so_many_blocks(tmp_path: Path) -> None:
    auditor = Auditor()

    ear, _ = await watched(tmp_path / "chain", auditor, blocks=4)

    assert 3 == auditor.audits_count
    assert [] == ear.held


def test_no_two_of_four_audit_at_one_height() -> None:
    heights = {}
    for place in range(4):
        watch = InvariantWatch(
            executor=None,  # type: ignore[arg-type]
            finality=None,  # type: ignore[arg-type]
            driver=None,  # type: ignore[arg-type]
            alarms=None,  # type: ignore[arg-type]
            place=place,
            place_count=4,
            every_blocks=500,
        )
        first = watch._next_height(0)
        heights[place] = (first, watch._next_height(first), watch._next_height(first + 7))

    assert {
        0: (500, 1_000, 1_000),
        1: (125, 625, 625),
        2: (250, 750, 750),
        3: (375, 875, 875),
    } == heights


async def test_a_breach_stops_votes_and_is_told(tmp_path: Path) -> None:
    auditor = Auditor([], [BREACH])

    ear, alarms = await watched(tmp_path / "chain", auditor, blocks=4)

    assert ["ledger.supply_is_the_sum_of_balances does not hold"] == ear.held
    assert 1 == len(alarms.kept())
    assert 2 == auditor.audits_count
