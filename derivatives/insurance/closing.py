"""Close the default account while others take it: slices at insurance's cost, collateral sold.

    allowance   floor(release x ramp), the ramp from 0 at the latest takeover, at most what
                budget and fund have left after what the legs lose at the mark
    budget      a share of the insurance balance at that takeover, for all slices together
    cost        what a slice costs the default account at the index: insurance pays it at once

A slice whose cost exceeds budget or fund does not happen.  Collateral is sold to keepers by the
same allowance, whatever positions there are.

Source: docs/specs/insurance.md, INS-060 to INS-069.
"""

from collections.abc import Callable
from typing import cast

from chain.kit import (
    BlockContext,
    Context,
    View,
    divide_down,
    multiply_ppm_down,
    replace,
)
from chain.modules.ledger.balances import balance_of, post
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.state import COLLATERAL
from derivatives.ids import AccountId, CompartmentId, default_account_of, insurance_of
from derivatives.insurance.events import CollateralBought, DefaultConverted, DefaultSliced
from derivatives.insurance.history import count_sliced
from derivatives.insurance.state import DEFAULTS, Default
from derivatives.insurance.takeover import is_late, solvency_of_default
from derivatives.liquidation.cases import feeds_of, ramp_ppm
from derivatives.liquidation.choice import Whole, slice_of, whole_of
from derivatives.liquidation.conversion import sell_collateral
from derivatives.liquidation.permission import waited_for
from derivatives.liquidation.slices import Cut, Requirement, Slice, cut_change
from derivatives.liquidation.state import LIQUIDATION_TERMS, LiquidationTerms
from derivatives.liquidation.taking import Sent, collateral_taken, send_into_book
from derivatives.margin.account import value_of
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES
from derivatives.orders.matching import Undoable


def spare_of(view: View, compartment: CompartmentId, default: Default) -> int:
    """Return what a slice may cost now: what is left of the budget, at most the fund."""
    asset = compartment_terms(view, compartment).settlement_asset
    return min(default.budget_quantums, balance_of(view, insurance_of(compartment), asset))


def offered(
    view: View,
    compartment: CompartmentId,
    default: Default,
    time_ms: int,
    *,
    in_book: bool = False,
) -> tuple[Slice, int] | None:
    """Return the slice that closes next with the allowance it may cost, None for none.

    None too while a feed that the account needs is under test or stale: whoever knows where
    the price went would choose.  What the legs lose at the mark comes out of the budget too,
    before the allowance.
    Rounds: the allowance down.
    """
    whole = whole_of(view, default_account_of(compartment))
    if waited_for(view, feeds_of(view, whole)) is not None:
        return None
    spare = spare_of(view, compartment, default)
    owed = max(0, -solvency_of_default(view, compartment))
    chosen = slice_of(view, whole, spare + owed, in_book=in_book)
    terms = view.get(LIQUIDATION_TERMS, compartment)
    if chosen is None or terms is None:
        return None
    allowance = multiply_ppm_down(max(0, chosen.release_quantums), _ramp(terms, default, time_ms))
    return chosen, max(0, min(allowance, spare + min(0, chosen.gain_quantums)))


def _ramp(terms: LiquidationTerms, default: Default, time_ms: int) -> int:
    """Return which part of a release may be given, in ppm: nothing at the takeover itself."""
    return ramp_ppm(replace(terms, ramp_start_ppm=0), time_ms - default.taken_over_ms)


def at_insurances_cost(
    context: Context | BlockContext,
    compartment: CompartmentId,
    keeper: AccountId,
    deliver: Callable[[Slice, int], Sent | None],
) -> bool:
    """Deliver the next slice and let insurance pay what it costs, or undo it all.

    Return whether there was one, and it was delivered at a cost that insurance could pay.
    """
    state = context.state
    default = state.get(DEFAULTS, compartment)
    if default is None:
        return False
    offer = offered(state, compartment, default, context.time_ms, in_book=not keeper)
    if offer is None:
        return False
    chosen, allowance = offer
    undoable = cast("Undoable", state)
    mark, told_count = undoable.mark(), len(context.events)
    before = solvency_of_default(state, compartment)
    sent = deliver(chosen, allowance)
    cost = max(0, before - solvency_of_default(state, compartment))
    if sent is None or cost > spare_of(state, compartment, default):
        undoable.rollback(mark)
        del context.events[told_count:]
        return False
    left = _pay_cost(context, compartment, default, cost)
    context.emit(
        DefaultSliced(
            compartment=compartment,
            keeper_holder=keeper,
            legs=sent.legs,
            collateral=collateral_taken(chosen),
            release_quantums=chosen.release_quantums,
            allowance_quantums=allowance,
            paid_quantums=sent.spent_quantums,
            cost_quantums=cost,
            budget_quantums=left.budget_quantums,
        )
    )
    return True


