"""SYN-010, SYN-015, SYN-023, SYN-031: what may be asked, and what is refused at once."""

import pytest

from chain.kit import Refusal
from derivatives.synthetics.transactions import Burn, Mint, Redeem
from tests.given_synthetics import GOLD, OUNCE_LOTS, gold


@pytest.mark.parametrize("size_lots", [0, -1, -(2**62)])
def test_a_size_that_is_not_positive_is_refused_by_any(size_lots: int) -> None:
    for payload in (
        Mint("a", GOLD, size_lots),
        Burn("a", GOLD, size_lots),
        Redeem(GOLD, size_lots),
    ):
        with pytest.raises(Refusal) as refused:
            payload.check()
        assert "synthetics.size_too_small" == refused.value.reason.slug


def test_what_is_no_synthetic_is_refused_by_any() -> None:
    minting = gold()
    account = minting.account("alice")

    for payload in (Mint(account, "X", 100), Burn(account, "BTC-PERP", 100), Redeem("USD", 100)):
        assert "synthetics.synthetic_unknown" == minting.ask("alice", payload).reason


def test_an_account_that_is_not_there_or_not_ones_own_is_refused() -> None:
    minting = gold()
    minting.minted("alice")
    dave = minting.account("carol")

    assert "accounts.account_unknown" == minting.ask("carol", Mint(dave, GOLD, 100)).reason
    alice = minting.account("alice")
    assert "accounts.not_owner" == minting.ask("bob", Burn(alice, GOLD, 100)).reason
    assert "accounts.account_unknown" == minting.ask("bob", Mint("issuer/sGOLD", GOLD, 100)).reason


def test_more_than_is_owed_is_not_burned() -> None:
    minting = gold()
    minting.minted("alice")

    answer = minting.burn("alice", OUNCE_LOTS + 1)

    assert "synthetics.debt_short" == answer.reason
    assert (OUNCE_LOTS, OUNCE_LOTS + 1) == (answer.facts["owed_lots"], answer.facts["size_lots"])


def test_what_one_does_not_have_is_neither_burned_nor_redeemed() -> None:
    minting = gold()
    minting.minted("alice")
    minting.give("alice", "bob")

    assert "ledger.balance_short" == minting.burn("alice").reason
    assert "ledger.balance_short" == minting.redeem("alice").reason


def test_a_mint_waits_for_no_price_that_is_not_there() -> None:
    minting = gold()
    del minting.world.prices_e8["GOLD"]
    minting.wait(10)

    assert "trades.opening_forbidden" == minting.mint("alice").reason
