"""What a trade costs each side, and who gets it.

    taker fee     notional x taker_fee_ppm, rounded up
    maker rebate  notional x maker_rebate_ppm, rounded down, never above the fee
    insurance     its share of what the two leave, rounded up; the rest to the fee account

Source: docs/specs/trades.md, TRAD-020 to TRAD-024.
"""

from typing import NamedTuple

from chain.kit import multiply_ppm_down, multiply_ppm_up
from derivatives.instruments.state import Instrument


class Fees(NamedTuple):
    """What taker and maker pay, below zero for a rebate, and how the house divides it."""

    taker_quantums: int
    maker_quantums: int
    insurance_quantums: int
    house_quantums: int


NO_FEES = Fees(0, 0, 0, 0)


def fees_on(notional_quantums: int, instrument: Instrument, insurance_share_ppm: int) -> Fees:
    """Return the fees of a trade between a taker and a maker."""
    taker = multiply_ppm_up(notional_quantums, instrument.taker_fee_ppm)
    rebate = multiply_ppm_down(notional_quantums, instrument.maker_rebate_ppm)
    assert rebate <= taker
    insurance = multiply_ppm_up(taker - rebate, insurance_share_ppm)
    return Fees(taker, -rebate, insurance, taker - rebate - insurance)
