"""What can be asked of funding that is not simply stored."""

from chain.kit import Query, View, record
from derivatives.ids import ACCOUNT, INSTRUMENT
from derivatives.perpetuals.funding import owed_quantums
from derivatives.perpetuals.rate import mean_premium_e9, rate_8h_e9
from derivatives.perpetuals.state import FUNDING, FUNDING_TERMS, SAMPLES


@record
class FundingOwed:
    """What an account owes of funding on one instrument, below zero where it is owed."""

    account_holder: str
    instrument: str
    owed_quantums: int


@record
class FundingRates:
    """The rate of this hour, and the one that its samples so far make of the next."""

    instrument: str
    rate_8h_e9: int
    predicted_8h_e9: int
    premiums_count: int


def funding_owed(view: View, account_holder: str, instrument: str) -> FundingOwed:
    """Return the funding that an account owes now, rounded up as it would be paid."""
    return FundingOwed(account_holder, instrument, owed_quantums(view, account_holder, instrument))


def funding_rates(view: View, instrument: str) -> FundingRates:
    """Return a perpetual's rate and the prediction of the next, seconds to come as zero."""
    funding = view.get(FUNDING, instrument)
    terms = view.get(FUNDING_TERMS, instrument)
    if funding is None or terms is None:
        return FundingRates(instrument, 0, 0, 0)
    premiums = [
        premium
        for _, samples in view.scan(SAMPLES, (instrument,))
        if samples.hour_start_ms == funding.hour_start_ms
        for premium in samples.premiums_e9
    ]
    predicted = rate_8h_e9(mean_premium_e9(premiums), terms)
    return FundingRates(instrument, funding.rate_8h_e9, predicted, len(premiums))


QUERIES = (
    Query("owed", funding_owed, {"account_holder": ACCOUNT, "instrument": INSTRUMENT}),
    Query("rates", funding_rates, {"instrument": INSTRUMENT}),
)
