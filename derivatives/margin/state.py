"""The parameters that accounts are margined by, and what margin keeps beside them."""

from chain.kit import U8, U16, Table, address_key, record, text_key
from derivatives.ids import ACCOUNT, COMPARTMENT

SCHEDULE = text_key("schedule", 16)
FAMILY = text_key("family", 16)


@record
class ScheduleTerms:
    """How a schedule turns risk into requirements, and who may be under it.

    `initial_ppm` and `maintenance_ppm` scale the risk; an account is flagged until its
    equity is `recovery_ppm` of its risk above maintenance.  Unrealised gains back a new
    risk up to `gains_ppm` of cash and collateral, and an account withdraws only while its
    equity is at least `withdrawal_delta_ppm` of what it would lose if everything halved.
    Where families offset each other, a gain in one counts `offset_ppm` against a loss in
    another, and all together need at least `offset_floor_ppm` of what each alone would.
    """

    initial_ppm: int
    maintenance_ppm: int
    recovery_ppm: int
    gains_ppm: int
    withdrawal_delta_ppm: int
    equity_entry_min_quantums: int
    offset_ppm: int
    offset_floor_ppm: int


@record
class Scenario:
    """A move of the price, and the share of its loss that counts.

    `volatility` moves with it: 0 not, 1 up, 2 down; what is no option does not feel it.
    """

    shock_ppm: int
    weight_ppm: int
    volatility: U8


@record
class FamilyTerms:
    """How one underlying is shocked under a schedule, and what its size costs.

    `basis_ppm`, and `basis_year_ppm` for each year that is left, are what its price may part
    from that of its underlying by; `concentration_*` is charged on a signer's delta beyond a
    threshold: so much more for each unit, up to a limit.  Families that share `offsets` are
    moved by the same scenarios at once, in their order.  One that `moves_with` another is
    priced off the same thing: their losses add up before anything else is made of them.
    """

    scenarios: tuple[Scenario, ...]
    offsets: bool
    moves_with: str
    basis_ppm: int
    basis_year_ppm: int
    concentration_threshold_quantums: int
    concentration_unit_quantums: int
    concentration_ppm: int
    concentration_limit_ppm: int


@record
class OptionTerms:
    """What options of a family are charged under a schedule; without a record, nothing.

    `skew_ppm` of what a lean of the smile moves, `vega_ppm` of what volatility's shock does,
    `short_ppm` of the forward of what is sold at a strike.  A shocked value counts
    `long_cut_ppm` less where it is one, `short_rise_ppm` more where it is owed, and both
    `rate_year_ppm` more a year.  `vega_*` is charged on a signer's vega like its delta.
    """

    skew_ppm: int
    vega_ppm: int
    short_ppm: int
    long_cut_ppm: int
    short_rise_ppm: int
    rate_year_ppm: int
    vega_threshold_quantums: int
    vega_unit_quantums: int
    vega_concentration_ppm: int
    vega_limit_ppm: int


@record
class SoonDate:
    """A date with at most eight days left, and the strikes that are listed on it, ascending."""

    family: str
    expiry_ms: int
    strikes_e8: tuple[int, ...]


@record
class Soon:
    """The dates of a compartment that end soon, by family; written where it has some."""

    dates: tuple[SoonDate, ...]


@record
class RangeTerms:
    """How the scan range of a family follows its variance; without a record, it does not.

    It is at least that of the family's scenarios and at most `cap_ppm`: so many times the
    standard deviation of a day, and a share of `stress_ppm`, in steps of at most so much.
    """

    multiple_ppm: int
    stress_ppm: int
    stress_share_ppm: int
    cap_ppm: int
    rise_hour_ppm: int
    fall_day_ppm: int


@record
class Range:
    """A family's scan range, what it will be, and what both are measured by.

    Variances are of returns of 300 s; `fast_ppm` is what the fast one asks for.
    """

    sampled_ms: int
    price_e8: int
    slow_variance_q62: int
    fast_variance_q62: int
    range_ppm: int
    scheduled_ppm: int
    scheduled_from_ms: int
    fast_ppm: int


@record
class Owned:
    """The numbers of a signer's accounts that have ever been touched, ascending."""

    numbers: tuple[U16, ...]


@record
class Warned:
    """An account that is near its maintenance requirement, since when."""

    since_ms: int


@record
class Insolvent:
    """An account that owes more than it has, found in step 5 and taken over in step 6."""

    solvency_quantums: int


@record
class AssetAmount:
    """What a compartment held of one asset."""

    asset: str
    amount_quantums: int


@record
class OutflowHour:
    """What a compartment held when an hour began, and how much of it may leave until the next.

    Both are worth what prices say when somebody asks, deposits of the hour counted against.
    """

    hour_start_ms: int
    limit_quantums: int
    held: tuple[AssetAmount, ...]


SCHEDULES = Table(
    1, "margin_schedules", key=(COMPARTMENT, SCHEDULE), value=ScheduleTerms, ordered=True
)
FAMILIES = Table(
    2, "margin_families", key=(COMPARTMENT, SCHEDULE, FAMILY), value=FamilyTerms, ordered=True
)
OWNED = Table(3, "margin_owned", key=(address_key("owner"),), value=Owned)
WARNINGS = Table(4, "margin_warnings", key=(ACCOUNT,), value=Warned, ordered=True)
OUTFLOWS = Table(5, "margin_outflows", key=(COMPARTMENT,), value=OutflowHour, ordered=True)
INSOLVENT = Table(6, "margin_insolvent", key=(COMPARTMENT, ACCOUNT), value=Insolvent, ordered=True)
OPTION_TERMS = Table(
    7, "margin_options", key=(COMPARTMENT, SCHEDULE, FAMILY), value=OptionTerms, ordered=True
)
SOON = Table(8, "margin_soon", key=(COMPARTMENT,), value=Soon, ordered=True)
RANGE_TERMS = Table(
    9, "margin_range_terms", key=(COMPARTMENT, SCHEDULE, FAMILY), value=RangeTerms, ordered=True
)
RANGES = Table(10, "margin_ranges", key=(COMPARTMENT, SCHEDULE, FAMILY), value=Range)
