"""SYN-013, SYN-014: done whole or not at all; looked at and undone."""

import pytest

from chain.kit import Refusal
from chain.modules.ledger.balances import balance_of
from chain.modules.ledger.reasons import SAME_HOLDER
from derivatives.synthetics.attempts import attempted, tried
from tests import given_market
from tests.given_market import account_of


def _spent(market: given_market.Market) -> int:
    return 10_000 - balance_of(market.state, account_of("alice"), "USD")


def _market() -> given_market.Market:
    market = given_market.Market()
    market.deposit("alice", 10_000)
    return market


def test_what_is_refused_halfway_leaves_nothing_behind() -> None:
    market = _market()
    context = market.context()

    def act() -> None:
        market.state.delete(given_market.TRADING, given_market.BTC_PERP)
        context.emit("told")
        raise Refusal(SAME_HOLDER)

    refusal = attempted(context, act)

    assert refusal is not None
    assert "ledger.same_holder" == refusal.reason.slug
    assert market.state.get(given_market.TRADING, given_market.BTC_PERP) is not None
    assert [] == context.events


def test_what_is_done_stays() -> None:
    market = _market()
    context = market.context()

    assert attempted(context, lambda: context.emit("told")) is None
    assert ["told"] == context.events


def test_what_is_tried_is_undone_and_what_it_would_refuse_is_refused() -> None:
    market = _market()
    context = market.context()

    def refused() -> None:
        raise Refusal(SAME_HOLDER)

    tried(context, lambda: context.emit("told"))
    assert [] == context.events
    with pytest.raises(Refusal):
        tried(context, refused)
