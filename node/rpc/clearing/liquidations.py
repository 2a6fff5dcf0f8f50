"""Who was closed by force: slices that were taken, collateral that was sold, takeovers.

Source: docs/specs/rpc.md, RPC-123; docs/specs/liquidation.md; docs/specs/insurance.md.
"""

from typing import Any

from msgspec import Struct, to_builtins

from chain.codec.canonical import decode
from chain.kit.holder import text_of_holder
from derivatives.insurance.events import AccountTakenOver, LossAllocated
from derivatives.liquidation.events import CollateralConverted, CollateralTaken, SliceTaken
from node.history.topics import FORCED, LIQUIDATIONS
from node.rpc import limits
from node.rpc.method import Answer, Call, Parameters, method
from node.rpc.methods.trading.past import listed
from node.rpc.methods.values import Limit, NumberText, SignedText
from node.services import Services
from node.storage.layout import StoredEvent


class Close(Struct, frozen=True):
    """Lots that left the account, signed as its position was, at the mark."""

    instrument: str
    size_lots: SignedText
    price_ticks: NumberText
    value_quantums: SignedText


class Sold(Struct, frozen=True):
    """Collateral that left the account, and what was paid for it before any allowance."""

    asset: str
    amount_quantums: NumberText
    value_quantums: SignedText


class Liquidation(Struct, frozen=True):
    """One act of force against an account; `kind` is slice, conversion or takeover.

    Equity and maintenance are those before. `keeper` is whoever took it, null for the house.
    `reward_quantums` is what the account gave beyond the mark: to the keeper, or into the book
    as slippage and fees. A takeover happens where solvency equity falls below zero: equity is
    that, the bound is 0, positions and collateral go whole to the default account, and
    `insurance_quantums` and `haircut_quantums` are what the fund and the gains of that block
    paid for all takeovers of the block together.
    """

    seq: NumberText
    kind: str
    account: str
    height: NumberText
    time_ms: int
    equity_quantums: SignedText
    maintenance_margin_quantums: SignedText
    closes: list[Close]
    collateral: list[Sold]
    keeper: str | None
    reward_quantums: SignedText
    insurance_quantums: SignedText
    haircut_quantums: SignedText
    positions_count: int


class WhichLiquidations(Parameters, frozen=True):
    """How many at most, and where an earlier answer stopped."""

    limit: Limit = limits.LIST_ITEMS_DEFAULT_COUNT
    cursor: NumberText | None = None


class Liquidations(Answer, frozen=True):
    """Liquidations, the newest first, and where to go on towards older ones."""

    items: list[Liquidation]
    next_cursor: NumberText | None
    height: NumberText
    time_ms: int
    finalized: bool


@method("clearing_listLiquidations", weight=5, refusals=("node.history_behind",))
async def list_liquidations(call: Call, asked: WhichLiquidations) -> Liquidations:
    """Return what was closed by force, the newest first, one item a slice."""
    services = call.services
    head = services.finality.head
    page = await listed(services, LIQUIDATIONS, asked.limit, asked.cursor)
    found = [liquidation_of(services, stored) for stored in page.events]
    return Liquidations(
        items=[one for one in found if one is not None],
        next_cursor=page.next_cursor,
        height=str(head.height),
        time_ms=head.time_ms,
        finalized=True,
    )


def liquidation_of(services: Services, stored: StoredEvent) -> Liquidation | None:
    """Return what a stored event says of a liquidation, None for any other event."""
    kind = services.application.event(stored.module_number, stored.number)
    if kind not in FORCED:
        return None
    header = services.storage.header(stored.height)
    assert header is not None, "what was told happened in a stored block"
    place = {
        "seq": str(stored.sequence),
        "height": str(stored.height),
        "time_ms": header.time_ms,
    }
    event = decode(kind, stored.payload)
    if isinstance(event, SliceTaken):
        return _of_slice(event, place)
    if isinstance(event, CollateralConverted):
        return _of_conversion(event, place)
    return _of_takeover(event, _loss_of(services, stored.height, event.compartment), place)


def liquidation_form(services: Services, stored: StoredEvent) -> dict[str, Any] | None:
    """Return the same as JSON, for those who follow."""
    found = liquidation_of(services, stored)
    return None if found is None else to_builtins(found)


def _of_slice(event: SliceTaken, place: dict[str, Any]) -> Liquidation:
    return Liquidation(
        **place,
        kind="slice",
        account=text_of_holder(event.account_holder),
        equity_quantums=str(event.equity_before_quantums),
        maintenance_margin_quantums=str(event.maintenance_before_quantums),
        closes=[
            Close(leg.instrument, str(leg.size_lots), str(leg.price_ticks), str(leg.value_quantums))
            for leg in event.legs
        ],
        collateral=[_sold(cut) for cut in event.collateral],
        keeper=text_of_holder(event.keeper_holder) if event.keeper_holder else None,
        reward_quantums=str(event.paid_quantums),
        insurance_quantums=str(event.insurance_quantums),
        haircut_quantums="0",
        positions_count=len(event.legs),
    )


def _sold(cut: CollateralTaken) -> Sold:
    return Sold(cut.asset, str(cut.amount_quantums), str(cut.value_quantums))


def _of_conversion(event: CollateralConverted, place: dict[str, Any]) -> Liquidation:
    return Liquidation(
        **place,
        kind="conversion",
        account=text_of_holder(event.account_holder),
        equity_quantums=str(event.equity_before_quantums),
        maintenance_margin_quantums=str(event.maintenance_before_quantums),
        closes=[],
        collateral=[Sold(event.asset, str(event.amount_quantums), str(event.value_quantums))],
        keeper=text_of_holder(event.buyer_holder),
        reward_quantums=str(event.allowance_quantums),
        insurance_quantums="0",
        haircut_quantums="0",
        positions_count=0,
    )


def _of_takeover(
    event: AccountTakenOver, loss: LossAllocated | None, place: dict[str, Any]
) -> Liquidation:
    return Liquidation(
        **place,
        kind="takeover",
        account=text_of_holder(event.account_holder),
        equity_quantums=str(-event.shortfall_quantums),
        maintenance_margin_quantums="0",
        closes=[],
        collateral=[],
        keeper=None,
        reward_quantums="0",
        insurance_quantums=str(loss.insurance_quantums if loss is not None else 0),
        haircut_quantums=str(loss.cut_quantums if loss is not None else 0),
        positions_count=event.positions_count,
    )


def _loss_of(services: Services, height: int, compartment: str) -> LossAllocated | None:
    """Return how a compartment's loss of a block was paid, None where nothing was lost."""
    place = services.application.event_number(LossAllocated)
    for receipt in services.storage.receipts(height):
        for told in receipt.events:
            if (told.module_number, told.number) == place:
                event = decode(LossAllocated, bytes(told.payload))
                if event.compartment == compartment:
                    return event
    return None


METHODS = (list_liquidations,)
