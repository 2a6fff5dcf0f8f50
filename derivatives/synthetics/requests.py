"""Keep what was asked until its price comes: in the order asked, and nobody can take it back.

Source: docs/specs/synthetics.md, SYN-010 to SYN-019.
"""

from chain.kit import BlockContext, Context, State, replace, require, wallet
from chain.kit.holder import HolderId
from chain.modules.ledger.balances import transfer
from derivatives.ids import InstrumentId, escrow_of
from derivatives.synthetics import reasons
from derivatives.synthetics.debts import issuance_of
from derivatives.synthetics.events import SyntheticRequested
from derivatives.synthetics.state import (
    ISSUANCES,
    REQUEST_MINT,
    REQUESTS,
    WAITING,
    Request,
    Waiting,
)
from derivatives.synthetics.terms import quantums_of, require_synthetic


def ask(context: Context, instrument_id: InstrumentId, request: Request) -> None:
    """Let a request wait; what is to be burned or redeemed leaves the wallet now.

    Refuses: synthetics.synthetic_unknown, .size_too_small, .requests_too_many,
    ledger.balance_short.
    """
    state = context.state
    terms, _ = require_synthetic(state, instrument_id)
    require(
        request.size_lots >= terms.size_min_lots,
        reasons.SIZE_TOO_SMALL,
        size_lots=request.size_lots,
        limit_lots=terms.size_min_lots,
    )
    _count(state, request.signer, 1, terms.signer_requests_max_count)
    holder = wallet(request.signer)
    if request.kind != REQUEST_MINT:
        _move(context, instrument_id, holder, escrow_of(instrument_id), request.size_lots)
    issuance = issuance_of(state, instrument_id)
    request_id = issuance.last_request_id + 1
    state.put(ISSUANCES, instrument_id, replace(issuance, last_request_id=request_id))
    state.put(REQUESTS, (instrument_id, request_id), request)
    context.emit(
        SyntheticRequested(
            request_id,
            instrument_id,
            request.kind,
            holder,
            request.account_holder,
            request.size_lots,
            request.asked_ms + terms.delay_ms,
        )
    )


def end(context: BlockContext, key: tuple[InstrumentId, int], request: Request) -> None:
    """Forget a request, of which nothing is left to be filled."""
    context.state.delete(REQUESTS, key)
    _count(context.state, request.signer, -1, 0)


def give_back(
    context: BlockContext, instrument_id: InstrumentId, request: Request, size_lots: int
) -> None:
    """Return to the wallet what a request gave up and did not need."""
    if size_lots:
        _move(context, instrument_id, escrow_of(instrument_id), wallet(request.signer), size_lots)


def _move(
    context: Context | BlockContext,
    asset: InstrumentId,
    debit: HolderId,
    credit: HolderId,
    size_lots: int,
) -> None:
    transfer(
        context, debit=debit, credit=credit, asset=asset, amount_quantums=quantums_of(size_lots)
    )


def _count(state: State, signer: bytes, change: int, limit_count: int) -> None:
    """Count a signer's waiting requests. Refuses: synthetics.requests_too_many."""
    known = state.get(WAITING, signer)
    requests_count = change + (0 if known is None else known.requests_count)
    if change > 0:
        require(requests_count <= limit_count, reasons.REQUESTS_TOO_MANY, limit_count=limit_count)
    if requests_count:
        state.put(WAITING, signer, Waiting(requests_count))
    else:
        state.delete(WAITING, signer)
