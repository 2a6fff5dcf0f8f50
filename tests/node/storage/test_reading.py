from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chain.crypto.merkle import merkle_root
from node.storage import layout, reading
from node.storage.fault import StorageFault
from node.storage.leveldb import Storage, Tuning
from node.storage.rows import events_at

QUICK = Tuning(flush=False)


@pytest.fixture
def chain(made_chain: Callable[..., Any]) -> Any:
    return made_chain()


@pytest.fixture
def storage(tmp_path: Path, chain: Any) -> Iterator[Storage]:
    opened = chain.begin(tmp_path / "chain")
    yield opened
    opened.close()


def test_what_is_not_there_is_none(storage: Storage) -> None:
    nothing = bytes(32)

    assert [None] * 7 == [
        storage.header(7),
        storage.block(7),
        storage.block_bytes(7),
        storage.height_of(nothing),
        storage.certificate(0),
        storage.location(nothing),
        storage.undo(7),
    ]
    assert () == storage.receipts(7) == storage.receipts(0)


# STORE-011  The certificate at or above a height is the lowest there is.
def test_certificates_are_found_from_below(storage: Storage, chain: Any) -> None:
    first = chain.batch(chain.block({1: 1}), chain.block({1: 2}), chain.block({1: 3}))
    second = chain.batch(chain.block({1: 4}))
    storage.commit(first)
    storage.commit(second)

    found = [storage.certificate_at_or_above(height) for height in range(1, 6)]

    assert [3, 3, 3, 4, None] == [at and at[0] for at in found]
    assert found[0] is not None
    assert first.certificate == found[0][1]
    assert (None, second.certificate) == (storage.certificate(2), storage.certificate(4))


def test_closed_epoch_is_found_by_its_number(storage: Storage, chain: Any) -> None:
    batch = chain.batch(chain.block({1: 1}), chain.block({1: 2}, epoch_end=True))

    before = storage.closing_certificate(0)
    storage.commit(batch)

    assert before is None
    assert (2, batch.certificate) == (storage.closing_height(0), storage.closing_certificate(0))
    assert storage.closing_certificate(1) is None


# STORE-014  The way back is kept for 1,000 blocks and no longer.
def test_way_back_is_kept_for_a_thousand_blocks(storage: Storage, chain: Any) -> None:
    for height in range(1, 1_006):
        batch = chain.batch(chain.block({height % 5: height}))
        storage.commit(batch)
        chain.fold(batch)

    undone = storage.undo(1_005)
    nodes = chain.tables.tree.nodes
    hashes_count = len(list(storage._scan(prefix=layout.BUCKETS)))

    assert 6 == storage.oldest_undo_height()
    assert (None, None) == (storage.undo(5), storage.undo(1_006))
    assert undone is not None
    assert 1 == len(undone)
    assert undone[0].old is not None
    assert undone[0].encoded_key.endswith(b"\0\0\0\0")
    assert 256 == hashes_count
    assert bytes(nodes[32 * 65_536 :]) == b"".join(storage.bucket_hashes())
    storage.require_whole()


def test_way_back_says_what_was_absent(storage: Storage, chain: Any) -> None:
    storage.commit(chain.batch(chain.block({77: 1})))

    undone = storage.undo(1)

    assert undone is not None
    assert [None] == [change.old for change in undone]


# STORE-015  Events are numbered from genesis without a gap.
def test_events_are_read_from_any_number(storage: Storage, chain: Any) -> None:
    counts = [2, 0, 3, 1, 0, 0, 4]
    for count in counts:
        storage.commit(chain.batch(chain.block({1: count}, events=count, transactions=2)))
    everything = storage.events(0, 1_000)

    total = 2 * sum(counts)
    parts = [storage.events(start, 3) for start in range(total + 2)]

    assert list(range(total)) == [event.sequence for event in everything]
    assert [everything[start : start + 3] for start in range(total + 2)] == parts
    assert sorted(event.height for event in everything) == [e.height for e in everything]
    assert {1, 3, 4, 7} == {event.height for event in everything}
    assert [] == storage.events(-1, 5) == storage.events(0, 0)


