"""Declarations: widths follow from names, and what has no canonical form is refused early."""

import gc
from typing import Annotated, Any

import pytest
from msgspec import Meta

from chain.codec.canonical import OutOfBounds, decode, encode_bounded
from chain.codec.record import PLAIN_WIDTHS, UNIT_WIDTHS, BadDeclaration, MalformedRecord, record
from tests.chain.codec.samples import Ascending, Sixteen, Wides


def declared(field: str, annotation: object) -> Any:
    return record(
        type("Declared", (), {"__doc__": "For a test.", "__annotations__": {field: annotation}})
    )


@pytest.mark.parametrize("name", [n for n in (*UNIT_WIDTHS, *PLAIN_WIDTHS) if n != "e18"])
def test_an_integer_is_as_wide_as_its_last_word_says(name: str) -> None:
    """CODEC-001."""
    kind = declared(f"some_{name}", int)
    width = UNIT_WIDTHS.get(name) or PLAIN_WIDTHS[name]
    bounds = width.__metadata__[0]

    for number in (bounds.ge, bounds.le):
        assert number == getattr(decode(kind, encode_bounded(kind(number))), f"some_{name}")
    for number in (bounds.ge - 1, bounds.le + 1):
        with pytest.raises(OutOfBounds):
            encode_bounded(kind(number))


def test_widths_are_those_of_the_specification() -> None:
    """CODEC-001."""

    def bounds(name: str) -> tuple[int, int]:
        meta = (UNIT_WIDTHS.get(name) or PLAIN_WIDTHS[name]).__metadata__[0]
        return (meta.ge, meta.le)

    signed = ["lots", "quantums", "e8", "e9", "ppm", "q56", "q62"]
    unsigned = ["ticks", "ms", "height", "blocks", "count", "bytes"]
    unsigned += ["sequence", "epoch", "view", "round"]
    small = ["version", "kind", "lane", "code", "number", "proposer", "threshold", "weight"]

    assert {(-(2**63), 2**63 - 1)} == {bounds(name) for name in signed}
    assert {(0, 2**63 - 1)} == {bounds(name) for name in unsigned}
    assert {(0, 2**16 - 1)} == {bounds(name) for name in small}
    assert (0, 2**32 - 1) == bounds("index")
    assert (0, 2**8 - 1) == bounds("decimals")
    assert {*signed, *unsigned, *small, "index", "decimals", "e18"} == {
        *UNIT_WIDTHS,
        *PLAIN_WIDTHS,
    }


@pytest.mark.parametrize(
    ("field", "annotation"),
    [
        ("amount", int),
        ("amount_quantum", int),
        ("rate_e8", float),
        ("rate_e8", Annotated[float, Meta(ge=0)]),
        ("parts", dict),
        ("parts", dict[str, int]),
        ("parts", list[bytes]),
        ("parts", set[bytes]),
        ("parts", frozenset[bytes]),
        ("parts", tuple[list[bytes], ...]),
        ("parts", tuple[int, ...]),
        ("part", Any),
        ("part", "dict[str, bytes] | None"),
        ("part", dict[str, bytes] | None),
    ],
)
def test_what_leaves_a_width_or_a_form_open_is_refused_when_declared(
    field: str, annotation: object
) -> None:
    """CODEC-001, CODEC-002."""
    with pytest.raises(BadDeclaration, match=f"Declared.{field}"):
        declared(field, annotation)


def test_a_record_says_what_is_always_true_of_it() -> None:
    with pytest.raises(BadDeclaration, match="says what is always true"):
        record(type("Silent", (), {"__annotations__": {}}))


def test_a_record_is_frozen_and_equal_by_its_fields() -> None:
    """CODEC-003."""
    one = Ascending(low_ticks=1, high_ticks=2)

    assert Ascending(low_ticks=1, high_ticks=2) == one
    assert Ascending(low_ticks=1, high_ticks=3) != one
    assert hash(Ascending(low_ticks=1, high_ticks=2)) == hash(one)
    with pytest.raises(AttributeError):
        one.low_ticks = 0


def test_a_relation_between_fields_is_asked_of_values_and_of_bytes() -> None:
    """CODEC-005."""
    with pytest.raises(ValueError, match="low_ticks must be below"):
        Ascending(low_ticks=2, high_ticks=2)
    with pytest.raises(MalformedRecord, match="low_ticks must be below"):
        decode(Ascending, b"\x92\x02\x02")


def test_a_number_of_128_bits_fits_16_bytes_and_no_more() -> None:
    """CODEC-004."""
    for number in (-(2**127), -1, 0, 2**127 - 1):
        kept = Sixteen(before_count=0, index_e18=number, after_count=0)
        assert kept == decode(Sixteen, encode_bounded(kept))
    for number in (-(2**127) - 1, 2**127):
        with pytest.raises(OutOfBounds):
            encode_bounded(Sixteen(before_count=0, index_e18=number, after_count=0))


def test_bounds_that_are_annotated_replace_those_of_the_name() -> None:
    with pytest.raises(OutOfBounds, match=r"\$\[1\]"):
        encode_bounded(Wides(values=(), limit=9, small=0, large=0, signed=0, raw=b""))


def test_a_record_without_relations_or_wide_numbers_costs_no_more_than_its_struct() -> None:
    assert not hasattr(declared("amount_quantums", int), "__post_init__")
    assert hasattr(Sixteen, "__post_init__")
    assert hasattr(Ascending, "__post_init__")


def test_the_collector_walks_no_record_whatever_it_holds() -> None:
    values = tuple(range(1_000))
    kept = Wides(values=values, limit=1, small=0, large=0, signed=0, raw=b"")

    assert gc.is_tracked(values)
    assert not gc.is_tracked(kept)
    assert not gc.is_tracked(Sixteen(before_count=0, index_e18=1, after_count=0))
