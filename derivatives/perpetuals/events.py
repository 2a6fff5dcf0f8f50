"""What happened to funding."""

from chain.kit import record


@record
class FundingPaid:
    """An account paid funding on a position, or received it where the amount is negative."""

    account_holder: str
    instrument: str
    paid_quantums: int


@record
class FundingRateFixed:
    """An hour began, and with it a rate, from the premiums of the hour before."""

    instrument: str
    hour_start_ms: int
    samples_count: int
    mean_premium_e9: int
    rate_8h_e9: int
    dust_quantums: int
