"""Read what holders have, and move it: the one way in which a balance changes.

Source: docs/specs/ledger.md, LEDG-010 to LEDG-024.
"""

from collections.abc import Sequence

from chain.kit import Emitter, HolderId, Refusal, State, View, require
from chain.kit.holder import may_owe
from chain.limits import SUPPLY_QUANTUMS_MAX
from chain.modules.ledger import reasons
from chain.modules.ledger.events import Issued, Retired, Transferred
from chain.modules.ledger.state import ASSETS, BALANCES, SUPPLIES, Balance, Supply


def balance_of(view: View, holder: HolderId, asset: str) -> int:
    """Return what a holder has of an asset, in quantums; 0 where nothing is stored."""
    stored = view.get(BALANCES, (holder, asset))
    return 0 if stored is None else stored.amount_quantums


def supply_of(view: View, asset: str) -> int:
    """Return how much of an asset there is, in quantums."""
    stored = view.get(SUPPLIES, asset)
    return 0 if stored is None else stored.supply_quantums


def transfer(
    context: Emitter,
    *,
    debit: HolderId,
    credit: HolderId,
    asset: str,
    amount_quantums: int,
) -> None:
    """Move an amount of an asset from one holder to another, and tell it.

    Refuses: ledger.amount_not_positive, .same_holder, .asset_unknown, .balance_short.
    """
    state = context.state
    _require_movable(state, asset, amount_quantums)
    require(debit != credit, reasons.SAME_HOLDER)
    _take(state, debit, asset, amount_quantums)
    _give(state, credit, asset, amount_quantums)
    context.touch(debit)
    context.touch(credit)
    context.emit(Transferred(debit, credit, asset, amount_quantums))


def issue(context: Emitter, *, credit: HolderId, asset: str, amount_quantums: int) -> None:
    """Bring an amount of an asset into being with a holder, and tell it.

    Refuses: ledger.amount_not_positive, .asset_unknown, .supply_exceeded (above 2^62).
    """
    state = context.state
    _require_movable(state, asset, amount_quantums)
    supply_quantums = supply_of(state, asset) + amount_quantums
    require(
        supply_quantums <= SUPPLY_QUANTUMS_MAX,
        reasons.SUPPLY_EXCEEDED,
        asset=asset,
        supply_quantums=supply_quantums,
        limit_quantums=SUPPLY_QUANTUMS_MAX,
    )
    state.put(SUPPLIES, asset, Supply(supply_quantums))
    _give(state, credit, asset, amount_quantums)
    context.touch(credit)
    context.emit(Issued(credit, asset, amount_quantums))


def retire(context: Emitter, *, debit: HolderId, asset: str, amount_quantums: int) -> None:
    """Take an amount of an asset out of being from a holder, and tell it.

    Refuses: ledger.amount_not_positive, .asset_unknown, .balance_short.
    """
    state = context.state
    _require_movable(state, asset, amount_quantums)
    _take(state, debit, asset, amount_quantums)
    state.put(SUPPLIES, asset, Supply(supply_of(state, asset) - amount_quantums))
    context.touch(debit)
    context.emit(Retired(debit, asset, amount_quantums))


def move_silently(
    state: State, *, debit: HolderId, credit: HolderId, asset: str, amount_quantums: int
) -> None:
    """Move a fee, which the receipt states itself: no event, nobody margined again.

    Refuses: ledger.balance_short.
    """
    if debit != credit and amount_quantums > 0:
        _take(state, debit, asset, amount_quantums)
        _give(state, credit, asset, amount_quantums)


def post(
    state: State, *, debit: HolderId, credit: HolderId, asset: str, amount_quantums: int
) -> None:
    """Move a signed amount between holders that may owe, without an event of its own.

    A negative amount moves the other way.  Whoever calls this tells what it was for, and
    looks at what each side is left with.  Refuses: ledger.balance_short, for a debit below
    zero of a holder that may not owe.
    """
    if amount_quantums < 0:
        debit, credit, amount_quantums = credit, debit, -amount_quantums
    if debit == credit or amount_quantums == 0:
        return
    if not may_owe(debit):
        _take(state, debit, asset, amount_quantums)
    else:
        _give(state, debit, asset, -amount_quantums)
    _give(state, credit, asset, amount_quantums)


def pay_out(
    state: State, *, debit: HolderId, asset: str, amounts: Sequence[tuple[HolderId, int]]
) -> None:
    """Move an amount to each of several holders, as `post` one after the other would.

    No amount is negative.  Refuses: ledger.balance_short, for a debit below zero of a
    holder that may not owe.
    """
    total_quantums = 0
    for credit, amount_quantums in amounts:
        assert amount_quantums >= 0
        if credit != debit and amount_quantums:
            total_quantums += amount_quantums
            _give(state, credit, asset, amount_quantums)
    if total_quantums:
        if not may_owe(debit):
            _take(state, debit, asset, total_quantums)
        else:
            _give(state, debit, asset, -total_quantums)


def _require_movable(state: State, asset: str, amount_quantums: int) -> None:
    if amount_quantums <= 0:
        raise Refusal(reasons.AMOUNT_NOT_POSITIVE, amount_quantums=amount_quantums)
    if state.get(ASSETS, asset) is None:
        raise Refusal(reasons.ASSET_UNKNOWN, asset=asset)


def _take(state: State, holder: HolderId, asset: str, amount_quantums: int) -> None:
    key = (holder, asset)
    stored = state.get(BALANCES, key)
    balance_quantums = 0 if stored is None else stored.amount_quantums
    left_quantums = balance_quantums - amount_quantums
    if left_quantums < 0:
        raise Refusal(
            reasons.BALANCE_SHORT,
            asset=asset,
            balance_quantums=balance_quantums,
            short_by_quantums=-left_quantums,
        )
    if left_quantums:
        state.put(BALANCES, key, Balance(left_quantums))
    else:
        state.delete(BALANCES, key)


def _give(state: State, holder: HolderId, asset: str, amount_quantums: int) -> None:
    key = (holder, asset)
    stored = state.get(BALANCES, key)
    balance_quantums = amount_quantums + (0 if stored is None else stored.amount_quantums)
    if balance_quantums:
        state.put(BALANCES, key, Balance(balance_quantums))
    else:
        state.delete(BALANCES, key)
