"""ORDR-102 to ORDR-108: every leg whole, one margin test for the taker, or nothing at all."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chain.kit import Refusal, View
from derivatives.orders.bundles.filling import MakersAlone
from derivatives.orders.state import FILL_OR_KILL
from derivatives.registry import REGISTRY
from tests.given_book import BUY, SELL, TICKS, Book, Wealth, cancelled, fills, placing
from tests.given_legs import bundling
from tests.given_market import BTC_PERP, ETH_PERP, account_of

ETH_TICKS = 64_000
SPREAD = ((BUY, 5, BTC_PERP, TICKS + 10), (SELL, 4, ETH_PERP, ETH_TICKS))


def everything(view: View) -> dict[str, list[Any]]:
    """Return every row of the state, to compare whole states."""
    return {
        f"{module.name}.{table.name}": list(view.scan(table))
        for module in REGISTRY
        for table in module.tables
        if table.ordered
    }


def quoted(patch: pytest.MonkeyPatch) -> Book:
    """Return a book in which alice sells bitcoin and bob buys ether."""
    book = Book(patch)
    book.place("alice", SELL, 5, TICKS + 10)
    book.place("bob", BUY, 4, ETH_TICKS, instrument=ETH_PERP)
    return book


def test_every_leg_is_filled_from_its_own_book(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)

    told = book.send("carol", bundling("carol", *SPREAD))

    assert [(1, 5, TICKS + 10), (2, 4, ETH_TICKS)] == fills(told)
    assert (5, -4) == (book.lots("carol"), book.lots("carol", ETH_PERP))
    assert (-5, 4) == (book.lots("alice"), book.lots("bob", ETH_PERP))
    book.sound()


def test_a_leg_that_lacks_a_lot_leaves_every_book_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = quoted(monkeypatch)
    before = everything(book.state)

    slug = book.refused("carol", bundling("carol", SPREAD[0], (SELL, 5, ETH_PERP, ETH_TICKS)))

    facts = {"instrument": ETH_PERP, "size_lots": 5, "fillable_lots": 4, "leg_index": 1}
    assert ("leg_not_fillable", facts) == (slug, book.facts)
    assert before == everything(book.state)


def test_the_net_limit_is_what_all_legs_cost_together(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)
    # 5 x 128,010 x 500 bought, 4 x 64,000 x 500 sold.
    net = 5 * (TICKS + 10) * 500 - 4 * ETH_TICKS * 500
    before = everything(book.state)

    slug = book.refused("carol", bundling("carol", *SPREAD, net_quantums=net - 1))

    facts = {"net_quantums": net, "limit_quantums": net - 1, "asset": "USD"}
    assert ("net_not_met", facts) == (slug, book.facts)
    assert before == everything(book.state)
    told = book.send("carol", bundling("carol", *SPREAD, net_quantums=net))
    assert net == told[-1].net_quantums


def test_a_maker_who_fails_loses_his_order_and_the_next_one_fills(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    book = quoted(monkeypatch)
    book.place("dave", SELL, 5, TICKS + 10)
    book.wealth.poor.add(account_of("alice"))

    told = book.send("carol", bundling("carol", *SPREAD))

    assert [(1, "accounts.custody_short")] == cancelled(told)
    assert (5, -5, 0) == tuple(book.lots(name) for name in ("carol", "dave", "alice"))
    book.sound()


def test_the_taker_is_tested_when_all_legs_are_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    book = quoted(monkeypatch)
    book.wealth.poor.add(account_of("carol"))
    before = everything(book.state)

    slug = book.refused("carol", bundling("carol", *SPREAD))

    assert "accounts.custody_short" == slug
    assert "leg_index" not in book.facts
    assert before == everything(book.state)


def test_only_makers_are_tested_on_the_way() -> None:
    wealth = Wealth()
    wealth.poor = {"alice", "bob"}
    makers = MakersAlone("alice", wealth)
    view: Any = None

    assert makers.refusal(view, "alice", makers.before(view, "alice")) is None
    assert isinstance(makers.refusal(view, "bob", makers.before(view, "bob")), Refusal)


def test_a_leg_beyond_the_band_opens_no_auction(monkeypatch: pytest.MonkeyPatch) -> None:
    book = Book(monkeypatch)
    book.place("alice", SELL, 5, TICKS * 107 // 100)
    book.place("bob", BUY, 4, ETH_TICKS, instrument=ETH_PERP)

    slug = book.refused(
        "carol", bundling("carol", (BUY, 5, BTC_PERP, TICKS * 110 // 100), SPREAD[1])
    )

    assert ("leg_not_fillable", 0) == (slug, book.facts["leg_index"])
    assert 2 == book.trading()


QUOTES = some.lists(
    some.tuples(
        some.sampled_from(("alice", "bob", "dave", "erin")),
        some.sampled_from((BTC_PERP, ETH_PERP)),
        some.sampled_from((BUY, SELL)),
        some.integers(1, 9),
        some.integers(0, 6),
    ),
    max_size=16,
)
ASKED = some.tuples(some.sampled_from((BUY, SELL)), some.integers(1, 12), some.integers(-3, 9))


@settings(deadline=None, max_examples=60)
@given(quotes=QUOTES, btc=ASKED, eth=ASKED)
def test_a_bundle_is_its_legs_one_after_the_other_or_nothing(
    quotes: list[tuple[str, str, int, int, int]],
    btc: tuple[int, int, int],
    eth: tuple[int, int, int],
) -> None:
    """Positions, cash, fees, books and numbers are those of as many fill-or-kill orders."""
    centres = {BTC_PERP: TICKS, ETH_PERP: ETH_TICKS}
    legs = tuple(
        (side, lots, name, centres[name] + (off if side == BUY else -off))
        for name, (side, lots, off) in ((BTC_PERP, btc), (ETH_PERP, eth))
    )
    with pytest.MonkeyPatch.context() as patch:
        alone, together = Book(patch), Book(patch)
        for book in (alone, together):
            for name, instrument, side, lots, off in quotes:
                ticks = centres[instrument] + (-off if side == BUY else off)
                book.place(name, side, lots, ticks, instrument=instrument)
        before = everything(alone.state)
        mark = alone.state.mark()
        taken = True
        try:
            for side, lots, name, ticks in legs:
                whole = {"instrument": name, "time_in_force": FILL_OR_KILL}
                alone.send("carol", placing("carol", side, lots, ticks, **whole))
        except Refusal:
            alone.state.rollback(mark)
            taken = False
        try:
            together.send("carol", bundling("carol", *legs))
            filled = True
        except Refusal:
            filled = False

        assert taken == filled
        assert everything(alone.state) == everything(together.state)
        assert taken or before == everything(together.state)
        together.sound()
