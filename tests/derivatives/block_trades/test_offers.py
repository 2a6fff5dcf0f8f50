"""BLTR-001 to BLTR-019: what is signed, by whom, until when, and once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chain.kit import Refusal, replace
from derivatives.block_trades.offers import (
    OFFER_MS_MAX,
    SIGNATURES_MAX_COUNT,
    TAG_OFFER,
    BlockLeg,
    Offer,
    OfferSignature,
    check_signatures,
    lowest_sequence_of,
    offer_bytes,
    require_signed,
    require_standing,
    use,
)
from derivatives.block_trades.state import OFFER_FLOORS, OfferFloor
from tests import given as chains
from tests.given_blocks import offering, signatures_of
from tests.given_book import SELL, TICKS, Book
from tests.given_market import BTC_PERP, account_of

ALICE, BOB = account_of("alice"), account_of("bob")
ACTION = (4_401, None)


def offered(book: Book, **changes: Any) -> Offer:
    offer = offering(
        "alice", "bob", (SELL, 2_000, BTC_PERP, TICKS), expires_ms=book.time_ms + 60_000
    )
    return replace(offer, **changes)


def slug_of(refused: Any) -> str:
    return str(refused.value.reason.slug)


def test_tag_chain_and_every_field_are_signed() -> None:
    offer = offering("alice", "bob", (SELL, 2_000, BTC_PERP, TICKS), expires_ms=9, sequence=7)

    signed = offer_bytes(b"\1" * 32, offer)

    assert signed.startswith(TAG_OFFER + b"\1" * 32)
    others = {
        offer_bytes(b"\1" * 32, replace(offer, **change))
        for change in (
            {"signer": chains.address("bob")},
            {"account_holder": account_of("alice", 1)},
            {"counterparty_holder": account_of("bob", 1)},
            {"legs": (BlockLeg(BTC_PERP, SELL, 2_000, TICKS + 1),)},
            {"expires_ms": 10},
            {"offer_sequence": 8},
        )
    }
    assert 6 == len(others - {signed})


@pytest.mark.parametrize("count", [0, SIGNATURES_MAX_COUNT + 1])
def test_there_is_a_signature_and_not_too_many(count: int) -> None:
    many = tuple(OfferSignature(bytes([n]) * 32, bytes(64)) for n in range(count))

    with pytest.raises(Refusal) as refused:
        check_signatures(many)

    assert {"given_count": count, "limit_count": 16} == refused.value.facts


def test_signatures_ascend_by_key() -> None:
    one, two = (OfferSignature(bytes([n]) * 32, bytes(64)) for n in (1, 2))
    check_signatures((one, two))

    for wrong in ((two, one), (one, one)):
        with pytest.raises(Refusal):
            check_signatures(wrong)


def test_an_offer_ends_at_its_time_and_within_a_day() -> None:
    book = Book()
    for expires_ms in (book.time_ms, book.time_ms + OFFER_MS_MAX):
        require_standing(book.state, offered(book, expires_ms=expires_ms), book.time_ms)

    for expires_ms, reason in (
        (book.time_ms - 1, "offer_expired"),
        (book.time_ms + OFFER_MS_MAX + 1, "offer_too_long"),
    ):
        with pytest.raises(Refusal) as refused:
            require_standing(book.state, offered(book, expires_ms=expires_ms), book.time_ms)
        assert f"block_trades.{reason}" == slug_of(refused)


def test_an_offer_is_used_once_and_another_number_is_another_offer() -> None:
    book = Book()
    offer = offered(book)
    use(book.context("bob"), offer)

    with pytest.raises(Refusal) as refused:
        require_standing(book.state, offer, book.time_ms)

    assert "block_trades.offer_used" == slug_of(refused)
    assert {"offer_sequence": 1, "accepted_height": book.height} == refused.value.facts
    require_standing(book.state, replace(offer, offer_sequence=2), book.time_ms)


def test_of_two_offers_with_one_number_and_end_one_is_accepted() -> None:
    book = Book()
    offer = offered(book)
    use(book.context("bob"), offer)

    with pytest.raises(Refusal):
        require_standing(
            book.state, replace(offer, counterparty_holder=account_of("carol")), book.time_ms
        )


def test_offers_below_the_floor_are_void() -> None:
    book = Book()
    assert 0 == lowest_sequence_of(book.state, ALICE)
    book.state.put(OFFER_FLOORS, ALICE, OfferFloor(2))

    with pytest.raises(Refusal) as refused:
        require_standing(book.state, offered(book), book.time_ms)

    assert "block_trades.offer_revoked" == slug_of(refused)
    require_standing(book.state, offered(book, offer_sequence=2), book.time_ms)


def test_a_signature_of_another_chain_or_offer_is_false() -> None:
    book = Book()
    offer = offered(book)
    context = book.context("bob")
    require_signed(context, offer, signatures_of(offer, ["alice"]), ACTION)

    for signatures in (
        signatures_of(offer, ["alice"], b"\1" * 32),
        signatures_of(replace(offer, offer_sequence=9), ["alice"]),
    ):
        with pytest.raises(Refusal) as refused:
            require_signed(context, offer, signatures, ACTION)
        assert "block_trades.signature_false" == slug_of(refused)


@pytest.mark.parametrize(
    ("names", "reason"),
    [(["bob"], "signers.key_not_authorised"), (["alice", "bob"], "signers.key_not_authorised")],
)
def test_another_key_signs_for_nobody(names: list[str], reason: str) -> None:
    book = Book()
    offer = offered(book)

    with pytest.raises(Refusal) as refused:
        require_signed(book.context("bob"), offer, signatures_of(offer, names), ACTION)

    assert reason == slug_of(refused)


def test_nobody_offers_for_an_account_he_may_not_trade_for() -> None:
    book = Book()
    offer = offered(book, signer=chains.address("carol"))

    with pytest.raises(Refusal) as refused:
        require_signed(book.context("bob"), offer, signatures_of(offer, ["carol"]), ACTION)

    assert "block_trades.offerer_may_not" == slug_of(refused)


@settings(deadline=None, max_examples=60)
@given(some.integers(0, 511))
def test_no_bit_of_a_signature_may_change(bit: int) -> None:
    book = Book()
    offer = offered(book)
    signed = signatures_of(offer, ["alice"])[0]
    flipped = bytearray(signed.signature)
    flipped[bit // 8] ^= 1 << bit % 8
    forged = OfferSignature(signed.public_key, bytes(flipped))

    with pytest.raises(Refusal):
        require_signed(book.context("bob"), offer, (forged,), ACTION)
