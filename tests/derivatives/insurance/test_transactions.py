import pytest

from chain.kit import Refusal
from derivatives.insurance.shortfall import owe
from derivatives.insurance.transactions import TakeSlices
from derivatives.oracle.ladder import FeedState
from tests.given_insurance import DEFAULT, MAIN
from tests.given_insurance import Insured as Closing
from tests.given_market import account_of

USD = 10**6
E8 = 10**8


def _defaulted(insurance_quantums: int) -> Closing:
    market = Closing(insurance_quantums)
    for name in ("alice", "bob", "carol"):
        market.deposit(name, 10_000 * USD)
    market.trade("alice", "bob", 1_000, 128_000, taker="")
    market.gap(BTC=50_000 * E8)
    market.gap(20_000)
    return market


def test_keeper_takes_slices_at_the_mark_and_insurance_pays_the_allowance() -> None:
    # INS-064
    market = _defaulted(10**6 * USD)
    fund, keeper = market.cash("insurance/main"), market.solvency("carol")

    market.send("carol", TakeSlices(account_of("carol"), 2))

    assert 190 == market.lots("carol")
    assert 810 == market.size(DEFAULT)
    paid = fund - market.cash("insurance/main")
    assert 0 < paid == market.solvency("carol") - keeper
    assert 0 == market.solvency(DEFAULT)


def test_keeper_takes_slices_while_the_compartment_owes() -> None:
    # INS-051: what is taken over was open before
    market = _defaulted(10**6 * USD)
    owe(market.block_context(), MAIN, 3)

    market.send("carol", TakeSlices(account_of("carol"), 1))

    assert 100 == market.lots("carol")


def test_slice_that_insurance_cannot_pay_for_does_not_happen() -> None:
    # INS-063: a fund without money has no budget; the mark is below the index here.
    market = _defaulted(0)

    with pytest.raises(Refusal) as refused:
        market.send("bob", TakeSlices(account_of("bob"), 5))

    assert "insurance.slices_count" == refused.value.reason.slug


def test_slice_at_a_price_that_may_not_be_used_waits() -> None:
    # INS-067
    market = _defaulted(1_000 * USD)
    market.price("BTC", 50_000 * 10**8, FeedState.JUMP)

    with pytest.raises(Refusal) as refused:
        market.send("carol", TakeSlices(account_of("carol"), 1))

    assert ("liquidation.feed_waits", {"feed": "BTC"}) == (
        refused.value.reason.slug,
        refused.value.facts,
    )


def test_without_a_default_there_is_nothing_to_take() -> None:
    market = Closing()
    market.deposit("carol", USD)

    with pytest.raises(Refusal) as refused:
        market.send("carol", TakeSlices(account_of("carol"), 1))

    assert "insurance.nothing_to_take" == refused.value.reason.slug
    assert {"compartment": MAIN} == refused.value.facts
