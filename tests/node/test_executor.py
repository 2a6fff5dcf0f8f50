"""NODE-030 to NODE-036: blocks are executed once, beside nothing, and folded when final."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio

from chain.block.block import body_roots
from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.transaction import Transaction
from chain.block.vote import FINALIZE
from chain.consensus.effects import Verdict
from chain.kit.reason import Refusal
from chain.machine.application import Application
from chain.machine.audit import Breach, run_invariants
from chain.machine.run import BlockFacts
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.transactions import Transfer
from chain.state.copied import Copied
from derivatives.registry import REGISTRY
from node.clock import Clock
from node.consensus.alarms import Alarms
from node.executor import Executor, ParentGone
from node.proposer import Built, Contents
from node.signatures import Signatures
from node.state_store import StateStore
from node.storage.leveldb import Storage, Tuning
from tests import given

BUILD_MAX_MS = 10_000


@dataclass
class Shop:
    """An executor on a new chain, and the chain's world to make transactions with."""

    world: given.World
    state_store: StateStore
    executor: Executor

    async def build(
        self, *candidates: Transaction, parent: Built | None = None, view: int = 1
    ) -> Built:
        header = parent.block.header if parent else self.state_store.head.header
        authorities = authority_set_of(self.state_store.tables, 0)
        assert authorities is not None
        facts = BlockFacts(
            chain_id=self.world.chain_id,
            epoch=0,
            height=header.height + 1,
            view=view,
            parent_id=block_id_of(header),
            proposer=authorities.leader(view),
            time_ms=header.time_ms + 500,
        )
        built, _ = await self.executor.build(
            facts, lambda _: Contents(candidates, b"", ()), BUILD_MAX_MS
        )
        assert built is not None
        return built

    def transfer(self, signer: str, **how: object) -> Transaction:
        payload = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5_000_000)
        return self.world.transaction(signer, payload, **how)


def certificate_for(built: Built) -> Certificate:
    return Certificate(FINALIZE, 0, 1, built.block_id, b"\x07", (bytes(64),) * 3)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    yield from shop_in(tmp_path / "one")


def shop_in(path: Path) -> Iterator[Shop]:
    world = given.world(modules=(*REGISTRY, given.PROBE))
    storage = Storage.open(path, world.chain_id, Tuning(flush=False))
    state_store = StateStore.recover(storage, world.application, world.genesis)
    signatures = Signatures()
    clock = Clock()
    executor = Executor(
        application=world.application,
        chain_id=world.chain_id,
        storage=storage,
        state_store=state_store,
        signatures=signatures,
        clock=clock,
        alarms=Alarms(clock),
    )
    yield Shop(world, state_store, executor)
    signatures.close()
    storage.close()


async def test_what_one_builds_another_judges_valid(shop: Shop, tmp_path: Path) -> None:
    built = await shop.build(shop.transfer("alice"))
    others = shop_in(tmp_path / "other")
    other = next(others)

    judged = await other.executor.judge(built.block, built.block_id, built.block.header.parent_id)

    assert Verdict.VALID is judged.verdict
    assert other.executor.knows(built.block_id)
    others.close()


async def test_a_block_with_a_wrong_root_is_invalid(shop: Shop) -> None:
    built = await shop.build(shop.transfer("alice"))
    header = replace(built.block.header, state_root=bytes(32))
    wrong = replace(built.block, header=header)

    judged = await shop.executor.judge(wrong, block_id_of(header), header.parent_id)

    assert Verdict.INVALID is judged.verdict
    assert "state_root" in judged.what


async def test_a_block_with_a_false_signature_is_invalid(shop: Shop, tmp_path: Path) -> None:
    data = bytearray(shop.transfer("alice").data)
    data[-1] ^= 1
    built = await shop.build(shop.transfer("alice"))
    roots = body_roots((bytes(data),), b"", ())
    header = replace(built.block.header, tx_root=roots.tx_root)
    forged = replace(built.block, header=header, transactions=(bytes(data),))

    judged = await shop.executor.judge(forged, block_id_of(header), header.parent_id)

    assert Verdict.INVALID is judged.verdict
    assert "bad_signature" in judged.what


async def test_a_false_copy_of_what_was_admitted_is_invalid(shop: Shop) -> None:
    """NODE-031: what is known is known by its whole bytes."""
    genuine = shop.transfer("alice")
    copy = bytearray(genuine.data)
    copy[-1] ^= 1
    built = await shop.build(genuine)
    roots = body_roots((bytes(copy),), b"", ())
    header = replace(built.block.header, tx_root=roots.tx_root)
    forged = replace(built.block, header=header, transactions=(bytes(copy),))
    shop.executor.remember([genuine])

    judged = await shop.executor.judge(forged, block_id_of(header), header.parent_id)

    assert Verdict.INVALID is judged.verdict
    assert "bad_signature" in judged.what


