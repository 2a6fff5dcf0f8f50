"""STATE-053: bytes are taken apart in C exactly as Python takes them apart, or refuses them."""

from typing import Any

import msgpack
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.transaction import (
    Transaction,
    _parsed_plainly,
    parse_transaction,
    parse_transactions,
)
from chain.kit import Refusal
from chain.modules.ledger.transactions import Transfer
from tests import given

native = pytest.importorskip("chain.kernel.native")

WORLD = given.world(modules=given.WITH_PROBE)
PAYMENT = Transfer(to=given.address("bob"), asset="USD", amount_quantums=5_000_000)
WHOLE = tuple(
    WORLD.bytes_of("alice", *payloads, keys=keys, **how)
    for payloads, keys, how in (
        ((PAYMENT,), ("alice",), {}),
        ((PAYMENT,), ("alice", "bob", "carol"), {"sequence": 2**40, "lane": 63}),
        ((PAYMENT,), [f"key{number}" for number in range(16)], {"sequence": 200}),
        ((given.Probe("", 1),), ("alice",), {"valid_until_height": 2**32 - 1}),
        ((given.Probe("x", 0), PAYMENT), ("alice",), {"sequence": 70_000}),
    )
)
LISTS = tuple(
    WORLD.bytes_of("alice", *[PAYMENT] * count, as_list=True) for count in (1, 2, 15, 16, 17, 64)
)
BEYOND = tuple(WORLD.bytes_of("alice", *[PAYMENT] * count, as_list=True) for count in (0, 65))

numbers = st.sampled_from(
    (-1, 0, 1, 2, 63, 64, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63 - 1, 2**63)
)
inner = st.recursive(
    st.none() | st.booleans() | numbers | st.binary(max_size=3) | st.text(max_size=3) | st.floats(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=2), part),
    max_leaves=5,
)
payloads = st.just([given.address("bob"), "USD", 5]) | st.lists(inner, max_size=4) | inner
actions = st.lists(
    st.tuples(st.sampled_from((1, 201, 999)) | numbers, payloads).map(list) | inner, max_size=18
)
bodies = st.tuples(
    st.just(1) | numbers,
    st.just(given.address("alice")) | st.binary(min_size=31, max_size=33),
    numbers,
    numbers,
    numbers,
    st.sampled_from((1, 201, 999)) | numbers,
    payloads,
).map(list)
lists = actions.map(lambda asked: [1, given.address("alice"), 0, 0, 9, 1, [asked]])
pairs = st.tuples(st.binary(min_size=32, max_size=32), st.just(bytes(64)) | st.just(bytes(63)))
envelopes = st.tuples(bodies | lists, st.lists(pairs.map(list), max_size=3)).map(msgpack.packb)


def _said(parse: Any, data: bytes) -> Transaction | tuple[str, object]:
    try:
        return parse(WORLD.application, WORLD.chain_id, data)
    except Refusal as refused:
        return refused.reason.slug, refused.facts


def _agree(data: bytes) -> None:
    assert _said(_parsed_plainly, data) == _said(parse_transaction, data)


@pytest.mark.parametrize("data", WHOLE + LISTS)
def test_transactions_of_every_form_are_the_same(data: bytes) -> None:
    assert isinstance(_said(parse_transaction, data), Transaction)
    _agree(data)


def test_common_form_is_taken_apart_in_c() -> None:
    for data in (WHOLE[0], WHOLE[1], WHOLE[3], *LISTS):
        found = native.parse(data, WORLD.chain_id, WORLD.application.payload)

        assert found == _parsed_plainly(WORLD.application, WORLD.chain_id, data)


@pytest.mark.parametrize("data", BEYOND)
def test_empty_and_longer_lists_are_refused_alike(data: bytes) -> None:
    assert native.parse(data, WORLD.chain_id, WORLD.application.payload) is None
    _agree(data)


