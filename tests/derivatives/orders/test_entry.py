"""ORDR-010 to ORDR-019: what people say becomes ticks and lots, and markets end at the band."""

import pytest

from chain.kit import Refusal
from derivatives.orders.entry import (
    Request,
    lots_of_exact_size,
    protection_ticks,
    ticks_of_exact_price,
)
from tests.given_book import BUY, SELL, Book
from tests.given_market import BTC_PERP, UNIT_E8, account_of


@pytest.mark.parametrize(
    ("side", "mark_ticks", "expected"),
    [
        (BUY, 128_000, 134_400),
        (SELL, 128_000, 121_600),
        (BUY, 128_001, 134_401),  # 134,401.05 down
        (SELL, 128_001, 121_601),  # 121,600.95 up
    ],
)
def test_market_order_trades_up_to_the_band(
    monkeypatch: pytest.MonkeyPatch, side: int, mark_ticks: int, expected: int
) -> None:
    book = Book(monkeypatch)
    book.price("BTC", mark_ticks * UNIT_E8 // 2)
    book.block()
    market = Request(
        order_id=1,
        priority=1,
        account=account_of("alice"),
        instrument_id=BTC_PERP,
        instrument=book.terms(),
        side=side,
        price_ticks=0,
        size_lots=1,
        filled_lots=0,
        time_in_force=2,
        post_only=False,
        reduce_only=False,
        self_trade=0,
        client_id="",
        good_till_ms=0,
        placed_ms=0,
        placed_height=0,
    )

    assert expected == protection_ticks(book.state, market)


def test_price_off_the_grid_is_refused_with_its_neighbours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terms = Book(monkeypatch).terms()

    assert 128_020 == ticks_of_exact_price(terms, 64_010 * UNIT_E8)
    with pytest.raises(Refusal) as refused:
        ticks_of_exact_price(terms, 64_010 * UNIT_E8 + UNIT_E8 * 3 // 10)

    assert {
        "price_e8": 6_401_030_000_000,
        "below_e8": 6_401_000_000_000,
        "above_e8": 6_401_050_000_000,
    } == refused.value.facts


def test_size_off_the_grid_is_refused_with_its_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = Book(monkeypatch).terms()

    assert 2_500 == lots_of_exact_size(terms, 5 * UNIT_E8 // 2)
    with pytest.raises(Refusal) as refused:
        lots_of_exact_size(terms, 150_000)

    assert {"size_e8": 150_000, "below_e8": 100_000, "above_e8": 200_000} == refused.value.facts
