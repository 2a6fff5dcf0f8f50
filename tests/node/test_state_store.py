import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plyvel
import pytest

from chain.block.block import Block
from chain.block.certificate import Certificate
from chain.block.header import block_id_of
from chain.block.transaction import is_genuine_transaction
from chain.block.vote import FINALIZE
from chain.codec.canonical import encode
from chain.machine.genesis import load_genesis
from chain.machine.genesis_development import genesis_json
from chain.machine.validity import apply_block, check_block
from chain.modules.authorities.sets import authority_set_of
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.state import BALANCES
from chain.modules.ledger.transactions import Transfer
from chain.state.commitment import key_hash_of
from chain.state.proof import verify_proof
from chain.state.rewound import StaleView
from node import state_store as state_store_module
from node.state_store import (
    HeightAhead,
    HeightPruned,
    RecoveryRefused,
    Rewinding,
    StateStore,
)
from node.storage import layout, rows
from node.storage.batch import FinalBatch, FinalBlock
from node.storage.fault import StorageFault
from node.storage.leveldb import Storage, Tuning
from tests import given

QUICK = Tuning(flush=False)


def opened(path: Path, world: given.World) -> Storage:
    return Storage.open(path, world.chain_id, QUICK)


@pytest.fixture
def world() -> given.World:
    return given.world()


@pytest.fixture
def storage(tmp_path: Path, world: given.World) -> Iterator[Storage]:
    storage = opened(tmp_path / "chain", world)
    yield storage
    storage.close()


@pytest.fixture
def store(storage: Storage, world: given.World) -> StateStore:
    return StateStore.recover(storage, world.application, world.genesis)


def certified(blocks: tuple[FinalBlock, ...]) -> FinalBatch:
    certificate = Certificate(
        kind=FINALIZE,
        epoch=0,
        view=blocks[-1].block.header.view,
        block_id=blocks[-1].block_id,
        bitmap=b"\x07",
        signatures=(bytes(64),) * 3,
    )
    return FinalBatch(blocks, certificate)


def executed(world: given.World, state: Any, block: Block) -> FinalBlock:
    """Execute a block of the world on a state, as the node does."""
    checked = check_block(world.application, world.chain_id, block, is_genuine_transaction)
    authorities = authority_set_of(state, block.header.epoch)
    assert authorities is not None
    outcome = apply_block(world.application, state, checked, authorities)
    return FinalBlock(
        block,
        block_id_of(block.header),
        outcome.encoded_receipts,
        outcome.overlay,
    )


def pay(world: given.World, store: StateStore, amount_quantums: int) -> Block:
    """Close a block in which alice pays bob, and make it final in the store."""
    transfer = Transfer(to=given.address("bob"), asset="USD", amount_quantums=amount_quantums)
    assert "" == world.send("alice", transfer).reason
    block = world.close_block()
    store.fold(certified((executed(world, store.tables, block),)))
    return block


def bob(view: Any) -> int:
    return balance_of(view, given.holder("bob"), "USD")


# STORE-030  An empty folder becomes the genesis of the chain.
def test_empty_folder_becomes_genesis(
    tmp_path: Path, world: given.World, storage: Storage, store: StateStore
) -> None:
    head = store.head

    assert (0, block_id_of(world.head.header)) == (head.height, head.block_id)
    assert world.tables.root == store.tables.root == head.state_root
    assert [] == list(storage.damaged_buckets())
    assert world.genesis.time_ms == head.time_ms


# STORE-031  A start finds the state of the last durable block, and goes on from it.
def test_restart_finds_the_last_block_and_goes_on(tmp_path: Path, world: given.World) -> None:
    for amount in (1, 2, 3):
        storage = opened(tmp_path / "chain", world)
        store = StateStore.recover(storage, world.application, world.genesis)
        for _ in range(3):
            pay(world, store, amount)
        storage.close()

    storage = opened(tmp_path / "chain", world)
    store = StateStore.recover(storage, world.application, world.genesis)

    assert (9, world.tables.root) == (store.head.height, store.tables.root)
    assert sorted(world.tables.rows()) == sorted(store.tables.rows())
    assert bob(world.view) == bob(store.tables)
    assert [] == list(storage.damaged_buckets())
    storage.close()


