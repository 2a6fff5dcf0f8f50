"""How funding accumulates on each perpetual."""

from chain.kit import I64, Table, integer_key, record
from derivatives.ids import INSTRUMENT


@record
class FundingTerms:
    """How one perpetual's rate is made from its premium, each for eight hours.

    A premium counts up to `premium_limit_ppm`, the maintenance requirement of a lot; a
    rate is at most half of that.  `interest_8h_e9` is what a book at its index pays.
    """

    premium_limit_ppm: int
    interest_8h_e9: int
    interest_band_8h_e9: int


@record
class Funding:
    """One perpetual's funding index and the rate that moves it in this hour.

    A position owes `size x (index - its index) / 10^18` quantums.  `hour_start_ms` is zero
    before the first mark.  `dust_e18` is what rounding left with the funding house.
    """

    index_e18: int
    rate_8h_e9: int
    hour_start_ms: int
    dust_e18: int


@record
class Samples:
    """The premiums of one minute of the hour that began at `hour_start_ms`, one a second.

    Those of an earlier hour are over and count for nothing.
    """

    hour_start_ms: int
    premiums_e9: tuple[I64, ...]


FUNDING_TERMS = Table(1, "funding_terms", key=(INSTRUMENT,), value=FundingTerms, ordered=True)
FUNDING = Table(2, "funding", key=(INSTRUMENT,), value=Funding, ordered=True)
SAMPLES = Table(
    3, "premium_samples", key=(INSTRUMENT, integer_key("minute", 8)), value=Samples, ordered=True
)
