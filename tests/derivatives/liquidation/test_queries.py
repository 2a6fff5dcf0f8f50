"""What keepers are told: who is closed, and what of him they would get."""

from derivatives.liquidation.queries import closing_accounts, next_slice_of
from tests.given_failing import Failing
from tests.given_market import account_of


def test_nobody_is_closed_in_a_sound_market() -> None:
    market = Failing()

    assert () == closing_accounts(market.state, "main").accounts
    assert "liquidation.not_flagged" == next_slice_of(market.state, account_of("alice")).reason
    assert 0 == next_slice_of(market.state, account_of("frank")).reason_code


def test_a_flagged_account_is_listed_with_what_it_needs() -> None:
    market = Failing()
    market.falls()

    (found,) = closing_accounts(market.state, "main").accounts

    assert (account_of("alice"), 2_200_000_000, 2_257_861_600) == (
        found.account_holder,
        found.equity_quantums,
        found.maintenance_quantums,
    )


def test_the_next_slice_says_its_legs_and_its_price() -> None:
    market = Failing()
    market.falls()

    found = next_slice_of(market.state, account_of("alice"))

    assert [("BTC-PERP", 100, 124_400)] == [
        (leg.instrument, leg.size_lots, leg.price_ticks) for leg in found.legs
    ]
    assert 225_786_160 == found.release_quantums