def test_blocks_of_one_certificate_are_taken_in_together(
    world: given.World, store: StateStore
) -> None:
    first = executed(world, store.tables, world.close_block())
    second = executed(world, first.overlay, world.close_block())

    store.fold(certified((first, second)))

    assert (2, second.block_id) == (store.head.height, store.head.block_id)
    assert world.tables.root == store.tables.root


def test_durable_block_is_not_read_before_it_is_taken_in(
    world: given.World, storage: Storage, store: StateStore
) -> None:
    batch = certified((executed(world, store.tables, world.close_block()),))

    store.make_durable(batch)
    before = store.head.height, store.view_at(0)[1].height
    store.take_in(batch)

    tip = storage.tip()
    assert tip is not None
    assert ((0, 0), 1, 1) == (before, store.head.height, tip.height)


def test_loaded_state_is_left_out_of_collections(store: StateStore) -> None:
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


# STORE-032  Every height whose way back is kept reads as it was, with proofs to its root.
def test_every_height_reads_as_it_was(world: given.World, store: StateStore) -> None:
    balances, roots = [bob(store.tables)], [store.head.state_root]
    for amount in (5, 70, 900):
        pay(world, store, amount)
        balances.append(bob(store.tables))
        roots.append(store.head.state_root)

    views = [store.view_at(height) for height in range(4)]

    assert balances == [bob(view) for view, _ in views]
    assert roots == [view.root for view, _ in views] == [head.state_root for _, head in views]
    assert [0, 1, 2, 3] == [head.height for _, head in views]
    assert store.tables is views[3][0] is store.view_at(None)[0]


def test_values_and_absences_are_proven_at_every_height(
    world: given.World, store: StateStore
) -> None:
    for amount in (5, 70, 900):
        pay(world, store, amount)
    held, absent = (given.holder("bob"), "USD"), (given.holder("bob"), "XYZ")

    for height in range(4):
        for key in (held, absent):
            proven = store.prove(BALANCES, key, height)

            assert (key == absent) == (proven.value is None)
            assert height == proven.head.height
            assert verify_proof(
                proven.head.state_root, proven.encoded_key, proven.value, proven.proof
            )
            assert not verify_proof(
                proven.head.state_root, proven.encoded_key, b"other", proven.proof
            )


def test_view_of_an_earlier_height_says_when_it_is_stale(
    world: given.World, store: StateStore
) -> None:
    pay(world, store, 1)
    view, _ = store.view_at(0)

    pay(world, store, 1)

    with pytest.raises(StaleView):
        bob(view)


def test_chain_of_one_goes_back_and_on_another_way(
    tmp_path: Path, world: given.World, storage: Storage, store: StateStore
) -> None:
    first = pay(world, store, 5)
    held = bob(store.tables)
    for amount in (70, 900):
        pay(world, store, amount)
    blocks = world.blocks[1:]

    store.go_back(1)

    assert (1, block_id_of(first.header)) == (store.head.height, store.head.block_id)
    assert (held, first.header.state_root) == (bob(store.tables), store.tables.root)
    with pytest.raises(HeightAhead):
        store.view_at(2)
    for block in blocks:
        store.fold(certified((executed(world, store.tables, block),)))
    assert world.tables.root == store.tables.root
    assert [] == list(storage.damaged_buckets())


def test_going_nowhere_changes_nothing(world: given.World, store: StateStore) -> None:
    pay(world, store, 5)
    before = store.head

    store.go_back(1)

    assert before == store.head


