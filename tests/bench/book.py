"""What step 5 of a block costs with as many accounts as a compartment takes, and what it keeps."""

import random
import time
from array import array
from collections.abc import Callable
from typing import Any

from chain.kit import account, replace
from chain.modules.ledger.state import BALANCES, Balance
from chain.state.overlay import Overlay
from chain.state.tables import Tables
from derivatives.accounts.state import ACCOUNTS, Account
from derivatives.instruments.state import INSTRUMENTS
from derivatives.insurance.waterfall import allocate, winners_of
from derivatives.margin.book import packed
from derivatives.margin.hooks import margin_accounts
from derivatives.margin.kernel.level import kernel
from derivatives.margin.sweep import maintained
from derivatives.marks.state import MARKS
from derivatives.perpetuals.state import FUNDING, Funding
from derivatives.positions.state import HOLDINGS, POSITIONS, Holdings, Position
from tests import given_market
from tests.given_margin import Margined
from tests.given_market import BTC_PERP, PRICES_USD, UNIT_E8, USD

ACCOUNTS_COUNT, INSTRUMENTS_COUNT, POSITIONS_COUNT = 100_000, 1_000, 10
TOUCHED_COUNT = 1_000
LOT = 64 * USD


class Crowd:
    """A market of many instruments and accounts, put into the tables as rows are when read."""

    def __init__(self, accounts_count: int) -> None:
        self.market = Margined()
        self.dice = random.Random(1)
        self.names = [f"B{number}-PERP" for number in range(INSTRUMENTS_COUNT)]
        self.accounts = [account(number.to_bytes(32), 0) for number in range(accounts_count)]
        self.tables = given_market.fresh_tables()
        self.market.state = Overlay(self.tables)
        for feed, price_usd in PRICES_USD.items():
            self.market.price(feed, price_usd * UNIT_E8)
        given_market.Market.block(self.market, 0)
        terms = self.market.state.get(INSTRUMENTS, BTC_PERP)
        mark = self.market.state.get(MARKS, BTC_PERP)
        for name in self.names:
            self.market.state.put(INSTRUMENTS, name, terms)
            self.market.state.put(MARKS, name, mark)
            self.market.state.put(FUNDING, name, Funding(0, 0, 0, 0))
        self._seal()
        self._fill(self.tables)

    def _fill(self, tables: Tables) -> None:
        """Put accounts beside the tree, which step 5 does not ask."""
        put: Any = tables._rows
        order = tables._order[HOLDINGS]
        for number, name in enumerate(self.accounts):
            owner = number.to_bytes(32)
            held = tuple(sorted(self.dice.sample(self.names, POSITIONS_COUNT)))
            put[ACCOUNTS][name] = Account(owner, 0, "main", 0, "standard", 1, 0, 0)
            put[BALANCES][name, "USD"] = Balance(1_000 * USD)
            put[HOLDINGS][name] = Holdings(held)
            for instrument_id in held:
                lots = self.dice.choice((1, -1)) * self.dice.randrange(1, 20)
                put[POSITIONS][name, instrument_id] = Position(lots, lots * LOT, 0)
        order.update({HOLDINGS.encoded(name): name for name in self.accounts})

    def _seal(self) -> None:
        self.market.state.seal()
        self.tables.fold(self.market.state)

    def block_ms(self, before: Callable[[], None], trading: bool = False) -> float:
        """Return the CPU milliseconds of step 5 in a block in which this came before it.

        With trading, some accounts trade in its transactions: the next block reads them again.
        """
        self.market.state = Overlay(self.tables)
        before()
        start = time.thread_time()
        margin_accounts(self.market.block_context())
        spent_ms = (time.thread_time() - start) * 1e3
        if trading:
            self._touch()
        self._seal()
        return spent_ms

    def move(self, count: int) -> None:
        """Let so many instruments have another mark."""
        for name in self.names[:count]:
            mark = self.market.state.get(MARKS, name)
            assert mark is not None
            value = LOT + self.dice.randrange(-(10**5), 10**5)
            moved = replace(
                mark,
                mark_value_quantums=value,
                index_value_quantums=value,
                parent_index_value_quantums=mark.index_value_quantums,
            )
            self.market.state.put(MARKS, name, moved)

    def _touch(self) -> None:
        """Let some accounts trade in what they hold: another balance, another position."""
        state = self.market.state
        for name in self.dice.sample(self.accounts, TOUCHED_COUNT):
            amount = 1_000 * USD + self.dice.randrange(1_000)
            state.put(BALANCES, (name, "USD"), Balance(amount))
            held = state.get(HOLDINGS, name)
            assert held is not None
            lots = self.dice.randrange(1, 20)
            place = (name, self.dice.choice(held.instruments))
            state.put(POSITIONS, place, Position(lots, lots * LOT, 0))


