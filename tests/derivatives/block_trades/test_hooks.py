"""BLTR-013: what was used is forgotten when it could not be accepted any more."""

import pytest

from derivatives.block_trades import hooks
from derivatives.block_trades.hooks import forget_ended
from derivatives.block_trades.state import USED_OFFERS, UsedOffer
from tests.given_market import Market, account_of

ALICE = account_of("alice")


def test_an_offer_is_forgotten_after_its_end_and_not_before() -> None:
    market = Market()
    for sequence, end in enumerate((-1, 0, 1)):
        market.state.put(USED_OFFERS, (market.time_ms + end, ALICE, sequence), UsedOffer(1))

    forget_ended(market.block_context())

    assert [1, 2] == [key[2] for key, _ in market.state.scan(USED_OFFERS)]  # type: ignore[index]


def test_so_many_are_forgotten_in_a_block_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "FORGOTTEN_MAX_COUNT", 2)
    market = Market()
    for sequence in range(3):
        market.state.put(USED_OFFERS, (5 - sequence, ALICE, sequence), UsedOffer(1))

    forget_ended(market.block_context())

    assert [0] == [key[2] for key, _ in market.state.scan(USED_OFFERS)]  # type: ignore[index]