# STORE-015  Single events are found without looking at all.
def test_events_of_a_block_are_found_by_their_numbers(storage: Storage, chain: Any) -> None:
    storage.commit(chain.batch(chain.block({1: 1}, events=3, transactions=4)))
    storage.commit(chain.batch(chain.block({1: 2}, events=2, transactions=3)))
    everything = {event.sequence: event for event in storage.events(0, 100)}
    blocks = [storage.told(number, 1)[0] for number in (0, 12)]

    found = [
        event
        for block in blocks
        for event in events_at(block, reversed(range(block.first_seq, 18)[: block.events_count]))
    ]

    assert [*reversed(range(12)), *reversed(range(12, 18))] == [one.sequence for one in found]
    assert found == [everything[one.sequence] for one in found]


# STORE-020  Of one block many receipts are asked for, and its proof is made once.
def test_receipts_of_a_block_are_proven_once(
    storage: Storage, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        storage.commit(chain.batch(chain.block({1: number}, transactions=3)))
    proven: list[int] = []
    monkeypatch.setattr(
        reading, "merkle_root", lambda leaves: proven.append(len(leaves)) or merkle_root(leaves)
    )

    first = [storage.receipt(height, 2) for height in (1, 2, 3, 4)]
    again = [storage.receipt(height, 2) for height in (1, 2, 3, 4)]

    assert first == again
    assert 4 == len(proven)
    assert storage.receipt(5, 0) != storage.receipt(1, 0)
    assert 6 == len(proven), "the fifth took the place of the first"


# STORE-020  Rows that agree with their checksums and not with each other are damage too.
@pytest.mark.parametrize("what", ["another header", "another block", "another receipt"])
def test_rows_that_do_not_match_each_other_are_damage(
    storage: Storage, chain: Any, what: str
) -> None:
    storage.commit(chain.batch(chain.block({1: 1}), chain.block({1: 2})))
    letter = {
        "another header": layout.HEADER,
        "another block": layout.BLOCK,
        "another receipt": layout.RECEIPTS,
    }[what]
    other = storage._get(layout.height_key(letter, 2))
    storage._database.put(layout.height_key(letter, 1), other)

    with pytest.raises(StorageFault) as caught:
        _ = storage.header(1), storage.block(1), storage.receipts(1)

    assert "storage_damaged" == caught.value.slug


@pytest.mark.parametrize(
    ("letter", "read"),
    [
        (layout.HEADER, lambda storage: storage.header(1)),
        (layout.BLOCK, lambda storage: storage.block(1)),
        (layout.RECEIPTS, lambda storage: storage.receipts(1)),
        (layout.CERTIFICATE, lambda storage: storage.certificate(1)),
        (layout.CHANGES, lambda storage: storage.undo(1)),
    ],
)
def test_row_that_is_no_such_record_is_damage(
    storage: Storage, chain: Any, letter: bytes, read: Callable[[Storage], object]
) -> None:
    storage.commit(chain.batch(chain.block({1: 1})))
    storage._database.put(layout.height_key(letter, 1), b"\xc1")

    with pytest.raises(StorageFault) as caught:
        read(storage)

    assert "storage_damaged" == caught.value.slug


# STORE-026  Whole is: every link, and every row of the last state.
def test_chain_of_every_length_is_whole(storage: Storage, chain: Any) -> None:
    storage.require_whole()
    for value in range(3):
        storage.commit(chain.batch(chain.block({value: None, 5: value})))
        storage.require_whole()


@pytest.mark.parametrize("letter", [layout.HEADER, layout.STATE, layout.CHANGES, layout.BUCKETS])
def test_missing_row_is_not_whole(storage: Storage, chain: Any, letter: bytes) -> None:
    for value in range(3):
        storage.commit(chain.batch(chain.block({6 + value: value})))
    rows = [key for key, _ in storage._scan(prefix=letter)]
    storage._database.delete(rows[1])

    with pytest.raises(StorageFault):
        storage.require_whole()
