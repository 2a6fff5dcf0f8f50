"""What happened to accounts that are closed; each slice can be recomputed from its event."""

from chain.kit import record


@record
class OrdersCleared:
    """Everything that an account had waiting was cancelled, because it is liquidated."""

    account_holder: str
    orders_count: int


@record
class LegTaken:
    """Lots that left an account, signed as its position was.

    `value_quantums` is what they went for, `price_ticks` the mark.
    """

    instrument: str
    size_lots: int
    price_ticks: int
    value_quantums: int


@record
class CollateralTaken:
    """An amount of an asset that left an account, and what was paid for it."""

    asset: str
    amount_quantums: int
    value_quantums: int


@record
class SliceTaken:
    """A keeper, or the house into the book where none is named, took a slice.

        allowance = floor(max(0, min(E, S, MM)) x release / MM x ramp), at most S after the legs

    E, S and MM are those before; E and S without `doubted_quantums`, which is what positions
    and collateral of an invalid feed count beyond their worst.  `since_ms` is when the ramp
    began.  `paid_quantums` went to the keeper, or to the book as slippage and fees.
    `by_gain` says that the account closes for its debt, largest gain first.
    """

    account_holder: str
    keeper_holder: str
    by_gain: bool
    tenths_count: int
    legs: tuple[LegTaken, ...]
    collateral: tuple[CollateralTaken, ...]
    release_quantums: int
    since_ms: int
    ramp_ppm: int
    allowance_quantums: int
    paid_quantums: int
    insurance_quantums: int
    doubted_quantums: int
    equity_before_quantums: int
    solvency_before_quantums: int
    maintenance_before_quantums: int
    equity_after_quantums: int
    solvency_after_quantums: int
    maintenance_after_quantums: int


@record
class ConversionBegan:
    """An account's debt passed its limit, or its time: its collateral may be converted."""

    account_holder: str
    debt_quantums: int
    limit_quantums: int


@record
class ConversionEnded:
    """An account that converted owes nothing any more."""

    account_holder: str


@record
class CollateralConverted:
    """A keeper or the insurance fund bought collateral of an account that owes cash.

    What was paid is value less allowance; the allowance as in `SliceTaken`.
    """

    account_holder: str
    buyer_holder: str
    asset: str
    amount_quantums: int
    value_quantums: int
    release_quantums: int
    since_ms: int
    ramp_ppm: int
    allowance_quantums: int
    equity_before_quantums: int
    solvency_before_quantums: int
    maintenance_before_quantums: int
    cash_after_quantums: int


EVENTS = {
    1: OrdersCleared,
    2: SliceTaken,
    3: ConversionBegan,
    4: ConversionEnded,
    5: CollateralConverted,
}
