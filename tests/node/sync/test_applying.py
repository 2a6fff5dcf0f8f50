"""SYNC-050 to SYNC-053: each block of a range is executed, its root compared, and it is stored."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from chain.consensus.effects import Verdict
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.consensus.committer import Committer
from node.executor import Judged
from node.finality import Finality
from node.proposer import Built
from node.sync.applying import Applying
from node.sync.ranges import CheckedRange
from tests.node.test_executor import Shop, certificate_for, shop_in


class Ear:
    """Hears what the core would be told."""

    def __init__(self) -> None:
        self.synced_heights: list[int] = []
        self.held: list[str] = []

    def synced(self, header: Any, certificate: Any, following: Any) -> None:
        self.synced_heights.append(header.height)

    def hold_signing(self, why: str) -> None:
        self.held.append(why)


class Yard:
    """One shop that makes blocks, and one that applies them."""

    def __init__(self, maker: Shop, taker: Shop) -> None:
        self.maker, self.taker = maker, taker
        self.ear = Ear()
        self.committer = Committer(
            taker.executor, taker.state_store, Finality(taker.state_store.head)
        )
        self.applying = Applying(
            executor=taker.executor,
            committer=self.committer,
            state_store=taker.state_store,
            driver=self.ear,  # type: ignore[arg-type]
            alarms=Alarms(Clock()),
        )

    async def made(self, count: int) -> list[Built]:
        blocks: list[Built] = []
        for view in range(1, count + 1):
            parent = blocks[-1] if blocks else None
            blocks.append(await self.maker.build(parent=parent, view=view))
        return blocks

    async def apply(self, checked: CheckedRange) -> Verdict:
        async with trio.open_nursery() as nursery:
            await nursery.start(self.committer.run)
            verdict = await self.applying.apply(checked)
            nursery.cancel_scope.cancel()
        return verdict


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    makers, takers = shop_in(tmp_path / "maker"), shop_in(tmp_path / "taker")
    yield Yard(next(makers), next(takers))
    for shops in (makers, takers):
        for _ in shops:
            pass


def range_of(blocks: list[Built], certified: Built) -> CheckedRange:
    return CheckedRange(
        tuple(one.block for one in blocks),
        tuple(one.block_id for one in blocks),
        certificate_for(certified),
        certified.block.header,
    )


async def test_a_range_is_executed_stored_and_told_to_the_core(yard: Yard) -> None:
    blocks = await yard.made(3)

    verdict = await yard.apply(range_of(blocks, blocks[-1]))

    assert Verdict.VALID is verdict
    assert blocks[-1].block_id == yard.taker.state_store.head.block_id
    assert [3] == yard.ear.synced_heights


async def test_a_range_whose_proof_is_further_on_is_stored_and_not_told(yard: Yard) -> None:
    blocks = await yard.made(3)

    verdict = await yard.apply(range_of(blocks[:2], blocks[2]))

    assert Verdict.VALID is verdict
    assert (2, []) == (yard.applying.height, yard.ear.synced_heights)


async def test_what_consensus_stored_meanwhile_is_passed_over(yard: Yard) -> None:
    blocks = await yard.made(3)
    await yard.apply(range_of(blocks[:2], blocks[1]))

    verdict = await yard.apply(range_of(blocks, blocks[-1]))

    assert Verdict.VALID is verdict
    assert (3, [2, 3]) == (yard.applying.height, yard.ear.synced_heights)


async def test_a_wrong_root_under_a_certificate_stops_this_nodes_votes(yard: Yard) -> None:
    (made,) = await yard.made(1)
    header = replace(made.block.header, state_root=bytes(32))
    wrong = replace(made, block=replace(made.block, header=header))

    verdict = await yard.apply(range_of([wrong], wrong))

    assert Verdict.INVALID is verdict
    assert 0 == yard.applying.height
    assert 1 == len(yard.ear.held)
    assert "state_root" in yard.ear.held[0]


async def test_a_range_that_does_not_stand_on_the_head_is_undecided(yard: Yard) -> None:
    blocks = await yard.made(3)

    verdict = await yard.apply(range_of(blocks[1:], blocks[-1]))

    assert Verdict.UNDECIDED is verdict
    assert 0 == yard.applying.height


async def test_what_this_machine_failed_at_is_run_once_more(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = await yard.made(1)
    real, tries = yard.taker.executor._judge, []

    def failing(*what: Any) -> Any:
        tries.append(what)
        return yard_undecided if len(tries) == 1 else real(*what)

    yard_undecided = (Judged(Verdict.UNDECIDED, None, "no memory"), None)
    monkeypatch.setattr(yard.taker.executor, "_judge", failing)
    verdict = await yard.apply(range_of(blocks, blocks[-1]))

    assert (Verdict.VALID, 2) == (verdict, len(tries))


async def test_a_range_whose_store_failed_does_not_keep_the_node_from_ending(yard: Yard) -> None:
    blocks = await yard.made(1)
    ended = []

    async def apply() -> None:
        try:
            await yard.applying.apply(range_of(blocks, blocks[-1]))
        finally:
            ended.append(True)

    async with trio.open_nursery() as nursery:
        inner = trio.CancelScope()

        async def until_cancelled() -> None:
            with inner:
                await apply()

        nursery.start_soon(until_cancelled)
        while not yard.committer.waiting_count:
            await trio.lowlevel.checkpoint()
        inner.cancel()
        await wait_all_tasks_blocked()
        seen = list(ended)
        yard.committer._orders[0].done.set()

    assert [True] == seen
