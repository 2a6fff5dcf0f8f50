"""Redeem: what a holder gives up closes the debt of who owes it, who pays its index value.

    due        lots x index value, when the debt is closed and has realised what it was entered at
    cash       as far as it goes
    collateral least haircut first (ties: asset), amount = floor(what is left / index price)
    dust       what is left and worth less than a quantum of that asset stays with the account
    debt       with no collateral left, cash goes below zero

The account loses what it owed and pays no more than that, so its equity does not fall.

Source: docs/specs/synthetics.md, SYN-040 to SYN-047.
"""

from functools import partial
from itertools import islice
from typing import NamedTuple

from chain.kit import BlockContext, HolderId, Refusal, View, divide_down, wallet
from chain.modules.ledger.balances import balance_of, post, retire
from chain.modules.ledger.state import ASSETS
from derivatives.accounts.collateral import compartment_terms
from derivatives.accounts.custody import release_from_custody
from derivatives.accounts.debt import follow
from derivatives.accounts.state import COLLATERAL
from derivatives.ids import AccountId, CompartmentId, FeedId, InstrumentId, escrow_of
from derivatives.instruments.state import Instrument
from derivatives.insurance.reasons import SHORTFALL_OPEN
from derivatives.insurance.state import SHORTFALLS
from derivatives.margin.account import value_of
from derivatives.margin.reasons import FEED_NOT_NORMAL
from derivatives.marks.state import MARKS
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES
from derivatives.synthetics.attempts import attempted
from derivatives.synthetics.debts import close_debt, debtors_of, leave
from derivatives.synthetics.events import CollateralPaid, SyntheticRedeemed
from derivatives.synthetics.state import SYNTHETICS, Request
from derivatives.synthetics.terms import owed_lots, quantums_of, require_synthetic

PAR_E8 = 10**8


class Payment(NamedTuple):
    """What an account pays, and what it keeps since nothing is worth so little."""

    cash_quantums: int
    collateral: tuple[CollateralPaid, ...]
    dust_quantums: int


class Redeemed(NamedTuple):
    """How far a redeem came: lots that nobody could pay for yet, and accounts looked at."""

    left_lots: int
    looked_at_count: int


class Claim(NamedTuple):
    """What an account is asked to pay for, and by whom."""

    request_id: int
    instrument_id: InstrumentId
    instrument: Instrument
    holder: HolderId
    account: AccountId
    size_lots: int


def redeem(
    context: BlockContext,
    request_id: int,
    instrument_id: InstrumentId,
    request: Request,
    most_count: int,
) -> Redeemed:
    """Close as many lots of those who owe as are given up, at the index now.

    Who cannot pay yet is passed over: the feed of what he has may not be used, cash stays
    during a shortfall, or custody is short.  At most `most_count` accounts are looked at.
    """
    state, holder = context.state, wallet(request.signer)
    _, instrument = require_synthetic(state, instrument_id)
    left_lots, looked_at_count = request.size_lots, 0
    for account in tuple(islice(debtors_of(state, instrument_id, instrument), most_count)):
        if left_lots == 0:
            break
        looked_at_count += 1
        lots = min(left_lots, owed_lots(state, account, instrument_id))
        if lots == 0:
            leave(state, instrument_id, account)
            continue
        claim = Claim(request_id, instrument_id, instrument, holder, account, lots)
        if attempted(context, partial(_pay, context, claim)) is None:
            left_lots -= lots
    return Redeemed(left_lots, looked_at_count)


def _pay(context: BlockContext, claim: Claim) -> None:
    """Let an account pay for lots that it owes, and owe them no more.

    Refuses: what `payment_of` does, accounts.custody_short.
    """
    state, instrument, account = context.state, claim.instrument, claim.account
    compartment, settlement = instrument.compartment, instrument.quote
    mark = state.get(MARKS, claim.instrument_id)
    assert mark is not None, f"{claim.instrument_id} is owed and has no mark"
    value_quantums = claim.size_lots * mark.index_value_quantums
    retire(
        context,
        debit=escrow_of(claim.instrument_id),
        asset=claim.instrument_id,
        amount_quantums=quantums_of(claim.size_lots),
    )
    close_debt(context, claim.instrument_id, instrument, account, claim.size_lots)
    payment = payment_of(state, account, compartment, value_quantums)
    paid = [(one.asset, one.amount_quantums) for one in payment.collateral]
    for asset, amount_quantums in ((settlement, payment.cash_quantums), *paid):
        release_from_custody(state, compartment, asset, amount_quantums)
        post(
            state,
            debit=account,
            credit=claim.holder,
            asset=asset,
            amount_quantums=amount_quantums,
        )
    follow(state, account, compartment, settlement, context.time_ms)
    context.touch(claim.holder)
    context.emit(
        SyntheticRedeemed(
            claim.request_id,
            claim.instrument_id,
            claim.holder,
            account,
            claim.size_lots,
            value_quantums,
            *payment,
        )
    )


def payment_of(
    view: View, account: AccountId, compartment: CompartmentId, value_quantums: int
) -> Payment:
    """Return what an account pays a value with. Rounds: collateral down, to the account's good.

    While the compartment owes what nobody could pay, cash stays where it is.
    Refuses: margin.feed_not_normal, where it has collateral by whose price nothing is settled
    now; insurance.shortfall_open.
    """
    settlement = compartment_terms(view, compartment).settlement_asset
    shortfall = view.get(SHORTFALLS, compartment)
    cash = max(0, balance_of(view, account, settlement)) if shortfall is None else 0
    cash = min(cash, value_quantums)
    left, paid = value_quantums - cash, []
    waits_for = ""
    for asset, feed in _collateral_of(view, account, compartment):
        if left == 0:
            break
        price = view.get(PRICES, feed)
        if price is None or not permits(view, feed, Action.SETTLE):
            waits_for = waits_for or feed
            continue
        held = balance_of(view, account, asset)
        amount = min(held, amount_of(view, asset, left, price.price_e8, settlement))
        value = value_of(view, asset, amount, price.price_e8, settlement)
        if amount:
            paid.append(CollateralPaid(asset, amount, value))
        left -= value
        if amount < held:
            return Payment(cash, tuple(paid), left)
    if left and waits_for:
        raise Refusal(FEED_NOT_NORMAL, feed=waits_for)
    if left and shortfall is not None:
        debt_quantums = shortfall.debt_quantums
        raise Refusal(SHORTFALL_OPEN, compartment=compartment, debt_quantums=debt_quantums)
    return Payment(cash + left, tuple(paid), 0)


def amount_of(view: View, asset: str, value_quantums: int, price_e8: int, settlement: str) -> int:
    """Return the most of an asset that is worth at most a value, in its quantums. Rounds: down."""
    own, paid = view.get(ASSETS, asset), view.get(ASSETS, settlement)
    assert own is not None
    assert paid is not None
    return divide_down(value_quantums * PAR_E8 * 10**own.decimals, price_e8 * 10**paid.decimals)


def _collateral_of(
    view: View, account: AccountId, compartment: CompartmentId
) -> list[tuple[str, FeedId]]:
    """Return what an account pays with besides cash: least haircut first, no synthetic."""
    found = []
    for place, terms in view.scan(COLLATERAL, (compartment,)):
        asset = str(place[1])  # type: ignore[index]
        is_synthetic = view.get(SYNTHETICS, asset) is not None
        if terms.feed and not is_synthetic and balance_of(view, account, asset) > 0:
            found.append((terms.haircut_ppm, asset, terms.feed))
    return [(asset, feed) for _, asset, feed in sorted(found)]
