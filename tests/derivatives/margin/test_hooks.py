"""MARG-070 to MARG-079: step 5 of a block, and the test that ends every transaction."""

import pytest

from chain.kit import Refusal
from derivatives.accounts.state import ACCOUNTS
from derivatives.margin.events import AccountFlagged, MarginRestored, MarginWarned
from derivatives.margin.hooks import OWNED_MAX_COUNT, is_below
from derivatives.margin.state import OWNED, WARNINGS, Owned
from tests import given
from tests.given_margin import Margined
from tests.given_market import UNIT_E8, USD, account_of

ALICE = account_of("alice")


def _long_bitcoin(alice: int = 4_000 * USD) -> Margined:
    market = Margined()
    market.deposit("alice", alice)
    market.deposit("bob", 100_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.touch("alice", "bob")
    return market


def _told(market: Margined, price_usd: int) -> list[type]:
    market.price("BTC", price_usd * UNIT_E8)
    kinds = (MarginWarned, MarginRestored, AccountFlagged)
    return [type(event) for event in market.block() if isinstance(event, kinds)]


def test_account_is_warned_flagged_and_restored_as_its_equity_moves() -> None:
    market = _long_bitcoin()

    # 0.8 R + 15 % R of 2,880 and a fee of 19 are 2,755; 0.8 R and the fee are 2,323.
    assert [] == _told(market, 63_000)
    assert [MarginWarned] == _told(market, 62_600)
    assert [] == _told(market, 62_600)
    assert [AccountFlagged] == _told(market, 62_200)
    assert [] == _told(market, 62_500)
    assert [MarginRestored] == _told(market, 64_000)
    assert [] == _told(market, 64_000)


def test_flag_carries_the_block_in_which_it_began_and_goes_with_recovery() -> None:
    market = _long_bitcoin()
    _told(market, 62_000)
    flagged = market.state.get(ACCOUNTS, ALICE)
    began = (market.time_ms, market.height)
    _told(market, 62_500)
    still = market.state.get(ACCOUNTS, ALICE)
    _told(market, 64_000)
    restored = market.state.get(ACCOUNTS, ALICE)

    assert flagged is not None
    assert restored is not None
    assert began == (flagged.flagged_ms, flagged.flagged_height)
    assert flagged is still
    assert (0, 0) == (restored.flagged_ms, restored.flagged_height)
    assert None is market.state.get(WARNINGS, ALICE)


def test_insolvent_account_is_not_flagged_for_liquidation() -> None:
    market = _long_bitcoin()

    assert [MarginWarned] == _told(market, 59_000)
    assert not is_below(market.health("alice"))


def test_account_of_which_nothing_is_left_is_restored() -> None:
    market = _long_bitcoin()
    _told(market, 62_600)
    market.trade("bob", "alice", 1_000, 125_200, taker="")

    assert [MarginRestored] == _told(market, 62_600)


def test_nothing_is_stored_where_nothing_changed() -> None:
    market = _long_bitcoin()
    market.block()
    mark = market.state.mark()
    from derivatives.margin.hooks import margin_accounts

    margin_accounts(market.block_context())

    assert mark == market.state.mark()


def test_transaction_ends_with_a_test_of_every_account_it_touched() -> None:
    market = _long_bitcoin()
    mark = market.state.mark()
    market.trade("alice", "bob", 1_000, 128_000, taker="")

    with pytest.raises(Refusal) as refused:
        market.touch("bob", "alice", mark=mark)

    assert "margin.initial_margin_short" == refused.value.reason.slug


def test_accounts_of_a_signer_are_remembered_and_bounded() -> None:
    market = _long_bitcoin()
    owner = given.address("alice")
    found = market.state.get(OWNED, owner)
    full = tuple(range(1, OWNED_MAX_COUNT + 1))
    market.state.put(OWNED, owner, Owned(full))

    with pytest.raises(Refusal) as refused:
        market.touch("alice")

    assert Owned((0,)) == found
    assert "margin.owned_too_many" == refused.value.reason.slug
