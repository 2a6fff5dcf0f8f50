import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plyvel
import pytest

from chain.block.block import encode_block
from chain.block.receipt import decode_receipt, encode_receipt, id_in
from chain.codec.canonical import encode
from chain.crypto.digest import sha256
from node.storage import layout
from node.storage.batch import FinalBatch
from node.storage.fault import StorageFault
from node.storage.leveldb import BATCH_BYTES_MAX, Storage, Tuning

QUICK = Tuning(flush=False)


@pytest.fixture
def chain(made_chain: Callable[..., Any]) -> Any:
    return made_chain()


@pytest.fixture
def storage(tmp_path: Path, chain: Any) -> Iterator[Storage]:
    opened = chain.begin(tmp_path / "chain")
    yield opened
    opened.close()


def slug_of(path: Path, chain_id: bytes) -> str:
    with pytest.raises(StorageFault) as caught:
        Storage.open(path, chain_id, QUICK)
    return caught.value.slug


# STORE-010  What was committed is there after the folder was closed and opened again.
def test_everything_is_there_again(tmp_path: Path, chain: Any) -> None:
    storage = chain.begin(tmp_path / "chain")
    one, two = chain.block({1: 5}, events=2), chain.block({2: None, 9: 9}, events=1)
    storage.commit(chain.batch(one, two))
    storage.close()

    again = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)

    chain.fold(chain.batch(one, two))
    tip, fin = again.tip(), again.fin()
    assert tip is not None
    assert fin is not None
    assert (2, two.block_id, two.block.header.state_root, 3) == (
        tip.height,
        tip.block_id,
        tip.state_root,
        tip.event_sequence,
    )
    assert (2, two.block_id, two.block.header.view + 1) == (fin.height, fin.block_id, fin.view)
    assert sorted(chain.tables.rows()) == sorted(again.rows())
    assert [one.block, two.block] == [again.block(1), again.block(2)]
    assert encode_block(one.block) == again.block_bytes(1)
    receipts = [tuple(map(decode_receipt, final.encoded_receipts)) for final in (one, two)]
    assert receipts == [again.receipts(1), again.receipts(2)]
    assert (0, 1, 2) == (
        again.height_of(chain.tables and again.block_id(0)),
        again.height_of(one.block_id),
        again.height_of(two.block_id),
    )
    assert (2, 0) == again.location(id_in(two.encoded_receipts[0]))
    assert chain.genesis == again.block(0)
    again.close()


def test_stored_bucket_hashes_are_those_of_the_tree(storage: Storage, chain: Any) -> None:
    batch = chain.batch(chain.block({n: n for n in range(500)}), chain.block({7: None, 8: 1}))

    storage.commit(batch)

    chain.fold(batch)
    nodes = chain.tables.tree.nodes
    assert bytes(nodes[32 * 65_536 :]) == b"".join(storage.bucket_hashes())
    assert [] == list(storage.damaged_buckets())


def test_scrub_finds_exactly_the_changed_bucket(tmp_path: Path, chain: Any) -> None:
    storage = chain.begin(tmp_path / "chain")
    storage.commit(chain.batch(chain.block({n: n for n in range(200)})))
    rows = sorted(storage.rows())
    encoded_key, data = rows[1]
    place = layout.STATE + layout_hash(encoded_key)
    storage.close()
    raw = plyvel.DB(str(tmp_path / "chain"))
    raw.put(place, layout.state_value(encoded_key, data + b"x"))
    raw.close()

    again = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)

    assert [place[1] << 8 | place[2]] == list(again.damaged_buckets())
    again.close()


def layout_hash(encoded_key: bytes) -> bytes:
    from chain.state.commitment import key_hash_of

    return key_hash_of(encoded_key)


# STORE-012  Without a certificate the tip moves and fin does not.
def test_blocks_without_their_certificate_move_the_tip_alone(storage: Storage, chain: Any) -> None:
    storage.commit(chain.batch(chain.block({1: 1})))

    storage.commit(FinalBatch((chain.block({1: 2}),), None))

    tip, fin = storage.tip(), storage.fin()
    assert tip is not None
    assert fin is not None
    assert (2, 1) == (tip.height, fin.height)


