"""OPTI-030 to OPTI-033: greeks agree with what prices do."""

from derivatives.instruments.state import INSTRUMENTS
from derivatives.marks.options import option_ticks
from derivatives.options.greeks import lean_by_expiry, lean_of
from tests.given_dated import FUTURE
from tests.given_market import BTC_PERP, UNIT_E8, USD, account_of
from tests.given_options import CALL, PUT, Optioned


def value(market: Optioned, name: str, forward_usd: int) -> int:
    instrument = market.state.get(INSTRUMENTS, name)
    assert instrument is not None
    ticks = option_ticks(market.state, name, instrument, forward_usd * UNIT_E8, market.time_ms)
    assert ticks is not None
    return ticks * 500


def test_delta_is_what_a_lot_gains_with_its_forward() -> None:
    market = Optioned()
    for name in (CALL, PUT):
        lean = lean_of(market.state, name)
        assert lean is not None
        gained = value(market, name, 64_064) - value(market, name, 63_936)
        # A move of two thousandths around the forward, prices to the tick.
        assert abs(gained - lean.delta_quantums * 2 // 1_000) <= 1_000


def test_volatility_is_the_surfaces() -> None:
    lean = lean_of(Optioned().state, CALL)

    assert lean is not None
    assert abs(lean.volatility_e9 - 600_000_000) <= 1


def test_call_and_put_share_gamma_vega_and_theta() -> None:
    market = Optioned()
    call, put = lean_of(market.state, CALL), lean_of(market.state, PUT)
    assert call is not None
    assert put is not None

    assert call[2:] == put[2:]
    assert call.gamma_quantums > 0 > call.theta_quantums
    assert call.vega_quantums > 0


def test_what_is_no_option_has_none() -> None:
    market = Optioned()

    assert [None, None, None] == [
        lean_of(market.state, name) for name in (BTC_PERP, FUTURE, "nothing")
    ]


def test_an_accounts_options_are_summed_by_date() -> None:
    market = Optioned()
    for name in ("alice", "bob"):
        market.deposit(name, 100_000 * USD)
    market.trade("alice", "bob", 10, 400, CALL, taker="")
    market.trade("bob", "alice", 10, 400, PUT, taker="")

    alice, bob = (lean_by_expiry(market.state, account_of(name)) for name in ("alice", "bob"))

    # Long a call and short a put is a forward: all delta, nothing else.
    (lean,) = alice.values()
    assert [market.expiry.expiry_ms] == list(alice)
    assert abs(lean.delta_quantums - 640_000_000) <= 10
    assert (0, 0, 0) == lean[2:]
    assert [-number for number in lean[1:]] == list(bob[market.expiry.expiry_ms][1:])
