"""Step 6 of a block, its end, and what a shortfall refuses at the end of a transaction.

Source: docs/specs/insurance.md.
"""

from collections.abc import Iterable

from chain.kit import BlockContext, Context
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import ACCOUNTS, COMPARTMENTS
from derivatives.ids import CompartmentId, default_account_of, insurance_of
from derivatives.insurance.events import DefaultGained
from derivatives.insurance.history import budget_quantums
from derivatives.insurance.shortfall import debt_of, look_at_floor, owe, repay, take_share
from derivatives.insurance.state import DEFAULTS, INSURANCE_TERMS, SHORTFALLS, Default
from derivatives.insurance.takeover import solvency_of_default, take_over_all, tear_up_at_ms
from derivatives.insurance.waterfall import allocate
from derivatives.margin.events import CollateralWithdrawn
from derivatives.margin.state import INSOLVENT
from derivatives.positions.state import HOLDINGS


def pay_losses(context: BlockContext) -> None:
    """Take over every insolvent account, and pay for it, before anybody can act."""
    state = context.state
    for key, terms in tuple(state.scan(COMPARTMENTS)):
        compartment = str(key)
        insolvent = any(True for _ in state.scan(INSOLVENT, (compartment,)))
        carries = balance_of(state, default_account_of(compartment), terms.settlement_asset) != 0
        if insolvent or carries or state.get(DEFAULTS, compartment) is not None:
            _settle(context, compartment, insolvent=insolvent)
        else:
            repay(context, compartment)
        look_at_floor(state, compartment)


def _settle(context: BlockContext, compartment: CompartmentId, *, insolvent: bool) -> None:
    """Give a gain of the default account to insurance, then take over and pay."""
    state = context.state
    terms = compartment_terms(state, compartment)
    default, insurance = default_account_of(compartment), insurance_of(compartment)
    gained = solvency_of_default(state, compartment) + debt_of(state, compartment)
    if gained > 0:
        post(
            state,
            debit=default,
            credit=insurance,
            asset=terms.settlement_asset,
            amount_quantums=gained,
        )
        context.emit(DefaultGained(compartment, gained))
    repay(context, compartment)
    passed_count = 0
    if insolvent:
        begin_to_close(context, compartment)
        passed_count = take_over_all(context, compartment)
    loss = -solvency_of_default(state, compartment) - debt_of(state, compartment)
    if loss > 0:
        owed = allocate(context, compartment, loss, passed_count)
        if owed:
            owe(context, compartment, owed)


def begin_to_close(context: BlockContext, compartment: CompartmentId) -> None:
    """Begin to close what is taken over in this block, together with what is open already.

    What was late at the parent was torn up then: what is left of it waits for a feed.
    """
    state = context.state
    terms, known = state.get(INSURANCE_TERMS, compartment), state.get(DEFAULTS, compartment)
    assert terms is not None, f"no terms of insurance in {compartment}"
    since_ms = context.time_ms
    if known is not None and state.get(HOLDINGS, default_account_of(compartment)) is not None:
        was_late = context.parent_time_ms >= tear_up_at_ms(known, terms)
        since_ms = context.time_ms if was_late else known.since_ms
    budget = budget_quantums(state, compartment, terms, context.time_ms)
    state.put(DEFAULTS, compartment, Default(since_ms, context.time_ms, budget))


def share_withdrawals(context: Context, _touched: Iterable[str]) -> None:
    """While a shortfall is open let cash leave by shares alone.

    Refuses: insurance.share_exceeded.
    """
    for event in context.events:
        if not isinstance(event, CollateralWithdrawn):
            continue
        record = context.state.get(ACCOUNTS, event.account_holder)
        assert record is not None
        compartment = record.compartment
        if context.state.get(SHORTFALLS, compartment) is None:
            continue
        if event.asset == compartment_terms(context.state, compartment).settlement_asset:
            take_share(context, event.account_holder, compartment, event.amount_quantums)
