"""Whether an account may stand as it does after a change.

    always       S' >= 0
    (a)          E' - IM' >= 0, unrealised gains counted up to a share of cash and collateral
    (b) reducing nothing but reduce-only orders rests, R' < R, E > 0, E' >= 0 and E' x R >= E x R'
    (c) helping  no position changes, no order grows, S' >= S and E' - MM' >= E - MM

Ratios are compared by cross-multiplying: the margin ratio does not fall.

Source: docs/specs/margin.md, MARG-050 to MARG-059.
"""

from collections.abc import Callable
from typing import NamedTuple

from chain.kit import Refusal, View, multiply_ppm_down
from chain.kit.holder import text_of_holder
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.collateral import cash_of, compartment_terms
from derivatives.accounts.custody import custody_of
from derivatives.accounts.debt import debt_of_compartment
from derivatives.ids import (
    AccountId,
    CompartmentId,
    default_account_of,
    default_fund_of,
    fees_of,
    funding_house_of,
    house_of,
    insurance_of,
)
from derivatives.instruments.state import INSTRUMENTS
from derivatives.margin import reasons
from derivatives.margin.account import health_of, standing_of, terms_of
from derivatives.margin.risk import Health
from derivatives.margin.state import ScheduleTerms
from derivatives.orders.state import OPEN_ORDERS, RESTING, Resting
from derivatives.positions.state import HOLDINGS, POSITIONS

_NO_ORDERS = Resting(0, 0, 0, 0, 0, 0, 0, 0)


class Held(NamedTuple):
    """What (b) and (c) compare of an account: positions and resting orders."""

    sizes: dict[str, int]
    orders: dict[str, Resting]


def meets_initial(after: Health, terms: ScheduleTerms) -> bool:
    """Return whether (a) holds."""
    return after.counted_quantums(terms.gains_ppm) >= after.initial_quantums


def reduces(before: Health, after: Health) -> bool:
    """Return whether (b) holds, as far as risk and equity say."""
    return (
        after.risk_quantums < before.risk_quantums
        and before.equity_quantums > 0
        and after.equity_quantums >= 0
        and after.equity_quantums * before.risk_quantums
        >= before.equity_quantums * after.risk_quantums
    )


def helps(before: Health, after: Health) -> bool:
    """Return whether (c) holds, as far as equity and requirement say."""
    spare = after.equity_quantums - after.maintenance_quantums
    spared = before.equity_quantums - before.maintenance_quantums
    return after.solvency_quantums >= before.solvency_quantums and spare >= spared


def check_fill(view: View, account: AccountId, before: Callable[[], Health]) -> None:
    """Refuse a fill that leaves one of its sides without what it needs.

    Refuses: margin.insolvent, .initial_margin_short, .debt_too_deep,
    .debt_of_compartment_full.
    """
    refusal = fill_refusal(view, account, before)
    if refusal is not None:
        raise refusal


def fill_refusal(view: View, account: AccountId, before: Callable[[], Health]) -> Refusal | None:
    """Return why an account may not keep a fill, None where (a) or (b) holds.

    `before` tells how the account stood; it is asked only where (a) does not hold or cash
    is owed.
    """
    after = health_of(view, account)
    if after.solvency_quantums < 0:
        return _insolvent(account, after)
    terms = terms_of(view, account)
    meets = meets_initial(after, terms)
    if meets and after.cash_quantums >= 0:
        return None
    stood = before()
    if only_reduce_only_rests(view, account) and reduces(stood, after):
        return None
    if meets:
        return debt_refusal(view, account, stood.cash_quantums, after)
    return _short(account, after, terms)


def change_refusal(before: Callable[[], View], view: View, account: AccountId) -> Refusal | None:
    """Return why a transaction may not leave an account as it is, None where it may.

    `before` gives the state that the transaction found; it is asked for only where (a) does
    not hold or cash is owed.  In order: margin.insolvent, .initial_margin_short,
    .debt_too_deep, .debt_of_compartment_full.
    """
    if is_idle(view, account):
        return None
    after, terms = health_of(view, account), terms_of(view, account)
    meets = meets_initial(after, terms) and after.solvency_quantums >= 0
    if meets and cash_of(view, account) >= 0:
        return None
    earlier = before()
    eased = _eases(earlier, view, account, after)
    if after.solvency_quantums < 0:
        return None if eased == "helps" else _insolvent(account, after)
    if eased:
        return None
    return (
        debt_refusal(view, account, cash_of(earlier, account), after)
        if meets
        else _short(account, after, terms)
    )


def is_idle(view: View, account: AccountId) -> bool:
    """Return whether an account holds nothing, has no orders and owes nothing."""
    return (
        view.get(HOLDINGS, account) is None
        and view.get(OPEN_ORDERS, account) is None
        and cash_of(view, account) >= 0
    )