async def test_a_failure_of_this_machine_says_nothing_of_the_block(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = await shop.build(shop.transfer("alice"))
    shop.executor.forget()

    def starve(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as starving:
        starving.setattr("node.executor.apply_block", starve)
        judged = await shop.executor.judge(
            built.block, built.block_id, built.block.header.parent_id
        )
    again = await shop.executor.judge(built.block, built.block_id, built.block.header.parent_id)

    assert (Verdict.UNDECIDED, Verdict.VALID) == (judged.verdict, again.verdict)


async def test_a_defect_of_ours_makes_a_block_invalid_and_ends_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = await shop.build(shop.transfer("alice"))
    shop.executor.forget()

    def break_(*_: object) -> None:
        raise KeyError("ours")

    monkeypatch.setattr("node.executor.apply_block", break_)
    judged = await shop.executor.judge(built.block, built.block_id, built.block.header.parent_id)

    assert Verdict.INVALID is judged.verdict


async def test_a_block_on_an_unknown_parent_is_not_judged(shop: Shop) -> None:
    built = await shop.build()
    shop.executor.forget()

    with pytest.raises(ParentGone):
        await shop.executor.judge(built.block, built.block_id, bytes(32))


async def test_blocks_stand_on_blocks_that_are_not_final(shop: Shop) -> None:
    first = await shop.build(shop.transfer("alice"))
    second = await shop.build(shop.transfer("alice", sequence=1), parent=first, view=2)

    assert 1 == len(second.transactions)
    assert {first.transactions[0].id} == shop.executor.pending_ids(first.block_id)
    assert 2 == len(shop.executor.pending_ids(second.block_id))


async def test_what_becomes_final_is_durable_folded_and_told(shop: Shop) -> None:
    first = await shop.build(shop.transfer("alice"))
    second = await shop.build(shop.transfer("alice", sequence=1), parent=first, view=2)

    notices = await shop.executor.commit((first.block_id, second.block_id), certificate_for(second))

    assert [1, 2] == [notice.block.header.height for notice in notices]
    assert second.block_id == shop.state_store.head.block_id
    assert second.block.header.state_root == shop.state_store.tables.root
    assert 0 == shop.executor.pending_count


async def test_what_stands_on_the_new_head_is_kept_and_what_lost_is_not(shop: Shop) -> None:
    won = await shop.build(shop.transfer("alice"))
    lost = await shop.build(shop.transfer("carol"), view=2)
    on_won = await shop.build(parent=won, view=3)
    on_lost = await shop.build(parent=lost, view=4)

    await shop.executor.commit((won.block_id,), certificate_for(won))

    known = [shop.executor.knows(one.block_id) for one in (won, lost, on_won, on_lost)]
    assert [False, False, True, False] == known
    above = await shop.build(shop.transfer("alice", sequence=1), parent=on_won, view=5)
    assert 1 == len(above.transactions)


async def test_what_is_final_already_is_passed_over(shop: Shop) -> None:
    built = await shop.build()
    await shop.executor.commit((built.block_id,), certificate_for(built))

    again = await shop.executor.commit((built.block_id,), certificate_for(built))

    assert [] == again


async def test_a_certificate_of_a_later_block_moves_the_tip_alone(shop: Shop) -> None:
    first = await shop.build()
    second = await shop.build(parent=first, view=2)

    notices = await shop.executor.commit((first.block_id,), certificate_for(second))

    assert 1 == len(notices)
    assert first.block_id == shop.state_store.head.block_id


async def test_a_certificate_that_comes_after_its_block_is_kept(shop: Shop) -> None:
    first = await shop.build()
    second = await shop.build(parent=first, view=2)
    await shop.executor.commit((first.block_id,), certificate_for(second))
    before = shop.state_store._storage.certificate(1)

    await shop.executor.commit((first.block_id,), certificate_for(first))

    assert before is None
    assert certificate_for(first) == shop.state_store._storage.certificate(1)


async def test_simulation_tells_the_receipt_and_changes_nothing(shop: Shop) -> None:
    root = shop.state_store.tables.root

    receipt = await shop.executor.simulate(shop.transfer("alice").data)

    assert receipt.ok
    assert root == shop.state_store.tables.root


async def test_simulation_refuses_what_is_unfit(shop: Shop) -> None:
    with pytest.raises(Refusal) as refused:
        await shop.executor.simulate(shop.transfer("alice", sequence=9).data)

    assert "signers.sequence_ahead" == refused.value.reason.slug


async def test_one_thing_is_done_at_a_time(shop: Shop) -> None:
    built = await shop.build(shop.transfer("alice"))

    async with trio.open_nursery() as nursery:
        for _ in range(5):
            nursery.start_soon(shop.executor.simulate, shop.transfer("carol").data)
        nursery.start_soon(shop.executor.commit, (built.block_id,), certificate_for(built))
        nursery.start_soon(shop.executor.audit)

    assert 1 == shop.state_store.head.height


async def test_blocks_go_on_during_an_audit_which_sees_the_state_it_was_asked_of(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = shop.state_store.tables.root
    goes_on = threading.Event()
    seen: list[bytes] = []

    def audited(application: Application, state: Copied) -> list[Breach]:
        goes_on.wait(30)
        seen.append(state.root)
        return run_invariants(application, state)

    monkeypatch.setattr("node.executor.run_invariants", audited)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(shop.executor.audit)
        built = await shop.build(shop.transfer("alice"))
        await shop.executor.commit((built.block_id,), certificate_for(built))
        assert [] == seen
        goes_on.set()

    assert 1 == shop.state_store.head.height
    assert [root] == seen
    assert root != shop.state_store.tables.root


async def test_the_final_state_breaks_no_invariant(shop: Shop) -> None:
    assert [] == await shop.executor.audit()


async def test_what_was_admitted_at_the_door_is_neither_parsed_nor_verified_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NODE-031."""
    transaction = shop.transfer("alice")
    built = await shop.build(transaction)
    shop.executor.forget()
    shop.executor.remember([transaction])

    def unexpected(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("node.executor.parse_transaction", unexpected)
    monkeypatch.setattr("node.signatures.are_genuine_transactions", unexpected)
    judged = await shop.executor.judge(built.block, built.block_id, built.block.header.parent_id)

    assert Verdict.VALID is judged.verdict


async def test_what_is_final_is_not_kept_for_another_block(shop: Shop) -> None:
    transaction, waiting = shop.transfer("alice"), shop.transfer("alice", sequence=1)
    shop.executor.remember([transaction, waiting])
    built = await shop.build(transaction)

    await shop.executor.commit((built.block_id,), certificate_for(built))

    assert [waiting.data] == list(shop.executor._admitted)
