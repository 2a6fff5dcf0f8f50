import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import plyvel
import pytest

from node.storage.fault import StorageFault
from node.storage.leveldb import Storage, Tuning

QUICK = Tuning(flush=False)


@pytest.fixture
def chain(made_chain: Callable[..., Any]) -> Any:
    return made_chain()


def whole_read(path: Path, chain_id: bytes) -> list[object]:
    """Read every row through the doors a node uses."""
    storage = Storage.open(path, chain_id, QUICK)
    try:
        told: list[object] = [storage.tip(), storage.fin(), sorted(storage.rows())]
        told += [storage.bucket_hashes(), list(storage.damaged_buckets())]
        for height in range(4):
            told += [storage.block(height), storage.block_id(height), storage.receipts(height)]
            told += [storage.undo(height), storage.certificate(height)]
            block_id = storage.block_id(height)
            told += [block_id and storage.height_of(block_id)]
            told += [storage.location(r.id) for r in storage.receipts(height)]
        told += [storage.events(0, 100)]
    finally:
        storage.close()
    return told


def damaged_copies(
    whole: Path, scratch: Path, pattern: str, count: int, seed: int
) -> Iterator[tuple[Path, int]]:
    """Return copies of a folder, each with one bit flipped in a file of a kind."""
    dice = random.Random(seed)
    for _ in range(count):
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.copytree(whole, scratch)
        files = [path for path in sorted(scratch.glob(pattern)) if path.stat().st_size]
        path = dice.choice(files)
        data = bytearray(path.read_bytes())
        bit = dice.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        path.write_bytes(data)
        yield scratch, bit


# STORE-020  A flipped bit in a stored row is noticed when it is read; no answer is ever wrong.
@pytest.mark.parametrize("pattern", ["*.ldb", "*.log", "MANIFEST-*", "CURRENT"])
def test_no_flipped_bit_gives_another_answer(tmp_path: Path, chain: Any, pattern: str) -> None:
    whole = tmp_path / "whole"
    storage = chain.begin(whole)
    for k in range(3):
        writes = {n: 7 * n + k for n in range(60)}
        storage.commit(chain.batch(chain.block(writes, events=2, padding=bytes(200))))
    storage.close()
    if pattern == "*.ldb":
        raw = plyvel.DB(str(whole))
        raw.compact_range()
        raw.close()
    shutil.copytree(whole, tmp_path / "read")
    truth = whole_read(tmp_path / "read", chain.chain_id)
    slugs = []

    for copy, bit in damaged_copies(whole, tmp_path / "copy", pattern, 60, seed=11):
        try:
            told = whole_read(copy, chain.chain_id)
        except StorageFault as fault:
            slugs.append(fault.slug)
            continue
        # The last write may look torn; then the folder is whole, and some blocks shorter.
        assert truth == told or (truth[0] != told[0] and told[4] == []), (pattern, bit)

    assert {"storage_damaged", "storage_unreadable"} >= set(slugs) > set()


@pytest.mark.parametrize("name", ["CURRENT", "MANIFEST-*", "*.ldb"])
def test_missing_file_is_damage(tmp_path: Path, chain: Any, name: str) -> None:
    path = tmp_path / "chain"
    storage = chain.begin(path)
    storage.commit(chain.batch(chain.block({1: 1})))
    storage.close()
    raw = plyvel.DB(str(path))
    raw.compact_range()
    raw.close()
    for found in path.glob(name):
        found.unlink()

    with pytest.raises(StorageFault) as caught:
        whole_read(path, chain.chain_id)

    assert caught.value.slug in {"storage_damaged", "storage_unreadable"}