def _pay_cost(
    context: Context | BlockContext, compartment: CompartmentId, default: Default, cost: int
) -> Default:
    """Let insurance pay what the default account lost, and return what the budget leaves."""
    state = context.state
    count_sliced(state, compartment, cost, context.time_ms)
    post(
        state,
        debit=insurance_of(compartment),
        credit=default_account_of(compartment),
        asset=compartment_terms(state, compartment).settlement_asset,
        amount_quantums=cost,
    )
    left = replace(default, budget_quantums=default.budget_quantums - cost)
    state.put(DEFAULTS, compartment, left)
    return left


def convert_default(
    context: Context, compartment: CompartmentId, keeper: AccountId, whole: Whole, taken: Cut
) -> None:
    """Sell collateral of the default account to a keeper, at insurance's cost.

        price = value - min(floor(release x ramp), what budget and fund have left, value)

    The ramp is that of slices. Rounds: the allowance down.
    """
    state, account = context.state, default_account_of(compartment)
    default, terms = state.get(DEFAULTS, compartment), state.get(LIQUIDATION_TERMS, compartment)
    assert default is not None
    assert terms is not None
    requirement = Requirement(whole.portfolio, whole.terms)
    release = requirement.maintenance_quantums - requirement.without((cut_change(taken),))
    ramp = _ramp(terms, default, context.time_ms)
    spare = spare_of(state, compartment, default)
    most = multiply_ppm_down(max(0, release), ramp)
    allowance = max(0, min(most, spare, taken.value_quantums))
    before = solvency_of_default(state, compartment)
    paid = taken.value_quantums - allowance
    sell_collateral(
        context,
        account,
        keeper,
        taken.asset,
        amount_quantums=taken.amount_quantums,
        price_quantums=paid,
    )
    # What is sold fetches at least the fall of its value, so this is at most the allowance.
    cost = max(0, before - solvency_of_default(state, compartment))
    left = _pay_cost(context, compartment, default, cost)
    context.emit(
        DefaultConverted(
            compartment=compartment,
            keeper_holder=keeper,
            asset=taken.asset,
            amount_quantums=taken.amount_quantums,
            value_quantums=taken.value_quantums,
            release_quantums=release,
            ramp_ppm=ramp,
            allowance_quantums=allowance,
            paid_quantums=paid,
            cost_quantums=cost,
            budget_quantums=left.budget_quantums,
        )
    )


def close_defaults(context: BlockContext) -> None:
    """Close what the default accounts hold, as far as others take it in this block.

    Bounded by the slices of a block.
    """
    for key, default in tuple(context.state.scan(DEFAULTS)):
        compartment = str(key)
        _buy_collateral(context, compartment, default)
        if not is_late(context.state, compartment, context.time_ms):
            _slice_into_book(context, compartment)


def _slice_into_book(context: BlockContext, compartment: CompartmentId) -> None:
    """Send slices into the book, as many as liquidation takes of one account in a block."""
    terms = context.state.get(LIQUIDATION_TERMS, compartment)
    account = default_account_of(compartment)

    def send(chosen: Slice, allowance: int) -> Sent | None:
        return send_into_book(context, account, chosen, allowance)

    for _ in range(0 if terms is None else terms.slices_max_count):
        if not at_insurances_cost(context, compartment, "", send):
            return


def _buy_collateral(context: BlockContext, compartment: CompartmentId, default: Default) -> None:
    """Let insurance buy at the index what nobody has converted, so much of its fund a block.

    Least haircut first, ties to the lesser asset.  What it gives as discount it would pay
    itself, so there is none.
    """
    state = context.state
    terms = state.get(LIQUIDATION_TERMS, compartment)
    if terms is None or context.time_ms - default.taken_over_ms < terms.insurance_buy_after_ms:
        return
    account, insurance = default_account_of(compartment), insurance_of(compartment)
    settlement = compartment_terms(state, compartment).settlement_asset
    fund = balance_of(state, insurance, settlement)
    left = multiply_ppm_down(fund, terms.insurance_buy_ppm)
    found = [
        (one.haircut_ppm, str(key[1]), one.feed)  # type: ignore[index]
        for key, one in state.scan(COLLATERAL, (compartment,))
        if one.feed and balance_of(state, account, str(key[1]))  # type: ignore[index]
    ]
    for _, asset, feed in sorted(found):
        price = state.get(PRICES, feed)
        if price is None or not permits(state, feed, Action.LIQUIDATE):
            continue
        held = balance_of(state, account, asset)
        worth = value_of(state, asset, held, price.price_e8, settlement)
        amount = held if worth <= left else divide_down(held * left, worth)
        value = value_of(state, asset, amount, price.price_e8, settlement)
        if amount == 0:
            continue
        # What is left is counted rounded down: paying the fall of its value keeps S whole.
        kept = value_of(state, asset, held - amount, price.price_e8, settlement)
        paid = min(worth - kept, left)
        sell_collateral(
            context,
            account,
            insurance,
            asset,
            amount_quantums=amount,
            price_quantums=paid,
        )
        left -= paid
        context.emit(CollateralBought(compartment, asset, amount, value, paid))
