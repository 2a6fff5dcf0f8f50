"""Step 5 of a block, and the test that ends every transaction.

In step 5 every account with positions or debt is margined, in one pass of the kernel, and
is flagged, warned or restored; only what changes is stored.  Bounded by the number of such
accounts, which opening bounds.  Before it, ranges are stepped and dates
that end soon written.

Source: docs/specs/margin.md, MARG-070 to MARG-079.
"""

from collections.abc import Iterable

from chain.kit import BlockContext, Context, State, replace, require
from derivatives.accounts.state import ACCOUNTS, Account
from derivatives.ids import AccountId, is_account
from derivatives.kernel import level
from derivatives.margin import reasons
from derivatives.margin.book.packed import standings
from derivatives.margin.charges.ranges import keep_ranges
from derivatives.margin.charges.soon import keep_soon
from derivatives.margin.events import AccountFlagged, MarginRestored, MarginWarned
from derivatives.margin.gate import change_refusal
from derivatives.margin.risk import Health
from derivatives.margin.state import INSOLVENT, OWNED, WARNINGS, Insolvent, Owned, Warned
from derivatives.margin.sweep import Maintenance
from derivatives.margin.withdrawal import begin_hours

OWNED_MAX_COUNT = 16


def margin_accounts(context: BlockContext) -> None:
    """Margin every account with positions or debt, and flag those below maintenance."""
    state = context.state
    begin_hours(state, context.time_ms)
    keep_ranges(context)
    keep_soon(state, context.time_ms)
    for account, health in standings(context):
        if health.solvency_quantums < 0:
            record = state.get(ACCOUNTS, account)
            assert record is not None, f"{account} is insolvent and not open"
            found = Insolvent(health.solvency_quantums)
            state.put(INSOLVENT, (record.compartment, account), found)
        # Who is flagged is warned too, so nearly everybody is done with here.
        warned = state.get(WARNINGS, account) is not None
        if warned or health.equity_quantums < health.recovered_quantums:
            _stand(context, account, health, warned=warned)


def is_below(health: Health | Maintenance) -> bool:
    """Return whether an account is liquidatable: solvent, and short at marks and at the index."""
    return (
        health.solvency_quantums >= 0
        and health.equity_quantums < health.maintenance_quantums
        and health.index_equity_quantums < health.maintenance_quantums
    )


def _stand(context: BlockContext, account: AccountId, health: Maintenance, *, warned: bool) -> None:
    """Store and tell what changed about how an account stands."""
    state = context.state
    record = state.get(ACCOUNTS, account)
    assert record is not None, f"{account} has positions and is not open"
    facts = (account, health.equity_quantums, health.maintenance_quantums)
    if health.equity_quantums >= health.recovered_quantums:
        _unflag(state, account, record)
        state.delete(WARNINGS, account)
        context.emit(MarginRestored(*facts))
        return
    if record.flagged_ms == 0 and is_below(health):
        flagged = replace(record, flagged_ms=context.time_ms, flagged_height=context.height)
        state.put(ACCOUNTS, account, flagged)
        context.emit(AccountFlagged(*facts))
    if not warned:
        state.put(WARNINGS, account, Warned(context.time_ms))
        if not is_below(health):
            context.emit(MarginWarned(*facts))


def _unflag(state: State, account: AccountId, record: Account) -> None:
    if record.flagged_ms:
        state.put(ACCOUNTS, account, replace(record, flagged_ms=0, flagged_height=0))


def margin_touched(context: Context, touched: Iterable[str]) -> None:
    """Refuse a transaction that leaves an account it touched without what it needs.

    Refuses: margin.owned_too_many, .insolvent, .initial_margin_short, .debt_too_deep,
    .debt_of_compartment_full.
    """
    for account in level.unsure(context.state, touched):
        if not is_account(account):
            continue
        record = context.state.get(ACCOUNTS, account)
        if record is None:
            continue
        _own(context.state, record)
        refusal = change_refusal(context.before, context.state, account)
        if refusal is not None:
            raise refusal


def _own(state: State, record: Account) -> None:
    """Remember that an account is its owner's, for what is summed over a signer."""
    owned = state.get(OWNED, record.owner)
    numbers = () if owned is None else owned.numbers
    if record.number not in numbers:
        require(len(numbers) < OWNED_MAX_COUNT, reasons.OWNED_TOO_MANY, limit_count=OWNED_MAX_COUNT)
        state.put(OWNED, record.owner, Owned(tuple(sorted((*numbers, record.number)))))