def _eases(earlier: View, view: View, account: AccountId, after: Health) -> str:
    """Return which of (b) and (c) holds, nothing where neither does."""
    if standing_of(earlier, account) is None:
        return ""
    before = health_of(earlier, account)
    was, now = held_by(earlier, account), held_by(view, account)
    if was.sizes == now.sizes and not _orders_grow(was, now) and helps(before, after):
        return "helps"
    if only_reduce_only_rests(view, account) and reduces(before, after):
        return "reduces"
    return ""


def held_by(view: View, account: AccountId) -> Held:
    """Return an account's sizes and resting sums, by instrument."""
    listed = view.get(HOLDINGS, account)
    sizes = {}
    for instrument_id in () if listed is None else listed.instruments:
        position = view.get(POSITIONS, (account, instrument_id))
        assert position is not None
        sizes[instrument_id] = position.size_lots
    return Held(sizes, _orders_of(view, account))


def _orders_of(view: View, account: AccountId) -> dict[str, Resting]:
    return {str(key[1]): sums for key, sums in view.scan(RESTING, (account,))}  # type: ignore[index]


def only_reduce_only_rests(view: View, account: AccountId) -> bool:
    """Return whether no order of an account that could open a position rests."""
    orders = _orders_of(view, account).values()
    return all(sums.buy_lots == 0 and sums.sell_lots == 0 for sums in orders)


def _orders_grow(was: Held, now: Held) -> bool:
    """Return whether any side of any instrument has more lots resting, or at a worse price."""
    for instrument_id, sums in now.orders.items():
        earlier = was.orders.get(instrument_id, _NO_ORDERS)
        if (
            sums.buy_lots > earlier.buy_lots
            or sums.sell_lots > earlier.sell_lots
            or sums.reduce_only_buy_lots > earlier.reduce_only_buy_lots
            or sums.reduce_only_sell_lots > earlier.reduce_only_sell_lots
            or sums.buy_count > earlier.buy_count
            or sums.sell_count > earlier.sell_count
            or sums.buy_value_quantums > earlier.buy_value_quantums
            or sums.sell_value_quantums > earlier.sell_value_quantums
        ):
            return True
    return False


def debt_refusal(
    view: View, account: AccountId, cash_before_quantums: int, after: Health
) -> Refusal | None:
    """Return why an account may not owe more than it did, None where it may.

    In order: margin.debt_too_deep, .debt_of_compartment_full.
    """
    debt_quantums = -after.cash_quantums
    if debt_quantums <= max(0, -cash_before_quantums):
        return None
    standing = standing_of(view, account)
    assert standing is not None
    terms = compartment_terms(view, standing.compartment)
    collateral = after.backing_quantums + debt_quantums - after.haircut_quantums
    limit_quantums = multiply_ppm_down(max(0, collateral), terms.debt_limit_ppm)
    if debt_quantums > limit_quantums:
        return Refusal(
            reasons.DEBT_TOO_DEEP,
            account=text_of_holder(account),
            debt_quantums=debt_quantums,
            limit_quantums=limit_quantums,
        )
    owed_quantums = debt_of_compartment(view, standing.compartment)
    positive = positive_cash_of(view, standing.compartment, owed_quantums)
    limit_quantums = multiply_ppm_down(max(0, positive), terms.debt_total_limit_ppm)
    if owed_quantums > limit_quantums:
        return Refusal(
            reasons.DEBT_OF_COMPARTMENT_FULL,
            debt_quantums=owed_quantums,
            limit_quantums=limit_quantums,
        )
    return None


def positive_cash_of(view: View, compartment: CompartmentId, debt_quantums: int) -> int:
    """Return the cash of all accounts that owe none, from custody and what is not accounts'."""
    asset = compartment_terms(view, compartment).settlement_asset
    total = custody_of(view, compartment, asset) + debt_quantums
    for holder in (
        insurance_of(compartment),
        default_fund_of(compartment),
        default_account_of(compartment),
        fees_of(compartment),
    ):
        total -= balance_of(view, holder, asset)
    for key, instrument in view.scan(INSTRUMENTS):
        if instrument.compartment == compartment:
            total -= balance_of(view, house_of(str(key)), asset)
            total -= balance_of(view, funding_house_of(str(key)), asset)
    return total


def _insolvent(account: AccountId, after: Health) -> Refusal:
    return Refusal(
        reasons.INSOLVENT,
        account=text_of_holder(account),
        solvency_quantums=after.solvency_quantums,
    )


def _short(account: AccountId, after: Health, terms: ScheduleTerms) -> Refusal:
    available_quantums = after.counted_quantums(terms.gains_ppm)
    return short_of(account, after.initial_quantums, available_quantums)


def short_of(account: AccountId, required_quantums: int, available_quantums: int) -> Refusal:
    """Return the refusal of an account that has too little equity."""
    return Refusal(
        reasons.INITIAL_MARGIN_SHORT,
        account=text_of_holder(account),
        required_quantums=required_quantums,
        available_quantums=available_quantums,
        short_by_quantums=required_quantums - available_quantums,
    )