# STORE-013  A large batch is split between blocks: tip moves in each, fin in the last alone.
def test_large_batch_is_split_and_every_part_is_whole(
    tmp_path: Path, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = chain.begin(tmp_path / "chain")
    blocks = [chain.block(dict.fromkeys(range(40), k), padding=bytes(100_000)) for k in range(1, 6)]
    batch = chain.batch(*blocks)
    seen: list[tuple[int, int]] = []
    write = Storage._write

    def noted(self: Storage, rows: Any) -> None:
        write(self, rows)
        standing = dict(rows.changes)
        assert rows.size_bytes <= BATCH_BYTES_MAX
        again = layout.TIP in standing, layout.FIN in standing
        seen.append((int(again[0]), int(again[1])))

    monkeypatch.setattr(Storage, "_write", noted)
    storage.commit(batch)
    storage.close()

    assert len(seen) > 1
    assert [(1, 0)] * (len(seen) - 1) + [(1, 1)] == seen


@pytest.mark.parametrize("survive_count", [0, 1, 2])
def test_crash_between_parts_leaves_the_state_of_the_tip(
    tmp_path: Path, chain: Any, monkeypatch: pytest.MonkeyPatch, survive_count: int
) -> None:
    storage = chain.begin(tmp_path / "chain")
    blocks = [chain.block(dict.fromkeys(range(40), k), padding=bytes(100_000)) for k in range(1, 6)]
    batch = chain.batch(*blocks)
    write, left = Storage._write, [survive_count]

    def power_cut(self: Storage, rows: Any) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        write(self, rows)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "_write", power_cut)
        with pytest.raises(KeyboardInterrupt):
            storage.commit(batch)
    storage.close()

    again = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)
    tip, fin = again.tip(), again.fin()
    assert tip is not None
    assert fin is not None
    for block in blocks[: tip.height]:
        chain.tables.fold(block.overlay)
    assert (tip.state_root, 0) == (chain.tables.root, fin.height)
    assert sorted(chain.tables.rows()) == sorted(again.rows())
    assert (survive_count == 0) == (tip.height == 0)
    again.commit(FinalBatch(tuple(blocks[tip.height :]), batch.certificate))
    fin = again.fin()
    assert fin is not None
    assert 5 == fin.height
    again.close()


# STORE-016  A folder of another chain, format or process is refused and left as it was.
def test_folder_of_another_chain_is_refused(tmp_path: Path, chain: Any) -> None:
    chain.begin(tmp_path / "chain").close()

    assert "storage_foreign" == slug_of(tmp_path / "chain", bytes(32))

    Storage.open(tmp_path / "chain", chain.chain_id).close()


def test_folder_in_use_is_refused(storage: Storage, chain: Any) -> None:
    assert "storage_locked" == slug_of(storage.path, chain.chain_id)


def test_folder_in_use_by_another_process_is_refused(storage: Storage) -> None:
    program = (
        "import sys; from pathlib import Path; from node.storage.leveldb import Storage\n"
        "from node.storage.fault import StorageFault\n"
        "try: Storage.open(Path(sys.argv[1]), bytes(32))\n"
        "except StorageFault as fault: print(fault.slug)\n"
    )

    told = subprocess.run(
        [sys.executable, "-c", program, str(storage.path)],
        check=True,
        capture_output=True,
        text=True,
    )

    assert "storage_locked" == told.stdout.strip()


@pytest.mark.parametrize("version", [layout.VERSION - 1, layout.VERSION + 1])
def test_other_format_is_refused(tmp_path: Path, chain: Any, version: int) -> None:
    chain.begin(tmp_path / "chain").close()
    raw = plyvel.DB(str(tmp_path / "chain"))
    raw.put(layout.META, encode(layout.Meta(version, chain.chain_id)))
    raw.put(layout.TIP, encode(("of", "another", "shape")))
    raw.close()

    assert "storage_format_unknown" == slug_of(tmp_path / "chain", chain.chain_id)


def test_rows_without_a_word_of_whose_they_are_are_damaged(tmp_path: Path, chain: Any) -> None:
    chain.begin(tmp_path / "chain").close()
    raw = plyvel.DB(str(tmp_path / "chain"))
    raw.delete(layout.META)
    raw.close()

    assert "storage_damaged" == slug_of(tmp_path / "chain", chain.chain_id)


def test_file_in_the_folders_place_is_a_fault(tmp_path: Path, chain: Any) -> None:
    (tmp_path / "chain").write_text("")

    assert "storage_unreadable" == slug_of(tmp_path / "chain", chain.chain_id)


def test_genesis_cut_short_begins_anew(tmp_path: Path, chain: Any) -> None:
    storage = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)
    stray = layout.STATE + sha256(b"stray")
    storage._database.put(stray, layout.state_value(b"k", b"v"))
    storage.close()

    again = chain.begin(tmp_path / "chain")

    assert sorted(chain.tables.rows()) == sorted(again.rows())
    again.close()


