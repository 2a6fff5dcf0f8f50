from derivatives.insurance.queries import Waterfall, waterfall
from derivatives.insurance.shortfall import owe
from tests.given_insurance import MAIN, Insured


def test_waterfall_says_what_would_pay_next() -> None:
    # INS-090
    market = Insured(1_000, 70)
    owe(market.block_context(), MAIN, 3)

    # By the clock of the last block that was closed, an hour before which it held nothing.
    assert Waterfall(MAIN, 1_000, 0, 70, 3) == waterfall(market.state, MAIN)
    assert Waterfall("nowhere", 0, 0, 0, 0) == waterfall(market.state, "nowhere")
