"""What can be asked of synthetics that is not simply stored."""

from chain.kit import Query, View, record
from chain.modules.ledger.balances import balance_of, supply_of
from derivatives.ids import INSTRUMENT, escrow_of
from derivatives.instruments.state import INSTRUMENTS
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.synthetics.state import REQUESTS, SYNTHETICS
from derivatives.synthetics.terms import haircut_ppm, ratio_ppm


@record
class SyntheticStanding:
    """A synthetic as it stands: how much there is and may be, what it is worth, what waits.

    `collateral_ratio_ppm` is the least that a debt needs, itself included; `haircut_ppm` is 0
    where `is_collateral` is not.  `pending_lots` are with requests to burn and redeem, and
    part of the supply; `is_priced` says whether requests may meet a price now.
    """

    instrument: str
    supply_lots: int
    supply_cap_lots: int
    mint_hour_cap_lots: int
    index_value_quantums: int
    mint_fee_ppm: int
    collateral_ratio_ppm: int
    is_collateral: bool
    haircut_ppm: int
    delay_ms: int
    size_min_lots: int
    pending_lots: int
    requests_count: int
    is_priced: bool


@record
class SyntheticStandings:
    """Every synthetic, by name."""

    synthetics: tuple[SyntheticStanding, ...]


NONE = SyntheticStanding(
    "",
    *(0,) * 6,
    is_collateral=False,
    haircut_ppm=0,
    delay_ms=0,
    size_min_lots=0,
    pending_lots=0,
    requests_count=0,
    is_priced=False,
)


def synthetic_standing(view: View, instrument: str) -> SyntheticStanding:
    """Return how a synthetic stands; without a name and all zero for what is none."""
    terms, found = view.get(SYNTHETICS, instrument), view.get(INSTRUMENTS, instrument)
    if terms is None or found is None:
        return NONE
    mark = view.get(MARKS, instrument)
    haircut = haircut_ppm(view, found.compartment, instrument)
    return SyntheticStanding(
        instrument=instrument,
        supply_lots=supply_of(view, instrument),
        supply_cap_lots=found.open_interest_cap_lots,
        mint_hour_cap_lots=terms.mint_hour_cap_lots,
        index_value_quantums=0 if mark is None else mark.index_value_quantums,
        mint_fee_ppm=found.taker_fee_ppm,
        collateral_ratio_ppm=ratio_ppm(view, instrument),
        is_collateral=haircut is not None,
        haircut_ppm=haircut or 0,
        delay_ms=terms.delay_ms,
        size_min_lots=terms.size_min_lots,
        pending_lots=balance_of(view, escrow_of(instrument), instrument),
        requests_count=sum(1 for _ in view.scan(REQUESTS, (instrument,))),
        is_priced=permits(view, found.underlying, Action.SETTLE),
    )


def synthetic_standings(view: View) -> SyntheticStandings:
    """Return how every synthetic stands."""
    found = tuple(synthetic_standing(view, str(key)) for key, _ in view.scan(SYNTHETICS))
    return SyntheticStandings(found)


QUERIES = (
    Query("standing", synthetic_standing, {"instrument": INSTRUMENT}),
    Query("all", synthetic_standings, {}),
)