def test_failed_write_is_a_fault_and_changes_nothing_in_memory(
    storage: Storage, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = storage.tip()

    class Full:
        def __init__(self, database: Any) -> None:
            self._database = database

        def __getattr__(self, name: str) -> Any:
            return getattr(self._database, name)

        def write_batch(self, **told: Any) -> Any:
            raise plyvel.IOError(b"No space left on device")

    monkeypatch.setattr(storage, "_database", Full(storage._database))
    with pytest.raises(StorageFault) as caught:
        storage.commit(chain.batch(chain.block({1: 1})))

    assert "storage_unwritable" == caught.value.slug
    assert before == storage.tip()


def test_final_writes_are_synced(
    tmp_path: Path, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = chain.begin(tmp_path / "chain", Tuning())
    synced: list[bool] = []
    inner = storage._database

    class Noted:
        def __getattr__(self, name: str) -> Any:
            return getattr(inner, name)

        def write_batch(self, *, sync: bool) -> Any:
            synced.append(sync)
            return inner.write_batch(sync=sync)

    monkeypatch.setattr(storage, "_database", Noted())
    storage.commit(chain.batch(chain.block({1: 1}), chain.block({1: 2})))
    storage.close()

    assert [True] == synced


def test_free_bytes_are_those_of_the_disk(storage: Storage) -> None:
    assert storage.free_bytes() > 0


def all_read(storage: Storage) -> list[object]:
    told: list[object] = [storage.tip(), storage.fin(), list(storage.rows())]
    told += [storage.bucket_hashes(), storage.events(0, 100), storage.oldest_undo_height()]
    rows = [*b"dbrcuixeg"]
    return [*told, [(key, value) for key, value in storage._scan() if key[0] in rows]]


# STORE-025  A development chain goes back to a certified block as if the rest had never been.
def test_chain_that_went_back_is_as_it_was(storage: Storage, chain: Any) -> None:
    first = chain.batch(chain.block({1: 5}, events=2))
    storage.commit(first)
    before = all_read(storage)
    storage.commit(chain.batch(chain.block({1: None, 9: 9}, events=3)))
    storage.commit(chain.batch(chain.block({2: 1}, events=0, epoch_end=True)))
    back = chain.overlay({1: 5, 2: 2, 9: None})

    storage.go_back(1, back)

    assert before == all_read(storage)
    storage.require_whole()
    tip, fin = storage.tip(), storage.fin()
    assert tip is not None
    assert fin is not None
    assert (1, 1, 2) == (tip.height, fin.height, tip.event_sequence)
    assert first.certificate.view == fin.view


# STORE-020  Receipts that were read once are those of the chain that is here.
def test_receipts_of_a_chain_that_went_back_are_not_those_that_were_read(
    storage: Storage, chain: Any
) -> None:
    storage.commit(chain.batch(chain.block({1: 5}, events=1)))
    gone = chain.batch(chain.block({1: 6}, events=2))
    storage.commit(gone)

    read = storage.receipts(2)
    storage.go_back(1, chain.overlay({1: 5}))

    assert gone.blocks[0].encoded_receipts == tuple(map(encode_receipt, read))
    assert () == storage.receipts(2)
    assert 1 == len(storage.receipts(1)[0].events)


# STORE-012  A certificate that comes after its block moves fin up to it, and never down.
def test_certificate_that_comes_late_moves_fin(storage: Storage, chain: Any) -> None:
    one, two, three = (chain.batch(chain.block({1: n})) for n in range(3))
    for batch in (one, two, three):
        storage.commit(FinalBatch(batch.blocks, None))

    heights = []
    for batch in (two, one, three):
        storage.certify(batch.certificate)
        fin = storage.fin()
        assert fin is not None
        heights.append(fin.height)

    assert [2, 2, 3] == heights
    assert one.certificate == storage.certificate(1)


# STORE-027  Rows are in the files as they were put, and what was compressed is read as ever.
def test_rows_are_stored_as_they_are(tmp_path: Path, chain: Any) -> None:
    earlier = plyvel.DB(str(tmp_path / "chain"), create_if_missing=True, compression="snappy")
    earlier.put(layout.META, encode(layout.Meta(layout.VERSION, chain.chain_id)))
    earlier.put(b"y", bytes(4_000))
    earlier.compact_range()
    earlier.close()

    storage = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)
    read = storage._get(b"y")
    storage._database.put(b"z", bytes(4_000))
    storage._database.compact_range()
    storage.close()

    assert bytes(4_000) == read
    assert any(bytes(4_000) in table.read_bytes() for table in (tmp_path / "chain").glob("*.ldb"))
