"""BLOCK-025: what receipts tell is picked out of their bytes, in C as in Python."""

from collections.abc import Sequence

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from chain.block.receipt import Emitted, Receipt, encode_receipt
from chain.block.told import Wanted, _told_plainly, told_in
from chain.codec.canonical import encode
from chain.codec.record import MalformedRecord, Raw

NAMES = [(module, number) for module in (1, 2, 300) for number in (0, 1, 60_000)]

integers = st.integers(-(2**63), 2**64 - 1) | st.sampled_from(
    [
        side + off
        for side in (-(2**31), -(2**15), -128, -32, 0, 128, 2**16, 2**32)
        for off in (-1, 0)
    ]
)
texts = st.text(max_size=40) | st.sampled_from(["x" * 31, "x" * 32, "é" * 200, "y" * 70_000])
fields = st.lists(integers | texts, min_size=3, max_size=20)
others = st.lists(
    integers | texts | st.none() | st.booleans() | st.binary(max_size=300) | st.tuples(integers),
    max_size=20,
)


@st.composite
def receipts_of(draw: st.DrawFn, name: tuple[int, int]) -> tuple[bytes, ...]:
    """Receipts whose events of this name have three texts or integers, others anything."""
    return tuple(
        encode_receipt(
            Receipt(
                bytes(32),
                index,
                draw(st.sampled_from([0, 201, 2**16 - 1])),
                0,
                draw(st.sampled_from([(), (("short_by_quantums", -5), ("asset", "USD"))])),
                tuple(
                    Emitted(*one, Raw(encode(tuple(draw(fields if one == name else others)))))
                    for one in draw(st.lists(st.sampled_from(NAMES), max_size=20))
                ),
                draw(st.sampled_from([0, 10_000])),
            )
        )
        for index in range(draw(st.integers(0, 4)))
    )


@examples(
    st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), receipts_of(name))),
    st.sets(st.integers(0, 2)),
)
def test_both_tell_the_same(
    named: tuple[tuple[int, int], tuple[bytes, ...]], places: set[int]
) -> None:
    name, receipts = named
    wanted: Wanted = {name: tuple(sorted(places)), (9, 9): (0,)}

    assert _told_plainly(receipts, wanted) == told_in(receipts, wanted)


def receipt(*events: tuple[int, int, Sequence[object]]) -> bytes:
    emitted = tuple(Emitted(module, number, Raw(encode(tuple(f)))) for module, number, f in events)
    return encode_receipt(Receipt(bytes(32), 0, 201, 0, (), emitted, 0))


def test_a_place_counts_all_events_and_fields_come_by_their_places() -> None:
    receipts = (
        receipt((1, 0, ["a", 5, "b"]), (2, 0, [1, 2])),
        receipt(),
        receipt((1, 1, [7]), (1, 0, ["c", -6, "d", 8])),
    )

    count, rows = told_in(receipts, {(1, 0): (1, 2), (1, 1): ()})

    assert 4 == count
    assert [
        (0, 201, (1, 0), 5, "b"),
        (2, 201, (1, 1)),
        (3, 201, (1, 0), -6, "d"),
    ] == rows


@pytest.mark.parametrize("field", [None, True, b"x", ("x",)])
def test_a_field_that_is_neither_text_nor_integer_is_refused(field: object) -> None:
    with pytest.raises(MalformedRecord):
        told_in((receipt((1, 0, [field])),), {(1, 0): (0,)})


def test_an_event_without_such_a_field_is_refused() -> None:
    with pytest.raises(MalformedRecord):
        told_in((receipt((1, 0, ["x"])),), {(1, 0): (1,)})


WHOLE = receipt((1, 0, ["a", 2**40, "b"]), (2, 0, [1, 2]))


@examples(
    st.integers(0, len(WHOLE) - 1).map(lambda cut: WHOLE[:cut])
    | st.binary(min_size=1, max_size=3).map(lambda more: WHOLE + more)
)
def test_what_is_cut_or_goes_on_is_no_receipt(spoilt: bytes) -> None:
    with pytest.raises(MalformedRecord):
        told_in((spoilt,), {(1, 0): (0, 1)})


def test_a_text_that_is_none_is_refused() -> None:
    spoilt = receipt((1, 0, ["aaaa"])).replace(b"aaaa", b"a\xff\xffa")

    with pytest.raises(MalformedRecord):
        told_in((spoilt,), {(1, 0): (0,)})
