"""Step 11 of a block: orders of flagged accounts go, and the house closes what nobody took.

At most 64 accounts a block, those worst off first (E/MM ascending, then by account); what
the bound leaves over comes first in the next block, in the same order.

Source: docs/specs/liquidation.md, LIQ-050 to LIQ-059 and LIQ-070 to LIQ-079.
"""

from collections.abc import Iterator
from functools import cmp_to_key
from typing import NamedTuple, cast

from chain.kit import BlockContext, multiply_ppm_down
from chain.modules.ledger.balances import balance_of
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS
from derivatives.ids import AccountId, CompartmentId, insurance_of
from derivatives.liquidation.cases import (
    Case,
    Offer,
    Stand,
    case_of,
    feeds_of,
    liquidation_terms,
    stand_of,
)
from derivatives.liquidation.conversion import Converter, convert, next_pledge
from derivatives.liquidation.events import OrdersCleared
from derivatives.liquidation.permission import feeds_refusal
from derivatives.liquidation.state import CONVERTING, WAITING, LiquidationTerms, Waiting
from derivatives.liquidation.taking import Sent, feed_insurance, go_on, send_into_book
from derivatives.margin.hooks import is_below
from derivatives.margin.state import WARNINGS
from derivatives.margin.sweep import Maintenance, maintained
from derivatives.orders.book import cancel_all
from derivatives.orders.events import WHY_LIQUIDATION
from derivatives.orders.state import OPEN_ORDERS

ACCOUNTS_MAX_COUNT = 64


class Due(NamedTuple):
    """An account that may have its turn, and how it stands."""

    account: AccountId
    health: Maintenance


def liquidate_accounts(context: BlockContext) -> None:
    """Give the accounts that are closed their turn, those that waited first."""
    due = {one.account: one for one in _due_accounts(context)}
    waited = {
        cast("int", key): row.account_holder for key, row in tuple(context.state.scan(WAITING))
    }
    first = [account for account in waited.values() if account in due]
    others = sorted((due[a] for a in due if a not in first), key=cmp_to_key(_compare))
    turns = [*first, *(one.account for one in others)]
    budgets: dict[CompartmentId, int] = {}
    served: dict[AccountId, None] = {}
    for account in turns:
        if len(served) == ACCOUNTS_MAX_COUNT:
            break
        served[account] = None
        _serve(context, account, budgets)
    _remember(context, waited, [account for account in turns if account not in served])


def _remember(
    context: BlockContext, waited: dict[int, AccountId], left_over: list[AccountId]
) -> None:
    """Keep who was left over, in order: who waited already keeps his place."""
    state, still = context.state, set(left_over)
    for place, account in waited.items():
        if account not in still:
            state.delete(WAITING, place)
    known = set(waited.values())
    place = max(waited, default=0)
    for account in left_over:
        if account not in known:
            place += 1
            state.put(WAITING, place, Waiting(account))


def _compare(one: Due, other: Due) -> int:
    """Return the order of two accounts: E/MM by cross product, then by name."""
    left = one.health.equity_quantums * max(1, other.health.maintenance_quantums)
    right = other.health.equity_quantums * max(1, one.health.maintenance_quantums)
    if left != right:
        return -1 if left < right else 1
    return -1 if one.account < other.account else 1


def _due_accounts(context: BlockContext) -> list[Due]:
    """Return the accounts that something may be done with in this block."""
    listed = list(_listed(context))
    return [
        Due(account, health)
        for account, health in zip(listed, maintained(context.state, listed), strict=True)
        if is_below(health) or context.state.get(CONVERTING, account) is not None
    ]


