"""BLTR-014, BLTR-021: whether an offer still stands, and how large a block must be."""

from derivatives.block_trades.queries import (
    BlockMinimum,
    OfferStanding,
    block_minimum,
    offer_standing,
)
from derivatives.block_trades.state import OFFER_FLOORS, USED_OFFERS, OfferFloor, UsedOffer
from derivatives.marks.state import MARKS
from tests.given_market import BTC_PERP, Market, account_of
from tests.given_options import CALL, Optioned

ALICE = account_of("alice")


def test_an_offer_stands_until_it_is_accepted_or_taken_back() -> None:
    market = Market()
    market.state.put(USED_OFFERS, (9, ALICE, 1), UsedOffer(7))
    market.state.put(OFFER_FLOORS, ALICE, OfferFloor(1))

    found = [offer_standing(market.state, ALICE, 9, sequence) for sequence in (0, 1, 2)]

    assert [
        OfferStanding(is_used=False, is_revoked=True),
        OfferStanding(is_used=True, is_revoked=False),
        OfferStanding(is_used=False, is_revoked=False),
    ] == found


def test_the_least_block_is_100_000_usd_at_the_mark_or_the_strike() -> None:
    assert BlockMinimum(BTC_PERP, 1_563) == block_minimum(Market().state, BTC_PERP)
    assert BlockMinimum(CALL, 1_563) == block_minimum(Optioned().state, CALL)


def test_without_a_mark_there_is_no_least_block() -> None:
    market = Market()
    market.state.delete(MARKS, BTC_PERP)

    assert BlockMinimum(BTC_PERP, 0) == block_minimum(market.state, BTC_PERP)
    assert BlockMinimum("DOGE", 0) == block_minimum(market.state, "DOGE")