def kept_bytes() -> int:
    """Return the bytes of all arrays that are kept of accounts."""
    return sum(
        column.itemsize * len(column)
        for book in packed._KEPT
        for _, slab in book._markets.values()
        for column in vars(slab).values()
        if isinstance(column, array)
    )


def gain_rows(crowd: Crowd, reading_ms: float) -> list[tuple[str, float, str, str]]:
    """Return what it costs to find who gained in a block, and to take half of it from them."""
    crowd.market.state = Overlay(crowd.tables)
    crowd.move(INSTRUMENTS_COUNT)
    context = crowd.market.block_context()
    margin_accounts(context)
    start = time.thread_time()
    gains = winners_of(context, "main").gains_quantums
    found_ms = (time.thread_time() - start) * 1e3
    loss_quantums = sum(gains.values()) // 2
    start = time.thread_time()
    allocate(context, "main", loss_quantums, 0)
    paid_ms = (time.thread_time() - start) * 1e3
    crowd.market.state = Overlay(crowd.tables)
    return [
        ("insurance.gains", found_ms, f"ms, who of 100,000 accounts gained: {len(gains):,}", ""),
        ("insurance.gains/ratio", reading_ms / found_ms, "reading all over it", "at least 20"),
        ("insurance.allocate", paid_ms, "ms, all of them cut by half", ""),
    ]


def book_rows() -> list[tuple[str, float, str, str]]:
    """Return name, value, unit and bar of every figure."""
    if kernel is None:
        return []
    crowd = Crowd(ACCOUNTS_COUNT)
    packed._KEPT.clear()
    first_ms = crowd.block_ms(lambda: None)
    packed._KEPT.clear()
    packed.read_ahead(crowd.tables)
    ahead_ms = crowd.block_ms(lambda: None)
    several = [
        ("nothing-moved", 0, False, ""),
        ("one-instrument-moved", 1, False, ""),
        ("1000-accounts-traded", 0, True, ""),
        ("everything-moved", INSTRUMENTS_COUNT, False, "at most 125"),
    ]
    found = [
        ("margin.step5/start", first_ms, "ms, 100,000 accounts read for the first time", ""),
        ("margin.step5/read-ahead", ahead_ms, "ms, the first block of a node that starts", ""),
    ]
    for what, moved_count, trading, bar in several:
        spent_ms = sorted(
            crowd.block_ms(lambda count=moved_count: crowd.move(count), trading) for _ in range(5)
        )[2]
        found.append(
            (f"margin.step5/{what}", spent_ms, "ms a block, 100,000 accounts of 10 positions", bar)
        )
    sample = crowd.accounts[:1_000]
    start = time.thread_time()
    maintained(crowd.tables, sample)
    naive_ms = (time.thread_time() - start) * 1e3 * ACCOUNTS_COUNT / len(sample)
    found.append(("margin.step5/ratio", naive_ms / found[-1][1], "reading all over it", ""))
    found.extend(gain_rows(crowd, naive_ms))
    found.append(("margin.step5/kept", kept_bytes() / 2**20, "MiB of arrays", ""))
    packed._KEPT.clear()
    return found