# STORE-033  Too far back and too far ahead are named with the height that would do.
def test_pruned_and_future_heights_are_refused(
    world: given.World, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rows, state_store_module):
        monkeypatch.setattr(module, "UNDO_BLOCKS", 3)
    for _ in range(6):
        pay(world, store, 1)

    readable = [height for height in range(7) if is_readable(store, height)]

    assert [3, 4, 5, 6] == readable
    assert 3 == store.oldest_height
    with pytest.raises(HeightPruned) as pruned:
        store.view_at(2)
    with pytest.raises(HeightAhead) as ahead:
        store.view_at(7)
    assert ("node.height_pruned", {"oldest_height": 3}) == (
        pruned.value.reason,
        pruned.value.facts,
    )
    assert ("node.height_ahead", {"head_height": 6}) == (ahead.value.reason, ahead.value.facts)


def is_readable(store: StateStore, height: int) -> bool:
    try:
        store.view_at(height)
    except HeightPruned:
        return False
    return True


def test_negative_height_is_pruned(store: StateStore) -> None:
    with pytest.raises(HeightPruned):
        store.view_at(-1)


# STORE-034  A thread that a block overtakes never pairs one block's tables with another's undo.
def test_block_that_comes_in_while_reading_back_is_noticed(
    world: given.World, storage: Storage, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(world, store, 1)
    before, undo, overtakes = bob(store.tables), Storage.undo, [2]

    def overtaken(self: Storage, height: int) -> Any:
        if overtakes[0]:
            overtakes[0] -= 1
            pay(world, store, 10)
        return undo(self, height)

    monkeypatch.setattr(Storage, "undo", overtaken)
    view, head = store.view_at(1)

    assert (before, 1) == (bob(view), head.height)
    assert view.root == head.state_root


def test_a_way_longer_than_a_block_is_caught_up_with(
    world: given.World, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for amount in range(1, 9):
        pay(world, store, amount)
    undo, read = Storage.undo, []
    root = store.view_at(1)[0].root

    def overtaken(self: Storage, height: int) -> Any:
        read.append(height)
        if height <= 8:  # of each that lay on the way, none that came since
            pay(world, store, 10)
        return undo(self, height)

    monkeypatch.setattr(Storage, "undo", overtaken)
    view, head = store.view_at(1)

    assert (1, root) == (head.height, view.root)
    assert sorted(read) == sorted(set(read))


def test_several_heights_are_one_way_down(
    world: given.World, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = [store.head.state_root]
    for amount in range(1, 7):
        pay(world, store, amount)
        roots.append(store.head.state_root)
    undo, read = store._storage.undo, []
    monkeypatch.setattr(store._storage, "undo", lambda above: read.append(above) or undo(above))
    way = Rewinding(store)

    for height in (6, 4, 1, 0):
        assert roots[height] == way.to(height)[0].root
    assert [6, 5, 4, 3, 2, 1] == read
    assert roots[3] == way.to(3)[0].root


def test_a_way_is_gone_anew_where_the_chain_went_back(
    world: given.World, store: StateStore
) -> None:
    for amount in (1, 2, 3, 4):
        pay(world, store, amount)
    way = Rewinding(store)
    first, last = way.to(1)[0].root, store.head

    store.go_back(2)

    assert first == way.to(1)[0].root
    assert not store.is_current(store.tables, last)


def test_endless_overtaking_ends_in_a_stale_view(
    world: given.World, store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    pay(world, store, 1)
    undo = Storage.undo

    def overtaken(self: Storage, height: int) -> Any:
        pay(world, store, 10)
        return undo(self, height)

    monkeypatch.setattr(Storage, "undo", overtaken)
    with pytest.raises(StaleView):
        store.view_at(0)


# STORE-035  What is not row for row what the block says is refused, whatever it is.
def refusal_after(path: Path, world: given.World, change: Any) -> RecoveryRefused:
    """Return what a start says once somebody changed the folder behind the node's back."""
    storage = opened(path, world)
    store = StateStore.recover(storage, world.application, world.genesis)
    for amount in (1, 2):
        pay(world, store, amount)
    storage.close()
    raw = plyvel.DB(str(path))
    change(raw)
    raw.close()
    storage = opened(path, world)
    try:
        with pytest.raises(RecoveryRefused) as caught:
            StateStore.recover(storage, world.application, world.genesis)
    finally:
        storage.close()
    said = str(caught.value)
    assert "Nothing was served or signed" in said
    assert "signer/ and must stay" in said
    return caught.value


def first_row(raw: Any) -> tuple[bytes, bytes]:
    return next(iter(raw.iterator(prefix=layout.STATE)))


def change_a_record(raw: Any) -> None:
    place, value = first_row(raw)
    raw.put(place, value + b"\0")


def delete_a_record(raw: Any) -> None:
    raw.delete(first_row(raw)[0])


def add_a_record(raw: Any) -> None:
    _, value = first_row(raw)
    key, data = layout.state_row(value)
    other = key[:-1] + bytes((key[-1] ^ 1,))
    raw.put(layout.STATE + key_hash_of(other), layout.state_value(other, data))


@pytest.mark.parametrize("change", [change_a_record, delete_a_record])
def test_changed_state_is_refused_and_counts_its_buckets(
    tmp_path: Path, world: given.World, change: Any
) -> None:
    fault = refusal_after(tmp_path / "chain", world, change)

    assert {"height": 2, "wrong_buckets_count": 1} == fault.facts


def test_added_record_is_refused(tmp_path: Path, world: given.World) -> None:
    refusal_after(tmp_path / "chain", world, add_a_record)


def test_row_of_no_table_is_refused(tmp_path: Path, world: given.World) -> None:
    def change(raw: Any) -> None:
        key = b"\xfe\xfekey"
        raw.put(layout.STATE + key_hash_of(key), layout.state_value(key, b"x"))

    fault = refusal_after(tmp_path / "chain", world, change)

    assert "of no table of this program" in str(fault)


def test_missing_last_block_is_refused(tmp_path: Path, world: given.World) -> None:
    refusal_after(
        tmp_path / "chain", world, lambda raw: raw.delete(layout.height_key(layout.HEADER, 2))
    )


def test_missing_certificate_is_refused(tmp_path: Path, world: given.World) -> None:
    refusal_after(
        tmp_path / "chain",
        world,
        lambda raw: raw.delete(layout.height_key(layout.CERTIFICATE, 2)),
    )


def test_missing_fin_is_refused(tmp_path: Path, world: given.World) -> None:
    refusal_after(tmp_path / "chain", world, lambda raw: raw.delete(layout.FIN))


def test_tip_with_another_root_is_refused(tmp_path: Path, world: given.World) -> None:
    def change(raw: Any) -> None:
        header = world.head.header
        raw.put(
            layout.TIP,
            encode(layout.Tip(0, header.height, header.view, block_id_of(header), bytes(32), 0, 0)),
        )

    refusal_after(tmp_path / "chain", world, change)


def test_state_of_an_earlier_block_under_a_later_tip_is_refused(
    tmp_path: Path, world: given.World
) -> None:
    def change(raw: Any) -> None:
        earlier = raw.get(layout.height_key(layout.CHANGES, 1))
        raw.put(layout.height_key(layout.CHANGES, 2), earlier)

    refusal_after(tmp_path / "chain", world, change)


def test_missing_changes_of_a_recent_block_are_damage(tmp_path: Path, world: given.World) -> None:
    path = tmp_path / "chain"
    storage = opened(path, world)
    store = StateStore.recover(storage, world.application, world.genesis)
    for amount in (1, 2):
        pay(world, store, amount)
    storage.close()
    raw = plyvel.DB(str(path))
    raw.delete(layout.height_key(layout.CHANGES, 1))
    raw.close()

    with pytest.raises(StorageFault, match="what block 1 changed is missing"):
        opened(path, world)


# STORE-036  A folder that began with another genesis block is refused.
def test_folder_of_another_genesis_is_refused(tmp_path: Path, world: given.World) -> None:
    storage = opened(tmp_path / "chain", world)
    StateStore.recover(storage, world.application, world.genesis)
    document = given.genesis_object()
    document["time_ms"] += 1
    other = load_genesis(world.application, genesis_json(document))

    with pytest.raises(RecoveryRefused, match="another genesis"):
        StateStore.recover(storage, world.application, other)

    storage.close()
