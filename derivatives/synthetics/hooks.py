"""Step 9 of a block: requests meet their price. At the end of a transaction: who owes has a place.

    sample   the feed may settle, and its price was observed `delay_ms` after the request or later
    bound    256 requests and accounts a block, over all synthetics; what is left over comes
             first in the next block and meets the price of that block

Source: docs/specs/synthetics.md, SYN-010 to SYN-019.
"""

from collections.abc import Iterable
from functools import partial
from itertools import islice, takewhile

from chain.kit import BlockContext, Context, replace
from chain.modules.ledger.balances import retire
from derivatives.ids import InstrumentId, escrow_of, is_account
from derivatives.oracle.ladder import Action
from derivatives.oracle.permission import permits
from derivatives.oracle.state import PRICES
from derivatives.positions.state import HOLDINGS
from derivatives.synthetics.attempts import attempted
from derivatives.synthetics.debts import close_debt, take_place
from derivatives.synthetics.events import MintLapsed, SyntheticBurned
from derivatives.synthetics.minting import Mint, mint, require_no_synthetic
from derivatives.synthetics.redeeming import redeem
from derivatives.synthetics.requests import end, give_back
from derivatives.synthetics.state import (
    REQUEST_BURN,
    REQUEST_MINT,
    REQUESTS,
    SYNTHETICS,
    Request,
    Synthetic,
)
from derivatives.synthetics.terms import owed_lots, quantums_of, require_synthetic

FILLS_MAX_COUNT = 256


def fill_requests(context: BlockContext) -> None:
    """Fill what has waited for its price, in the order asked."""
    left_count = FILLS_MAX_COUNT
    for key, terms in tuple(context.state.scan(SYNTHETICS)):
        left_count -= _fill_due(context, str(key), terms, left_count)


def _fill_due(
    context: BlockContext, instrument_id: InstrumentId, terms: Synthetic, most_count: int
) -> int:
    """Fill what is due of one synthetic; return how many requests and accounts that took."""
    state = context.state
    _, instrument = require_synthetic(state, instrument_id)
    price = state.get(PRICES, instrument.underlying)
    if price is None or not permits(state, instrument.underlying, Action.SETTLE):
        return 0
    latest_ms = price.updated_ms - terms.delay_ms
    waiting = state.scan(REQUESTS, (instrument_id,))
    due = takewhile(lambda row: row[1].asked_ms <= latest_ms, waiting)
    done_count = 0
    for place, request in tuple(islice(due, most_count)):
        if done_count >= most_count:
            break
        request_id = int(place[1])  # type: ignore[index]
        done_count += _fill(context, instrument_id, request_id, request, most_count - done_count)
    return done_count


def _fill(
    context: BlockContext,
    instrument_id: InstrumentId,
    request_id: int,
    request: Request,
    most_count: int,
) -> int:
    """Fill one request, as far as it can be; return what it took of the bound."""
    key = (instrument_id, request_id)
    if request.kind == REQUEST_MINT:
        _mint(context, instrument_id, request_id, request)
    elif request.kind == REQUEST_BURN:
        _burn(context, instrument_id, request_id, request)
    else:
        left_lots, looked_at_count = redeem(context, request_id, instrument_id, request, most_count)
        if left_lots:
            context.state.put(REQUESTS, key, replace(request, size_lots=left_lots))
        else:
            end(context, key, request)
        return max(1, looked_at_count)
    end(context, key, request)
    return 1


def _mint(
    context: BlockContext, instrument_id: InstrumentId, request_id: int, request: Request
) -> None:
    """Mint, or say why that could not be."""
    account, size_lots = request.account_holder, request.size_lots
    asked = Mint(request_id, instrument_id, account, request.signer, size_lots)
    refusal = attempted(context, partial(mint, context, asked))
    if refusal is not None:
        reason = refusal.reason.slug
        context.emit(MintLapsed(request_id, instrument_id, account, size_lots, reason))


def _burn(
    context: BlockContext, instrument_id: InstrumentId, request_id: int, request: Request
) -> None:
    """Close what the account still owes, and give back the rest."""
    state, account = context.state, request.account_holder
    _, instrument = require_synthetic(state, instrument_id)
    lots = min(request.size_lots, owed_lots(state, account, instrument_id))
    if lots:
        retire(
            context,
            debit=escrow_of(instrument_id),
            asset=instrument_id,
            amount_quantums=quantums_of(lots),
        )
        close_debt(context, instrument_id, instrument, account, lots)
    left_lots = request.size_lots - lots
    give_back(context, instrument_id, request, left_lots)
    context.emit(SyntheticBurned(request_id, instrument_id, account, lots, left_lots))


def follow_debts(context: Context, touched: Iterable[str]) -> None:
    """Give whoever came to owe a synthetic his place, and refuse him any as collateral.

    Refuses: synthetics.collateral_is_synthetic.
    """
    state = context.state
    for account in touched:
        held = state.get(HOLDINGS, account)
        if held is None or not is_account(account):
            continue
        for instrument_id in held.instruments:
            if state.get(SYNTHETICS, instrument_id) is not None:
                require_no_synthetic(context, account)
                take_place(state, instrument_id, account)
