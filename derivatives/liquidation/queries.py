"""What can be asked of liquidation: who may be taken from, and what the next slice is."""

from chain.kit import U16, Query, Refusal, View, record
from chain.modules.system.standing import progress_of
from derivatives.accounts.state import ACCOUNTS
from derivatives.ids import ACCOUNT, COMPARTMENT
from derivatives.liquidation.cases import case_of, offer_of, stand_of
from derivatives.liquidation.events import CollateralTaken, LegTaken
from derivatives.liquidation.state import CONVERTING
from derivatives.margin.state import WARNINGS

LISTED_MAX_COUNT = 200


@record
class ClosingAccount:
    """An account that is flagged or converts: how it stands, and why nothing is taken now.

    `reason` is empty where a keeper may take; flags and conversion are zero where not so.
    """

    account_holder: str
    equity_quantums: int
    maintenance_quantums: int
    recovered_quantums: int
    cash_quantums: int
    flagged_ms: int
    converting_ms: int
    reason: str


@record
class ClosingAccounts:
    """The accounts of a compartment that are closed, by name; the first 200."""

    accounts: tuple[ClosingAccount, ...]


@record
class NextSlice:
    """What a keeper would get of an account now; `reason_code` zero where he would.

    `reason` says why not otherwise, and all else is empty.
    """

    account_holder: str
    reason: str
    reason_code: U16
    tenths_count: int
    legs: tuple[LegTaken, ...]
    collateral: tuple[CollateralTaken, ...]
    release_quantums: int
    since_ms: int
    ramp_ppm: int
    allowance_quantums: int


def closing_accounts(view: View, compartment: str) -> ClosingAccounts:
    """Return the accounts that are flagged or convert, and whether they may be taken from."""
    listed = {str(key): None for key, _ in view.scan(WARNINGS)}
    listed |= {str(key): None for key, _ in view.scan(CONVERTING)}
    time_ms = progress_of(view).time_ms
    found: list[ClosingAccount] = []
    for account in sorted(listed):
        record_, converting = view.get(ACCOUNTS, account), view.get(CONVERTING, account)
        if record_ is None or record_.compartment != compartment:
            continue
        if not record_.flagged_ms and converting is None:
            continue
        if len(found) == LISTED_MAX_COUNT:
            break
        stand = stand_of(view, account)
        case = case_of(view, account, stand, time_ms)
        found.append(
            ClosingAccount(
                account,
                stand.equity_quantums,
                stand.whole.health.maintenance_quantums,
                stand.recovered_quantums,
                stand.whole.health.cash_quantums,
                record_.flagged_ms,
                0 if converting is None else converting.since_ms,
                case.reason.slug if isinstance(case, Refusal) else "",
            )
        )
    return ClosingAccounts(tuple(found))


def next_slice_of(view: View, account_holder: str) -> NextSlice:
    """Return the slice that is taken next of an account, and what it gives for it now."""
    refused = NextSlice(account_holder, "", 0, 0, (), (), 0, 0, 0, 0)
    if view.get(ACCOUNTS, account_holder) is None:
        return refused
    time_ms, stand = progress_of(view).time_ms, stand_of(view, account_holder)
    case = case_of(view, account_holder, stand, time_ms)
    if isinstance(case, Refusal):
        return NextSlice(account_holder, case.reason.slug, case.reason.code, 0, (), (), 0, 0, 0, 0)
    offer = offer_of(view, case, stand, time_ms)
    if offer is None:
        return refused
    lines = {one.line.instrument: one.line for one in stand.whole.portfolio.holdings}
    return NextSlice(
        account_holder=account_holder,
        reason="",
        reason_code=0,
        tenths_count=offer.slice.tenths_count,
        legs=tuple(
            LegTaken(
                leg.instrument,
                leg.size_lots,
                leg.price_ticks,
                abs(leg.size_lots) * lines[leg.instrument].mark_value_quantums,
            )
            for leg in offer.slice.legs
        ),
        collateral=tuple(
            CollateralTaken(cut.asset, cut.amount_quantums, cut.value_quantums)
            for cut in offer.slice.collateral
        ),
        release_quantums=offer.slice.release_quantums,
        since_ms=case.since_ms,
        ramp_ppm=offer.share_ppm,
        allowance_quantums=offer.allowance_quantums,
    )


QUERIES = (
    Query("closing", closing_accounts, {"compartment": COMPARTMENT}),
    Query("next_slice", next_slice_of, {"account_holder": ACCOUNT}),
)
