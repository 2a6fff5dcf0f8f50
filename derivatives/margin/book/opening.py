"""Very many accounts as the state has them, read together: a node that starts has read none.

Says what `reading` says of each.  Whom it leaves is read one by one: who has collateral, or
no position, or one that the kernel cannot take.

Source: docs/specs/margin.md, MARG-018.
"""

from array import array
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import NamedTuple, TypeAlias

from chain.kit import View
from chain.modules.ledger.state import BALANCES
from derivatives.accounts.state import ACCOUNTS, Account
from derivatives.ids import AccountId, CompartmentId, InstrumentId
from derivatives.margin.book.market import FUNDING_MAX_E18, LOW_MASK, Market
from derivatives.margin.book.reading import (
    HAS_OPTIONS,
    IS_FLAGGED,
    IS_LIVE,
    IS_STALE,
    IS_WARNED,
    cash_of,
)
from derivatives.margin.state import WARNINGS
from derivatives.positions.state import HOLDINGS, POSITIONS

TOGETHER_COUNT = 1_000

Home: TypeAlias = tuple[CompartmentId, str]


class Found(NamedTuple):
    """One account with positions, and their instruments."""

    name: AccountId
    record: Account
    instruments: tuple[InstrumentId, ...]


class Opened(NamedTuple):
    """Accounts of one market, a column each; of positions, those of one after the other."""

    names: "list[AccountId]"
    cash_quantums: "array[int]"
    flags: bytearray
    counts: "array[int]"
    places: "array[int]"
    sizes: "array[int]"
    entries: "array[int]"
    funding_lows: "array[int]"
    funding_highs: "array[int]"


def found_at(view: View, accounts: Sequence[AccountId]) -> dict[Home, list[Found]]:
    """Return the accounts with positions by the market they are of; others are left out."""
    found: dict[Home, list[Found]] = {}
    for account in accounts:
        record, held = view.get(ACCOUNTS, account), view.get(HOLDINGS, account)
        if record is not None and held is not None:
            home = (record.compartment, record.schedule)
            found.setdefault(home, []).append(Found(account, record, held.instruments))
    return found


def opened(view: View, market: Market, accounts: Sequence[Found]) -> Iterator[Opened]:
    """Return these accounts in columns, some thousand at a time, without whom it leaves."""
    plain = [
        one for one in accounts if not any(_holds(view, one.name, asset) for asset in market.assets)
    ]
    for first in range(0, len(plain), TOGETHER_COUNT):
        columns = _columns(view, market, plain[first : first + TOGETHER_COUNT])
        if columns is not None:
            yield columns


def _holds(view: View, account: AccountId, asset: str) -> bool:
    balance = view.get(BALANCES, (account, asset))
    return balance is not None and balance.amount_quantums > 0


def _columns(view: View, market: Market, accounts: Sequence[Found]) -> Opened | None:
    """Return accounts in columns, None where the kernel cannot take some position of theirs."""
    named = dict.fromkeys(name for one in accounts for name in one.instruments)
    placed = {name: market.place_of_instrument(view, name) for name in named}
    order = {name: market.order_of(place) for name, place in placed.items()}
    options = frozenset(name for name, (_, strike_e8) in order.items() if strike_e8)
    flags = bytearray()
    sorted_ids: list[InstrumentId] = []
    keys: list[tuple[AccountId, InstrumentId]] = []
    for one in accounts:
        is_warned = view.get(WARNINGS, one.name) is not None
        flags.append(
            (IS_LIVE | IS_STALE)
            | (IS_WARNED if is_warned else 0)
            | (IS_FLAGGED if one.record.flagged_ms else 0)
            | (0 if options.isdisjoint(one.instruments) else HAS_OPTIONS)
        )
        ids = sorted(one.instruments, key=order.__getitem__)
        sorted_ids.extend(ids)
        keys.extend(zip(repeat(one.name), ids))
    stored = list(map(view.get, repeat(POSITIONS), keys))
    held = [position for position in stored if position is not None]
    indices_e18 = [position.funding_index_e18 for position in held]
    if len(held) < len(keys) or max(map(abs, indices_e18), default=0) >= FUNDING_MAX_E18:
        return None
    return Opened(
        names=[one.name for one in accounts],
        cash_quantums=array("q", [cash_of(view, one.name, market) for one in accounts]),
        flags=flags,
        counts=array("i", [len(one.instruments) for one in accounts]),
        places=array("i", [placed[name] for name in sorted_ids]),
        sizes=array("q", [position.size_lots for position in held]),
        entries=array("q", [position.entry_value_quantums for position in held]),
        funding_lows=array("Q", [index_e18 & LOW_MASK for index_e18 in indices_e18]),
        funding_highs=array("q", [index_e18 >> 64 for index_e18 in indices_e18]),
    )
