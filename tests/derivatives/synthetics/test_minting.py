"""SYN-020 to SYN-025, SYN-005: what a mint costs, needs and brings."""

import pytest

from chain.kit import Refusal, replace
from chain.state.overlay import Overlay
from derivatives.accounts.transactions import AddDelegate
from derivatives.instruments.state import INSTRUMENTS
from derivatives.orders.state import SIDE_BUY, SIDE_SELL
from derivatives.synthetics.events import MintLapsed, SyntheticMinted
from derivatives.synthetics.minting import Mint as Asked
from derivatives.synthetics.minting import mint
from derivatives.synthetics.transactions import Mint
from tests import given, given_market
from tests.given_book import placing
from tests.given_market import UNIT_E8
from tests.given_synthetics import GOLD, OUNCE_LOTS, USD, gold


def test_all_that_is_minted_is_owed() -> None:
    minting = gold()

    minting.minted("alice")

    position = minting.position("alice")
    assert position is not None
    assert (-OUNCE_LOTS, 0) == (position.size_lots, position.entry_value_quantums)
    assert OUNCE_LOTS == minting.world.holds("alice", GOLD)
    assert -4_000 * USD == minting.health("alice").unrealised_quantums
    assert (10_000 - 4 - 4_000) * USD == minting.health("alice").equity_quantums


def test_a_mint_tells_its_value_and_its_fee() -> None:
    minting = gold()
    minting.mint("alice")

    [told] = [one for one in minting.wait() if isinstance(one, SyntheticMinted)]

    assert (1, GOLD, OUNCE_LOTS) == (told.request_id, told.instrument, told.size_lots)
    assert (400_000, 4 * USD) == (told.index_value_quantums, told.fee_quantums)


def test_initial_margin_is_needed_to_the_quantum() -> None:
    minting = gold()
    minting.deposit("carol", 4_837_025_000 - 1)

    answer = minting.mint("carol")

    assert "margin.initial_margin_short" == answer.reason
    assert 1 == answer.facts["short_by_quantums"]
    minting.deposit("carol", 1)
    minting.minted("carol")
    assert OUNCE_LOTS == minting.world.supply(GOLD)


def test_what_is_asked_and_not_filled_leaves_no_trace_but_the_request() -> None:
    minting = gold()

    minting.mint("alice")

    assert 0 == minting.world.supply(GOLD)
    assert minting.position("alice") is None
    assert 10_000 * USD == minting.world.holds("alice/0", "USD")


def test_of_three_mints_with_margin_for_two_the_last_lapses() -> None:
    minting = gold()
    minting.mint("alice", OUNCE_LOTS)
    minting.mint("alice", OUNCE_LOTS)
    minting.mint("alice", OUNCE_LOTS)

    lapsed = [one for one in minting.wait() if isinstance(one, MintLapsed)]

    assert ["margin.insolvent"] == [one.reason for one in lapsed]
    assert 2 * OUNCE_LOTS == minting.world.supply(GOLD)


def test_a_delegate_does_not_mint() -> None:
    minting = gold()
    account = minting.account("alice")
    minting.ask("alice", AddDelegate(account, given.address("bob"), 2**62))

    assert "accounts.not_owner" == minting.ask("bob", Mint(account, GOLD, 100)).reason


def test_the_cap_of_the_supply_counts_every_minter() -> None:
    market = given_market.Market()
    terms = market.state.get(INSTRUMENTS, GOLD)
    minting = gold()
    assert terms is not None
    per_hour, cap_lots = 12_500_000, terms.open_interest_cap_lots
    minting.deposit("carol", 70_000_000 * USD)
    for _ in range(10):
        assert "" == minting.mint("carol", per_hour).reason
        minting.wait()
        minting.world.close_block(3_600_000)
        minting.wait()
    assert cap_lots == minting.world.supply(GOLD)

    answer = minting.mint("bob", 100)

    assert "trades.open_interest_full" == answer.reason
    assert cap_lots == answer.facts["limit_lots"]


def test_an_account_of_another_compartment_owes_nothing_here() -> None:
    minting = gold()
    state = Overlay(minting.world.tables)
    terms = state.get(INSTRUMENTS, GOLD)
    assert terms is not None
    state.put(INSTRUMENTS, GOLD, replace(terms, compartment="other"))
    context = given_market.Market().context()
    context.state = state
    asked = Asked(0, GOLD, minting.account("alice"), given.address("alice"), 100)

    with pytest.raises(Refusal) as refused:
        mint(context, asked)

    assert "trades.compartment_differs" == refused.value.reason.slug


def test_nothing_is_minted_against_gains_that_are_not_realised() -> None:
    # SYN-021: 4,000 of cash, 2,000 gained on a bitcoin that needs 3,765; gold of 1,600 needs 333
    minting = gold()
    minting.world.prices_e8["BTC"] = 64_000 * UNIT_E8
    minting.deposit("carol", 4_000 * USD)
    minting.wait()
    for name, side in (("bob", SIDE_SELL), ("carol", SIDE_BUY)):
        assert "" == minting.ask(name, placing(name, side, 1_000, 128_000)).reason
    minting.price(66_000, "BTC")
    minting.wait()

    reasons = [minting.mint("carol", lots).reason for lots in (4_000, 1_000)]

    assert ["margin.initial_margin_short", ""] == reasons


def test_gold_that_came_as_collateral_meanwhile_lets_a_mint_lapse() -> None:
    # SYN-006, SYN-013
    minting = gold()
    minting.minted("bob", 1_000)
    minting.give("bob", "alice", 1_000)
    minting.mint("alice", 1_000)
    assert "" == minting.deposit("alice", 1_000, GOLD).reason

    [told] = [one for one in minting.wait() if isinstance(one, MintLapsed)]

    assert "synthetics.collateral_is_synthetic" == told.reason
    assert 0 == minting.lots("alice")
