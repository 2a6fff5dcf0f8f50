"""OPTI-033: greeks are asked for by instrument and by account."""

from derivatives.options.queries import QUERIES, account_greeks, option_greeks
from tests.given_market import USD, account_of
from tests.given_options import CALL, Optioned


def test_an_option_says_its_greeks_and_anything_else_zeros() -> None:
    market = Optioned()

    assert option_greeks(market.state, CALL).vega_quantums > 0
    assert 0 == option_greeks(market.state, "nothing").vega_quantums


def test_an_account_says_its_greeks_by_date() -> None:
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    market.trade("alice", "bob", 10, 400, CALL, taker="")

    (told,) = account_greeks(market.state, account_of("alice")).expiries

    lot = option_greeks(market.state, CALL)
    assert (10 * lot.delta_quantums, 10 * lot.vega_quantums) == (
        told.delta_quantums,
        told.vega_quantums,
    )
    assert ["greeks", "of_account"] == [query.name for query in QUERIES]
