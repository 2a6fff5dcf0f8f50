"""CORE-003: what the core asks for is done inside, and answered into its inbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio
import trio.testing

from chain.block.evidence import evidence_of
from chain.block.header import block_id_of
from chain.block.vote import NOTARIZE, Vote, vote_bytes
from chain.codec.canonical import encode
from chain.consensus.effects import BehindBy, Budget, Build, Execute, Finalized, Serve, Verdict
from chain.consensus.messages import GetBlock
from chain.modules.authorities.sets import authority_set_of
from chain.modules.signers.lanes import next_sequence
from chain.state.view import View
from node.config import Mempool as Limits
from node.consensus.committer import Committer
from node.consensus.work import Work
from node.finality import Finality
from node.mempool.pool import Mempool
from tests import given
from tests.node.test_executor import Shop, certificate_for, shop_in

WITHIN_S = 30


class Ear:
    """A driver that only listens."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Any]] = []
        self.more = trio.Event()

    def built(self, request: int, block: Any, following: Any) -> None:
        self._hear("built", (request, block))

    def judged(self, block_id: bytes, verdict: Verdict, following: Any) -> None:
        self._hear("judged", (block_id, verdict))

    def committed(self, block_ids: tuple[bytes, ...]) -> None:
        self._hear("committed", block_ids)

    def _hear(self, what: str, facts: Any) -> None:
        self.answers.append((what, facts))
        self.more.set()

    async def answer(self) -> tuple[str, Any]:
        with trio.fail_after(WITHIN_S):
            while not self.answers:
                await self.more.wait()
                self.more = trio.Event()
        return self.answers.pop(0)


class Wire:
    def __init__(self) -> None:
        self.answered: list[tuple[str, Any]] = []

    def answer(self, peer: str, message: Any) -> None:
        self.answered.append((peer, message))

    def charge(self, peer: str, offence: str) -> None:
        self.answered.append((peer, offence))

    def proven(self, height: int) -> None:
        self.answered.append(("proven", height))

    def later_epoch(self) -> None:
        self.answered.append(("later epoch", None))


class Bench:
    """Work on a new chain, with a pool, an ear and a wire."""

    def __init__(self, shop: Shop, nursery: trio.Nursery) -> None:
        self.shop, self.ear, self.wire = shop, Ear(), Wire()
        tables = shop.state_store.tables
        self.pool = Mempool(Limits(), lambda s, lane: next_sequence(tables, s, lane))
        self.committer = Committer(shop.executor, shop.state_store, Finality(shop.state_store.head))
        self.states: list[View] = []
        self.work = Work(
            chain_id=shop.world.chain_id,
            own_index=self.index_in,
            build_max_ms=10_000,
            executor=shop.executor,
            committer=self.committer,
            mempool=self.pool,
            storage=shop.state_store._storage,
            outbound=self.wire,  # type: ignore[arg-type]
            executed=lambda: None,
            section=lambda view, epoch, time_ms: b"",
        )
        self.work.connect(self.wire, self.wire)  # type: ignore[arg-type]

    def index_in(self, state: View, epoch: int) -> int:
        """Return the place of view 1's leader, and note which state was asked."""
        self.states.append(state)
        authorities = authority_set_of(state, epoch)
        assert authorities is not None
        return authorities.leader(1)

    def order(self, *, empty: bool = False, parent_id: bytes | None = None) -> Build:
        head = self.shop.state_store.head
        budget = Budget(1_000_000, empty=empty)
        parent_id = parent_id or head.block_id
        return Build(7, 0, 1, head.height + 1, parent_id, head.time_ms + 500, budget)


@asynccontextmanager
async def bench_in(path: Path) -> AsyncIterator[Bench]:
    shops = shop_in(path)
    async with trio.open_nursery() as nursery:
        bench = Bench(next(shops), nursery)
        await nursery.start(bench.committer.run)
        await nursery.start(bench.work.run, bench.ear)
        yield bench
        nursery.cancel_scope.cancel()
    shops.close()