# STORE-021  Whatever prefix of the last writes survives, the rows are those of the tip.
def test_every_cut_of_the_write_ahead_file_leaves_a_whole_block(tmp_path: Path, chain: Any) -> None:
    whole = tmp_path / "whole"
    storage = chain.begin(whole)
    roots = {chain.genesis.header.state_root}
    for k in range(4):
        block = chain.block({n: 7 * n + k for n in range(20)})
        roots.add(block.block.header.state_root)
        storage.commit(chain.batch(block))
    storage.close()
    log = max(whole.glob("*.log"), key=lambda path: path.stat().st_size)
    size = log.stat().st_size
    heights = set()

    for cut in range(0, size, size // 40):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        with (copy / log.name).open("r+b") as file:
            file.truncate(size - cut)
        again = Storage.open(copy, chain.chain_id, QUICK)
        tip = again.tip()
        assert [] == list(again.damaged_buckets())
        if tip is not None:
            heights.add(tip.height)
            assert tip.state_root in roots
            assert again.block_id(tip.height) == tip.block_id
        again.close()

    assert {0, 1, 2, 3, 4} >= heights > {4}


def torn(data: bytes, start: int, how: str, dice: random.Random) -> bytes:
    """Return a file whose last write, which begins at `start`, a power cut tore."""
    cut = dice.randrange(start, len(data))
    if how == "zeros":
        return data[:cut] + bytes(len(data) - cut)
    if how == "garbage":
        return data[:cut] + dice.randbytes(len(data) - cut)
    pages = bytearray(data)
    for page in range(start, len(data), 4096):
        if dice.random() < 0.5:
            pages[page : page + 4096] = bytes(len(pages[page : page + 4096]))
    return bytes(pages)


# STORE-026  A last write that is torn is dropped, and everything before it is there.
@pytest.mark.parametrize("how", ["zeros", "garbage", "pages"])
def test_torn_last_write_is_dropped(tmp_path: Path, chain: Any, how: str) -> None:
    whole = tmp_path / "whole"
    storage = chain.begin(whole)
    log = next(whole.glob("*.log"))
    heads = []
    for k in range(3):
        before_bytes = log.stat().st_size
        heads.append(chain.head[0])
        storage.commit(chain.batch(chain.block({n: 7 * n + k for n in range(200)})))
    storage.close()
    data, dice = log.read_bytes(), random.Random(5)
    for _ in range(8):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(whole, copy)
        spoiled = torn(data, before_bytes, how, dice)
        (copy / log.name).write_bytes(spoiled)

        again = Storage.open(copy, chain.chain_id, QUICK)

        tip = again.tip()
        assert tip is not None
        assert (2 if spoiled != data else 3) == tip.height
        again.require_whole()
        again.close()
        assert ["copy", "whole"] == sorted(path.name for path in tmp_path.iterdir())


def test_what_was_dropped_is_told(tmp_path: Path, chain: Any) -> None:
    storage = chain.begin(tmp_path / "chain")
    log = next((tmp_path / "chain").glob("*.log"))
    storage.commit(chain.batch(chain.block({1: 1})))
    sound = storage.torn
    storage.close()
    with log.open("r+b") as file:
        file.seek(-20, 2)
        file.write(bytes(20))

    again = Storage.open(tmp_path / "chain", chain.chain_id, QUICK)

    assert "" == sound
    assert again.torn.startswith("the end of the last writes was torn (Corruption: ")
    assert again.torn.endswith("block 0 is the last whole one")
    again.close()


def test_damage_in_the_middle_leaves_the_folder_as_it_was(tmp_path: Path, chain: Any) -> None:
    path = tmp_path / "chain"
    storage = chain.begin(path)
    log = next(path.glob("*.log"))
    middle = 0
    for k in range(3):
        middle = log.stat().st_size if k == 1 else middle
        storage.commit(chain.batch(chain.block({n: 7 * n + k for n in range(600)})))
    storage.close()
    data = bytearray(log.read_bytes())
    data[middle + 5_000] ^= 1
    log.write_bytes(data)

    slugs = []
    for _ in range(2):
        with pytest.raises(StorageFault) as caught:
            Storage.open(path, chain.chain_id, QUICK)
        slugs.append(caught.value.slug)

    assert ["storage_damaged"] * 2 == slugs
    assert bytes(data) == log.read_bytes()
    assert ["chain"] == [found.name for found in tmp_path.iterdir()]
