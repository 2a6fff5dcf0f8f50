"""How fast and how dearly accounts are closed, who converts, and who waits for his turn."""

from chain.kit import Table, integer_key, record
from derivatives.ids import ACCOUNT, COMPARTMENT


@record
class LiquidationTerms:
    """How a compartment closes accounts.

    The allowance is `ramp_start_ppm` of its most, `ramp_second_ppm` more each second, up to
    `ramp_limit_ppm`.  The house acts from `house_after_ms` after the flag, gives insurance
    at most `insurance_share_ppm` of the allowance, and buys collateral that nobody has
    converted after `insurance_buy_after_ms`, for `insurance_buy_ppm` of the fund a block.
    """

    ramp_start_ppm: int
    ramp_second_ppm: int
    ramp_limit_ppm: int
    house_after_ms: int
    insurance_share_ppm: int
    insurance_buy_after_ms: int
    insurance_buy_ppm: int
    slices_max_count: int


@record
class Converting:
    """An account whose debt passed its limit, in this block; deleted once it owes nothing."""

    since_ms: int
    since_height: int


@record
class Waiting:
    """An account that a block's bound left over: it comes first in the next."""

    account_holder: str


LIQUIDATION_TERMS = Table(
    1, "liquidation_terms", key=(COMPARTMENT,), value=LiquidationTerms, ordered=True
)
CONVERTING = Table(2, "converting", key=(ACCOUNT,), value=Converting, ordered=True)
WAITING = Table(
    3, "liquidation_waiting", key=(integer_key("place", 64),), value=Waiting, ordered=True
)
