"""What insurance pays by, what it has paid, and what is still owed."""

from chain.kit import Table, View, integer_key, record
from derivatives.ids import ACCOUNT, COMPARTMENT, CompartmentId


@record
class InsuranceTerms:
    """How a compartment's default account is closed.

    All its slices together cost at most `slices_limit_ppm` of the insurance balance at the
    takeover, those of an hour `slices_hourly_limit_ppm`; what is open `tear_up_after_ms`
    after the latest takeover, or `tear_up_latest_ms` after the first, is torn up.
    """

    slices_limit_ppm: int
    slices_hourly_limit_ppm: int
    tear_up_after_ms: int
    tear_up_latest_ms: int


@record
class Insured:
    """What an insurance fund held when the last block ended, and all that it ever paid out.

    `paid_quantums` went to losses, `sliced_quantums` to slices of the default account.
    """

    held_quantums: int
    paid_quantums: int
    sliced_quantums: int


@record
class InsuredBefore:
    """What an insurance fund held, and had ever paid, until the block at its key's time.

    Written where one of them changed, so the first row beyond a time says what stood then.
    """

    held_quantums: int
    paid_quantums: int
    sliced_quantums: int


@record
class Default:
    """A default account that has something to close.

    `since_ms` is the first takeover of those that it still closes, `taken_over_ms` the
    latest, `budget_quantums` what its slices may still cost insurance.
    """

    since_ms: int
    taken_over_ms: int
    budget_quantums: int


@record
class Shortfall:
    """A debt of a compartment that nobody could pay, since when; deleted when it is repaid.

    `floor_quantums` is what insurance held when it was last looked at: above it is income.
    `withdrawn_quantums` is the cash that accounts took out since the debt arose.
    """

    since_ms: int
    debt_quantums: int
    floor_quantums: int
    withdrawn_quantums: int


@record
class Withdrawn:
    """The cash that one account took out while a shortfall was open."""

    amount_quantums: int


INSURANCE_TERMS = Table(
    1, "insurance_terms", key=(COMPARTMENT,), value=InsuranceTerms, ordered=True
)
INSURED = Table(2, "insured", key=(COMPARTMENT,), value=Insured)
INSURED_BEFORE = Table(
    3,
    "insured_before",
    key=(COMPARTMENT, integer_key("time_ms", 64)),
    value=InsuredBefore,
    ordered=True,
)
DEFAULTS = Table(4, "defaults", key=(COMPARTMENT,), value=Default, ordered=True)
SHORTFALLS = Table(5, "shortfalls", key=(COMPARTMENT,), value=Shortfall, ordered=True)
WITHDRAWN = Table(
    6, "shortfall_withdrawals", key=(COMPARTMENT, ACCOUNT), value=Withdrawn, ordered=True
)


def is_short(view: View, compartment: CompartmentId) -> bool:
    """Return whether a compartment owes what nobody could pay, so that nothing may open."""
    return view.get(SHORTFALLS, compartment) is not None
