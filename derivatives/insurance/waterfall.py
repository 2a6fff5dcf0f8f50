"""Pay a block's loss X, in order, from insurance down to what everybody bears together.

Source: docs/specs/insurance.md, INS-011 to INS-036.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from chain.kit import BlockContext, View
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.debt import follow
from derivatives.accounts.state import ACCOUNTS
from derivatives.ids import (
    AccountId,
    CompartmentId,
    default_account_of,
    default_fund_of,
    insurance_of,
    is_account,
)
from derivatives.insurance.allocation import Sharer, cuts_of, shares_of
from derivatives.insurance.events import GainCut, LossAllocated, LossShared
from derivatives.insurance.history import count_paid, limit_quantums
from derivatives.margin.book.gains import holders_of
from derivatives.margin.sweep import Maintenance, maintained
from derivatives.marks.state import MARKS
from derivatives.perpetuals.funding import index_of, owed_by
from derivatives.positions.state import HOLDINGS, POSITIONS


class Winners(NamedTuple):
    """The accounts of a compartment that hold positions: what they gained, how they stand.

    `gains_quantums` has who gained, in order.
    """

    gains_quantums: dict[AccountId, int]
    positions_count: int
    standing: Callable[[], dict[AccountId, Maintenance]]


def gain_of(view: View, before: View, account: AccountId, solvency_quantums: int) -> int:
    """Return what positions brought an account in this block, at most what it has.

        max(0, min(S, sum of size x (value now - value before) + funding of this block))

    Funding as S counts it: what was owed before less what is owed now, rounded as paid.
    Positions are those of the end of the parent: nothing changes them before step 6.
    """
    held = view.get(HOLDINGS, account)
    gained = 0
    for instrument_id in () if held is None else held.instruments:
        position = view.get(POSITIONS, (account, instrument_id))
        mark = view.get(MARKS, instrument_id)
        assert position is not None
        assert mark is not None
        moved = mark.index_value_quantums - mark.parent_index_value_quantums
        gained += position.size_lots * moved
        gained += owed_by(position, index_of(before, instrument_id))
        gained -= owed_by(position, index_of(view, instrument_id))
    return max(0, min(solvency_quantums, gained))


def winners_of(context: BlockContext, compartment: CompartmentId) -> Winners:
    """Return every account that holds positions in a compartment, the default account aside."""
    found = holders_of(context, compartment)
    asked = (
        [str(key) for key, _ in context.state.scan(HOLDINGS)] if found is None else found.declined
    )
    own = _asked(context, compartment, asked)
    if found is None:
        return own
    gains = found.gains_quantums() | own.gains_quantums
    return Winners(
        {account: gains[account] for account in sorted(gains)},
        found.positions_count + own.positions_count,
        lambda: found.standing() | own.standing(),
    )


def _asked(context: BlockContext, compartment: CompartmentId, names: Iterable[str]) -> Winners:
    """Return those of these accounts that hold positions in a compartment, one by one."""
    state, before = context.state, context.before()
    accounts, positions_count = [], 0
    for account in names:
        record = state.get(ACCOUNTS, account) if is_account(account) else None
        held = state.get(HOLDINGS, account)
        if record is not None and held is not None and record.compartment == compartment:
            accounts.append(account)
            positions_count += len(held.instruments)
    standing = dict(zip(accounts, maintained(state, accounts), strict=True))
    gains = {
        account: gain
        for account, one in standing.items()
        if (gain := gain_of(state, before, account, one.solvency_quantums))
    }
    return Winners(gains, positions_count, lambda: standing)


def allocate(
    context: BlockContext, compartment: CompartmentId, loss_quantums: int, passed_count: int
) -> int:
    """Pay a loss that the default account carries, and return what remains owed.

    `passed_count` positions left insolvent accounts in this block: with those that are
    held, they say how large a remainder may be that is carried and not owed.
    """
    assert loss_quantums > 0
    state = context.state
    default = default_account_of(compartment)
    asset = compartment_terms(state, compartment).settlement_asset
    limit = limit_quantums(state, compartment, context.time_ms)
    insurance = min(loss_quantums, limit, balance_of(state, insurance_of(compartment), asset))
    count_paid(state, compartment, insurance, context.time_ms)
    _pay(context, insurance_of(compartment), compartment, insurance)
    left = loss_quantums - insurance
    fund = min(left, balance_of(state, default_fund_of(compartment), asset))
    _pay(context, default_fund_of(compartment), compartment, fund)
    left -= fund
    winners = winners_of(context, compartment) if left else Winners({}, 0, dict)
    cuts = cuts_of(winners.gains_quantums, left)
    due = min(left, sum(winners.gains_quantums.values()))
    for account, cut in cuts.items():
        _pay(context, account, compartment, cut)
        context.emit(GainCut(account, winners.gains_quantums[account], cut))
    excess = sum(cuts.values()) - due
    post(
        state,
        debit=default,
        credit=insurance_of(compartment),
        asset=asset,
        amount_quantums=excess,
    )
    left -= due
    standing = winners.standing() if left else {}
    sharers = {
        account: Sharer(one.solvency_quantums - cuts.get(account, 0), one.risk_quantums)
        for account, one in standing.items()
    }
    shares = shares_of(sharers, left) if left else {}
    for account, share in shares.items():
        able = sharers[account].solvency_quantums
        _pay(context, account, compartment, share)
        context.emit(LossShared(account, sharers[account].risk_quantums, able, share))
    left -= sum(shares.values())
    carried = left if left < winners.positions_count + passed_count else 0
    context.emit(
        LossAllocated(
            compartment=compartment,
            loss_quantums=loss_quantums,
            insurance_limit_quantums=limit,
            insurance_quantums=insurance,
            default_fund_quantums=fund,
            gains_quantums=sum(winners.gains_quantums.values()),
            cut_quantums=sum(cuts.values()),
            excess_quantums=excess,
            risk_quantums=sum(one.risk_quantums for one in sharers.values()) if shares else 0,
            shared_quantums=sum(shares.values()),
            carried_quantums=carried,
            owed_quantums=left - carried,
        )
    )
    return left - carried


def _pay(context: BlockContext, payer: str, compartment: CompartmentId, amount: int) -> None:
    """Move an amount from a payer to the default account, whose cash carries the loss."""
    state = context.state
    asset = compartment_terms(state, compartment).settlement_asset
    default = default_account_of(compartment)
    post(state, debit=payer, credit=default, asset=asset, amount_quantums=amount)
    if is_account(payer) and amount:
        follow(state, payer, compartment, asset, context.time_ms)
        context.touch(payer)
