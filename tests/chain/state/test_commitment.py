"""The tree: every hash is the one that the written rule gives, computed the plain way."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain.state.commitment import (
    BUCKETS_COUNT,
    BucketTree,
    bucket_hash,
    changed_entries,
    derive_layer,
    key_hash_of,
    packed_changes,
    parts_of,
    value_hash_in,
)

ZERO = bytes(32)


def plain_bucket(entries: dict[bytes, bytes], nibble: int) -> bytes:
    """The rule of STATE-012 and STATE-013, written as it reads."""
    if not entries:
        return ZERO
    if len(entries) <= 256:
        joined = b"".join(key + entries[key] for key in sorted(entries))
        return sha256(b"\x00" + len(entries).to_bytes(4, "big") + joined).digest()
    parts: list[dict[bytes, bytes]] = [{} for _ in range(16)]
    for key, value in entries.items():
        parts[int(key.hex()[nibble], 16)][key] = value
    return sha256(b"\x02" + b"".join(plain_bucket(part, nibble + 1) for part in parts)).digest()


def plain_root(entries: dict[bytes, bytes]) -> bytes:
    """The rule of STATE-014, written as it reads, over all 65,536 buckets."""
    buckets: dict[int, dict[bytes, bytes]] = {}
    for key, value in entries.items():
        buckets.setdefault(int(key.hex()[:4], 16), {})[key] = value
    level = [plain_bucket(buckets.get(place, {}), 4) for place in range(BUCKETS_COUNT)]
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def spread_key(number: int) -> bytes:
    return sha256(number.to_bytes(4, "big")).digest()


def crowded_key(number: int) -> bytes:
    """Share ten nibbles with all others, so that buckets split several times."""
    return b"\x12\x34\xab\xcd\xef" + spread_key(number)[5:]


def test_root_of_no_rows_is_that_of_a_tree_of_zero_hashes() -> None:
    assert plain_root({}) == BucketTree().root


def test_root_of_many_rows_is_that_of_the_written_rule() -> None:
    """STATE-014."""
    entries = {spread_key(number): spread_key(~number & 0xFFFF) for number in range(500)}
    tree = BucketTree()

    layer = derive_layer(tree, (), sorted(entries.items()))

    assert plain_root(entries) == layer.root
    tree.fold(layer)
    assert layer.root == tree.root


@given(st.sets(st.integers(0, 2000), min_size=1, max_size=700), st.integers(0, 600))
def test_hash_of_a_ground_bucket_splits_by_the_next_four_bits(numbers: set[int], more: int) -> None:
    """STATE-013."""
    numbers = numbers | set(range(3000, 3000 + more))
    entries = {crowded_key(number): spread_key(number) for number in numbers}
    run = b"".join(key + entries[key] for key in sorted(entries))

    assert plain_bucket(entries, 4) == bucket_hash(run)
    assert run == b"".join(parts_of(run, 9))
    assert run == b"".join(parts_of(run, 10))
    assert all(part[0] >> 4 == part[-64] >> 4 for part in parts_of(run, 10) if part)


@pytest.mark.parametrize("count", [1, 255, 256, 257])
def test_a_bucket_splits_beyond_256_entries_and_not_before(count: int) -> None:
    """STATE-012, STATE-013."""
    entries = {crowded_key(number): spread_key(number) for number in range(count)}
    run = b"".join(key + entries[key] for key in sorted(entries))
    whole = sha256(b"\x00" + count.to_bytes(4, "big") + run).digest()

    assert (count <= 256) == (whole == bucket_hash(run))
    assert plain_bucket(entries, 4) == bucket_hash(run)


@given(
    st.dictionaries(st.integers(0, 400), st.integers(0, 9)),
    st.dictionaries(st.integers(0, 400), st.one_of(st.none(), st.integers(0, 9))),
)
def test_changed_entries_are_those_of_a_map(
    before: dict[int, int], changes: dict[int, int | None]
) -> None:
    entries = {crowded_key(number): spread_key(value) for number, value in before.items()}
    hashed = {
        crowded_key(number): None if value is None else spread_key(value)
        for number, value in changes.items()
    }
    run = b"".join(key + entries[key] for key in sorted(entries))

    changed = changed_entries(run, packed_changes(sorted(hashed.items())))

    after = {k: v for k, v in (entries | hashed).items() if v is not None}
    assert b"".join(key + after[key] for key in sorted(after)) == changed
    for key in hashed:
        assert after.get(key) == value_hash_in(changed, key)


def test_a_key_hash_that_also_stands_across_two_entries_is_found_in_its_own_place() -> None:
    wanted = bytes([9]) * 32
    decoy = bytes([1]) * 32 + bytes([2]) * 31 + b"\x09"
    follower = bytes([9]) * 31 + b"\x00"
    run = decoy + follower + bytes([7]) * 32 + wanted + bytes([8]) * 32

    assert run.find(wanted) % 64 != 0
    assert bytes([8]) * 32 == value_hash_in(run, wanted)
    assert value_hash_in(run, bytes([7]) * 32) is None
    changed = changed_entries(run, wanted + bytes([5]) * 32)
    assert run[:-32] + bytes([5]) * 32 == changed


@given(st.lists(st.dictionaries(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 5)))))
def test_layers_over_layers_give_the_root_of_their_sum(
    blocks: list[dict[int, int | None]],
) -> None:
    tree = BucketTree()
    layers = []
    total: dict[bytes, bytes] = {}
    for block in blocks:
        hashed = {
            spread_key(number): None if value is None else spread_key(value)
            for number, value in block.items()
        }
        layers.append(derive_layer(tree, tuple(layers), sorted(hashed.items())))
        total = {k: v for k, v in (total | hashed).items() if v is not None}

    once = derive_layer(tree, (), sorted(total.items()))

    assert once.root == (layers[-1].root if layers else tree.root)


def test_a_key_is_hashed_under_its_tag() -> None:
    """STATE-010."""
    assert sha256(b"NOVATION/key/1" + b"\x02\x01").digest() == key_hash_of(b"\x02\x01")


@given(st.dictionaries(st.binary(min_size=1, max_size=3), st.binary(max_size=3), max_size=40))
def test_a_tree_that_is_filled_is_the_tree_that_grew(rows: dict[bytes, bytes]) -> None:
    """STATE-014."""
    hashed = sorted((key_hash_of(key), sha256(value).digest()) for key, value in rows.items())
    filled, grown = BucketTree(), BucketTree()
    filled.fill(b"".join(key_hash + value_hash for key_hash, value_hash in hashed))
    grown.fold(derive_layer(grown, (), hashed))

    assert grown.nodes == filled.nodes
    assert grown.buckets == filled.buckets
