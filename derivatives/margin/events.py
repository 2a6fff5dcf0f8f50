"""What happened to margin."""

from chain.kit import record


@record
class CollateralWithdrawn:
    """An owner moved an amount from an account to the wallet."""

    account_holder: str
    asset: str
    amount_quantums: int


@record
class ScheduleChanged:
    """An account is margined by another schedule from here on."""

    account_holder: str
    from_schedule: str
    to_schedule: str


@record
class MarginWarned:
    """An account is near its maintenance requirement: it may be liquidated soon."""

    account_holder: str
    equity_quantums: int
    maintenance_quantums: int


@record
class MarginRestored:
    """A warned or flagged account has its equity again."""

    account_holder: str
    equity_quantums: int
    maintenance_quantums: int


@record
class AccountFlagged:
    """An account is below its maintenance requirement and may be liquidated."""

    account_holder: str
    equity_quantums: int
    maintenance_quantums: int


@record
class RangeScheduled:
    """A family's scan range is this from now on, and will be another from a time on."""

    compartment: str
    schedule: str
    family: str
    range_ppm: int
    scheduled_ppm: int
    scheduled_from_ms: int
