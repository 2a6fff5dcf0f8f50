"""Assets that are minted, burned and redeemed: how each stands, and what waits for its price.

Source: docs/specs/rpc.md, RPC-126 and RPC-127.
"""

from typing import Any

from msgspec import Struct

from chain.crypto.addresses import text_of
from chain.kit import View
from chain.kit.holder import text_of_holder
from derivatives.synthetics.debts import hour_minted_lots
from derivatives.synthetics.queries import SyntheticStanding, synthetic_standings
from derivatives.synthetics.state import (
    REQUEST_BURN,
    REQUEST_MINT,
    REQUEST_REDEEM,
    REQUESTS,
    SYNTHETICS,
    Request,
)
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.reading import SteadyView, read_at
from node.rpc.methods.state import REFUSALS_AT
from node.rpc.methods.trading.given import known_instrument, page_of
from node.rpc.methods.values import At, Limit, NumberText, height_from
from node.state_store import Head

REQUEST_NAMES = {REQUEST_MINT: "mint", REQUEST_BURN: "burn", REQUEST_REDEEM: "redeem"}


class SyntheticShape(Struct, frozen=True):
    """One synthetic. A lot is a quantum of the asset, worth `index_value_quantums` of `quote`.

    `collateral_ratio_ppm` is the least that a debt needs, what it is worth included; the
    haircut is null where the asset is no collateral. `pending_lots` wait to be burned or
    redeemed; `is_priced` says whether what is due would be filled now.
    """

    instrument: str
    asset: str
    underlying: str
    quote: str
    supply_lots: NumberText
    supply_cap_lots: NumberText
    hour_minted_lots: NumberText
    mint_hour_cap_lots: NumberText
    index_value_quantums: NumberText
    mint_fee_ppm: int
    collateral_ratio_ppm: int
    haircut_ppm: int | None
    delay_ms: int
    size_min_lots: NumberText
    pending_lots: NumberText
    requests_count: int
    is_priced: bool


class WhichState(Parameters, frozen=True):
    """The state to look at."""

    at: At = "finalized"


class Synthetics(Answer, frozen=True):
    """Every synthetic, by name."""

    items: list[SyntheticShape]
    next_cursor: None
    height: NumberText
    time_ms: int
    finalized: bool


class RequestShape(Struct, frozen=True):
    """One request that waits: a mint, a burn or a redeem, of no account.

    It meets the first price observed at `due_ms` or later; `size_lots` are still to be filled.
    """

    instrument: str
    request_id: int
    kind: str
    signer: str
    account: str | None
    size_lots: NumberText
    asked_ms: int
    due_ms: int


class WhichRequests(Parameters, frozen=True):
    """Of one synthetic or all, of one signer (`nov1...`) or all, and which page."""

    instrument: str | None = None
    signer: str | None = None
    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: str | None = None
    at: At = "finalized"


class Requests(Answer, frozen=True):
    """Requests by synthetic, in the order asked, and where to go on."""

    items: list[RequestShape]
    next_cursor: str | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("synthetic_list", weight=3, refusals=REFUSALS_AT)
async def list_synthetics(call: Call, asked: WhichState) -> Synthetics:
    """Return every synthetic with its supply, caps, value, ratio and what waits."""

    def look(view: SteadyView, head: Head) -> Synthetics:
        found = synthetic_standings(view).synthetics
        return Synthetics(
            items=[_shape_of(view, one, head.time_ms) for one in found],
            next_cursor=None,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _shape_of(view: View, one: SyntheticStanding, time_ms: int) -> SyntheticShape:
    terms = known_instrument(view, one.instrument)
    return SyntheticShape(
        instrument=one.instrument,
        asset=one.instrument,
        underlying=terms.underlying,
        quote=terms.quote,
        supply_lots=str(one.supply_lots),
        supply_cap_lots=str(one.supply_cap_lots),
        hour_minted_lots=str(hour_minted_lots(view, one.instrument, time_ms)),
        mint_hour_cap_lots=str(one.mint_hour_cap_lots),
        index_value_quantums=str(one.index_value_quantums),
        mint_fee_ppm=one.mint_fee_ppm,
        collateral_ratio_ppm=one.collateral_ratio_ppm,
        haircut_ppm=one.haircut_ppm if one.is_collateral else None,
        delay_ms=one.delay_ms,
        size_min_lots=str(one.size_min_lots),
        pending_lots=str(one.pending_lots),
        requests_count=one.requests_count,
        is_priced=one.is_priced,
    )


@method("synthetic_listRequests", weight=3, refusals=("lookup.instrument_unknown", *REFUSALS_AT))
async def list_requests(call: Call, asked: WhichRequests) -> Requests:
    """Return the requests that wait for their price, in the order in which they are filled."""

    def look(view: SteadyView, head: Head) -> Requests:
        found = [
            shape
            for shape in _waiting(view, asked.instrument)
            if asked.signer in {None, shape.signer}
        ]
        page, cursor = page_of(found, _name_of, asked.limit, asked.cursor)
        return Requests(
            items=page,
            next_cursor=cursor,
            height=str(head.height),
            time_ms=head.time_ms,
            finalized=True,
        )

    return await read_at(call.services, height_from(asked.at), look)


def _waiting(view: View, instrument_id: str | None) -> list[RequestShape]:
    """Return what waits of one synthetic, or of all."""
    if instrument_id is not None:
        known_instrument(view, instrument_id)
    found = []
    for key, terms in view.scan(SYNTHETICS):
        if instrument_id in {None, key}:
            for place, request in view.scan(REQUESTS, (str(key),)):
                found.append(_request_shape(place, request, terms.delay_ms))
    return found


def _request_shape(place: Any, request: Request, delay_ms: int) -> RequestShape:
    instrument_id, request_id = place
    return RequestShape(
        instrument=str(instrument_id),
        request_id=int(request_id),
        kind=REQUEST_NAMES[request.kind],
        signer=text_of(request.signer),
        account=text_of_holder(request.account_holder) if request.account_holder else None,
        size_lots=str(request.size_lots),
        asked_ms=request.asked_ms,
        due_ms=request.asked_ms + delay_ms,
    )


def _name_of(shape: RequestShape) -> str:
    return f"{shape.instrument}:{shape.request_id}"


METHODS = (list_synthetics, list_requests)