@pytest.mark.parametrize(
    "inside",
    [
        b"\xdc\x00\x01\x92\xcc\xc9",  # one action under the header of many
        b"\xdd\x00\x00\x00\x01\x92\xcc\xc9",
        b"\x91\x92\xcd\x00\xc9",  # a kind under a longer header
        b"\x91\x92\x01",  # a list in a list
        b"\x92\x92\xcc\xc9",  # two announced
        b"\x91\x93\xcc\xc9",
        b"\x91\x92\xca\x00\x00\x00\x00",
    ],
)
def test_lists_of_no_common_form_are_refused_alike(inside: bytes) -> None:
    payment = msgpack.packb([given.address("bob"), "USD", 5])
    body = b"\x97" + b"".join(map(msgpack.packb, [1, given.address("alice"), 0, 0, 100, 1]))
    data = b"\x92" + body + b"\x91" + inside + payment + msgpack.packb([[bytes(32), bytes(64)]])

    assert not isinstance(_said(parse_transaction, data), Transaction)
    _agree(data)


@examples(
    st.sampled_from(WHOLE + LISTS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=3),
    st.integers(0, 500),
    st.binary(max_size=2),
)
def test_changed_cut_and_longer_bytes_are_the_same(
    whole: bytes, changes: list[tuple[int, int]], cut: int, more: bytes
) -> None:
    data = bytearray(whole)
    for place, byte in changes:
        data[place % len(data)] = byte

    _agree(bytes(data[: len(data) - cut] if cut < 40 else data) + more)


@examples(envelopes)
def test_other_envelopes_are_the_same(data: bytes) -> None:
    _agree(data)


@pytest.mark.parametrize(
    "header", [b"\xcc\x05", b"\xcd\x00\x80", b"\xce\x00\x00\xff\xff", b"\xd0\x05"]
)
def test_integer_under_a_longer_header_is_not_canonical(header: bytes) -> None:
    body = [1, given.address("alice"), 0]
    rest = [100, 201, [given.address("bob"), "USD", 5]]
    packed = (
        b"\x97" + b"".join(map(msgpack.packb, body)) + header + b"".join(map(msgpack.packb, rest))
    )
    data = b"\x92" + packed + msgpack.packb([[bytes(32), bytes(64)]])

    assert ("transaction.not_canonical", {}) == _said(parse_transaction, data)
    _agree(data)


@pytest.mark.parametrize("depth", [10, 63, 64, 65, 1_000, 15_000])
def test_nesting_harms_nothing(depth: int) -> None:
    head = b"\x92\x97\x01\xc4\x20" + bytes(32) + b"\x00\x00\x64\xcc\xc9"

    _agree(head + b"\x91" * depth + b"\xc0" + msgpack.packb([[bytes(32), bytes(64)]]))
    _agree(head + b"\xdc\xff\xff" * (depth // 3) + b"\xdb\xff\xff\xff\xff")


@examples(
    st.lists(st.sampled_from((*WHOLE, *LISTS, *BEYOND, b"", b"\xc0")) | envelopes, max_size=6)
)
def test_many_are_taken_apart_as_each_alone_is(batch: list[bytes]) -> None:
    found = parse_transactions(WORLD.application, WORLD.chain_id, batch)

    said = [(one.reason.slug, one.facts) if isinstance(one, Refusal) else one for one in found]
    assert [_said(parse_transaction, data) for data in batch] == said


def test_known_ones_are_told_by_their_id_alone() -> None:
    batch = [WHOLE[0], LISTS[0], WHOLE[2], WHOLE[3]]
    ids = [parse_transaction(WORLD.application, WORLD.chain_id, data).id for data in batch]
    known: tuple[dict[bytes, object], ...] = ({ids[0]: 1}, {}, {ids[1]: 2, ids[2]: 3})

    found = parse_transactions(WORLD.application, WORLD.chain_id, batch, known)

    assert ids[:3] == found[:3]
    assert isinstance(found[3], Transaction)


def test_defect_in_what_knows_kinds_goes_on() -> None:
    def broken(kind: int) -> None:
        raise MemoryError(kind)

    with pytest.raises(MemoryError):
        native.parse(WHOLE[0], WORLD.chain_id, broken)
    with pytest.raises(TypeError):
        native.parse("text", WORLD.chain_id, broken)
    with pytest.raises(MemoryError):
        native.parse_many((b"", WHOLE[0]), WORLD.chain_id, broken, (), len)
    with pytest.raises(ZeroDivisionError):
        native.parse_many((b"",), WORLD.chain_id, broken, (), lambda _: 1 // 0)
    with pytest.raises(TypeError):
        native.parse_many(WHOLE, WORLD.chain_id, broken, (3,), len)
    with pytest.raises(TypeError):
        native.parse_many(3, WORLD.chain_id, broken, (), len)
