"""One account as the state has it, in the numbers that the kernel takes.

Source: docs/specs/margin.md, MARG-071, MARG-018.
"""

from typing import NamedTuple

from chain.kit import View
from chain.modules.ledger.state import BALANCES
from derivatives.accounts.state import DEBTORS, Account
from derivatives.ids import AccountId, InstrumentId
from derivatives.margin.book.market import FUNDING_MAX_E18, LOW_MASK, Market
from derivatives.margin.state import WARNINGS
from derivatives.positions.state import HOLDINGS, POSITIONS

IS_LIVE, IS_WARNED, IS_FLAGGED, IS_PLAIN, IS_STALE, HAS_OPTIONS = 1, 2, 4, 8, 16, 32


class Packed(NamedTuple):
    """One position or collateral: its place in the market, and its numbers."""

    place: int
    size_lots: int
    entry_quantums: int
    funding_low: int
    funding_high: int


class Reading(NamedTuple):
    """One account: cash, what is stored of how it stands, and what it holds by family."""

    cash_quantums: int
    flags: int
    held: list[Packed]


def is_watched(view: View, account: AccountId, record: Account | None) -> bool:
    """Return whether step 5 looks at an account: it has positions or debt, or is warned."""
    return (
        view.get(HOLDINGS, account) is not None
        or view.get(WARNINGS, account) is not None
        or (record is not None and view.get(DEBTORS, (record.compartment, account)) is not None)
    )


def cash_of(view: View, account: AccountId, market: Market) -> int:
    """Return what an account has of its market's settlement asset, below zero where it owes."""
    stored = view.get(BALANCES, (account, market.settlement))
    return 0 if stored is None else stored.amount_quantums


def packed_of(view: View, key: tuple[AccountId, InstrumentId], market: Market) -> Packed | None:
    """Return one position, None where there is none or the kernel cannot take it."""
    position = view.get(POSITIONS, key)
    if position is None or abs(position.funding_index_e18) >= FUNDING_MAX_E18:
        return None
    index_e18 = position.funding_index_e18
    place = market.place_of_instrument(view, key[1])
    size, entry = position.size_lots, position.entry_value_quantums
    return Packed(place, size, entry, index_e18 & LOW_MASK, index_e18 >> 64)


def reading_of(view: View, account: AccountId, record: Account, market: Market) -> Reading:
    """Return an account of a market; whatever does not fit is marked to be asked about elsewhere.

    Positions of one family stand together, and in it options of one strike.
    """
    flags = IS_LIVE | IS_STALE
    if view.get(WARNINGS, account) is not None:
        flags |= IS_WARNED
    if record.flagged_ms:
        flags |= IS_FLAGGED
    listed = view.get(HOLDINGS, account)
    held = []
    for instrument_id in () if listed is None else listed.instruments:
        packed = packed_of(view, (account, instrument_id), market)
        if packed is None:
            flags |= IS_PLAIN
        else:
            held.append(packed)
            if market.order_of(packed.place)[1]:
                flags |= HAS_OPTIONS
    for asset in market.assets:
        balance = view.get(BALANCES, (account, asset))
        if balance is not None and balance.amount_quantums > 0:
            place = market.place_of_asset(view, asset)
            held.append(Packed(place, 0, balance.amount_quantums, 0, 0))
    if len(held) > 1:
        held.sort(key=lambda one: market.order_of(one.place))
    return Reading(cash_of(view, account, market), flags, held)
