"""What holds of liquidation at the end of every block can be broken, and is seen."""

import pytest

from chain.kit import replace
from chain.kit.invariant import Broken
from derivatives.liquidation.invariants import (
    an_allowance_is_a_share,
    nobody_waits_twice,
    who_converts_is_open,
)
from derivatives.liquidation.state import (
    CONVERTING,
    LIQUIDATION_TERMS,
    WAITING,
    Converting,
    Waiting,
)
from tests.given_failing import Failing
from tests.given_market import account_of


def test_who_converts_is_open() -> None:
    market = Failing()
    market.settled()
    market.state.put(CONVERTING, account_of("frank"), Converting(1, 1))

    with pytest.raises(Broken, match="not open"):
        who_converts_is_open(market.state)


def test_nobody_waits_twice() -> None:
    market = Failing()
    for place in (1, 2):
        market.state.put(WAITING, place, Waiting(account_of("alice")))

    with pytest.raises(Broken, match="waits twice"):
        nobody_waits_twice(market.state)


def test_an_allowance_is_a_share() -> None:
    market = Failing()
    terms = market.state.get(LIQUIDATION_TERMS, "main")
    assert terms is not None
    market.state.put(LIQUIDATION_TERMS, "main", replace(terms, ramp_limit_ppm=1_000_001))

    with pytest.raises(Broken, match="more than all"):
        an_allowance_is_a_share(market.state)