async def test_a_block_is_built_of_what_waits(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        transaction = bench.shop.transfer("alice")
        bench.pool.add(transaction, 0)

        bench.work.build(bench.order())
        what, (request, block) = await bench.ear.answer()

        assert ("built", 7) == (what, request)
        assert (transaction.data,) == block.transactions


async def test_the_block_that_is_always_valid_holds_nothing(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        bench.pool.add(bench.shop.transfer("alice"), 0)

        bench.work.build(bench.order(empty=True))
        _, (_, block) = await bench.ear.answer()

        assert () == block.transactions


async def test_what_is_in_a_block_that_is_not_final_is_not_proposed_again(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        first, second = bench.shop.transfer("alice"), bench.shop.transfer("alice", sequence=1)
        for transaction in (first, second):
            bench.pool.add(transaction, 0)
        parent = await bench.shop.build(first)
        order = Build(
            8, 0, 5, 2, parent.block_id, parent.block.header.time_ms + 500,
            Budget(1_000_000, empty=False),
        )  # fmt: skip

        bench.work.build(order)
        _, (_, block) = await bench.ear.answer()

        assert (second.data,) == block.transactions


async def test_own_place_is_asked_of_the_parent_that_is_built_on(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        parent = await bench.shop.build(bench.shop.transfer("alice"))
        time_ms = parent.block.header.time_ms + 500
        order = Build(8, 0, 5, 2, parent.block_id, time_ms, Budget(1_000_000, empty=False))

        bench.work.build(order)
        await bench.ear.answer()

        assert [parent.outcome.overlay] == bench.states


async def test_a_build_on_a_parent_that_is_gone_is_answered_with_nothing(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        bench.work.build(bench.order(parent_id=bytes([1]) * 32))

        assert ("built", (7, None)) == await bench.ear.answer()


async def test_a_block_is_executed_and_its_verdict_told(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        built = await bench.shop.build(bench.shop.transfer("alice"))
        bench.shop.executor.forget()

        bench.work.execute(Execute(built.block, built.block_id, built.block.header.parent_id))
        answer = await bench.ear.answer()

        assert ("judged", (built.block_id, Verdict.VALID)) == answer


async def test_a_block_whose_parent_is_gone_is_undecided(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        built = await bench.shop.build()
        bench.shop.executor.forget()

        bench.work.execute(Execute(built.block, built.block_id, bytes([1]) * 32))
        answer = await bench.ear.answer()

        assert ("judged", (built.block_id, Verdict.UNDECIDED)) == answer


async def test_committed_is_told_once_it_is_durable(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        built = await bench.shop.build()

        bench.work.commit(Finalized((built.block_id,), certificate_for(built)))
        answer = await bench.ear.answer()

        assert ("committed", (built.block_id,)) == answer
        assert built.block_id == bench.shop.state_store.head.block_id


async def test_a_block_that_is_only_in_the_store_is_served_from_there(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        built = await bench.shop.build()
        await bench.shop.executor.commit((built.block_id,), certificate_for(built))

        bench.work.serve(Serve("peer", GetBlock(built.block_id)))
        bench.work.serve(Serve("peer", GetBlock(bytes(32))))
        with trio.fail_after(WITHIN_S):
            while not bench.wire.answered:  # noqa: ASYNC110 -- it has no event
                await trio.sleep(0.01)

        ((peer, answer),) = bench.wire.answered
        assert ("peer", built.block_id) == (peer, block_id_of(answer.block.header))


async def test_a_proven_offence_stands_in_the_next_block_that_is_built(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        key = given.key("auth3/consensus")
        votes = []
        for block_id in (bytes([1]) * 32, bytes([2]) * 32):
            message = vote_bytes(bench.shop.world.chain_id, 0, 9, NOTARIZE, block_id)
            votes.append(Vote(0, 9, NOTARIZE, block_id, 0, key.sign(message)))
        evidence = evidence_of(votes[0], votes[1], key.public_key)
        assert evidence is not None

        bench.work.keep(evidence)
        bench.work.keep(evidence)
        bench.work.build(bench.order())
        _, (_, block) = await bench.ear.answer()
        bench.work.build(bench.order(empty=True))
        _, (_, empty) = await bench.ear.answer()

        assert (encode(evidence),) == block.evidence
        assert () == empty.evidence


async def test_catching_up_begins_from_what_is_proven(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        built = await bench.shop.build()

        bench.work.catch_up(BehindBy(9, built.block.header, certificate_for(built)))
        bench.work.catch_up(BehindBy(0, None, None))
        bench.work.charge("peer", "bad_block")

        expected = [("proven", 9), ("later epoch", None), ("peer", "consensus.bad_block")]
        assert expected == bench.wire.answered


async def test_what_is_asked_while_the_node_stops_is_not_begun(tmp_path: Path) -> None:
    async with bench_in(tmp_path / "chain") as bench:
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                await nursery.start(bench.work.run, bench.ear)
                scope.cancel()

        bench.work.build(bench.order())
        await trio.testing.wait_all_tasks_blocked()

        assert [] == bench.ear.answers