def _listed(context: BlockContext) -> Iterator[AccountId]:
    """Return accounts that are flagged and have orders or are old enough, or convert long enough.

    Who is flagged is warned too, so that nobody scans all accounts.
    """
    state = context.state
    found: dict[AccountId, None] = {}
    for key, _ in state.scan(WARNINGS):
        account = str(key)
        record = state.get(ACCOUNTS, account)
        if record is None or not record.flagged_ms:
            continue
        terms = liquidation_terms(state, record.compartment)
        is_old = context.time_ms - record.flagged_ms >= terms.house_after_ms
        if is_old or state.get(OPEN_ORDERS, account) is not None:
            found[account] = None
    for key, converting in state.scan(CONVERTING):
        account = str(key)
        record = state.get(ACCOUNTS, account)
        assert record is not None, f"{account} converts and is not open"
        terms = liquidation_terms(state, record.compartment)
        if context.time_ms - converting.since_ms >= terms.house_after_ms:
            found[account] = None
    return iter(sorted(found))


def _serve(context: BlockContext, account: AccountId, budgets: dict[CompartmentId, int]) -> None:
    """Cancel an account's orders, close slices of it, buy what it must convert."""
    state = context.state
    record = state.get(ACCOUNTS, account)
    assert record is not None
    terms = liquidation_terms(state, record.compartment)
    stand = stand_of(state, account)
    case = case_of(state, account, stand, context.time_ms)
    if isinstance(case, Case):
        _close(context, account, case, terms)
        stand = stand_of(state, account)
    converting = state.get(CONVERTING, account)
    if converting is None:
        return
    if context.time_ms - converting.since_ms >= terms.insurance_buy_after_ms:
        if record.compartment not in budgets:
            budgets[record.compartment] = _budget_of(context, record.compartment, terms)
        budgets[record.compartment] -= _buy(context, account, stand, budgets[record.compartment])


def _close(context: BlockContext, account: AccountId, case: Case, terms: LiquidationTerms) -> None:
    """Cancel an account's orders and send slices of it into the book."""
    orders_count = cancel_all(context, account, "", WHY_LIQUIDATION)
    if orders_count:
        context.emit(OrdersCleared(account, orders_count))
    if context.time_ms - case.since_ms < terms.house_after_ms:
        return

    def deliver(offer: Offer) -> Sent | None:
        sent = send_into_book(context, account, offer.slice, offer.allowance_quantums)
        if sent is None:
            return None
        share_ppm = terms.insurance_share_ppm
        return feed_insurance(context, account, sent, offer.allowance_quantums, share_ppm)

    go_on(context, account, case, keeper="", limit_count=terms.slices_max_count, deliver=deliver)


def _budget_of(context: BlockContext, compartment: CompartmentId, terms: LiquidationTerms) -> int:
    """Return what the insurance fund spends on collateral in this block. Rounds: down."""
    owner = context.state.get(COMPARTMENTS, compartment)
    assert owner is not None
    held_quantums = balance_of(context.state, insurance_of(compartment), owner.settlement_asset)
    return multiply_ppm_down(max(0, held_quantums), terms.insurance_buy_ppm)


def _buy(context: BlockContext, account: AccountId, stand: Stand, budget_quantums: int) -> int:
    """Let insurance buy what an account must convert, and return what it spent."""
    spent_quantums = 0
    compartment = stand.whole.standing.compartment
    while stand.whole.health.cash_quantums < 0:
        feeds = feeds_of(context.state, stand.whole)
        pledge = next_pledge(context.state, stand.whole)
        if pledge is None or feeds_refusal(context.state, feeds, context.time_ms) is not None:
            break
        converter = Converter(context, account, stand, pledge)
        left_quantums = budget_quantums - spent_quantums
        amount_quantums = min(converter.enough(), converter.affordable(left_quantums))
        if amount_quantums == 0:
            break
        buyer = insurance_of(compartment)
        found = convert(
            context, account, buyer, converter, stand=stand, amount_quantums=amount_quantums
        )
        spent_quantums += found.price_quantums
        if amount_quantums < pledge.amount_quantums:
            break
        stand = stand_of(context.state, account)
    return spent_quantums
